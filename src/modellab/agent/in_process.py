"""Asks an app of this process as over the network, so that a server's assistant has its caller's rights.

The request passes everything that one from outside passes: host check, login, limits, and the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, Self
from urllib.parse import unquote, urlencode

from modellab.agent.api import LabAPI
from modellab.client.connection import Answer
from modellab.errors import Unreachable

TIMEOUT_S = 60.0
"""How long one question to the app may take."""

_NOT_CARRIED = frozenset(
    (
        *(b"content-length", b"content-type", b"content-encoding", b"transfer-encoding", b"accept"),
        *(b"accept-encoding", b"range", b"if-none-match", b"if-modified-since", b"last-event-id", b"expect"),
    )
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
App = Callable[
    [Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
Headers = Iterable[tuple[bytes, bytes]]


class InProcess:
    """A transport to an ASGI app; used from threads other than that of the app's event loop."""

    def __init__(
        self,
        app: App,
        loop: asyncio.AbstractEventLoop,
        headers: Headers,
        client: tuple[str, int] | None = None,
        root_path: str = "",
    ) -> None:
        self._app, self._loop = app, loop
        self._headers = [(name.lower(), value) for name, value in headers if name.lower() not in _NOT_CARRIED]
        self._client, self._root_path = client, root_path

    @classmethod
    def for_caller(cls, scope: Scope, loop: asyncio.AbstractEventLoop) -> Self:
        """As who sent the request of `scope`: with its headers, cookies and address, to the same app."""
        client = scope.get("client")
        return cls(scope["app"], loop, scope["headers"], client, scope.get("root_path", ""))

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """The app's answer; raises `Unreachable` if it does not come in time."""
        asked = asyncio.run_coroutine_threadsafe(self._exchange(method, path, query, body), self._loop)
        try:
            return asked.result(TIMEOUT_S)
        except TimeoutError:
            asked.cancel()
            raise Unreachable(f"The server did not answer {method} {path} in {TIMEOUT_S:.0f} s.") from None

    async def _exchange(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: bytes | None
    ) -> Answer:
        status, headers, parts = 500, {}, []
        waiting: list[Message] = [{"type": "http.request", "body": body or b"", "more_body": False}]

        async def receive() -> Message:
            if waiting:
                return waiting.pop()
            await asyncio.get_running_loop().create_future()  # nobody hangs up here
            raise AssertionError("unreachable")

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in message.get("headers", ())
                }
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(self._make_scope(method, path, query, body), receive, send)
        return Answer(status, headers, b"".join(parts))

    def _make_scope(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: bytes | None
    ) -> Scope:
        headers = list(self._headers)
        if body is not None:
            headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": self._root_path + unquote(path),
            "raw_path": (self._root_path + path).encode(),
            "root_path": self._root_path,
            "query_string": urlencode(query or {}, doseq=True).encode(),
            "headers": headers,
            "client": self._client,
            "server": None,
        }


def make_api(scope: Scope, loop: asyncio.AbstractEventLoop) -> LabAPI:
    """The API as the sender of a request may use it."""
    return LabAPI(InProcess.for_caller(scope, loop), "This server")
