"""Users: their roles, passwords, memberships of projects and sessions. Keys are in `keys.py`."""

from __future__ import annotations

import re
import secrets as randomness
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.records.accounts import PROJECT_ROLES, ROLES, ProjectRole, Role, User
from modellab.store.account_tables import api_keys, memberships, secrets, users
from modellab.store.engine import Database
from modellab.store.pages import MAX_PAGE, Page, check_count, read_cursor, write_cursor
from modellab.store.passwords import hash_password, is_outdated, is_password
from modellab.store.platform_tables import projects
from modellab.store.times import format_time, now_us

MAX_USER_NAME_LENGTH = 100
"""Characters in a user's name: small letters, digits, and `.`, `_`, `@`, `-` after the first."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,99}")
_RESERVED = frozenset({"local"})  # how the audit log names whoever sits at the machine itself
_SECRET_BYTES = 64

USER_ROWS = select(users, memberships.c.project_id, memberships.c.role.label("project_role")).select_from(
    users.outerjoin(memberships, memberships.c.user == users.c.id)
)
"""A row for each membership of a user, and one for a user without any."""
_ENABLED_ADMINS = select(users.c.id).where(users.c.role == "admin", users.c.disabled_us.is_(None))


class AccountShelf:
    """The users of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, role: Role, password: str) -> User:
        """A new user; a name that was disabled is enabled again, with this role and password.

        Raises `InvalidInput` for a name, role or password that is not allowed, `Conflict` for a name taken.
        """
        name = check_user_name(name)
        if not self._has_any_user():
            self._database.close_to_others()
        values = {"role": check_role(role), "password_hash": hash_password(password)}
        with self._database.write() as connection:
            row = _find_row(connection, name)
            if row is not None and row.disabled_us is None:
                raise Conflict(f"There is a user {name} already.")
            if row is None:
                connection.execute(insert(users), {"name": name, "created_us": now_us(), **values})
            else:
                _change(connection, row.id, disabled_us=None, **values)
        return self.get(name)

    def get(self, name: str) -> User:
        """A user, disabled or not; raises `NotFound`."""
        user = self._read_one(name)
        if user is None:
            raise _not_found(name)
        return user

    def list(self, *, limit: int = 100, cursor: str | None = None) -> Page[User]:
        """Users in the order in which they were added, `limit` (1 to 1000) at a time."""
        check_count("limit", limit, MAX_PAGE)
        after = read_cursor(cursor, 1)[0] if cursor is not None else 0
        page = select(users.c.id).where(users.c.id > after).order_by(users.c.id).limit(limit + 1)
        with self._database.read() as connection:
            ids = connection.execute(page).scalars().all()
            wanted = USER_ROWS.where(users.c.id.in_(ids[:limit])).order_by(users.c.id)
            found = read_users(connection.execute(wanted))
        return Page(found, write_cursor(ids[limit - 1]) if len(ids) > limit else None)

    def set_role(self, name: str, role: Role) -> User:
        """Give a user another role; raises `Conflict` for the last enabled admin."""
        check_role(role)
        with self._database.write() as connection:
            row = _get_row(connection, name)
            if role != "admin":
                _check_not_last_admin(connection, row)
            _change(connection, row.id, role=role)
        return self.get(name)

    def set_password(self, name: str, password: str) -> None:
        """Replace a user's password, and end its sessions."""
        hashed = hash_password(password)
        with self._database.write() as connection:
            row = _get_row(connection, name)
            _change(connection, row.id, password_hash=hashed, sessions_from_us=now_us())

    def disable(self, name: str) -> User:
        """Shut a user out: sessions end, keys are revoked. Raises `Conflict` for the last enabled admin."""
        with self._database.write() as connection:
            row = _get_row(connection, name)
            _check_not_last_admin(connection, row)
            now = now_us()
            _change(connection, row.id, disabled_us=row.disabled_us or now, sessions_from_us=now)
            open_keys = update(api_keys).where(api_keys.c.user == row.id, api_keys.c.revoked_us.is_(None))
            connection.execute(open_keys.values(revoked_us=now))
        return self.get(name)

    def join(self, name: str, project_id: str, role: ProjectRole) -> User:
        """Make a user a member of a project, or give it another role there."""
        if role not in PROJECT_ROLES:
            raise InvalidInput(f"The role is {role!r}; in a project it may be {' or '.join(PROJECT_ROLES)}.")
        wanted = select(projects.c.id).where(projects.c.project_id == project_id)
        with self._database.write() as connection:
            row = _get_row(connection, name)
            if connection.execute(wanted.where(projects.c.deleted_us.is_(None))).one_or_none() is None:
                raise NotFound(f"There is no project {project_id[:60]}.")
            values = {"user": row.id, "project_id": project_id, "role": role}
            connection.execute(self._database.upsert(memberships), values)
        return self.get(name)

    def leave(self, name: str, project_id: str) -> User:
        """Take a user out of a project; raises `NotFound` if it is not a member."""
        with self._database.write() as connection:
            row = _get_row(connection, name)
            mine = (memberships.c.user == row.id) & (memberships.c.project_id == project_id)
            if connection.execute(delete(memberships).where(mine)).rowcount == 0:
                raise NotFound(f"{name} is no member of project {project_id[:60]}.")
        return self.get(name)

    def check_password(self, name: str, password: str) -> User | None:
        """The user, if it is enabled and this is its password. Takes the same time whether it is or not."""
        with self._database.read() as connection:
            row = _find_row(connection, name.lower())
        kept = row.password_hash if row is not None and row.disabled_us is None else None
        if not is_password(password, kept) or row is None or kept is None:
            return None
        if is_outdated(kept):
            with self._database.write() as connection:
                _change(connection, row.id, password_hash=hash_password(password))
        return self.get(row.name)

    def find_in_session(self, name: str, since_us: int) -> User | None:
        """The user of a session that began at `since_us`, if the session has not been ended since."""
        user = (users.c.name == name) & users.c.disabled_us.is_(None)
        with self._database.read() as connection:
            found = connection.execute(USER_ROWS.where(user, users.c.sessions_from_us <= since_us))
            return next(iter(read_users(found)), None)

    def end_sessions(self, name: str) -> None:
        """End all sessions of a user, on every device."""
        with self._database.write() as connection:
            _change(connection, _get_row(connection, name).id, sessions_from_us=now_us())

    def has_enabled_user(self, *, admin: bool = False) -> bool:
        """Whether anyone, or any admin, could log in."""
        wanted = exists(_ENABLED_ADMINS) if admin else exists().where(users.c.disabled_us.is_(None))
        with self._database.read() as connection:
            return bool(connection.execute(select(wanted)).scalar_one())

    def read_secret(self, name: str) -> bytes:
        """Random bytes that all servers of this database share under a name, made when first asked for."""
        kept = select(secrets.c.value).where(secrets.c.name == name)
        with self._database.read() as connection:
            value = connection.execute(kept).scalar_one_or_none()
        if value is None:
            self._database.close_to_others()  # who can read this can make sessions
            fresh = {"name": name, "value": randomness.token_bytes(_SECRET_BYTES)}
            with self._database.write() as connection:
                connection.execute(self._database.insert_or_ignore(secrets), fresh)
                value = connection.execute(kept).scalar_one()
        return bytes(value)

    def _has_any_user(self) -> bool:
        with self._database.read() as connection:
            return connection.execute(select(users.c.id).limit(1)).first() is not None

    def _read_one(self, name: str) -> User | None:
        with self._database.read() as connection:
            found = connection.execute(USER_ROWS.where(users.c.name == name))
            return next(iter(read_users(found)), None)


