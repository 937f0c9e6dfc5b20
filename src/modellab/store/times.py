"""Times as the database keeps them: whole microseconds since 1970, in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import overload

from modellab.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""The latest time that can be written as a date."""


def now_us() -> int:
    """The time now."""
    return time.time_ns() // 1000


@overload
def format_time(moment_us: int) -> str: ...
@overload
def format_time(moment_us: None) -> None: ...
@overload
def format_time(moment_us: int | None) -> str | None: ...
def format_time(moment_us: int | None) -> str | None:
    """A time as ISO-8601 with microseconds; `None` stays `None`."""
    if moment_us is None:
        return None
    return (_EPOCH + timedelta(microseconds=moment_us)).isoformat(timespec="microseconds")


def read_time(text: str | None, *, at_end: bool = False) -> int | None:
    """An ISO-8601 time or date as microseconds since 1970, UTC unless it names a zone.

    With `at_end`, a date alone means the end of that day. Raises `InvalidInput`.
    """
    if text is None:
        return None
    # In a URL an unescaped `+` of a zone arrives as a blank.
    plain = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is no time.", hint="ISO-8601, such as 2026-11-20 or 2026-11-20T09:30:00Z."
        ) from None
    if at_end and len(plain) <= 10:
        moment += timedelta(days=1, microseconds=-1)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (moment - _EPOCH) // timedelta(microseconds=1)
