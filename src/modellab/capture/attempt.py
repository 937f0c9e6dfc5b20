"""Finding out what may not be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")


def find_or_none(find: Callable[[], _Value]) -> _Value | None:
    """What `find` returns, or `None` if it raises: what a run ran on must not be what it fails for."""
    try:
        return find()
    except Exception:
        return None
