"""What a field and a value in a query mean, and which of them go together."""

from __future__ import annotations

import math
from typing import NoReturn

from modellab.errors import InvalidQuery
from modellab.query.fields import (
    ALIASES,
    DATASET_ALIASES,
    DATASET_FIELDS,
    KINDS,
    MILLISECOND_FIELDS,
    MLFLOW_STATUS,
    NAN_SUMMARIES,
    RUN_FIELDS,
    SUMMARIES,
    FieldType,
    find_nearest,
)
from modellab.query.lexer import Token
from modellab.query.times import ALLOWED, read_stretch, write_millisecond
from modellab.query.tree import Field, Operator, Value
from modellab.records import RUN_STATUSES

_ORDER = ("<", "<=", ">", ">=", "between", "not between")
_EXAMPLES: dict[FieldType, str] = {
    "number": "such as 0.9",
    "text": 'such as "text"',
    "time": 'such as "2026-11-20" or "-7d"',
    "bool": "true or false",
    "any": 'such as 0.1, "text" or true',
}


class FieldReader:
    """The field that a token names, with what may be asked of it; raises `InvalidQuery` if there is none."""

    def __init__(self, text: str, token: Token) -> None:
        self._text = text
        self._token = token
        head, *rest = token.parts
        kind = KINDS.get(head) if rest else "run"
        if kind is None:
            self._refuse_unknown()
        name = rest[0] if rest else head
        self.is_millisecond = kind == "run" and name in MILLISECOND_FIELDS
        if kind == "run":
            self.field = self._read_run_field(ALIASES.get(name, name), rest)
        elif kind == "metrics":
            self.field = self._read_metric(rest)
        elif kind == "datasets":
            self.field = self._read_dataset_field(rest)
        elif len(rest) > 1:
            self._refuse(f"A value of {kind} has no {rest[1]!r}; only metrics have summaries.")
        else:
            self.field = Field(kind, name)
        self.type = self.field.type

    @property
    def example(self) -> str:
        """A value that it may be compared with."""
        return _EXAMPLES[self.type]

    def check_text(self, operator: Operator, token: Token) -> None:
        """Raise unless the field has text that a pattern can be held against."""
        if self.type not in ("text", "any"):
            _refuse(self._text, token, f"{self.field} is no text; {operator} cannot be asked of it.")

    def check_nan(self, token: Token) -> None:
        """Raise unless the field may be NaN."""
        if self.field.summary not in NAN_SUMMARIES:
            names = ", ".join(NAN_SUMMARIES)
            _refuse(self._text, token, f"{self.field} is never nan; of metrics, {names} may be.")

    def _read_metric(self, rest: list[str]) -> Field:
        if len(rest) == 2 or self._token.is_quoted:
            summary = rest[1] if len(rest) == 2 else "final"
            if summary not in SUMMARIES:
                self._refuse(f"A metric has no {summary!r}; it has {', '.join(SUMMARIES)}.")
            return Field("metrics", rest[0], summary)
        name, _, tail = rest[0].rpartition(".")
        if not name or tail not in SUMMARIES:
            return Field("metrics", rest[0], "final")
        return Field("metrics", name, tail)

    def _read_run_field(self, name: str, rest: list[str]) -> Field:
        if name not in RUN_FIELDS or len(rest) > 1:
            self._refuse_unknown()
        return Field("run", name)

    def _read_dataset_field(self, rest: list[str]) -> Field:
        name = DATASET_ALIASES.get(rest[0], rest[0])
        if name not in DATASET_FIELDS or len(rest) > 1:
            self._refuse(f"A dataset has no {rest[-1][:60]!r}; it has {', '.join(DATASET_FIELDS)}.")
        return Field("datasets", name)

    def _refuse_unknown(self) -> NoReturn:
        name = ".".join(self._token.parts)
        meant = " or ".join(find_nearest(name))
        meant = f" Did you mean {meant}?" if meant else ""
        self._refuse(
            f"There is no field {name[:80]!r}.{meant} "
            f"Fields: metrics.NAME, params.NAME, tags.NAME, datasets.name, {', '.join(RUN_FIELDS)}."
        )

    def _refuse(self, message: str) -> NoReturn:
        _refuse(self._text, self._token, message)


def read_value(text: str, reader: FieldReader, operator: Operator, token: Token) -> Value:
    """The value that a token means for a field; raises `InvalidQuery` if the two do not go together."""
    if token.kind == "number":
        return _read_number(text, reader, token)
    if token.kind == "string":
        return _read_text(text, reader, operator, token)
    if token.keyword == "nan":
        _refuse(text, token, "Nothing equals nan, and nothing is less or greater; `is nan` asks for it.")
    if token.keyword is None:
        word = token.text[:60]
        _refuse(text, token, f'{word} is no value; text stands in quotes: "{word}".')
    if reader.type not in ("bool", "any"):
        _refuse(text, token, f"{reader.field} is not true or false; it is compared with {_name(reader)}.")
    if operator in _ORDER:
        _refuse(text, token, f"{token.text} has no order; ask with = or !=.")
    return token.keyword == "true"


def _read_number(text: str, reader: FieldReader, token: Token) -> Value:
    number = float(token.text)
    if reader.is_millisecond:
        try:
            return write_millisecond(number)
        except ValueError:
            _refuse(text, token, f"{token.text} is no time; it may be milliseconds since 1970.")
    if reader.type not in ("number", "any"):
        _refuse(text, token, f"{reader.field} is compared with {_name(reader)}, not with a number.")
    return number


def _read_text(text: str, reader: FieldReader, operator: Operator, token: Token) -> Value:
    value = token.parts[0]
    if reader.type in ("number", "bool"):
        without = f": {value}" if _is_number(value) and reader.type == "number" else ""
        _refuse(text, token, f"{reader.field} is compared with {_name(reader)}, without quotes{without}.")
    if reader.type == "time":
        return _check_time(text, token, value)
    if operator in _ORDER and _is_number(value):
        _refuse(
            text,
            token,
            f'{token.text} in quotes is text, and of texts "10" is less than "9".'
            + (f" Without quotes it is a number: {value}." if reader.type == "any" else ""),
        )
    if reader.field == Field("run", "status") and operator in ("=", "!=", "in", "not in"):
        return _read_status(text, token, value)
    return value


def _read_status(text: str, token: Token, value: str) -> str:
    status = MLFLOW_STATUS.get(value, value)
    if status not in RUN_STATUSES:
        _refuse(text, token, f"There is no status {value[:60]!r}; it may be {', '.join(RUN_STATUSES)}.")
    return status


def _check_time(text: str, token: Token, value: str) -> str:
    try:
        read_stretch(value, 0)
    except ValueError:
        _refuse(text, token, f"{value[:60]!r} is no time; it may be {ALLOWED}.")
    return value


def _name(reader: FieldReader) -> str:
    names = {"number": "a number", "bool": "true or false", "time": "a time in quotes"}
    return names.get(reader.type, "text in quotes")


def _is_number(value: str) -> bool:
    try:
        return not math.isnan(float(value))
    except ValueError:
        return False


def _refuse(text: str, token: Token, message: str) -> NoReturn:
    raise InvalidQuery(message, text=text, position=token.position)
