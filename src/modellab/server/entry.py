"""Logging in and out, the same for programs and for the page's form."""

from __future__ import annotations

import logging

from fastapi import Request

from modellab.errors import Unauthenticated
from modellab.records.accounts import User
from modellab.server.access import open_store_of, who_asks
from modellab.server.sessions import issue_token
from modellab.server.throttle import Throttle, read_address
from modellab.store.accounts import MAX_USER_NAME_LENGTH

logger = logging.getLogger(__name__)

NOBODY = "-"
"""Who has failed to log in, in the audit log; no user can be called so."""


def log_in(request: Request, name: str, password: str) -> tuple[User, str]:
    """The user and a token for its session; raises `Unauthenticated`, or `TooManyRequests` after failures.

    Whether the name or the password is wrong is not told, by words or by time.
    """
    store, throttle = open_store_of(request), request.app.state.throttle
    assert isinstance(throttle, Throttle)
    name = name.lower()[: MAX_USER_NAME_LENGTH + 1]  # nobody's, but short enough to count failures of
    address = read_address(request.scope.get("client"))
    throttle.count_login(name, address)
    user = store.accounts.check_password(name, password)
    if user is None:
        logger.warning("A login as %r from %s has failed.", name[:100], address)
        _note(request, NOBODY, "fail-log-in", name)  # those that wait are not tried, so these are few
        raise Unauthenticated("There is no such user, or the password is another.")
    throttle.forgive(name, address)
    _note(request, user.name, "log-in", user.name)
    return user, issue_token(store, user.name)


def log_out(request: Request) -> None:
    """End all sessions of the caller; one that asks with a key has none."""
    identity = who_asks(request)
    if request.app.state.login and identity.key_id is None:
        open_store_of(request).accounts.end_sessions(identity.name)
        _note(request, identity.name, "log-out", identity.name)


def _note(request: Request, actor: str, action: str, name: str) -> None:
    open_store_of(request).audit.note(
        actor=actor,
        action=action,
        kind="user",
        target=name,
        address=request.client.host if request.client else None,
        request_id=request.state.request_id,
    )
