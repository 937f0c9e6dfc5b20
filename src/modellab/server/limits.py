"""How much a request may carry."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The largest body; a note of the greatest length fits, however it is escaped."""


class BodyLimit:
    """Ends the reading of a body that is too large with a 413, after no more than `MAX_BODY_BYTES`.

    FastAPI's own limit answers by itself, past the one shape of errors.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        size = 0

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY_BYTES:
                raise HTTPException(
                    413, f"The body has more than {MAX_BODY_BYTES:,} bytes, which is the most."
                )
            return message

        await self._app(scope, receive_counted, send)
