"""Asks an app of this process as over the network, so that a server's assistant has its caller's rights.

The request passes everything that one from outside passes: host check, login, limits, and the log.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
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

    def close(self) -> None:
        """Nothing is held."""

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


@contextmanager
def open_app(app: App, headers: Headers = ((b"host", b"localhost"),)) -> Iterator[LabAPI]:
    """The API of an app that no server serves, started and stopped here, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="modellab-app", daemon=True)
    thread.start()
    lifespan = _Lifespan(app)
    try:
        asyncio.run_coroutine_threadsafe(lifespan.start(), loop).result()
        yield LabAPI(InProcess(app, loop, headers), "The project")
    finally:
        asyncio.run_coroutine_threadsafe(lifespan.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Lifespan:
    """Starts and stops an app as a server does."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the app has started; raises what kept it from that."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        run = self._app(scope, self._to_app.get, self._from_app.put)
        self._task = asyncio.ensure_future(run)
        await self._tell("startup")

    async def stop(self) -> None:
        """Return when the app has stopped."""
        if self._task is not None and not self._task.done():
            await self._tell("shutdown")
            await self._task

    async def _tell(self, what: str) -> None:
        assert self._task is not None
        await self._to_app.put({"type": f"lifespan.{what}"})
        answer = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait((answer, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            self._task.result()
            raise Unreachable("The app ended before it had started.")
        message = answer.result()
        if message["type"] == f"lifespan.{what}.failed":
            await asyncio.wait((self._task,))
            error = None if self._task.cancelled() else self._task.exception()
            raise error or Unreachable(f"The app did not start: {message.get('message', '')[:500]}")


def make_api(scope: Scope, loop: asyncio.AbstractEventLoop) -> LabAPI:
    """The API as the sender of a request may use it."""
    return LabAPI(InProcess.for_caller(scope, loop), "This server")
