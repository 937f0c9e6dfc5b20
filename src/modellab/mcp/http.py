"""MCP over HTTP: each POST is answered by itself, so that no session has to be kept or owned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from modellab.agent.api import LabAPI
from modellab.agent.in_process import make_api
from modellab.mcp.tools import make_server

Message = MutableMapping[str, Any]
Endpoint = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


@asynccontextmanager
async def open_endpoint(*, with_writing: bool) -> AsyncIterator[Endpoint]:
    """An ASGI app that answers MCP's messages, asking the app that it is called in as who sent them."""

    def reach(request: Any) -> LabAPI:
        return make_api(request.scope, asyncio.get_running_loop())

    manager = StreamableHTTPSessionManager(
        make_server(reach, with_writing=with_writing), json_response=True, stateless=True
    )
    async with manager.run():
        yield manager.handle_request
