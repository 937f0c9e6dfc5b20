"""Evaluations and latency reports of a server's runs, read over HTTP with the verbs of the store."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from modellab.client.connection import Connection, as_error
from modellab.errors import NotFound
from modellab.records.estimates import Interval
from modellab.records.evaluations import Evaluation, Latency


class RemoteEvaluations:
    """The evaluations of a server. Every verb raises `Unreachable`, `Unauthenticated` and `Forbidden` too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, run_id: str) -> Sequence[Evaluation]:
        """Those of a run, by name; raises `NotFound` for a run that is not there."""
        answer = self._connection.get_json(_address(run_id, "evaluations"))
        return [_read_evaluation(item) for item in answer["items"]]

    def get(self, run_id: str, name: str) -> Evaluation:
        """One by its name; raises `NotFound`, which names those that are there."""
        return _read_evaluation(self._connection.get_json(_address(run_id, "evaluations", name)))

    def list_of_runs(self, run_ids: Sequence[str], name: str) -> Mapping[str, Evaluation]:
        """Those called `name`, by run, in the order of `run_ids`; runs that have none are left out."""
        found: dict[str, Evaluation] = {}
        for run_id in run_ids:
            try:
                own = self.list(run_id)
            except NotFound:
                continue
            found.update((run_id, one) for one in own if one.name == name)
        return found

    def read_report(self, run_id: str, name: str) -> dict[str, Any]:
        """The whole report: metrics, intervals, slices, failures, stress, curves, takeaway.

        Raises `NotFound` if there is none, or if its bytes are not there (yet).
        """
        answer = self._connection.get_json(_address(run_id, "evaluations", name))
        if answer["report"] is None:
            raise NotFound(f"The server does not have the report of evaluation {name} of run {run_id}.")
        report: dict[str, Any] = answer["report"]
        return report

    def read_examples(self, run_id: str, name: str) -> bytes:
        """Labels and predictions row by row, for `decode_examples`; raises `NotFound` as `read_report`."""
        return _download(self._connection, run_id, self.get(run_id, name).examples_path)


class RemoteLatencies:
    """The latency reports of a server."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, run_id: str) -> Sequence[Latency]:
        """Those of a run, by name; raises `NotFound` for a run that is not there."""
        answer = self._connection.get_json(_address(run_id, "latency"))
        return [Latency(**_pick(Latency, item)) for item in answer["items"]]

    def get(self, run_id: str, name: str) -> Latency:
        """One by its name; raises `NotFound`, which names those that are there."""
        found = self.list(run_id)
        for one in found:
            if one.name == name:
                return one
        known = f"It has: {', '.join(one.name for one in found)}." if found else "It has none."
        raise NotFound(f"Run {run_id[:60]} has no latency report {name[:100]!r}.", hint=known)

    def read_samples(self, run_id: str, name: str) -> bytes:
        """The measured times, an `.npy` of milliseconds; raises `NotFound` if they are not there."""
        return _download(self._connection, run_id, self.get(run_id, name).samples_path)


def _read_evaluation(fields: Mapping[str, Any]) -> Evaluation:
    """An evaluation as its server told it; what a newer server tells besides is passed over."""
    values = _pick(Evaluation, fields)
    intervals = {name: Interval(**_pick(Interval, item)) for name, item in values["intervals"].items()}
    return Evaluation(**{**values, "intervals": intervals})


def _pick(kind: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {item.name: fields[item.name] for item in dataclasses.fields(kind) if item.name in fields}


def _download(connection: Connection, run_id: str, path: str | None) -> bytes:
    if path is None:
        raise NotFound(f"Run {run_id[:60]} has not kept the examples or samples of this report.")
    answer = connection.ask("GET", f"/api/modellab/artifacts/{quote(run_id, safe='')}/download/{quote(path)}")
    if answer.status != 200:
        raise as_error(answer, connection.api_url)
    return answer.body


def _address(run_id: str, *parts: str) -> str:
    return "/".join(["/api/modellab/runs", *(quote(part, safe="") for part in (run_id, *parts))])
