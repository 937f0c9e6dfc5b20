"""Text that somebody recorded, made fit for a document."""

from __future__ import annotations

import re

_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


def clean(text: str) -> str:
    """A text with `�` for what cannot be shown, or would turn the order of what follows."""
    return _NOT_SHOWN.sub("\ufffd", text)
