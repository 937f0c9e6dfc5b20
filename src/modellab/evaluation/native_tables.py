"""Changes cells of a user's own table and gives it back as the same kind; the user's stays as it is.

Tables are frames or series of pandas or polars, arrays, dicts of columns, lists of dicts or of rows: what
`read_table` takes, with columns in the order that it gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.vectors import read_objects


@dataclass(frozen=True, slots=True)
class Change:
    """What stands in `rows` (n,), a mask, of a column: nothing, one text, or numbers (n,)."""

    column: int
    rows: NDArray[np.bool_]
    cells: str | NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class Reordering:
    """A column whose cells are those of the rows `order` (n,)."""

    column: int
    order: NDArray[np.int64]


def can_change(data: Any) -> bool:
    """Whether it is a table of a kind that can be changed here."""
    if isinstance(data, np.ndarray):
        return data.ndim > 0 and data.dtype.names is None
    return _library(data) != "" or isinstance(data, (Mapping, list, tuple))


def take_rows_of(data: Any, rows: NDArray[np.int64]) -> Any:
    """A copy with these rows."""
    library = _library(data)
    if library == "pandas":
        return data.iloc[rows].copy()
    if library == "polars" or isinstance(data, np.ndarray):
        return data[rows]
    if isinstance(data, Mapping):
        return {name: take_rows_of(column, rows) for name, column in data.items()}
    return [_copy_row(data[row]) for row in rows]


def read_cell(data: Any, row: int, column: int) -> Any:
    """One cell."""
    library = _library(data)
    if library == "pandas":
        return data.iloc[row, column] if _is_frame(data) else data.iloc[row]
    if library == "polars":
        return data[row, column] if _is_frame(data) else data[row]
    if isinstance(data, np.ndarray):
        return data.reshape(len(data), -1)[row, column]
    if isinstance(data, Mapping):
        return read_cell(list(data.values())[column], row, 0)
    if isinstance(data[row], Mapping):
        return data[row].get(_list_keys(data)[column])
    return data[row][column] if isinstance(data[row], (list, tuple, np.ndarray)) else data[row]


def change_table(data: Any, changes: Sequence[Change | Reordering]) -> Any:
    """A copy with the changes, at most one a column."""
    if _is_frame(data) and _library(data) == "pandas":
        return _change_pandas(data, changes)
    if _is_frame(data):
        series = [_change_column(data.to_series(change.column), change) for change in changes]
        return data.with_columns(series)
    if isinstance(data, np.ndarray):
        return _change_array(data, changes)
    if isinstance(data, Mapping):
        by_place = {change.column: change for change in changes}
        return {
            name: _change_column(column, by_place[place]) if place in by_place else column
            for place, (name, column) in enumerate(data.items())
        }
    if isinstance(data, Sequence) and len(data) and isinstance(data[0], (Mapping, list, tuple, np.ndarray)):
        return _change_rows(data, changes)
    return _change_column(data, changes[0]) if changes else take_rows_of(data, np.arange(len(data)))


def _library(data: Any) -> str:
    """`pandas` or `polars` for a frame or series of theirs, else nothing; without importing either."""
    for kind in type(data).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in ("pandas", "polars") and kind.__name__ in ("DataFrame", "Series"):
            return library
    return ""


def _is_frame(data: Any) -> bool:
    """Whether it is a frame, not a series, of pandas or polars."""
    return _library(data) != "" and any(kind.__name__ == "DataFrame" for kind in type(data).__mro__)


def _change_pandas(frame: Any, changes: Sequence[Change | Reordering]) -> Any:
    changed = frame.copy()
    for change in changes:
        changed.isetitem(change.column, _change_column(frame.iloc[:, change.column], change))
    return changed


def _change_array(array: NDArray[Any], changes: Sequence[Change | Reordering]) -> NDArray[Any]:
    flat = array.reshape(len(array), -1)
    kinds = {_kind_for(array, change) for change in changes}
    flat = flat.astype(object if object in kinds else float if float in kinds else array.dtype, copy=True)
    for change in changes:
        flat[:, change.column] = _change_column(array.reshape(len(array), -1)[:, change.column], change)
    return flat.reshape(array.shape)


def _change_rows(data: Sequence[Any], changes: Sequence[Change | Reordering]) -> list[Any]:
    is_named = isinstance(data[0], Mapping)
    keys = _list_keys(data) if is_named else range(len(data[0]))
    rows: list[Any] = [_copy_row(row) if is_named else list(row) for row in data]
    for change in changes:
        key = keys[change.column]
        cells = [row.get(key) if is_named else row[key] for row in data]
        for row, cell in zip(rows, _change_column(cells, change), strict=True):
            row[key] = cell
    return rows


def _change_column(column: Any, change: Change | Reordering) -> Any:
    library = _library(column)
    if isinstance(change, Reordering):
        moved = take_rows_of(column, change.order)
        return moved.set_axis(column.index) if library == "pandas" else moved
    if library == "pandas":
        return _change_pandas_series(column, change)
    if library == "polars":
        return _change_polars_series(column, change)
    array = column if isinstance(column, np.ndarray) else read_objects(column)
    changed = array.astype(_kind_for(array, change), copy=True)
    if isinstance(change.cells, np.ndarray):
        changed[change.rows] = change.cells[change.rows]
    else:
        changed[change.rows] = np.nan if change.cells is None and changed.dtype.kind == "f" else change.cells
    return changed if isinstance(column, np.ndarray) else changed.tolist()


def _change_pandas_series(series: Any, change: Change) -> Any:
    if isinstance(change.cells, np.ndarray):
        values = np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan)).copy()
        values[change.rows] = change.cells[change.rows]
        changed = type(series)(values, index=series.index, name=series.name)
        return changed.astype(series.dtype) if str(series.dtype).lower().startswith("float") else changed
    if change.cells is None:
        return series.mask(change.rows)
    if str(series.dtype) == "category":
        series = series.cat.add_categories([change.cells])
    return series.mask(change.rows, change.cells)


def _change_polars_series(series: Any, change: Change) -> Any:
    import polars as pl

    if isinstance(change.cells, np.ndarray):
        series = series if series.dtype.is_float() else series.cast(pl.Float64)
        other = pl.Series(change.cells).cast(series.dtype)
    elif change.cells is None:
        other = pl.Series([None] * len(series), dtype=series.dtype)
    else:
        series = series.cast(pl.String)
        other = pl.Series([change.cells] * len(series), dtype=pl.String)
    return series.zip_with(pl.Series(~change.rows), other)


def _kind_for(array: NDArray[Any], change: Change | Reordering) -> Any:
    """The type of an array that can hold the change."""
    if isinstance(change, Reordering) or array.dtype == object:
        return array.dtype
    if array.dtype.kind in "iub" and not isinstance(change.cells, str):
        return float
    return array.dtype if array.dtype.kind == "f" and not isinstance(change.cells, str) else object


def _list_keys(rows: Sequence[Mapping[Any, Any]]) -> list[Any]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _copy_row(row: Any) -> Any:
    return row.copy() if hasattr(row, "copy") else row
