"""How long the server waits for a client that sends slowly, or nothing."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_TIMEOUT_S = 20.0
"""From the opening of a connection, or the first byte of a request, to the end of its headers."""
BODY_TIMEOUT_S = 30.0
"""Between two pieces of a body."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it; a request whose headers do not come in time loses its connection."""

    head_timeout_s = HEAD_TIMEOUT_S
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of the headers."""
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The headers are there; the body has a time of its own."""
        self._stop_waiting()
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_timeout_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_for_head()  # an answer is on its way; what follows in the line has to wait
        elif not self.transport.is_closing():
            self.transport.close()


class BodyPatience:
    """Answers 408 where nothing of a body comes for `timeout_s`."""

    def __init__(self, app: ASGIApp, timeout_s: float = BODY_TIMEOUT_S) -> None:
        self._app = app
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        is_whole = False

        async def receive_in_time() -> Message:
            nonlocal is_whole
            if is_whole:  # what comes now is only that the client has gone, which may take any time
                return await receive()
            try:
                async with asyncio.timeout(self._timeout_s):
                    message = await receive()
            except TimeoutError:
                raise _late(self._timeout_s) from None
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, receive_in_time, send)


def _late(seconds: float) -> HTTPException:
    return HTTPException(
        408, f"Nothing more of the body has come for {seconds:g} s.", {"Connection": "close"}
    )
