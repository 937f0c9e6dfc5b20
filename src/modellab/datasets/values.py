"""Cells of a table as JSON can say them: exact where it can be, text where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from modellab.journal.line import clean_unicode, encode_value

VALUE_LENGTH = 200
"""Characters of a cell that previews, examples and frequent values show; the rest is an ellipsis."""

_LIMIT = 2**63
_MAX_DEPTH = 20


def plain_value(value: Any, length: int = VALUE_LENGTH) -> Any:
    """A cell as a JSON value: NaN and ±inf as strings, times as ISO-8601, bytes as text, all cut to `length`.

    An integer of more than 64 bits is text with all its digits. A list or an object that is longer as JSON
    is shown as the beginning of that.
    """
    plain = _to_json(value, length, 0)
    if isinstance(plain, (list, dict)):
        text = orjson.dumps(plain).decode()
        return plain if len(text) <= length else f"{text[: length - 1]}…"
    return plain


def _to_json(value: Any, length: int, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_LIMIT <= value < _LIMIT else str(value)
    if isinstance(value, float):
        return encode_value(value)
    if isinstance(value, str):
        return _cut(value, length)
    if isinstance(value, (bytes, bytearray)):
        return _cut(bytes(value[: length + 1]).decode("utf-8", "backslashreplace"), length)
    if isinstance(value, (Mapping, list, tuple)) and depth < _MAX_DEPTH:
        if isinstance(value, Mapping):
            return {clean_unicode(str(key)): _to_json(item, length, depth + 1) for key, item in value.items()}
        return [_to_json(item, length, depth + 1) for item in value]
    if hasattr(value, "to_list") and depth < _MAX_DEPTH:  # a cell of a list column is a series
        return _to_json(value.to_list(), length, depth)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return _cut(str(value), length)


def _cut(text: str, length: int) -> str:
    return clean_unicode(text if len(text) <= length else f"{text[: length - 1]}…")
