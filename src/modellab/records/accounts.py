"""Who may ask: users, their keys and memberships, and the record of who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["admin", "editor", "viewer", "member"]
ROLES: tuple[Role, ...] = ("admin", "editor", "viewer", "member")
"""`member` sees only projects that it was added to; the others see all. `admin` may do everything."""
ProjectRole = Literal["editor", "viewer"]
PROJECT_ROLES: tuple[ProjectRole, ...] = ("editor", "viewer")
Scope = Literal["read", "log", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "log", "admin")
"""What a key may do, each including those before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone who can log in. `projects` are memberships: roles by project id."""

    name: str
    role: Role
    projects: Mapping[str, ProjectRole]
    created_at: str
    disabled_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a user, without its secret part, which is shown once when it is made."""

    key_id: str
    user: str
    name: str
    scope: Scope
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change: when, by whom (user and key, or `local` without a login), what, to what, from where."""

    at: str
    actor: str
    key_id: str | None
    action: str
    kind: str
    target: str
    details: Mapping[str, Any]
    address: str | None
    request_id: str | None
