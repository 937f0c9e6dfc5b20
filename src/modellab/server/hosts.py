"""For whom the server answers: a web page on another site must not reach it through a name of its own."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from modellab.server.problems import make_problem

# Nobody can own the last one, a name without a dot: Starlette's and FastAPI's `TestClient` asks under it.
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})


class HostCheck:
    """Refuses requests whose `Host` is neither this machine itself nor one of the `allowed` names.

    Without a login this is what keeps the server to this machine, also when it was told to listen on
    every address. With one, and no names configured, the machine's own name and any address in numbers
    are answered too: neither can be given to this server by someone else's name server, which is what
    DNS rebinding needs.
    """

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._configured = frozenset(name.lower() for name in allowed)
        own = socket.gethostname().lower()
        self._own = frozenset({own, own.partition(".")[0], f"{own.partition('.')[0]}.local"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
        name = given if given.endswith("]") else given.rpartition(":")[0] or given
        has_login = scope["app"].state.login
        if self._is_allowed(name, has_login=has_login):
            await self._app(scope, receive, send)
            return
        about = "" if has_login else "It asks for no login and is for its own machine. "
        answer = make_problem(
            403,
            f"This server does not answer as {given[:100]!r}.",
            hint=f"{about}Names to allow: MODELLAB_ALLOWED_HOSTS.",
        )
        await answer(scope, receive, send)

    def _is_allowed(self, name: str, *, has_login: bool) -> bool:
        if name in LOCAL_HOSTS or name in self._configured or "*" in self._configured:
            return True
        return has_login and not self._configured and (name in self._own or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
