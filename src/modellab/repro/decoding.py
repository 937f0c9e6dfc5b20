"""Records to JSON values and back, checked against their annotations, for files that strangers wrote."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from modellab.errors import InvalidInput
from modellab.journal.line import decode_value, encode_value

Record = TypeVar("Record")


def encode_record(value: Any) -> Any:
    """A record, or what it is made of, as values that JSON knows; NaN and ±inf are strings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: encode_record(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode_record(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode_record(item) for item in value]
    return encode_value(value) if isinstance(value, float) and not math.isfinite(value) else value


def decode_record(kind: type[Record], content: Any, where: str = "manifest.json") -> Record:
    """A record of `kind` from JSON values; raises `InvalidInput` where a field is missing or of another type.

    Fields that the record does not have are passed over.
    """
    if not isinstance(content, dict):
        raise InvalidInput(f"{where} is no object.")
    hints = get_type_hints(kind)
    values = {}
    for item in dataclasses.fields(kind):  # type: ignore[arg-type]
        if item.name not in content:
            raise InvalidInput(f"{where} has no {item.name}.")
        values[item.name] = _decode(hints[item.name], content[item.name], f"{where}: {item.name}")
    return kind(**values)


def _decode(hint: Any, value: Any, where: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        return _decode(next(one for one in inner if one is not type(None)), value, where)
    if origin is Sequence and isinstance(value, list):
        return [_decode(inner[0], item, f"{where}[{n}]") for n, item in enumerate(value)]
    if origin is Mapping and isinstance(value, dict):
        return {key: _decode(inner[1], item, f"{where}.{key[:40]}") for key, item in value.items()}
    if origin is Literal and value in inner:
        return value
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return decode_record(hint, value, where)
    return _decode_plain(hint, value, where)


def _decode_plain(hint: Any, value: Any, where: str) -> Any:
    if hint is float and value in ("nan", "inf", "-inf"):
        return decode_value(value)
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and value.__class__ is hint:
        return value
    raise InvalidInput(f"{where} has a value that does not belong there: {str(value)[:60]!r}.")
