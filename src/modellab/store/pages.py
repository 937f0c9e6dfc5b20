"""Pages of a list: how many rows, and the cursor that asks for the next ones."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from modellab.errors import InvalidInput

MAX_PAGE = 1000
"""Rows in one page of projects, datasets and the like."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; `cursor` asks for the next one and is `None` on the last."""

    items: Sequence[Item]
    cursor: str | None


def check_count(what: str, count: int, largest: int) -> None:
    """Raise `InvalidInput` unless `count` is 1 to `largest`."""
    if not 1 <= count <= largest:
        raise InvalidInput(f"{what} is {count}; it may be 1 to {largest}.")


def write_cursor(*place: int) -> str:
    """A cursor that stands for the last row shown."""
    return base64.urlsafe_b64encode(".".join(map(str, place)).encode()).decode().rstrip("=")


def read_cursor(cursor: str, length: int = 2) -> tuple[int, ...]:
    """The numbers that a cursor was made of; raises `InvalidInput`."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        place = tuple(map(int, text.split(".")))
        if len(place) != length or max(map(abs, place)) >= 2**63:
            raise ValueError(text)
        return place
    except (ValueError, binascii.Error):
        raise InvalidInput(f"{cursor[:60]!r} is no cursor.", hint="Take it from the page before.") from None
