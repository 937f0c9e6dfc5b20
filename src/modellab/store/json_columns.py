"""JSON in text columns: written by us, and sometimes by other hands through `manifests`."""

from __future__ import annotations

import json
from typing import Any

import orjson


def decode_json(text: str | None, kind: type[Any]) -> Any:
    """A JSON column's content; an empty `kind` (dict or list) if other hands wrote something else there."""
    try:
        value = orjson.loads(text) if text else kind()
    except orjson.JSONDecodeError:
        value = _decode_python(text or "")
    return value if isinstance(value, kind) else kind()


def encode_json(value: Any) -> str:
    """`value` as the text of a JSON column."""
    return orjson.dumps(value).decode()


def _decode_python(text: str) -> Any:
    """JSON as Python's own `json` writes it, which has words for NaN and ±inf; `None` if it is none."""
    try:
        return json.loads(text, parse_constant={"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get)
    except (ValueError, RecursionError):
        return None
