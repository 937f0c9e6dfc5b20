"""Lines of a journal: values → bytes, bytes → columns and events. No files here.

A line is a JSON array for points, `[step, time_ms, {"loss": 0.5}]`, or a JSON object for an event,
`{"event": "params", "time": time_ms, …}`. JSON has no word for NaN and ±inf: they are the strings
`"nan"`, `"inf"` and `"-inf"`.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from modellab.errors import InvalidMetric
from modellab.records import MAX_NAME_LENGTH, MAX_STEP

FORMAT_VERSION = 1

_MAX_TIME_MS = 253_402_300_799_999  # the end of the year 9999, the last that Python knows

_BRACKET = ord("[")
_UNREADABLE = (TypeError, ValueError, LookupError, OverflowError, AttributeError)
# Bytes that no JSON number has stand for the names and line ends of uniform lines while those are read.
_NAME, _LINE_END = b"\x80", b"\xff"  # bytes that no UTF-8 text of numbers has
_NUMBERS = b'0123456789+-.eE"nanif'
_COMMAS = bytes.maketrans(_NAME + _LINE_END, b",,")

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
        if hasattr(value, "__float__"):
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
    if name is None:
        raise InvalidMetric(f"The name of a {what} is missing.", hint="Give it 1 to 250 characters.")
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
    return str.__str__(name)  # also of numpy.str_ and (str, Enum), which JSON does not take


def check_step(step: Any) -> int:
    """`step` as a plain integer; integer scalars of NumPy and others are unwrapped."""
    if isinstance(step, bool) or not hasattr(step, "__index__"):
        raise InvalidMetric(f"A step must be an integer, not {type(step).__name__}: {_show(step)}.")
    try:
        number = int(step.__index__())
    except TypeError:
        raise InvalidMetric(f"A step must be one integer, not {_show(step)}.") from None
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

    def add_columns(self, steps: array[int], times: array[int], values: Mapping[str, Sequence[Any]]) -> None:
        """Add points of several metrics at the same steps and times. Adds nothing if it raises."""
        if max(steps) > MAX_STEP or min(steps) < -MAX_STEP or max(times) > _MAX_TIME_MS or min(times) < 0:
            raise ValueError("a step or time out of range")
        packed = {check_name(name, "metric"): _pack(found) for name, found in values.items()}
        for name, column_values in packed.items():
            column = Column(steps, times, column_values)
            if name in self.columns:
                self.columns[name].extend(column)
            else:
                self.columns[name] = column


def _pack(values: Sequence[Any]) -> array[float]:
    try:
        return array("d", values)
    except TypeError:
        return array("d", map(decode_value, values))


def parse_lines(data: bytes) -> Batch:
    """The content of complete journal lines; `data` must end with a newline (or be empty).

    An unreadable line ends up in `bad` and the others are read.
    """
    batch = Batch()
    start = 0
    while start < len(data):
        # A stretch of points, then one of events, and so on.
        is_points = data[start] == _BRACKET
        end = data.find(b"\n{" if is_points else b"\n[", start) + 1 or len(data)
        stretch = data[start:end] if end - start < len(data) else data
        if not (is_points and _read_single(stretch, batch)):
            _read_mixed(stretch, batch)
        start = end
    return batch


def _read_single(data: bytes, batch: Batch) -> bool:
    """Read lines of points that all have one and the same metric; whether they are such lines.

    The text between the numbers is the same in every line. Without it what is left is one flat array of
    numbers, which is read several times faster than a list and a dict for each line.
    """
    n = data.count(b"\n")
    try:
        (name,) = orjson.loads(data[: data.find(b"\n")])[2]
    except _UNREADABLE:
        return False
    if not data.endswith(b"}]\n"):
        return False
    flat = data[:-3].replace(b"}]\n[", _LINE_END).replace(b",{" + orjson.dumps(name) + b":", _NAME)
    # Without the numbers every line must read the same: the name is there once, and in its place.
    if flat.translate(None, _NUMBERS) != b"[" + _LINE_END.join([b"," + _NAME] * n):
        return False
    try:
        numbers = orjson.loads(flat.translate(_COMMAS) + b"]")
        if len(numbers) != 3 * n:
            return False
        batch.add_columns(array("q", numbers[0::3]), array("q", numbers[1::3]), {name: numbers[2::3]})
    except _UNREADABLE:
        return False
    return True


def _read_mixed(data: bytes, batch: Batch) -> None:
    """Read any lines: all at once if they are sound, else one by one."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    try:
        _add_rows(map(orjson.loads, lines), batch)
        return
    except _UNREADABLE:
        pass
    good = []
    for line in lines:
        try:
            row = orjson.loads(line)
            _add_rows([row], Batch())
        except _UNREADABLE:
            batch.bad.append(line)
        else:
            good.append(row)
    _add_rows(good, batch)


def _add_rows(rows: Iterable[Any], batch: Batch) -> None:
    """Add parsed lines; neighbours with the same metrics together. Adds nothing if it raises."""
    events: list[dict[str, Any]] = []
    segments: list[_Segment] = []
    segment = _Segment(())
    for row in rows:
        if row.__class__ is dict:
            events.append(_check_event(row))
            continue
        step, time, metrics = row
        names = tuple(metrics)
        if names != segment.names or not segments:
            segment = _Segment(names)
            segments.append(segment)
        segment.steps.append(step)
        segment.times.append(time)
        segment.values.extend(metrics.values())
    found = Batch()
    for segment in segments:
        width = len(segment.names)
        values = {name: segment.values[i::width] for i, name in enumerate(segment.names)}
        found.add_columns(array("q", segment.steps), array("q", segment.times), values)
    for name, column in found.columns.items():
        batch.add_columns(column.steps, column.times, {name: column.values})
    batch.events += events


class _Segment:
    """Neighbouring lines of points that have the same metrics, in the same order."""

    __slots__ = ("names", "steps", "times", "values")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.steps: list[int] = []
        self.times: list[int] = []
        self.values: list[Any] = []


def _check_event(row: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(row["event"], str) or row["time"].__class__ is not int:
        raise TypeError(row)
    if not 0 <= row["time"] <= _MAX_TIME_MS:
        raise ValueError(row)
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
