"""Reads what a user hands over as a column of values, whatever library it comes from."""

from __future__ import annotations

import decimal
import fractions
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput

ValueKind = Literal["number", "boolean", "text"]
_KIND_OF_DTYPE: Mapping[str, ValueKind] = {"i": "number", "u": "number", "f": "number", "b": "boolean"}
_NUMBERS = (int, float, np.integer, np.floating, decimal.Decimal, fractions.Fraction)

MAX_WHOLE = 2.0**53
"""The largest float up to which every whole number is one."""


@dataclass(frozen=True, slots=True)
class Vector:
    """Values of one kind, none of them missing or infinite: int64, float64, bool or, of text, objects.

    Their shape is (n,), of numbers and booleans also (n, K).
    """

    name: str
    kind: ValueKind
    values: NDArray[Any]

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.values)

    @property
    def is_whole(self) -> bool:
        """Whether these are numbers (or booleans) that are all whole."""
        if self.kind == "text":
            return False
        if self.values.dtype.kind == "f":
            return bool((np.trunc(self.values) == self.values).all())
        return True

    def check_size(self) -> None:
        """Raise `InvalidInput` for floats beyond which not every whole number is one."""
        large = np.abs(self.values) > MAX_WHOLE if self.values.dtype.kind == "f" else np.zeros(1, np.bool_)
        if large.any():
            row = int(large.argmax())
            raise InvalidInput(
                f"The {self.name} are beyond ±2**53 in {int(large.sum())} of {self.n} rows, first "
                f"{self.values[row]:g} in {name_row(row)}; no float tells such whole numbers apart.",
                hint="Pass them as text.",
            )


def read_vector(name: str, given: Any) -> Vector:
    """A column, or a table of numbers with more than one column; a table with one is a column.

    `given` may be a list, an array, a tensor, or a series or frame of pandas or polars. Raises `InvalidInput`
    for what is empty, missing, infinite, of several kinds or of none.
    """
    array = _read_array(name, given)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or array.size == 0:
        what = "empty" if array.size == 0 else f"of shape {array.shape}"
        raise InvalidInput(f"The {name} are {what}; they have a value, or a row of values, for each row.")
    kind = _KIND_OF_DTYPE.get(array.dtype.kind)
    if kind is None:
        kind, array = _read_objects(name, array)
    if array.dtype.kind == "f":
        array = array.astype(np.float64, copy=False)
        _refuse_rows(name, np.isnan(array), "missing")
        _refuse_rows(name, np.isinf(array), "infinite")
    elif array.dtype.kind in "iu":
        if array.dtype == np.uint64 and array.max() > np.iinfo(np.int64).max:
            raise InvalidInput(f"The {name} have whole numbers of more than 64 bits.")
        array = array.astype(np.int64, copy=False)
    return Vector(name, kind, array)


def read_objects(values: Iterable[Any]) -> NDArray[Any]:
    """Python values as an array of objects, shape (n,), whatever they are."""
    listed = list(values)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array


def is_missing(cell: Any) -> bool:
    """Whether a cell is None, NaN, or NA or NaT of pandas."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, (float, np.floating, decimal.Decimal)) and cell != cell


def name_row(row: int) -> str:
    """How a row is called in a message."""
    return f"row {row} (counted from 0)"


def _read_array(name: str, given: Any) -> NDArray[Any]:
    values = None if isinstance(given, (str, bytes, Mapping)) else _plain(given)
    if values is None or (isinstance(values, np.ndarray) and values.ndim == 0):
        raise InvalidInput(
            f"The {name} are of type {type(given).__name__}; they may be a list, an array or a column."
        )
    if isinstance(values, np.ndarray):
        return values.astype(object) if values.dtype.kind in "US" else values
    if any(isinstance(value, (list, tuple, np.ndarray)) for value in values):
        return _read_nested(name, values)
    return read_objects(values)


def _plain(given: Any) -> NDArray[Any] | list[Any] | None:
    """What another library made as NumPy's, and any other values in a list."""
    if isinstance(given, np.ma.MaskedArray):
        return list(given.tolist())  # None where it is masked
    if hasattr(given, "detach"):  # a tensor of PyTorch, which may have a gradient or live on a GPU
        given = given.detach().cpu()
    if hasattr(given, "to_numpy"):
        given = given.to_numpy()
    if hasattr(given, "__array__"):
        return np.asarray(given)
    return list(given) if hasattr(given, "__iter__") else None


