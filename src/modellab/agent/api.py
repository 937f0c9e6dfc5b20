"""What tools ask: the HTTP API of a server, at an address or in this process.

There is no other way from here to the data, so that login, visibility and limits hold for the assistant
as they do for its caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self
from urllib.parse import quote

import orjson

from modellab.client.connection import Answer, Connection, as_error
from modellab.errors import NotFound, Unreachable

_PLATFORM = "/api/modellab"


class Transport(Protocol):
    """Carries a request to a server and its answer back."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """The answer, whatever its status; raises `Unreachable`."""

    def close(self) -> None:
        """Let go of what the transport holds."""


class NotOffered(NotFound):
    """An address that this server does not have, because it is older or lacks a part."""


class LabAPI:
    """The API's addresses that tools need, each a method; problems are raised as our exceptions."""

    def __init__(self, transport: Transport, address: str) -> None:
        self._transport = transport
        self._address = address

    @classmethod
    def at(cls, api_url: str, api_key: str | None = None, *, timeout_s: float | None = None) -> Self:
        """The API of a server elsewhere."""
        return cls(Connection(api_url, api_key, timeout_s=timeout_s), api_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, if there is one."""
        self._transport.close()

    def caller(self) -> Any:
        """Who asks: name, role and scope."""
        return self._read(f"{_PLATFORM}/me")

    def runs(self, *, query: str | None = None, limit: int = 100) -> Sequence[dict[str, Any]]:
        """Runs with params, final metrics and tags, newest first."""
        found: list[dict[str, Any]] = self._read(f"{_PLATFORM}/runs", query=query, limit=limit)["items"]
        return found

    def table(
        self,
        *,
        query: str | None = None,
        columns: Sequence[str] = (),
        sort: Sequence[str] = (),
        limit: int = 20,
    ) -> Any:
        """Rows of the table of runs in any order, and how many there are in all."""
        return self._read(f"{_PLATFORM}/table", query=query, columns=columns, sort=sort, limit=limit)

    def fields(self, *, kind: Sequence[str] = (), search: str | None = None, limit: int = 1000) -> Any:
        """Names of metrics, params and tags, those of most runs first."""
        return self._read(f"{_PLATFORM}/fields", kind=kind, search=search, limit=limit)

    def values(self, field: str, *, limit: int = 50) -> Sequence[dict[str, Any]]:
        """The commonest values of a param, tag or other field."""
        found: list[dict[str, Any]] = self._read(f"{_PLATFORM}/fields/values", field=field, limit=limit)[
            "values"
        ]
        return found

    def run(self, run_id: str) -> Any:
        """A run, whole."""
        return self._read(f"{_PLATFORM}/runs/{quote(run_id, safe='')}")

    def series(self, run_id: str, metrics: Sequence[str], *, max_points: int) -> Any:
        """Curves of a run, reduced so that extremes are kept."""
        return self._read(f"/runs/{quote(run_id, safe='')}/series", metric=metrics, max_points=max_points)

    def judge(self, run_ids: Sequence[str], **more: Any) -> Any:
        """Verdicts on two runs or more, and all in which they differ."""
        return self._send("POST", f"{_PLATFORM}/compare", {"run_ids": list(run_ids), **more})

    def side_by_side(self, run_ids: Sequence[str]) -> Any:
        """Runs side by side, without a verdict."""
        return self._send("POST", "/compare", {"run_ids": list(run_ids)})

    def groups(self, by: Sequence[str], **more: Any) -> Any:
        """Runs in groups by fields, with means of metrics."""
        return self._read(f"{_PLATFORM}/groups", by=by, **more)

    def evaluations(self, run_id: str) -> Any:
        """The evaluations of a run, each with its metrics in short."""
        return self._read(f"{_PLATFORM}/runs/{quote(run_id, safe='')}/evaluations")

    def evaluation(self, run_id: str, name: str) -> Any:
        """One evaluation, whole."""
        return self._read(f"{_PLATFORM}/runs/{quote(run_id, safe='')}/evaluations/{quote(name, safe='')}")

    def datasets(self, *, name: str | None = None, limit: int = 50) -> Any:
        """Datasets, newest first."""
        return self._read(f"{_PLATFORM}/datasets", name=name, limit=limit)

    def search(self, text: str, *, query: str | None = None, limit: int = 10) -> Any:
        """Runs whose texts fit best. Raises `NotOffered`."""
        return self._read(f"{_PLATFORM}/search", q=text, query=query, kind="run", limit=limit)

    def similar(self, run_id: str, *, limit: int = 10) -> Any:
        """Runs like one, with why. Raises `NotOffered`."""
        return self._read(f"{_PLATFORM}/runs/{quote(run_id, safe='')}/similar", limit=limit)

    def suggest(self, metric: str, *, query: str | None = None, n: int = 3) -> Any:
        """Hyperparameters worth trying. Raises `NotOffered`."""
        return self._read(f"{_PLATFORM}/suggest", metric=metric, query=query, n=n)

    def write_note(self, run_id: str, note: str) -> None:
        """Put a note in the place of the one before."""
        self._send("PATCH", f"/runs/{quote(run_id, safe='')}/note", {"note": note})

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> Any:
        """Add tags to a run; the run as it is then."""
        return self._send("PUT", f"{_PLATFORM}/runs/{quote(run_id, safe='')}", {"tags": dict(tags)})

    def ask_assistant(self, question: str, conversation: Sequence[Mapping[str, Any]] = ()) -> Any:
        """What the server's own assistant answers."""
        body = {"query": question, "conversation": list(conversation)}
        return self._send("POST", "/agent/query", body)

    def _read(self, path: str, **query: Any) -> Any:
        wanted = {name: value for name, value in query.items() if value not in (None, (), [])}
        return self._open(self._transport.ask("GET", path, query=wanted))

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        return self._open(self._transport.ask(method, path, body=orjson.dumps(body)))

    def _open(self, answer: Answer) -> Any:
        """The content of a good answer; raises what any other means."""
        if answer.status // 100 == 2:
            try:
                return orjson.loads(answer.body)
            except orjson.JSONDecodeError:
                raise Unreachable(
                    f"{self._address} does not answer as a ModelLab server does (status {answer.status}).",
                    status=answer.status,
                ) from None
        error = as_error(answer, self._address)
        if isinstance(error, NotFound) and error.message.startswith("There is no address "):
            raise NotOffered(error.message, hint="The server may be an older ModelLab.")
        raise error
