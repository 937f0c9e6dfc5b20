"""Who is it? Found out once, before any route: an API key, a session, or whoever sits at this machine."""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from modellab.errors import ModelLabError, Unauthenticated
from modellab.records.accounts import Scope as KeyScope
from modellab.records.accounts import User
from modellab.server.access import LOCAL, Identity
from modellab.server.origins import check_origin
from modellab.server.problems import answer_error
from modellab.server.sessions import COOKIE, read_token
from modellab.server.throttle import read_address
from modellab.server.web_app import ASSETS, ICON
from modellab.store import Store

HEALTH_PATHS = frozenset({"/health", "/health/live", "/health/ready"})
"""Answered to everyone, and not counted."""
LOGIN_PATH = "/api/modellab/login"
PUBLIC_PATHS = HEALTH_PATHS | {"/", "/login", LOGIN_PATH}
"""What is answered before a login."""

_UPLOADS = ("/api/modellab/datasets", "/api/modellab/artifacts", "/api/modellab/files")


class Login:
    """Sets `request.state.identity`, counts requests, and refuses those that nobody answers for.

    On a server without login everyone is `LOCAL`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            scope.setdefault("state", {})["identity"] = await _let_in(connection)
        except ModelLabError as error:
            await answer_error(error, connection)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _let_in(connection: HTTPConnection) -> Identity | None:
    """The caller, `None` for nobody known at a public address; raises what the caller is told instead."""
    state = connection.app.state
    path = connection.scope["path"].removeprefix(connection.scope.get("root_path", ""))
    key, token = _read_key(connection), connection.cookies.get(COOKIE)
    identity: Identity | None = LOCAL
    if state.login:
        # The page's own scripts hold nothing secret, and one whose session ended loads what it still needs.
        if path in HEALTH_PATHS or path == ICON or path.startswith(ASSETS):
            return None
        identity = await run_sync(find_caller, connection) if key or token else None
        _count(connection, identity, path)
        if identity is None and path not in PUBLIC_PATHS:
            raise _refuse(key, token)
    if key is None or not state.login:  # a browser adds no key by itself, so no other page can have it sent
        in_session = state.login and identity is not None and path not in PUBLIC_PATHS
        # Pages of other sites act with a key that they have, never with a login that the browser has.
        origins = () if state.login else state.settings.allowed_origins
        check_origin(connection.scope["method"], connection.headers, origins, in_session=in_session)
    return identity


def find_caller(connection: HTTPConnection) -> Identity | None:
    """Who a request's key or session stands for by now, which may be nobody any more; not counted.

    Asks the database: for a worker thread.
    """
    state = connection.app.state
    if not state.login:
        return LOCAL
    key, token = _read_key(connection), connection.cookies.get(COOKIE)
    if key is not None:
        return _find_by_key(state.store, key)
    return None if token is None else _find_by_token(state.store, token)


def _read_key(connection: HTTPConnection) -> str | None:
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return connection.headers.get("x-api-key")


def _find_by_key(store: Store, key: str) -> Identity | None:
    found = store.keys.find(key)
    return None if found is None else _identify(found[0], found[1].scope, found[1].key_id)


def _find_by_token(store: Store, token: str) -> Identity | None:
    session = read_token(store, token)
    user = session and store.accounts.find_in_session(session.user, session.since_us)
    return _identify(user, "admin", None) if user else None


def _identify(user: User, scope: KeyScope, key_id: str | None) -> Identity:
    return Identity(name=user.name, role=user.role, scope=scope, key_id=key_id, projects=user.projects)


def _count(connection: HTTPConnection, identity: Identity | None, path: str) -> None:
    throttle = connection.app.state.throttle
    if identity is not None:
        throttle.count_known(identity.key_id or f"session {identity.name}")
        return
    is_upload = connection.scope["method"] in ("POST", "PUT") and path.startswith(_UPLOADS)
    throttle.count_unknown(read_address(connection.scope.get("client")), is_upload=is_upload)


def _refuse(key: str | None, token: str | None) -> Unauthenticated:
    if key is not None:
        return Unauthenticated(
            "The API key is not valid: it is unknown, has expired or was revoked, or its user is disabled.",
            hint="`modellab keys list` shows keys, `modellab keys add` makes one.",
        )
    if token is not None:
        return Unauthenticated("The session has ended.", hint=f"Log in again: POST {LOGIN_PATH}.")
    return Unauthenticated(
        "This server asks for a login.",
        hint=f"Send `Authorization: Bearer KEY` with a key of `modellab keys add`, or POST {LOGIN_PATH}.",
    )