def _read_nested(name: str, rows: list[Any]) -> NDArray[Any]:
    sizes = [len(row) if isinstance(row, (list, tuple)) or np.ndim(row) else -1 for row in rows]
    for row, size in enumerate(sizes):
        if size != sizes[0]:
            raise InvalidInput(
                f"The {name} differ in how many values a row has: {_say_size(sizes[0])} in row 0, "
                f"and {_say_size(size)} in {name_row(row)}."
            )
    try:
        array = np.array(rows)
    except ValueError:  # rows of lists that differ in size
        array = np.empty(0)
    if array.ndim != 2:
        raise InvalidInput(f"The {name} are nested deeper than rows of values.")
    return array.astype(object) if array.dtype.kind in "US" else array


def _say_size(size: int) -> str:
    return "one, not in a list," if size < 0 else str(size)


def _read_objects(name: str, array: NDArray[Any]) -> tuple[ValueKind, NDArray[Any]]:
    """What an array of objects holds, if all of it is of one kind."""
    if array.dtype != object:
        raise InvalidInput(f"The {name} are of type {array.dtype}; they may be numbers, booleans or text.")
    cells = array.ravel().tolist()
    kinds = {_name_kind(name, kind) for kind in set(map(type, cells))}
    if "missing" in kinds or "number" in kinds:  # pandas writes a missing text as the number NaN
        _refuse_rows(name, np.array([is_missing(cell) for cell in cells]).reshape(array.shape), "missing")
    if len(kinds - {"missing"}) > 1:
        first = _name_kind(name, type(cells[0]))
        row = next(row for row, cell in enumerate(cells) if _name_kind(name, type(cell)) != first)
        raise InvalidInput(
            f"The {name} mix {' and '.join(sorted(kinds - {'missing'}))}: {cells[0]!r} in row 0, "
            f"{cells[row]!r} in {name_row(row)}.",
            hint="Make them all of one kind; nothing is converted here, since 1 and '1' may be two classes.",
        )
    if "text" in kinds:
        if array.ndim > 1:
            raise InvalidInput(f"The {name} are text in {array.shape[1]} columns; text is one class a row.")
        return "text", array
    try:
        return ("boolean" if "boolean" in kinds else "number"), _to_numbers(cells).reshape(array.shape)
    except OverflowError:
        raise InvalidInput(f"The {name} have numbers that a 64-bit number cannot hold.") from None


def _to_numbers(cells: list[Any]) -> NDArray[Any]:
    if all(isinstance(cell, (bool, np.bool_)) for cell in cells):
        return np.array(cells, bool)
    if all(isinstance(cell, (int, np.integer)) for cell in cells):
        return np.array(cells, np.int64)
    return np.array([float(cell) for cell in cells], np.float64)


def _name_kind(name: str, kind: type) -> str:
    if issubclass(kind, (bool, np.bool_)):
        return "boolean"
    if issubclass(kind, _NUMBERS):
        return "number"
    if issubclass(kind, str):
        return "text"
    if kind is type(None) or kind.__name__ in ("NAType", "NaTType"):
        return "missing"
    raise InvalidInput(f"The {name} hold a {kind.__name__}; they may be numbers, booleans or text.")


def _refuse_rows(name: str, bad: NDArray[np.bool_], what: str) -> None:
    rows: NDArray[np.bool_] = np.logical_or.reduce(bad.reshape(len(bad), -1), axis=1)
    if rows.any():
        count, first = int(rows.sum()), int(rows.argmax())
        raise InvalidInput(
            f"The {name} are {what} in {count} of {len(rows)} rows, first in {name_row(first)}."
        )
