"""For whom the server answers: a web page on another site must not reach it through a name of its own."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from modellab.server.problems import make_problem

# Nobody can own the last one, a name without a dot: Starlette's and FastAPI's `TestClient` asks under it.
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})


class HostCheck:
    """Refuses requests whose `Host` is neither this machine itself nor one of the `allowed` names.

    Without a login this is what keeps the server to this machine, also when it was told to listen on
    every address, and what stops DNS rebinding.
    """

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = LOCAL_HOSTS | {name.lower() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http" or "*" in self._allowed:
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
        name = given if given.endswith("]") else given.rpartition(":")[0] or given
        if name in self._allowed:
            await self._app(scope, receive, send)
            return
        answer = make_problem(
            403,
            f"This server does not answer as {given[:100]!r}.",
            hint="It has no login yet and is for its own machine. Names to allow: MODELLAB_ALLOWED_HOSTS.",
        )
        await answer(scope, receive, send)
