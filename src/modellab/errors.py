"""Every exception of ModelLab.

    ModelLabError                    message, and a hint on a line of its own
    ├── InvalidInput                 a value that is not allowed (HTTP 422, exit code 2)
    │   ├── InvalidMetric            a metric value, name or step that cannot be recorded (also TypeError)
    │   └── InvalidSetting           a setting or a place that cannot be used
    ├── NotFound                     a run that is not there (HTTP 404, exit code 1)
    ├── Forbidden                    the caller's role or key does not allow it (HTTP 403)
    ├── Conflict                     something that does not fit what is stored (HTTP 409)
    └── StoreError                   the database cannot be used (HTTP 503, exit code 1)
        ├── NotADatabase             the file is something else
        └── NewerDatabase            written by a newer ModelLab; left untouched

Status codes and exit codes are given by the doors (`server/problems.py`, `cli`), not here.
"""

from __future__ import annotations


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


class InvalidSetting(InvalidInput):
    """A setting, environment variable or place that cannot be used."""


class NotFound(ModelLabError, LookupError):
    """Something asked for by id or name that the store does not have."""


class Forbidden(ModelLabError):
    """The caller is known, but its role, key or membership does not allow this."""


class Conflict(ModelLabError):
    """Something that does not fit what is stored; of telemetry, `expected` is the offset to send from."""

    def __init__(self, message: str, *, hint: str | None = None, expected: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.expected = expected


class StoreError(ModelLabError):
    """The database cannot be opened or used."""


class NotADatabase(StoreError):
    """The file at the place of the database is something else; it is left untouched."""


class NewerDatabase(StoreError):
    """The database was written by a newer ModelLab; it is left untouched."""
