"""Login, users, memberships, keys and the audit log.

Admins may do everything here. Others may log in and out, see themselves, change their own password, and
make and revoke their own keys: in a session, or with a key of scope `admin`, so that a lesser key cannot
make a greater one.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from modellab import __version__
from modellab.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from modellab.server.access import Identity, open_store_of, require, who_asks
from modellab.server.audit import note
from modellab.server.bodies.accounts import (
    AuditQuery,
    CallerBody,
    EntriesBody,
    KeyBody,
    KeyId,
    KeysBody,
    KeysQuery,
    LoginBody,
    MadeKeyBody,
    MemberOf,
    MembershipBody,
    NewKeyBody,
    NewUserBody,
    UserBody,
    UserChangeBody,
    UserName,
    UsersBody,
)
from modellab.server.bodies.values import PageQuery, encode, reply
from modellab.server.entry import log_in, log_out
from modellab.server.limits import MAX_BODY_BYTES
from modellab.server.problems import document_problems
from modellab.server.sessions import drop_cookie, set_cookie
from modellab.server.throttle import KNOWN_PER_MINUTE, read_address
from modellab.store.pages import Page
from modellab.store.times import format_time, now_us

router = APIRouter(tags=["accounts"])


@router.post(
    "/login",
    summary="Log in",
    response_model=UserBody,
    responses=document_problems(400, 401, 413, 422, 429, 503),
)
def log_in_user(request: Request, body: LoginBody) -> Response:
    """Begins a session of 12 hours, kept in a cookie. Wrong names and passwords get the same answer."""
    user, token = log_in(request, body.name, body.password)
    answer = reply(user)
    set_cookie(answer, request, token)
    return answer


@router.post("/logout", status_code=204, summary="Log out", responses=document_problems(503))
def log_out_user(request: Request) -> Response:
    """Ends the caller's sessions, on every device, and has the browser forget the cookie."""
    log_out(request)
    answer = Response(status_code=204)
    drop_cookie(answer)
    return answer


@router.get("/me", summary="Who asks, and whom", response_model=CallerBody, responses=document_problems(503))
def read_caller(request: Request) -> Response:
    """Who the caller is and what it may do, as the server sees it, and what the server itself is."""
    identity, login = who_asks(request), request.app.state.login
    settings = request.app.state.settings
    server = {
        "version": __version__,
        "project_name": settings.project_name,
        "now": format_time(now_us()),
        "max_upload_bytes": settings.max_upload_bytes,
        "max_body_bytes": MAX_BODY_BYTES,
        "rate_limit": KNOWN_PER_MINUTE if login else None,
    }
    granted = {"may": identity.scope_in(None), "writable": identity.writable}
    return reply({**encode(identity), "login": login, **granted, "server": server})


@router.get(
    "/users",
    summary="List users",
    response_model=UsersBody,
    responses=document_problems(422, 503),
)
def list_users(request: Request, query: Annotated[PageQuery, Query()]) -> Response:
    """All users, disabled ones too. For admins."""
    require(request, "admin")
    return _reply_page(open_store_of(request).accounts.list(limit=query.limit, cursor=query.cursor))


@router.post(
    "/users",
    status_code=201,
    summary="Add a user",
    response_model=UserBody,
    responses=document_problems(400, 409, 413, 422, 503),
)
def add_user(request: Request, body: NewUserBody) -> Response:
    """Adds a user, or enables a disabled one again with this role and password. For admins."""
    require(request, "admin")
    user = open_store_of(request).accounts.add(body.name, body.role, body.password)
    note(request, "add", "user", user.name, {"role": user.role})
    return reply(user, status=201)


@router.put(
    "/users/{name}",
    summary="Change a user",
    response_model=UserBody,
    responses=document_problems(400, 404, 409, 413, 422, 503),
)
def change_user(request: Request, name: UserName, body: UserChangeBody) -> Response:
    """Changes role or password. Admins change everyone's; others their own password, in a session."""
    accounts = open_store_of(request).accounts
    identity = who_asks(request)
    if body.role is not None:
        require(request, "admin")
    if identity.name == name and body.password is not None:
        _check_own_password(request, identity, body)
    elif body.role is None:
        require(request, "admin")
    user = accounts.get(name)
    if body.role is not None and body.role != user.role:
        accounts.set_role(name, body.role)
        note(request, "set-role", "user", name, {"role": [user.role, body.role]})
    if body.password is not None:
        accounts.set_password(name, body.password)
        note(request, "set-password", "user", name)
    return reply(accounts.get(name))