def check_user_name(name: str) -> str:
    """The name in small letters; raises `InvalidInput` if it cannot be a user's."""
    lowered = name.lower()
    if _NAME.fullmatch(lowered) is None or lowered in _RESERVED:
        raise InvalidInput(
            f"{name[:120]!r} cannot be a user's name; it has 1 to {MAX_USER_NAME_LENGTH} small letters, "
            "digits and . _ @ -, begins with a letter or digit, and is not 'local'."
        )
    return lowered


def check_role(role: str) -> str:
    """The role; raises `InvalidInput` if there is none of that name."""
    if role not in ROLES:
        raise InvalidInput(f"The role is {role!r}; it may be {', '.join(ROLES)}.")
    return role


def read_users(rows: Iterable[Any]) -> Sequence[User]:
    """Users from rows of `USER_ROWS`."""
    found: dict[int, Any] = {}
    joined: dict[int, dict[str, ProjectRole]] = {}
    for row in rows:
        found.setdefault(row.id, row)
        if row.project_id is not None:
            joined.setdefault(row.id, {})[row.project_id] = row.project_role
    return [
        User(
            name=row.name,
            role=row.role,
            projects=joined.get(row.id, {}),
            created_at=format_time(row.created_us),
            disabled_at=format_time(row.disabled_us),
        )
        for row in found.values()
    ]


def _find_row(connection: Connection, name: str) -> Any:
    return connection.execute(select(users).where(users.c.name == name)).one_or_none()


def _get_row(connection: Connection, name: str) -> Any:
    row = _find_row(connection, name)
    if row is None:
        raise _not_found(name)
    return row


def _change(connection: Connection, user: int, **values: Any) -> None:
    connection.execute(update(users).where(users.c.id == user).values(**values))


def _check_not_last_admin(connection: Connection, row: Any) -> None:
    # Locked where two may do this at a time: each would see the other's admin.
    admins = connection.execute(_ENABLED_ADMINS.with_for_update()).scalars().all()
    if list(admins) == [row.id]:
        raise Conflict(
            f"{row.name} is the last admin who can log in.",
            hint="Make another user an admin first.",
        )


def _not_found(name: str) -> NotFound:
    return NotFound(f"There is no user {name[:60]!r}.", hint="`modellab users list` shows who there is.")
