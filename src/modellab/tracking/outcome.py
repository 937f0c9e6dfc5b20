"""How a run ended, from the exception that ended it or from none."""

from __future__ import annotations

import traceback as tracebacks
from typing import Any

from modellab.capture.redaction import mask_tokens
from modellab.errors import InvalidInput
from modellab.journal.line import clean_unicode


def describe_outcome(error: BaseException | None) -> dict[str, Any]:
    """How a run ended, as the fields of its `end` event."""
    # A generator that its user leaves early has not failed.
    if error is None or isinstance(error, GeneratorExit):
        return {"status": "completed"}
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return {"status": "completed"}
    if not isinstance(error, BaseException):
        raise InvalidInput(f"The error that a run ends with is an exception, not {type(error).__name__}.")
    lines = tracebacks.format_exception(error)
    summary = tracebacks.TracebackException.from_exception(error, limit=0)
    summary.__notes__ = None  # they stand below the line that says what happened
    last = list(summary.format_exception_only())[-1].strip() or type(error).__name__
    return {
        "status": "failed",
        "error": clean_unicode(mask_tokens(last)[:2000]),
        "traceback": clean_unicode(mask_tokens("".join(lines))[-100_000:]),
    }
