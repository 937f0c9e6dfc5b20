"""The runs of a server, read over HTTP: the same verbs as those of the store, and the same records."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from modellab.client.connection import Connection
from modellab.client.evaluations import RemoteEvaluations, RemoteLatencies
from modellab.client.queries import write_query
from modellab.errors import InvalidInput, NotFound
from modellab.ids import RUN_ID_PATTERN
from modellab.journal.line import decode_value
from modellab.query import Condition, Field
from modellab.query.tree import Operator
from modellab.records import MetricSummary, Run, RunFilter, RunSummary, Series
from modellab.records.datasets import DatasetUse

if TYPE_CHECKING:
    from modellab.store import Page

MAX_LIST = 10_000
"""Runs in one list."""
_PAGE = 1000  # runs in one request
_POINTS = 100_000  # points in one request
_NUMBERS = ("final", "last", "first", "min", "max")


class RemoteStore:
    """A server as something to read from, with verbs of an open store's."""

    def __init__(self, api_url: str, api_key: str | None = None) -> None:
        self.connection = Connection(api_url, api_key)
        self.runs = RemoteRuns(self.connection)
        self.series = RemoteSeries(self.connection)
        self.evaluations = RemoteEvaluations(self.connection)
        self.latencies = RemoteLatencies(self.connection)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class RemoteRuns:
    """The runs of a server. Every verb raises `Unreachable`, `Unauthenticated` and `Forbidden` too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, wanted: RunFilter | None = None, *, limit: int = 1000, cursor: str | None = None
    ) -> Page[RunSummary]:
        """The runs that match, newest first, `limit` (1 to 10 000) at a time."""
        from modellab.store.pages import Page  # late: brings the whole store along

        if not 1 <= limit <= MAX_LIST:
            raise InvalidInput(f"limit is {limit}; it may be 1 to {MAX_LIST}.")
        query = write_query(wanted or RunFilter())
        found: list[RunSummary] = []
        while True:
            asked = {"query": query, "limit": min(limit - len(found), _PAGE), "cursor": cursor}
            page = self._connection.get_json("/api/modellab/runs", asked)
            found += [read_summary(item) for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None or len(found) >= limit:
                return Page(found, cursor)

    def get(self, run_id: str) -> Run:
        """A run, whole; raises `NotFound`."""
        return read_run(self._connection.get_json(_address(run_id)))

    def find(self, prefix: str) -> str:
        """The id of the one run whose id begins, or else ends, with `prefix`, in any letter case.

        Raises `NotFound`, and `InvalidInput` if several ids fit.
        """
        if not prefix:
            raise InvalidInput("A run id has at least one character.")
        if RUN_ID_PATTERN.fullmatch(prefix):
            return prefix
        for begin, end in (("", ""), ("", "%"), ("%", "")):
            operator: Operator = "ilike" if begin or end else "="
            condition = Condition(Field("run", "run_id"), operator, (begin + prefix + end,))
            found = self.list(RunFilter(query=str(condition)), limit=2).items
            if len(found) == 1:
                return found[0].run_id
            if found:
                raise InvalidInput(f"More than one run id fits {prefix!r}.", hint="Give more characters.")
        raise NotFound(f"There is no run {prefix[:60]}.", hint="`list_runs()` lists the runs that are there.")


class RemoteSeries:
    """Points of metrics of a server's runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(
        self, run_id: str, name: str, *, from_step: int | None = None, to_step: int | None = None
    ) -> Series | None:
        """All points of a metric in a range of steps (inclusive), in order of step; `None` if unknown.

        Of a long metric one part after the other is asked for.
        """
        whole = self._ask(run_id, name, from_step, to_step)
        if whole is None or not whole["reduced"]:
            return None if whole is None else _as_series(name, [whole])
        if from_step is None or to_step is None:
            # A reduction shows where the points are, but for NaN at the ends.
            summary = read_run(self._connection.get_json(_address(run_id))).metrics[name]
            from_step = summary.first_step if from_step is None else from_step
            to_step = summary.last_step if to_step is None else to_step
        return _as_series(name, self._split(run_id, name, from_step or 0, to_step or 0))

    def _split(self, run_id: str, name: str, first: int, last: int) -> list[Mapping[str, Any]]:
        """The points of a range of steps, in parts that fit an answer."""
        parts, waiting = [], [(first, last)]
        while waiting:
            low, high = waiting.pop()
            part = self._ask(run_id, name, low, high)
            if part is None:
                continue
            if not part["reduced"]:
                parts.append(part)
            elif low == high:
                raise InvalidInput(
                    f"Step {low} of {name!r} has more than {_POINTS:,} points; they cannot be read over HTTP."
                )
            else:
                n = min(max(2, -(-part["count"] // (_POINTS // 2))), high - low + 1)
                edges = [low + (high - low + 1) * i // n for i in range(n + 1)]
                waiting += [(edges[i], edges[i + 1] - 1) for i in reversed(range(n))]
        return parts

    def _ask(self, run_id: str, name: str, first: int | None, last: int | None) -> Mapping[str, Any] | None:
        asked = {"metric": name, "max_points": _POINTS, "from_step": first, "to_step": last}
        try:
            answer = self._connection.get_json(f"{_address(run_id)}/series", asked)
        except NotFound as error:
            if "metric" in error.message:
                return None
            raise
        found: Mapping[str, Any] = answer["series"][0]
        return found


def read_summary(fields: Mapping[str, Any]) -> RunSummary:
    """A run of a list, as its server told it."""
    return RunSummary(**_pick(RunSummary, fields))


def read_run(fields: Mapping[str, Any]) -> Run:
    """A run, as its server told it. What a newer server tells besides is passed over."""
    values = _pick(Run, fields)
    values["metrics"] = {name: _read_metric(item) for name, item in fields["metrics"].items()}
    if "datasets" in values:
        values["datasets"] = [DatasetUse(**_pick(DatasetUse, item)) for item in fields["datasets"]]
    return Run(**values)


def _pick(kind: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    values = {item.name: fields[item.name] for item in dataclasses.fields(kind) if item.name in fields}
    if "final_metrics" in values:
        values["final_metrics"] = {key: decode_value(n) for key, n in values["final_metrics"].items()}
    return values


def _read_metric(fields: Mapping[str, Any]) -> MetricSummary:
    values = _pick(MetricSummary, fields)
    for name in _NUMBERS:
        values[name] = None if values[name] is None else decode_value(values[name])
    return MetricSummary(**values)


def _as_series(name: str, parts: list[Mapping[str, Any]]) -> Series:
    values = [decode_value(value) for part in parts for value in part["values"]]
    return Series(
        name=name,
        count=sum(part["count"] for part in parts),
        n_nonfinite=sum(part["n_nonfinite"] for part in parts),
        reduced=False,
        steps=[step for part in parts for step in part["steps"]],
        values=values,
        times=[time for part in parts for time in part["times"]],
    )


def _address(run_id: str) -> str:
    return f"/api/modellab/runs/{quote(run_id, safe='')}"
