"""Tells the user something without ever raising into training code, however warnings are set."""

from __future__ import annotations

import contextlib
import warnings


def tell(message: str, *, stacklevel: int = 3) -> None:
    """Warn with `message`; where warnings are errors, print it to the standard error stream instead."""
    try:
        warnings.warn(message, RuntimeWarning, stacklevel=stacklevel)
    except Exception:  # a filter that raises, or a `showwarning` of the user's that does
        import sys

        with contextlib.suppress(Exception):
            sys.stderr.write(f"modellab: {message}\n")
