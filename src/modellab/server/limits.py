"""How much a request may carry."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The largest body; a note of the greatest length fits, however it is escaped."""
MAX_JOURNAL_BYTES = 64 * 1024 * 1024
"""The largest part of a journal in one request; a line of the greatest length fits."""
MAX_EVALUATION_BYTES = 64 * 1024 * 1024
"""The largest body with predictions and labels: some million rows."""

_UPLOADS = ("/api/modellab/artifacts/", "/api/modellab/datasets")
_JOURNALS = "/api/modellab/journals"
_FILES = "/api/modellab/files"
_EVALUATE = re.compile(r"/api/modellab/runs/[^/]+/evaluate")


class BodyLimit:
    """Ends the reading of a body that is too large with a 413, after no more than what is allowed.

    That is `MAX_BODY_BYTES`; for journals `MAX_JOURNAL_BYTES`, for what is to be evaluated
    `MAX_EVALUATION_BYTES`, and for files what `MODELLAB_MAX_UPLOAD_GB` says and the form around them
    (`uploads.receive_upload` counts the file itself).

    FastAPI's own limit answers by itself, past the one shape of errors.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        size = 0
        limit = _find_limit(scope)

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                # The rest is not read, so the connection has no further use.
                raise HTTPException(
                    413,
                    f"The body has more than {limit:,} bytes, which is the most.",
                    headers={"Connection": "close"},
                )
            return message

        await self._app(scope, receive_counted, send)


def _find_limit(scope: Scope) -> int:
    path: str = scope["path"]
    if (path.startswith(_UPLOADS) and scope["method"] == "POST") or path == _FILES:
        return int(scope["app"].state.settings.max_upload_bytes) + MAX_BODY_BYTES
    if _EVALUATE.fullmatch(path):
        return MAX_EVALUATION_BYTES
    return MAX_JOURNAL_BYTES if path.startswith(_JOURNALS) else MAX_BODY_BYTES
