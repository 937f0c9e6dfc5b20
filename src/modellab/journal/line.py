"""Lines of a journal: values → bytes, bytes → columns and events. No files here.

A line is a JSON array for points, `[step, time_ms, {"loss": 0.5}]`, or a JSON object for an event,
`{"event": "params", "time": time_ms, …}`. JSON has no word for NaN and ±inf: they are the strings
`"nan"`, `"inf"` and `"-inf"`.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from typing import Any

import orjson

from modellab.errors import InvalidMetric
from modellab.records import MAX_NAME_LENGTH, MAX_STEP

FORMAT_VERSION = 1

_NONFINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_number(name: str, value: Any) -> float | int:
    """`value` as a plain number; NumPy, PyTorch and JAX scalars are unwrapped without importing those.

    Raises `InvalidMetric` for what is not one real number: text, `None`, complex numbers, arrays of
    more than one element.
    """
    if isinstance(value, (bool, int, float)):
        # `float()` also strips subclasses such as numpy.float64; big integers lose digits, not size.
        return int(value) if isinstance(value, int) and -(2**53) <= value <= 2**53 else _to_float(name, value)
    if not isinstance(value, (str, bytes, bytearray, complex)):
        item = getattr(value, "item", None)
        if callable(item):
            try:
                value = item()
            except Exception:
                raise _not_a_number(name, value) from None
            if isinstance(value, (bool, int, float)):
                return to_number(name, value)
        elif hasattr(value, "__float__"):
            return _to_float(name, value)
    raise _not_a_number(name, value)


def encode_value(value: float) -> float | str:
    """A number as JSON can say it: itself, or one of the strings `nan`, `inf`, `-inf`."""
    return value if math.isfinite(value) else str(float(value))


def decode_value(value: float | str) -> float:
    """The number that `encode_value` made `value` from; raises `ValueError` for any other text."""
    if isinstance(value, str):
        if value not in _NONFINITE:
            raise ValueError(value)
        return _NONFINITE[value]
    return float(value)


def encode_points(step: int, time_ms: int, metrics: Mapping[str, Any]) -> bytes:
    """One line of points, after every name, value and the step have been checked.

    Raises `InvalidMetric`, naming the metric and the value.
    """
    if not isinstance(metrics, Mapping):
        raise InvalidMetric(
            f"Metrics must be a dict of names and numbers, not {type(metrics).__name__}: {_show(metrics)}."
        )
    numbers = {check_name(name, "metric"): to_number(name, value) for name, value in metrics.items()}
    values = {name: encode_value(number) for name, number in numbers.items()}
    return orjson.dumps((check_step(step), time_ms, values), option=orjson.OPT_APPEND_NEWLINE)


def encode_event(event: str, time_ms: int, fields: Mapping[str, Any]) -> bytes:
    """One line for an event; `fields` are plain JSON values. Lone surrogates in texts are replaced."""
    row = {"event": event, "time": time_ms, **fields}
    try:
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        return orjson.dumps(_scrub(row), default=repr, option=orjson.OPT_APPEND_NEWLINE)


def clean_unicode(text: str) -> str:
    """`text` with lone surrogates, which UTF-8 cannot say, replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return clean_unicode(value)
    if isinstance(value, Mapping):
        return {clean_unicode(str(key)): _scrub(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrub(item) for item in value]
    return value


def check_name(name: Any, what: str) -> str:
    """`name`, if it can name a metric, param or tag: text of 1 to 250 characters."""
    if not isinstance(name, str):
        raise InvalidMetric(f"The name of a {what} must be text, not {type(name).__name__}: {_show(name)}.")
    if not name.strip():
        raise InvalidMetric(f"The name of a {what} is empty.", hint="Give it 1 to 250 characters.")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidMetric(
            f"The name of a {what} has {len(name)} characters: {name[:40]!r}…; "
            f"at most {MAX_NAME_LENGTH} are allowed."
        )
    if "\x00" in name or not name.isprintable():
        raise InvalidMetric(f"The name of a {what} has characters that cannot be shown: {_show(name)}.")
    return name


def check_step(step: Any) -> int:
    """`step` as a plain integer; integer scalars of NumPy and others are unwrapped."""
    if isinstance(step, bool) or not hasattr(step, "__index__"):
        raise InvalidMetric(f"A step must be an integer, not {type(step).__name__}: {_show(step)}.")
    number = int(step.__index__())
    if abs(number) > MAX_STEP:
        raise InvalidMetric(f"A step must lie within ±{MAX_STEP}; got {number}.")
    return number


class Column:
    """The points of one metric within a batch: three arrays of one length, in order of arrival."""

    __slots__ = ("steps", "times", "values")

    def __init__(self, steps: array[int], times: array[int], values: array[float]) -> None:
        self.steps, self.times, self.values = steps, times, values

    def extend(self, other: Column) -> None:
        """Append another column's points."""
        # Columns of one segment share their steps and times: copy before growing.
        self.steps, self.times = self.steps + other.steps, self.times + other.times
        self.values = self.values + other.values


class Batch:
    """What a stretch of complete lines says: points by metric, events in order, and unreadable lines."""

    __slots__ = ("bad", "columns", "events")

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {}
        self.events: list[dict[str, Any]] = []
        self.bad: list[bytes] = []

    @property
    def n_points(self) -> int:
        """The number of single values in the batch."""
        return sum(len(column.values) for column in self.columns.values())

    def _add_segment(self, rows: list[tuple[int, int, dict[str, Any]]], names: tuple[str, ...]) -> None:
        """Add rows that all have the same metrics, as columns that share steps and times."""
        raw_steps, raw_times, dicts = zip(*rows, strict=True)
        steps, times = array("q", raw_steps), array("q", raw_times)
        for name in names:
            values = [row[name] for row in dicts]
            try:
                packed = array("d", values)
            except TypeError:
                packed = array("d", map(decode_value, values))
            column = Column(steps, times, packed)
            if name in self.columns:
                self.columns[name].extend(column)
            else:
                self.columns[name] = column


def parse_lines(data: bytes) -> Batch:
    """The content of complete journal lines; `data` must end with a newline (or be empty).

    An unreadable line ends up in `bad` and the others are read.
    """
    if not data:
        return Batch()
    lines = data.count(b"\n")
    try:
        # Parsing all lines as one array is several times faster than one call a line.
        rows = orjson.loads(b"[" + data[:-1].replace(b"\n", b",") + b"]")
        if len(rows) == lines:
            return _sort_rows(rows)
    except (orjson.JSONDecodeError, TypeError, ValueError, KeyError, OverflowError, AttributeError):
        pass
    return _parse_one_by_one(data)


def _sort_rows(rows: list[Any]) -> Batch:
    batch = Batch()
    segment: list[tuple[int, int, dict[str, Any]]] = []
    names: tuple[str, ...] = ()
    for row in rows:
        if row.__class__ is dict:
            batch.events.append(_check_event(row))
            continue
        found = tuple(row[2])
        if found != names:
            if segment:
                batch._add_segment(segment, names)
            segment, names = [], found
        segment.append(row)
    if segment:
        batch._add_segment(segment, names)
    return batch


def _parse_one_by_one(data: bytes) -> Batch:
    batch = Batch()
    good: list[Any] = []
    for line in data.split(b"\n")[:-1]:
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            _sort_rows([row])
        except (orjson.JSONDecodeError, TypeError, ValueError, KeyError, OverflowError, AttributeError):
            batch.bad.append(line)
        else:
            good.append(row)
    bad, batch = batch.bad, _sort_rows(good)
    batch.bad = bad
    return batch


def _check_event(row: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(row["event"], str) or not isinstance(row["time"], int):
        raise TypeError(row)
    return row


def _to_float(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise _not_a_number(name, value) from None


def _not_a_number(name: Any, value: Any) -> InvalidMetric:
    return InvalidMetric(
        f"Metric {name!r} must be a number, not {type(value).__name__}: {_show(value)}.",
        hint="Text belongs in params or tags; several numbers in several metrics.",
    )


def _show(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 80 else f"{text[:77]}…"
