"""How names and numbers stand in a sentence so that it stays one sentence."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

MOST_CHARACTERS = 40

_POINT = re.compile(r"(?<!\d)\.|\.(?!\d)")  # a point inside a number ends nothing
_QUOTES = str.maketrans({'"': "`", "'": "`", "“": "`", "”": "`"})


def quote_name(name: Any) -> str:
    """A name in quotes, cleaned of what could end a sentence, and at most 40 characters long."""
    text = clean_text(str(name)).translate(_QUOTES)
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 9].rstrip(" .") + " and more"
    return f"'{text or 'no name'}'"


def clean_text(text: str) -> str:
    """A text as a part of a sentence: nothing in it ends one, and all is on one line."""
    plain = (" " if _may_end(sign) else sign for sign in text)
    return " ".join(_POINT.sub(" ", "".join(plain)).split())


def _may_end(sign: str) -> bool:
    """Whether a sign may end a sentence or a line, in whatever script; points are looked at by themselves."""
    category = unicodedata.category(sign)
    return sign in "!?" or category[0] in "ZC" or (category == "Po" and not sign.isascii())


def say_number(value: float) -> str:
    """A number in at most four significant digits: 0.912, 12.35, 1234, 1.2e-05."""
    if 0.01 <= abs(value) < 1:
        return f"{value:.3f}"
    return f"{value:.4g}" if abs(value) >= 1 else f"{value:.2g}"


def say_count(n: int, what: str) -> str:
    """So many of something: `1 row`, `12 rows`."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
