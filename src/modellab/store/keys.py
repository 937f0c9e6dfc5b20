"""API keys: made, found, revoked. Of a key only a digest is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from modellab.capture.redaction import KEY_PREFIX
from modellab.errors import InvalidInput, NotFound, StoreError
from modellab.records.accounts import SCOPES, ApiKey, Scope, User
from modellab.store.account_tables import api_keys, users
from modellab.store.accounts import USER_ROWS, read_users
from modellab.store.engine import Database
from modellab.store.events import clean_text
from modellab.store.pages import MAX_PAGE, Page, check_count, read_cursor, write_cursor
from modellab.store.times import LAST_US, format_time, now_us, read_time

MAX_KEY_NAME_LENGTH = 100
"""Characters in the name of a key."""
USE_NOTED_EVERY_S = 60
"""How exactly `last_used_at` is kept; each note costs a write."""

_SECRET_BYTES = 32
_KEYS = select(api_keys, users.c.name.label("user_name")).join(users, users.c.id == api_keys.c.user)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. `token` is what its owner sends; it cannot be read again."""

    key: ApiKey
    token: str


class KeyShelf:
    """The API keys of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: str, name: str, scope: Scope, *, expires_at: str | None = None) -> NewKey:
        """A new key of a user. `expires_at` is ISO-8601 (UTC if it names no zone), or `None` for never.

        Raises `NotFound` for a user that is not there or disabled, `InvalidInput` for what is not allowed.
        """
        expires_us = _check(name, scope, expires_at)
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(_SECRET_BYTES)
        wanted = select(users.c.id).where(users.c.name == user, users.c.disabled_us.is_(None))
        with self._database.write() as connection:
            owner = connection.execute(wanted).scalar_one_or_none()
            if owner is None:
                raise NotFound(f"There is no user {user[:60]!r} who can log in.")
            values = {
                "key_id": key_id,
                "user": owner,
                "name": clean_text(name),
                "scope": scope,
                "secret_sha256": _digest(secret),
                "created_us": now_us(),
                "expires_us": expires_us,
            }
            connection.execute(insert(api_keys), values)
        return NewKey(self.get(key_id), f"{KEY_PREFIX}_{key_id}_{secret}")

    def get(self, key_id: str) -> ApiKey:
        """A key, valid or not; raises `NotFound`."""
        with self._database.read() as connection:
            return _as_key(_get_row(connection, key_id))

    def list(self, *, user: str | None = None, limit: int = 100, cursor: str | None = None) -> Page[ApiKey]:
        """Keys, of one user or of all, newest first, `limit` (1 to 1000) at a time."""
        check_count("limit", limit, MAX_PAGE)
        statement = _KEYS.order_by(api_keys.c.id.desc()).limit(limit + 1)
        if user is not None:
            statement = statement.where(users.c.name == user)
        if cursor is not None:
            statement = statement.where(api_keys.c.id < read_cursor(cursor, 1)[0])
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        shown = rows[:limit]
        return Page(
            [_as_key(row) for row in shown], write_cursor(shown[-1].id) if len(rows) > limit else None
        )

    def revoke(self, key_id: str) -> ApiKey:
        """End a key, from this moment on; raises `NotFound`."""
        mine = (api_keys.c.key_id == key_id) & api_keys.c.revoked_us.is_(None)
        with self._database.write() as connection:
            _get_row(connection, key_id)
            connection.execute(update(api_keys).where(mine).values(revoked_us=now_us()))
        return self.get(key_id)

    def find(self, token: str) -> tuple[User, ApiKey] | None:
        """Whose key this is, and which; `None` if it is unknown, expired, revoked or of a disabled user."""
        prefix, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != KEY_PREFIX or not key_id.isalnum() or not secret:
            return None
        now = now_us()
        with self._database.read() as connection:
            row = connection.execute(_KEYS.where(api_keys.c.key_id == key_id)).one_or_none()
            # A random secret of 256 bits cannot be guessed from its digest, so a slow hash would only
            # cost every request its time; passwords, which people choose, get one.
            if row is None or not hmac.compare_digest(_digest(secret), row.secret_sha256):
                return None
            if row.revoked_us is not None or (row.expires_us is not None and row.expires_us <= now):
                return None
            owner = USER_ROWS.where(users.c.id == row.user, users.c.disabled_us.is_(None))
            found = read_users(connection.execute(owner))
        if not found:
            return None
        self._note_use(row, now)
        return found[0], _as_key(row)

    def _note_use(self, row: Any, now: int) -> None:
        before = now - USE_NOTED_EVERY_S * 1_000_000
        if row.last_used_us is not None and row.last_used_us > before:
            return
        last = api_keys.c.last_used_us
        mine = (api_keys.c.id == row.id) & or_(last.is_(None), last <= before)
        with suppress(StoreError), self._database.write() as connection:  # a nicety; no reason to fail
            connection.execute(update(api_keys).where(mine).values(last_used_us=now))


def _check(name: str, scope: str, expires_at: str | None) -> int | None:
    if not 1 <= len(name) <= MAX_KEY_NAME_LENGTH:
        raise InvalidInput(
            f"The key's name has {len(name)} characters; 1 to {MAX_KEY_NAME_LENGTH} are allowed."
        )
    if scope not in SCOPES:
        raise InvalidInput(f"The scope is {scope!r}; it may be {', '.join(SCOPES)}.")
    expires_us = read_time(expires_at, at_end=True)
    if expires_us is not None and expires_us <= now_us():
        raise InvalidInput(f"The key would have expired already, at {expires_at}.")
    if expires_us is not None and expires_us > LAST_US:  # it could be written, and never shown again
        raise InvalidInput(f"{expires_at} is after the year 9999 in UTC.", hint="Leave it out for never.")
    return expires_us


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _get_row(connection: Connection, key_id: str) -> Any:
    row = connection.execute(_KEYS.where(api_keys.c.key_id == key_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no key {key_id[:60]!r}.", hint="`modellab keys list` shows them.")
    return row


def _as_key(row: Any) -> ApiKey:
    times: Mapping[str, str | None] = {
        f"{name}_at": format_time(getattr(row, f"{name}_us")) for name in ("expires", "revoked", "last_used")
    }
    return ApiKey(
        key_id=row.key_id,
        user=row.user_name,
        name=row.name,
        scope=row.scope,
        created_at=format_time(row.created_us),
        **times,
    )
