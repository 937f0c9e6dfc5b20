"""`modellab users`, `modellab keys` and `modellab audit`: who may ask a server, and who changed what.

They work on the project's database itself, for whoever can open it; no login stands before them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from modellab.cli.access import current_settings, db_option, open_if_there
from modellab.cli.output import print_json, print_note
from modellab.errors import InvalidInput, NotFound
from modellab.records.accounts import PROJECT_ROLES, ROLES, SCOPES, ApiKey, AuditEntry, Role, User

if TYPE_CHECKING:
    from modellab.records.accounts import ProjectRole, Scope
    from modellab.store import Store

_PAGE = 1000
_DETAILS_LENGTH = 40

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


@click.group("users", short_help="Add and remove those who may log in.")
@db_option(hidden=True)
def users() -> None:
    """Users of a server that asks for a login.

    Roles: `admin` may do everything, `editor` logs and changes, `viewer` looks, `member` sees only
    projects that it has joined.

    \b
    Examples:
      modellab users add ada --role admin
      modellab users add bob --role member
      modellab users join bob vision --role editor
    """


@users.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What it may do.")
@password_option
def add_user(name: str, role: Role, password_stdin: bool) -> None:
    """Add a user, with a password of at least 10 characters; a removed one is let in again."""
    from modellab.store.accounts import check_user_name

    name = check_user_name(name)
    password = _ask_password(password_stdin)
    with _open() as store:
        user = store.accounts.add(name, role, password)
        _note(store, "add", "user", user.name, role=role)
    print_note(f"{user.name} may log in, as {role}.")


@users.command("list")
@json_option
def list_users(as_json: bool) -> None:
    """List users, removed ones too."""
    with open_if_there() as store:
        found = [user for page in _pages(store.accounts.list) for user in page] if store else []
    if as_json:
        print_json(found)
        return
    if not found:
        print_note("There are no users yet. The first: modellab users add NAME --role admin")
        return
    from modellab.cli.tables import Column, print_rows

    columns: list[Column[User]] = [
        Column("name", lambda user: user.name),
        Column("role", lambda user: user.role),
        Column("projects", lambda user: ", ".join(f"{p} ({r})" for p, r in user.projects.items()) or "-"),
        Column("added", lambda user: user.created_at[:10]),
        Column("state", lambda user: "removed" if user.disabled_at else "enabled"),
    ]
    print_rows(columns, found)


@users.command("remove")
@click.argument("name")
def remove_user(name: str) -> None:
    """Shut a user out at once: its sessions end and its keys are revoked. What it did stays."""
    with _open() as store:
        store.accounts.disable(name)
        _note(store, "disable", "user", name)
    print_note(f"{name} can no longer log in.")


@users.command("password")
@click.argument("name")
@password_option
def set_password(name: str, password_stdin: bool) -> None:
    """Give a user another password, and end its sessions. Its keys stay."""
    with _open() as store:
        store.accounts.get(name)
        store.accounts.set_password(name, _ask_password(password_stdin))
        _note(store, "set-password", "user", name)
    print_note(f"{name} has a new password.")


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def set_role(name: str, role: Role) -> None:
    """Give a user another role."""
    with _open() as store:
        before = store.accounts.get(name).role
        store.accounts.set_role(name, role)
        _note(store, "set-role", "user", name, role=[before, role])
    print_note(f"{name} is {role}.")


@users.command("join")
@click.argument("name")
@click.argument("project_id", metavar="PROJECT")
@click.option(
    "--role", type=click.Choice(PROJECT_ROLES), default="viewer", show_default=True, help="Its role there."
)
def join_project(name: str, project_id: str, role: ProjectRole) -> None:
    """Let a user see a project, or change what it may do there."""
    with _open() as store:
        store.accounts.join(name, project_id, role)
        _note(store, "join", "user", name, project_id=project_id, role=role)
    print_note(f"{name} is {role} in {project_id}.")


@users.command("leave")
@click.argument("name")
@click.argument("project_id", metavar="PROJECT")
def leave_project(name: str, project_id: str) -> None:
    """Take a user out of a project."""
    with _open() as store:
        store.accounts.leave(name, project_id)
        _note(store, "leave", "user", name, project_id=project_id)
    print_note(f"{name} is no longer in {project_id}.")


@click.group("keys", short_help="Make and revoke API keys.")
@db_option(hidden=True)
def keys() -> None:
    """API keys, which programs send instead of a password.

    \b
    Examples:
      modellab keys add ada --name cluster --scope log --days 90
      modellab keys revoke 5f0c2a91b7de
    """


@keys.command("add")
@click.argument("user")
@click.option("--name", default="key", show_default=True, help="What it is for.")
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="log",
    show_default=True,
    help="What it may do, at most: `read`, `log` (and change), or `admin`.",
)
@click.option("--days", type=click.IntRange(1, 36_500), metavar="N", help="Let it end after N days.")
def add_key(user: str, name: str, scope: Scope, days: int | None) -> None:
    """Make a key for a user, and print it. It is shown only this once."""
    expires_at = (datetime.now(UTC) + timedelta(days=days)).isoformat() if days else None
    with _open() as store:
        made = store.keys.add(user, name, scope, expires_at=expires_at)
        _note(store, "add", "key", made.key.key_id, user=user, scope=scope, expires_at=made.key.expires_at)
    click.echo(made.token)
    print_note("It is not shown again. Programs read it from MODELLAB_API_KEY.")


@keys.command("list")
@click.option("--user", help="Only this user's.")
@json_option
def list_keys(user: str | None, as_json: bool) -> None:
    """List keys, without their secrets."""
    with open_if_there() as store:
        if user is not None:
            _require_user(store, user)
        found = [key for page in _pages(store.keys.list, user=user) for key in page] if store else []
    if as_json:
        print_json(found)
        return
    if not found:
        print_note("There are no keys yet. A user's: modellab keys add USER --name NAME")
        return
    from modellab.cli.formats import clean
    from modellab.cli.tables import Column, print_rows

    columns: list[Column[ApiKey]] = [
        Column("key", lambda key: key.key_id),
        Column("user", lambda key: key.user),
        Column("name", lambda key: clean(key.name)),
        Column("scope", lambda key: key.scope),
        Column("used", lambda key: (key.last_used_at or "-")[:16]),
        Column("ends", lambda key: (key.expires_at or "-")[:16]),
        Column(
            "state", lambda key: "revoked" if key.revoked_at else "valid" if _is_valid(key) else "expired"
        ),
    ]
    print_rows(columns, found)


@keys.command("revoke")
@click.argument("key_id", metavar="KEY")
def revoke_key(key_id: str) -> None:
    """End a key at once. KEY is its id, the part after `mlk_`."""
    with _open() as store:
        key = store.keys.revoke(key_id)
        _note(store, "revoke", "key", key_id, user=key.user)
    print_note(f"The key {key_id} of {key.user} is no longer valid.")


@click.command("audit", short_help="Show who changed what.")
@db_option(hidden=True)
@click.option("--kind", help="Only changes of this kind of thing, such as run, dataset or user.")
@click.option("--target", help="Only changes of this one.")
@click.option("--actor", help="Only changes by this user.")
@click.option("--limit", type=click.IntRange(1, _PAGE), default=50, show_default=True, help="How many.")
@json_option
def show_audit(kind: str | None, target: str | None, actor: str | None, limit: int, as_json: bool) -> None:
    """Show who changed what, newest first. `local` is whoever sits at the machine.

    \b
    Examples:
      modellab audit --limit 20
      modellab audit --kind user --json
    """
    found: Sequence[AuditEntry] = []
    with open_if_there() as store:
        if store is not None:
            found = store.audit.list(kind=kind, target=target, actor=actor, limit=limit).items
    if as_json:
        print_json(found)
        return
    if not found:
        print_note("No change is noted." if not (kind or target or actor) else "No change matches.")
        return
    from modellab.cli.formats import clean, format_value, shorten
    from modellab.cli.tables import Column, print_rows

    def details(entry: AuditEntry) -> str:
        return format_value(entry.details) if entry.details else "-"

    columns: list[Column[AuditEntry]] = [
        Column("when", lambda entry: entry.at[:19]),
        Column("who", lambda entry: clean(entry.actor)),
        Column("did", lambda entry: clean(entry.action)),
        Column("kind", lambda entry: clean(entry.kind)),
        Column("to", lambda entry: clean(entry.target)),
        Column("details", lambda entry: shorten(details(entry), _DETAILS_LENGTH), details),
        Column("from", lambda entry: entry.address or "-"),
    ]
    print_rows(columns, found, by_worth=("when", "who", "did", "kind", "to", "details", "from"))


@contextmanager
def _open() -> Iterator[Store]:
    """The project's store, made if it is not there: the first user comes before the first run."""
    from modellab.store import open_store  # late: SQLAlchemy

    with open_store(current_settings()) as store:
        yield store


def _require_user(store: Store | None, name: str) -> None:
    """Raise `NotFound` for a user that is not there."""
    if store is None:
        raise NotFound(f"There is no user {name}.", hint="modellab users add NAME")
    store.accounts.get(name)


def _ask_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInput("There is no terminal to ask for the password.", hint="Use --password-stdin.")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    return password


def _pages(read: Any, **wanted: Any) -> Iterator[Any]:
    cursor = None
    while True:
        page = read(limit=_PAGE, cursor=cursor, **wanted)
        yield page.items
        cursor = page.cursor
        if cursor is None:
            return


def _is_valid(key: ApiKey) -> bool:
    return key.expires_at is None or datetime.fromisoformat(key.expires_at) > datetime.now(UTC)


def _note(store: Store, action: str, kind: str, target: str, **details: Any) -> None:
    store.audit.note(actor="local", action=action, kind=kind, target=target, details=details)
