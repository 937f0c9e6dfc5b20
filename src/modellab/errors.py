"""Every exception of ModelLab.

    ModelLabError                    message, and a hint on a line of its own
    ├── InvalidInput                 a value that is not allowed (HTTP 422, exit code 2)
    │   ├── InvalidMetric            a metric value, name or step that cannot be recorded (also TypeError)
    │   ├── InvalidQuery             a text of the query language that cannot be read; knows where
    │   └── InvalidSetting           a setting or a place that cannot be used
    ├── NotFound                     a run that is not there (HTTP 404, exit code 1)
    ├── Unauthenticated              nobody knows who the caller is (HTTP 401)
    ├── TooManyRequests              the caller has to wait (HTTP 429)
    ├── Forbidden                    the caller's role or key does not allow it (HTTP 403)
    ├── Conflict                     something that does not fit what is stored (HTTP 409)
    ├── Unreachable                  a server that does not answer as one should (exit code 1)
    └── StoreError                   the database cannot be used (HTTP 503, exit code 1)
        ├── FilesUnavailable         the place of kept files cannot be used
        ├── NotADatabase             the file is something else
        └── NewerDatabase            written by a newer ModelLab; left untouched

Status codes and exit codes are given by the doors (`server/problems.py`, `cli`), not here.
"""

from __future__ import annotations

from collections.abc import Iterable

_SHOWN_NAMES = 12


def list_nearest(name: str, names: Iterable[str]) -> str:
    """A hint that lists the names that there are, those most like `name` first, at most twelve."""
    import difflib

    known = list(names)
    if not known:
        return "There are none."
    similar = difflib.get_close_matches(name, known, n=_SHOWN_NAMES, cutoff=0.5)
    ordered = [*similar, *(other for other in known if other not in similar)]
    more = f" and {len(ordered) - _SHOWN_NAMES} more" if len(ordered) > _SHOWN_NAMES else ""
    return f"There are: {', '.join(ordered[:_SHOWN_NAMES])}{more}."


class ModelLabError(Exception):
    """What happened, with the value and what is allowed; `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class InvalidInput(ModelLabError, ValueError):
    """A value that is not allowed; the message names it and says what is."""


class InvalidMetric(InvalidInput, TypeError):
    """A metric whose value is not a number, or whose name or step cannot be recorded."""


class InvalidQuery(InvalidInput):
    """A query that cannot be read; `position` is the character, from 0, at which reading stopped."""

    def __init__(self, message: str, *, text: str, position: int) -> None:
        super().__init__(message, hint=_point_at(text, position))
        self.position = position


class InvalidSetting(InvalidInput):
    """A setting, environment variable or place that cannot be used."""


class NotFound(ModelLabError, LookupError):
    """Something asked for by id or name that the store does not have."""


class Unauthenticated(ModelLabError):
    """The caller has not said who it is, or its key or session is not valid (any more)."""


class TooManyRequests(ModelLabError):
    """The caller has asked too often; `retry_after_s` is how many seconds it should wait."""

    def __init__(self, message: str, *, hint: str | None = None, retry_after_s: int) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class Forbidden(ModelLabError):
    """The caller is known, but its role, key or membership does not allow this."""


class Conflict(ModelLabError):
    """Something that does not fit what is stored; of telemetry, `expected` is the offset to send from."""

    def __init__(self, message: str, *, hint: str | None = None, expected: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.expected = expected


class Unreachable(ModelLabError):
    """A server that cannot be reached, is busy, or is something else; `status` is the HTTP status, if any."""

    def __init__(self, message: str, *, hint: str | None = None, status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class StoreError(ModelLabError):
    """The database cannot be opened or used."""


class FilesUnavailable(StoreError):
    """The place where the bytes of artifacts and datasets are kept cannot be used."""


class NotADatabase(StoreError):
    """The file at the place of the database is something else; it is left untouched."""


class NewerDatabase(StoreError):
    """The database was written by a newer ModelLab; it is left untouched."""


def _point_at(text: str, position: int) -> str:
    """The stretch of a text around a position on a line, and a mark below it."""
    start, stop = max(0, position - 50), position + 30
    before = ("…" if start else "") + "".join(c if c.isprintable() else " " for c in text[start:position])
    after = "".join(c if c.isprintable() else " " for c in text[position:stop])
    line = before + after + ("…" if stop < len(text) else "")
    return f"Character {position + 1}, above the mark:\n  {line}\n  {' ' * len(before)}^"
