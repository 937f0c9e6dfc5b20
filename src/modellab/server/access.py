"""Who asks, and whether they may: asked by every route that shows or changes something of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from fastapi import Request

from modellab.errors import Forbidden, NotFound, Unauthenticated
from modellab.records.accounts import SCOPES, ProjectRole, Role, Scope
from modellab.store import Store
from modellab.store.runs import report_no_runs

_ROLE_SCOPES: Mapping[str, Scope] = {"admin": "admin", "editor": "log", "viewer": "read"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A caller: a user with a session or a key, or whoever sits at this machine (`LOCAL`)."""

    name: str
    role: Role
    scope: Scope = "admin"
    key_id: str | None = None
    projects: Mapping[str, ProjectRole] = field(default_factory=dict)

    @property
    def visible(self) -> frozenset[str] | None:
        """The projects whose things the caller may see; `None` for all, and for what is in none."""
        return frozenset(self.projects) if self.role == "member" else None

    @property
    def writable(self) -> Sequence[str] | None:
        """The projects whose things the caller may add to and change; `None` for all."""
        if self.may_write(None):
            return None
        return sorted(name for name in self.projects if self.may_write(name))

    def may_write(self, project_id: str | None) -> bool:
        """Whether the caller may add to and change things of a project (`None`: outside of all)."""
        return self.scope_in(project_id) in ("log", "admin")

    def scope_in(self, project_id: str | None) -> Scope | None:
        """What the caller may do in a project (`None`: outside of all); `None` if not even see it."""
        roles = [role for name, role in self.projects.items() if name == project_id]
        if self.role != "member":
            roles.append(cast(ProjectRole, self.role))
        granted = [SCOPES.index(_ROLE_SCOPES[role]) for role in roles]
        return SCOPES[min(max(granted), SCOPES.index(self.scope))] if granted else None


LOCAL = Identity(name="local", role="admin")
"""Whoever asks a server that listens on its own machine only."""


def who_asks(request: Request) -> Identity:
    """The caller, as the login found it out; raises `Unauthenticated` where it is not known."""
    identity = cast("Identity | None", getattr(request.state, "identity", None))
    if identity is None:
        raise Unauthenticated(
            "This server asks for a login.", hint="POST /api/modellab/login, or send a key."
        )
    return identity


def require(request: Request, scope: Scope, project_id: str | None = None) -> Identity:
    """The caller, if it may do `scope` in a project (or outside of all, with `None`).

    Raises `NotFound` if it may not even see the project: that it exists is not told either. Raises
    `Forbidden` if it may see it but not do this.
    """
    identity = who_asks(request)
    granted = identity.scope_in(project_id)
    if granted is None and project_id is not None:
        raise NotFound(f"There is no project {project_id}.")
    if granted is None or SCOPES.index(granted) < SCOPES.index(scope):
        raise Forbidden(
            f"{identity.name} may not do this: it needs `{scope}`, and there is `{granted or 'nothing'}`.",
            hint="A key has the scope it was made with, and no more than its user's role.",
        )
    return identity


def require_run(request: Request, run_id: str, scope: Scope) -> Identity:
    """The caller, if it may do `scope` with a run; raises `NotFound` as for a run that is not there."""
    project_id = open_store_of(request).runs.find_project(run_id)
    identity = who_asks(request)
    if identity.scope_in(project_id) is None:
        raise NotFound(
            f"There is no run {run_id[:60]}.", hint="`modellab runs` lists the runs that are there."
        )
    return require(request, scope, project_id)


def find_seen(request: Request, run_ids: Sequence[str]) -> Sequence[str]:
    """Those of the runs that are there and that the caller may see, each once, in the order given."""
    seen = _find_seen(request, run_ids, in_trash=False)
    return [run_id for run_id in dict.fromkeys(run_ids) if run_id in seen]


def require_runs(
    request: Request, run_ids: Sequence[str], scope: Scope, *, in_trash: bool = False
) -> Identity:
    """The caller, if it may do `scope` with all of these runs; raises as `require_run` does.

    Those in the trash are there only with `in_trash`.
    """
    seen = _find_seen(request, run_ids, in_trash=in_trash)
    hidden = [run_id for run_id in dict.fromkeys(run_ids) if run_id not in seen]
    if hidden:
        raise report_no_runs(hidden)
    for project_id in set(seen.values()):
        require(request, scope, project_id)
    return who_asks(request)


def _find_seen(request: Request, run_ids: Sequence[str], *, in_trash: bool) -> Mapping[str, str | None]:
    """The projects of those of the runs that are there and that the caller may see."""
    identity = who_asks(request)
    projects = open_store_of(request).runs.find_projects(run_ids, in_trash=in_trash)
    return {run_id: name for run_id, name in projects.items() if identity.scope_in(name) is not None}


def open_store_of(request: Request) -> Store:
    """The store of the app that answers."""
    return cast(Store, request.app.state.store)
