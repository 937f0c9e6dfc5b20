"""What requests and answers about health, logins, users, keys and the audit log hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from modellab.records.accounts import ProjectRole, Role, Scope
from modellab.server.bodies.values import Body, PageQuery, Text
from modellab.store.accounts import MAX_USER_NAME_LENGTH
from modellab.store.keys import MAX_KEY_NAME_LENGTH
from modellab.store.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH

_AT = "2026-11-20T09:30:00.000000+00:00"
_USER: dict[str, Any] = {
    "name": "ada",
    "role": "member",
    "projects": {"vision": "editor"},
    "created_at": _AT,
    "disabled_at": None,
}
_KEY: dict[str, Any] = {
    "key_id": "5f0c2a91b7de",
    "user": "ada",
    "name": "cluster",
    "scope": "log",
    "created_at": _AT,
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
}
_ENTRY: dict[str, Any] = {
    "at": _AT,
    "actor": "ada",
    "key_id": None,
    "action": "set-role",
    "kind": "user",
    "target": "bob",
    "details": {"role": ["viewer", "editor"]},
    "address": "192.0.2.7",
    "request_id": "1d0f6c2b9a3e4d58",
}
_SERVER: dict[str, Any] = {
    "version": "0.1.0",
    "project_name": "vision",
    "now": _AT,
    "max_upload_bytes": 50_000_000_000,
    "max_body_bytes": 4_194_304,
    "rate_limit": 6000,
}
_CALLER: dict[str, Any] = {
    "name": "ada",
    "role": "editor",
    "scope": "log",
    "key_id": None,
    "projects": {},
    "login": True,
    "may": "log",
    "writable": None,
    "server": _SERVER,
}

UserName = Annotated[Text, Path(description="The user's name.", examples=["ada"])]
MemberOf = Annotated[Text, Path(description="The project's id.", examples=["vision"])]
KeyId = Annotated[
    Text, Path(description="The key's id: what stands after `mlk_`.", examples=["5f0c2a91b7de"])
]


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class LiveBody(BaseModel):
    """The process answers."""

    status: Literal["ok"] = Field(description="Always `ok`.")

    model_config = _example({"status": "ok"})


class ReadyBody(BaseModel):
    """The database answers."""

    status: Literal["ok"] = Field(description="Always `ok`; otherwise the answer is a problem.")
    schema_: int = Field(alias="schema", description="The number of the database's newest migration.")

    model_config = _example({"status": "ok", "schema": 2})


class LoginBody(Body):
    """Who logs in."""

    name: Text = Field(max_length=MAX_USER_NAME_LENGTH, description="The user's name.", examples=["ada"])
    password: Text = Field(
        max_length=MAX_PASSWORD_LENGTH, description="The password.", examples=["correct horse battery"]
    )


class NewUserBody(Body):
    """A user to add."""

    name: Text = Field(
        min_length=1,
        max_length=MAX_USER_NAME_LENGTH,
        description="Letters (kept small), digits and . _ @ -.",
        examples=["ada"],
    )
    role: Role = Field(description="What it may do; `member` sees only projects that it is added to.")
    password: Text = Field(
        min_length=MIN_PASSWORD_LENGTH,
        max_length=MAX_PASSWORD_LENGTH,
        description="The first password.",
        examples=["correct horse battery"],
    )


class UserChangeBody(Body):
    """What to change of a user; what is left out stays."""

    role: Role | None = Field(None, description="The new role; admins only.")
    password: Text | None = Field(
        None,
        min_length=MIN_PASSWORD_LENGTH,
        max_length=MAX_PASSWORD_LENGTH,
        description="The new password. It ends the user's sessions.",
        examples=["a new and longer one"],
    )
    current_password: Text | None = Field(
        None,
        max_length=MAX_PASSWORD_LENGTH,
        description="The password until now: needed where users change their own.",
        examples=["correct horse battery"],
    )


class MembershipBody(Body):
    """What a user may do in a project."""

    role: ProjectRole = Field(description="`editor` may log and change, `viewer` may look.")


class NewKeyBody(Body):
    """A key to make."""

    name: Text = Field(
        min_length=1, max_length=MAX_KEY_NAME_LENGTH, description="What it is for.", examples=["cluster"]
    )
    scope: Scope = Field(
        "log", description="What it may do, at most; never more than its user's role allows."
    )
    expires_at: Text | None = Field(
        None, description="When it ends, ISO-8601; never if left out.", examples=["2030-01-01"]
    )
    user: Text | None = Field(None, description="Whose it is; yours if left out.", examples=["ada"])


class UserBody(BaseModel):
    """A user."""

    name: str = Field(description="The name.")
    role: Role = Field(description="What it may do in all projects, or `member`.")
    projects: dict[str, ProjectRole] = Field(description="Its roles in projects, by their ids.")
    created_at: str = Field(description="When it was added.")
    disabled_at: str | None = Field(description="When it was shut out, if it was.")

    model_config = _example(_USER)


class ServerBody(BaseModel):
    """What a page has to know of the server that it talks to."""

    version: str = Field(description="The version of ModelLab.")
    project_name: str = Field(description="`PROJECT_NAME`, as `/health` says it.")
    now: str = Field(description="The server's time, by which running runs are as old as they are.")
    max_upload_bytes: int = Field(description="The largest file that is taken in.")
    max_body_bytes: int = Field(description="The largest body of other requests.")
    rate_limit: int | None = Field(
        description="Requests in a minute with one key, or in one user's sessions; null without a login."
    )

    model_config = _example(_SERVER)


class CallerBody(BaseModel):
    """Who asks, and whom."""

    name: str = Field(description="The user's name; `local` on a server without login.")
    role: Role = Field(description="The user's role.")
    scope: Scope = Field(description="The key's scope; `admin` in a session.")
    key_id: str | None = Field(description="The key, if it is one that asks.")
    projects: dict[str, ProjectRole] = Field(description="Roles in projects, by their ids.")
    login: bool = Field(description="Whether the server asks for a login.")
    may: Scope | None = Field(
        description="What the caller may do in all projects and outside of them; null for a `member`, who "
        "may do nothing there."
    )
    writable: list[str] | None = Field(
        description="The projects whose things the caller may add to and change; null for all."
    )
    server: ServerBody = Field(description="The server.")

    model_config = _example(_CALLER)


class KeyBody(BaseModel):
    """A key, without its secret."""

    key_id: str = Field(description="Its id, the part after `mlk_`.")
    user: str = Field(description="Whose it is.")
    name: str = Field(description="What it is for.")
    scope: Scope = Field(description="What it may do, at most.")
    created_at: str = Field(description="When it was made.")
    expires_at: str | None = Field(description="When it ends by itself.")
    revoked_at: str | None = Field(description="When it was revoked, if it was.")
    last_used_at: str | None = Field(description="When it was last used, to the minute.")

    model_config = _example(_KEY)


class MadeKeyBody(KeyBody):
    """A key that was just made."""

    key: str = Field(description="What to send as `Authorization: Bearer …`. It is shown only this once.")

    model_config = _example({**_KEY, "key": "mlk_5f0c2a91b7de_…"})


class EntryBody(BaseModel):
    """One change in the audit log."""

    at: str = Field(description="When.")
    actor: str = Field(description="By whom; `local` on a server without login, or from the command line.")
    key_id: str | None = Field(description="With which key, if it was one.")
    action: str = Field(description="What was done.")
    kind: str = Field(description="To what kind of thing.")
    target: str = Field(description="To which one.")
    details: dict[str, Any] = Field(description="What matters of the change; long texts are shortened.")
    address: str | None = Field(description="From which address.")
    request_id: str | None = Field(description="The `X-Request-ID` of the answer.")

    model_config = _example(_ENTRY)


class UsersBody(BaseModel):
    """A page of users."""

    items: list[UserBody] = Field(description="Users, in the order in which they were added.")
    next_cursor: str | None = Field(description="Asks for the next page; `null` on the last.")

    model_config = _example({"items": [_USER], "next_cursor": None})


class KeysBody(BaseModel):
    """A page of keys."""

    items: list[KeyBody] = Field(description="Keys, newest first.")
    next_cursor: str | None = Field(description="Asks for the next page; `null` on the last.")

    model_config = _example({"items": [_KEY], "next_cursor": None})


class EntriesBody(BaseModel):
    """A page of the audit log."""

    items: list[EntryBody] = Field(description="Changes, newest first.")
    next_cursor: str | None = Field(description="Asks for the next page; `null` on the last.")

    model_config = _example({"items": [_ENTRY], "next_cursor": None})


class KeysQuery(PageQuery):
    """Which keys."""

    user: Text | None = Field(
        None, description="Only this user's; others than one's own for admins.", examples=["ada"]
    )


class AuditQuery(PageQuery):
    """Which changes; everything given must hold."""

    kind: Text | None = Field(None, description="To this kind of thing.", examples=["user"])
    target: Text | None = Field(None, description="To this one.", examples=["bob"])
    actor: Text | None = Field(None, description="By this user.", examples=["ada"])
