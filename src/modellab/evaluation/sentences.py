"""How names and numbers stand in a sentence so that it stays one sentence."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

MOST_CHARACTERS = 40

_POINT = re.compile(r"(?<!\d)\.|\.(?!\d)")  # a point inside a number ends nothing
_ENDS = frozenset(
    "!?…‽⸮¡¿؟।॥።\u06d4\u2047\u2048\u2049\u203c\u3002\uff01\uff0e\uff1f\uff61\ufe12\ufe52\ufe56\ufe57"
)
_QUOTES = str.maketrans({'"': "`", "'": "`", "“": "`", "”": "`"})


def quote_name(name: Any) -> str:
    """A name in quotes, cleaned of what could end a sentence, and at most 40 characters long."""
    text = clean_text(str(name)).translate(_QUOTES)
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 9].rstrip(" .") + " and more"
    return f"'{text or 'no name'}'"


def clean_text(text: str) -> str:
    """A text as a part of a sentence: nothing in it ends one, and all is on one line."""
    plain = (" " if sign in _ENDS or unicodedata.category(sign)[0] in "ZC" else sign for sign in text)
    return " ".join(_POINT.sub(" ", "".join(plain)).split())


def say_number(value: float) -> str:
    """A number in at most four significant digits: 0.912, 12.35, 1234, 1.2e-05."""
    if 0.01 <= abs(value) < 1:
        return f"{value:.3f}"
    return f"{value:.4g}" if abs(value) >= 1 else f"{value:.2g}"


def say_count(n: int, what: str) -> str:
    """So many of something: `1 row`, `12 rows`."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
