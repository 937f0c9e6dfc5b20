"""Passwords: hashed with Argon2id, by the library's own settings, and compared in the same time always."""

from __future__ import annotations

import base64
import secrets
import threading
import unicodedata
from typing import TYPE_CHECKING

from modellab.errors import InvalidInput, InvalidSetting

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 1000
"""Characters in a password."""

_AT_ONCE = threading.Semaphore(2)  # each hash takes 64 MiB and four threads for a twentieth of a second


def hash_password(password: str) -> str:
    """The hash to keep of a password; raises `InvalidInput` unless it has 10 to 1000 characters."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise InvalidInput(
            f"The password has {len(password)} characters; "
            f"it may have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH}."
        )
    with _AT_ONCE:
        return _hasher().hash(_normalize(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether `kept` was made of this password; `None` is nobody's, and takes as long to refuse."""
    hasher = _hasher()
    from argon2.exceptions import InvalidHashError, VerificationError

    given = _normalize(password[:MAX_PASSWORD_LENGTH])
    with _AT_ONCE:
        try:
            return hasher.verify(kept or _make_decoy(hasher), given) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with settings that are not today's."""
    return _hasher().check_needs_rehash(kept)


def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher  # late: only where somebody logs in
    except ImportError as error:
        raise InvalidSetting(
            "Passwords need the package argon2-cffi, which is not installed.",
            hint="pip install 'modellab[server]'",
        ) from error
    return PasswordHasher()


def _make_decoy(hasher: PasswordHasher) -> str:
    """A hash of no password, with today's settings: comparing with it takes as long as with a true one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=")
        for n in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _normalize(password: str) -> str:
    """The same bytes for the same characters, whichever keyboard typed them."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