@router.delete(
    "/users/{name}",
    summary="Disable a user",
    response_model=UserBody,
    responses=document_problems(404, 409, 422, 503),
)
def disable_user(request: Request, name: UserName) -> Response:
    """Shuts a user out at once: its sessions end, its keys are revoked. What it did stays. For admins."""
    require(request, "admin")
    user = open_store_of(request).accounts.disable(name)
    note(request, "disable", "user", name)
    return reply(user)


@router.put(
    "/users/{name}/projects/{project_id}",
    summary="Add a user to a project",
    response_model=UserBody,
    responses=document_problems(400, 404, 413, 422, 503),
)
def join_project(request: Request, name: UserName, project_id: MemberOf, body: MembershipBody) -> Response:
    """Gives a user a role in a project, in the place of one that it has there. For admins."""
    require(request, "admin")
    user = open_store_of(request).accounts.join(name, project_id, body.role)
    note(request, "join", "user", name, {"project_id": project_id, "role": body.role})
    return reply(user)


@router.delete(
    "/users/{name}/projects/{project_id}",
    summary="Take a user out of a project",
    response_model=UserBody,
    responses=document_problems(404, 422, 503),
)
def leave_project(request: Request, name: UserName, project_id: MemberOf) -> Response:
    """Ends a membership. For admins."""
    require(request, "admin")
    user = open_store_of(request).accounts.leave(name, project_id)
    note(request, "leave", "user", name, {"project_id": project_id})
    return reply(user)


@router.get(
    "/keys",
    summary="List API keys",
    response_model=KeysBody,
    responses=document_problems(422, 503),
)
def list_keys(request: Request, query: Annotated[KeysQuery, Query()]) -> Response:
    """The caller's keys; for admins everyone's. Secrets are not kept, so they are not shown."""
    identity, user = who_asks(request), query.user
    if identity.scope_in(None) != "admin":
        if user not in (None, identity.name):
            raise Forbidden("Keys of others are shown to admins only.")
        user = identity.name
    keys = open_store_of(request).keys
    return _reply_page(keys.list(user=user, limit=query.limit, cursor=query.cursor))


@router.post(
    "/keys",
    status_code=201,
    summary="Make an API key",
    response_model=MadeKeyBody,
    responses=document_problems(400, 404, 413, 422, 503),
)
def add_key(request: Request, body: NewKeyBody) -> Response:
    """Makes a key and shows it, this once."""
    if not request.app.state.login and body.user is None:
        raise InvalidInput("Without a login the key's user must be named.", hint='Add "user" to the body.')
    user = body.user or who_asks(request).name
    _require_own(request, user)
    made = open_store_of(request).keys.add(user, body.name, body.scope, expires_at=body.expires_at)
    details = {"user": user, "scope": body.scope, "expires_at": made.key.expires_at}
    note(request, "add", "key", made.key.key_id, details)
    return reply({**encode(made.key), "key": made.token}, status=201)


@router.delete(
    "/keys/{key_id}",
    summary="Revoke an API key",
    response_model=KeyBody,
    responses=document_problems(404, 422, 503),
)
def revoke_key(request: Request, key_id: KeyId) -> Response:
    """Ends a key at once."""
    keys, identity = open_store_of(request).keys, who_asks(request)
    user = keys.get(key_id).user
    if user != identity.name and identity.scope_in(None) != "admin":
        raise NotFound(f"There is no key {key_id[:60]!r}.")
    _require_own(request, user)
    revoked = keys.revoke(key_id)
    note(request, "revoke", "key", key_id, {"user": revoked.user})
    return reply(revoked)


@router.get(
    "/audit",
    summary="Read the audit log",
    response_model=EntriesBody,
    responses=document_problems(422, 503),
)
def list_audit(request: Request, query: Annotated[AuditQuery, Query()]) -> Response:
    """Who changed what, newest first. For admins."""
    require(request, "admin")
    return _reply_page(open_store_of(request).audit.list(**query.model_dump()))


def _require_own(request: Request, user: str) -> None:
    """Raise `Forbidden` unless the caller may manage this user's keys."""
    identity = who_asks(request)
    if identity.name != user or identity.scope != "admin":
        require(request, "admin")


def _check_own_password(request: Request, identity: Identity, body: UserChangeBody) -> None:
    if identity.key_id is not None:
        raise Forbidden("A password is changed in a session, not with a key.")
    throttle, address = request.app.state.throttle, read_address(request.scope.get("client"))
    throttle.count_login(identity.name, address)
    accounts = open_store_of(request).accounts
    if accounts.check_password(identity.name, body.current_password or "") is None:
        raise Unauthenticated("`current_password` is not the password until now.")
    throttle.forgive(identity.name, address)


def _reply_page(page: Page[Any]) -> Response:
    return reply({"items": page.items, "next_cursor": page.cursor})
