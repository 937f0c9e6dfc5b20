"""Reads the features that a user hands over beside the predictions into a table of numbers and categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.table import CategoryColumn, DataColumn, DataTable, NumberColumn
from modellab.evaluation.vectors import is_missing, read_objects

_KINDS = "a pandas, polars or pyarrow table, a dict of columns, a list of dicts, or a 2-D array"
_NUMBERS = (int, float, np.integer, np.floating)
_BOOLEANS = (bool, np.bool_)


def read_table(data: Any, n: int) -> DataTable | None:
    """The features of `n` rows; `None` if there is no data.

    Numbers stay numbers; everything else becomes categories, by its text. Missing cells are fine. An array
    has columns `feature_0`, `feature_1`, …. Raises `InvalidInput` for what is no table, for another number of
    rows, and for two columns of one name.
    """
    if data is None:
        return None
    columns = list(_list_columns(data))
    _refuse_twice([column.name for column in columns])
    for column in columns:
        size = len(column.missing)
        if size != n:
            raise InvalidInput(f"The data has {size} rows (column {column.name!r}) and there are {n} labels.")
    return DataTable(n=n, columns=tuple(columns))


def read_column(name: str, cells: Iterable[Any]) -> DataColumn:
    """A column of any cells: numbers if all that is there are numbers, else categories."""
    array = cells if isinstance(cells, np.ndarray) else read_objects(cells)
    if array.ndim > 1:
        array = read_objects(str(cell) for cell in array)
    if array.dtype.kind in "iuf":
        return _numbers(name, array)
    values = array.tolist()
    kinds = {kind for kind in set(map(type, values)) if not issubclass(kind, type(None))}
    if kinds and all(issubclass(kind, _NUMBERS) and not issubclass(kind, _BOOLEANS) for kind in kinds):
        return _numbers(name, np.array([_to_float(cell) for cell in values]))
    return _categories(name, [None if is_missing(cell) else str(cell) for cell in values])


def _list_columns(data: Any) -> Iterable[DataColumn]:
    if isinstance(data, Mapping):
        return [read_column(str(name), _list_cells(name, cells)) for name, cells in data.items()]
    if isinstance(data, np.ndarray):
        return _read_array(data)
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _read_rows(data)
    return _read_frame(data)


def _list_cells(name: Any, cells: Any) -> Iterable[Any]:
    if hasattr(cells, "to_list") and not isinstance(cells, np.ndarray):  # a series, whatever its type
        return list(cells.to_list())
    if isinstance(cells, (str, bytes)) or not hasattr(cells, "__iter__"):
        raise InvalidInput(f"The column {name!r} of data is {cells!r:.50}; it may be a list or an array.")
    return cells  # type: ignore[no-any-return]


def _read_rows(data: Sequence[Any]) -> Iterable[DataColumn]:
    if all(isinstance(row, Mapping) for row in data):
        names = dict.fromkeys(name for row in data for name in row)
        if not names:
            raise InvalidInput("The rows of data have no columns.")
        return [read_column(str(name), [row.get(name) for row in data]) for name in names]
    if all(isinstance(row, (list, tuple, np.ndarray)) for row in data):
        widths = {len(row) for row in data}
        if len(widths) > 1:
            raise InvalidInput(
                f"The rows of data have {min(widths)} to {max(widths)} values; all have as many."
            )
        return [read_column(f"feature_{place}", cells) for place, cells in enumerate(zip(*data, strict=True))]
    if any(isinstance(row, (Mapping, list, tuple, np.ndarray)) for row in data):
        raise InvalidInput(f"The rows of data are of several types; data may be {_KINDS}.")
    return [read_column("feature_0", data)]


def _read_array(data: NDArray[Any]) -> Iterable[DataColumn]:
    if data.dtype.names:
        return [read_column(name, data[name]) for name in data.dtype.names]
    if data.ndim == 0:
        raise InvalidInput(f"An array of shape {data.shape} is no table; data may be {_KINDS}.")
    flat = data.reshape(len(data), -1)  # of images and the like, a column a place
    return [read_column(f"feature_{place}", flat[:, place]) for place in range(flat.shape[1])]


def _read_frame(data: Any) -> Iterable[DataColumn]:
    import narwhals as nw

    if hasattr(data, "iloc") and hasattr(data, "columns"):  # of pandas, whose names may be anything
        names = [str(name) for name in data.columns]
        _refuse_twice(names)
        data = data.set_axis(names, axis=1)
    try:
        frame = nw.from_native(data, eager_only=True, allow_series=True)
    except TypeError as error:
        said = str(error).strip().split("\n")[0][:200]
        raise InvalidInput(
            f"Data of type {type(data).__name__} is no table: {said}.", hint=f"It may be {_KINDS}."
        ) from error
    series = [frame] if isinstance(frame, nw.Series) else list(frame.iter_columns())
    return [_read_series(column) for column in series]


def _refuse_twice(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise InvalidInput(f"Two columns of data are called {twice!r}; names differ.")


def _read_series(column: Any) -> DataColumn:
    import narwhals as nw

    if column.dtype.is_numeric() and column.dtype != nw.Decimal:
        cast = column.cast(nw.Float64)
        return _numbers(str(column.name), np.asarray(cast.to_numpy(), np.float64))
    return read_column(str(column.name), column.to_list())


def _numbers(name: str, values: NDArray[Any]) -> NumberColumn:
    numbers = np.array(values, np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return NumberColumn(name=name, values=numbers)


def _categories(name: str, texts: Sequence[str | None]) -> CategoryColumn:
    levels = sorted({text for text in texts if text is not None})
    places: dict[str | None, int] = {level: place for place, level in enumerate(levels)}
    codes = np.array([places.get(text, -1) for text in texts], np.int64)
    return CategoryColumn(name=name, codes=codes, levels=tuple(levels))


def _to_float(cell: Any) -> float:
    try:
        return float(cell) if cell is not None else np.nan
    except OverflowError:  # a whole number that no float holds
        return np.nan
