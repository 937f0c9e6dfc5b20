"""Sessions of people in a browser: a signed token in a cookie. Whether one still holds, the store says."""

from __future__ import annotations

import secrets
import time
from typing import NamedTuple

from starlette.requests import HTTPConnection
from starlette.responses import Response

from modellab.store import Store

COOKIE = "modellab_session"
SESSION_S = 12 * 3600
"""How long a session lasts."""

_ALGORITHM = "HS256"
_SECRET = "sessions"


class Session(NamedTuple):
    """What a token says: whose session it is, and since when (microseconds since 1970)."""

    user: str
    since_us: int


def issue_token(store: Store, user: str) -> str:
    """A token for a session that begins now."""
    import jwt  # late: only where somebody logs in

    now = time.time()
    claims = {"sub": user, "iat": now, "exp": int(now) + SESSION_S, "jti": secrets.token_hex(8)}
    return jwt.encode(claims, store.accounts.read_secret(_SECRET), _ALGORITHM)


def read_token(store: Store, token: str) -> Session | None:
    """The session of a token; `None` if it is not signed by this database's servers, or has expired."""
    import jwt

    try:
        claims = jwt.decode(
            token,
            store.accounts.read_secret(_SECRET),
            algorithms=[_ALGORITHM],  # never what the token asks for
            options={"require": ["sub", "iat", "exp", "jti"]},
        )
    except jwt.InvalidTokenError:
        return None
    return Session(claims["sub"], round(claims["iat"] * 1_000_000))


def set_cookie(answer: Response, connection: HTTPConnection, token: str) -> None:
    """Have the browser keep the session, out of reach of scripts and of other sites' requests."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_S,
        path="/",
        secure=connection.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_cookie(answer: Response) -> None:
    """Have the browser forget the session."""
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
