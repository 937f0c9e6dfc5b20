"""Times in a query. A time stands for all of the stretch that it is written to: a day, a minute, a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<minute>\d{2}:\d{2})(?P<second>:\d{2})?(?P<fraction>\.\d{1,6})?)?"
    r"(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?"
)
_AGE = re.compile(r"-\s*(\d{1,6})\s*([mhdw])")
_UNIT_US = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}

ALLOWED = "ISO-8601, such as 2026-11-20 or 2026-11-20T09:30:00Z, or an age such as -7d, -12h, -30m"


class Stretch(NamedTuple):
    """From the first to the last microsecond since 1970 (UTC)."""

    first_us: int
    last_us: int


def read_stretch(text: str, now_us: int) -> Stretch:
    """What a time stands for; raises `ValueError` for a text that is none."""
    plain = text.strip()
    age = _AGE.fullmatch(plain)
    if age is not None:
        moment_us = now_us - int(age[1]) * _UNIT_US[age[2]]
        return Stretch(moment_us, moment_us)
    match = _ISO.fullmatch(plain)
    if match is None:
        raise ValueError(text)
    moment = datetime.fromisoformat(plain.upper())
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    first_us = (moment - _EPOCH) // _MICROSECOND
    return Stretch(first_us, first_us + _length_us(match) - 1)


def write_millisecond(moment_ms: float) -> str:
    """A time in milliseconds since 1970 as ISO-8601; raises `ValueError` for what is no date."""
    if not 0 <= moment_ms * 1000 <= _LAST_US:
        raise ValueError(moment_ms)
    moment = _EPOCH + timedelta(milliseconds=int(moment_ms))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_start(timestamp: str) -> int:
    """When a run says that it started, in microseconds since 1970; 0 if what it says is no time."""
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return 0
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (moment - _EPOCH) // _MICROSECOND


def _length_us(match: re.Match[str]) -> int:
    if match["fraction"]:
        return int(10 ** (7 - len(match["fraction"])))
    if match["second"]:
        return 1_000_000
    return 60_000_000 if match["minute"] else 86_400_000_000
