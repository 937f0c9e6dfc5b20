"""Tables of users, keys, memberships, the audit log and the server's secrets."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text

from modellab.store.tables import RowId, metadata

users = Table(
    "users",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_us", BigInteger, nullable=False),
    Column("disabled_us", BigInteger),
    # Sessions made before are void: set when a password changes or someone logs out everywhere.
    Column("sessions_from_us", BigInteger, nullable=False, default=0, server_default="0"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("user", RowId, ForeignKey("users.id"), primary_key=True),
    Column("project_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key_id", Text, nullable=False, unique=True),
    Column("user", RowId, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("revoked_us", BigInteger),
    Column("last_used_us", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("key_id", Text),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("details_json", Text, nullable=False),
    Column("address", Text),
    Column("request_id", Text),
    Index("audit_by_target", "kind", "target", "id"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

ACCOUNT_TABLES = (users, memberships, api_keys, audit, secrets)
