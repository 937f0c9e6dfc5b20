"""The address `/mcp`, where programs that speak MCP find the assistant's tools."""

from __future__ import annotations

import asyncio
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from anyio.to_thread import run_sync
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from modellab.server.problems import make_problem

PATH = "/mcp"


class ToolsOverMCP:
    """Answers requests to `/mcp`; what that takes is imported with the first, as few servers need it."""

    def __init__(self, *, with_writing: bool) -> None:
        self._with_writing = with_writing
        self._opened: asyncio.Future[ASGIApp] | None = None
        self._serving: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if find_spec("mcp") is None:
            lack = make_problem(501, "The server lacks mcp.", hint="pip install 'modellab[mcp]'")
            await lack(scope, receive, send)
            return
        if self._opened is None:
            http = await run_sync(import_module, "modellab.mcp.http")
            self._opened = self._opened or self._open(http)
        endpoint = await asyncio.shield(self._opened)  # others wait for it too
        await endpoint(scope, receive, send)

    async def stop(self) -> None:
        """End what the first request began."""
        self._stopping.set()
        if self._serving is not None:
            await self._serving

    def _open(self, http: Any) -> asyncio.Future[ASGIApp]:
        opened: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()

        async def serve() -> None:
            async with http.open_endpoint(with_writing=self._with_writing) as endpoint:
                opened.set_result(endpoint)
                await self._stopping.wait()

        self._serving = asyncio.create_task(serve())  # of its own: it must not end with that request
        return opened


def make_route(tools: ToolsOverMCP) -> Route:
    """The address. POST is all: the server begins no talk of its own, and keeps no sessions to be ended."""
    return Route(PATH, tools, methods=["POST"], include_in_schema=False)
