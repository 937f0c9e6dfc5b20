"""The server's log: warnings as text, or one JSON line for every request and event.

Neither holds a query, a cookie or a key: addresses are logged without what follows the `?`.
"""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from typing import Literal

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LogFormat = Literal["text", "json"]

requests = logging.getLogger("modellab.requests")


class RequestLog:
    """Logs each request when it has been answered, if anybody listens to the logger `modellab.requests`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http" or not requests.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_look)
        finally:
            _log(scope, status, (time.perf_counter() - start) * 1000)


def _log(scope: Scope, status: int, duration_ms: float) -> None:
    state = scope.get("state", {})
    identity = state.get("identity")
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "duration_ms": round(duration_ms, 3),
        "request_id": state.get("request_id"),
        "actor": identity.name if identity else None,
        "key_id": identity.key_id if identity else None,
        "address": scope["client"][0] if scope.get("client") else None,
    }
    requests.info("request", extra={"fields": fields})


def write_json_logs() -> None:
    """Write everything that is logged from INFO on to stderr, one JSON object a line."""
    writer = logging.StreamHandler(sys.stderr)
    writer.setFormatter(_JsonLines())
    root = logging.getLogger()
    root.handlers = [writer]
    root.setLevel(logging.INFO)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()
