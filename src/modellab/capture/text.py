"""Text as every journal and database can hold it."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL refuses zero, UTF-8 has no lone surrogates


def make_storable(text: str) -> str:
    """The text with U+FFFD in the place of zero characters and lone surrogates."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
