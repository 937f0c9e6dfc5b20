"""MCP over stdin and stdout, for clients that start the program themselves."""

from __future__ import annotations

import signal

import anyio
from mcp.server.stdio import stdio_server

from modellab.agent.api import LabAPI
from modellab.mcp.tools import make_server


def serve_stdio(api: LabAPI, *, with_writing: bool) -> None:
    """Answer the client until it closes stdin. Meanwhile all that is printed goes to stderr."""
    server = make_server(lambda _: api, with_writing=with_writing)

    async def serve() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    # A thread waits for stdin, which nothing can wake: Ctrl-C has to end the process, as SIGTERM does.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(serve)
