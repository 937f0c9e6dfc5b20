"""Turns tables that live in memory into files: Parquet by polars, and plainer formats without it.

The same values give the same bytes, so that the checksum of a table is one of its content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from modellab.datasets.description import can_read
from modellab.errors import InvalidInput
from modellab.records.datasets import DatasetFormat

if TYPE_CHECKING:
    import polars as pl

_EXACT = 2**53  # the largest integer up to which floats have them all
_KINDS = "a path, a pandas, polars or pyarrow table, a NumPy array, or a list of dicts"


def write_frame(data: Any, file: IO[bytes]) -> DatasetFormat:
    """Write a table from memory to an open file; the format that it has there.

    A pandas index that says more than the rows' order is kept as columns. Raises `InvalidInput` for what is
    no table, and for cells that no table can hold.
    """
    kind = _name_kind(data)
    try:
        if not can_read():
            return _write_plainly(data, kind, file)
        frame = _CONVERSIONS[kind](data)
        frame.rechunk().write_parquet(file, compression="zstd", statistics=False)
    except (InvalidInput, OSError, MemoryError):
        raise
    except BaseException as error:  # a panic of polars is no `Exception`
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise
        said = str(error).strip().split("\n")[0][:300]
        raise InvalidInput(f"This {type(data).__name__} cannot be kept as a table: {said}.") from error
    return "parquet"


def _name_kind(data: Any) -> str:
    """Which library a table is of, without importing any; raises `InvalidInput` for what is none."""
    names = [f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(data).__mro__]
    for name, kind in _TYPES.items():
        if name in names:
            return kind
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        if not data:
            raise InvalidInput("The table has no rows and no columns; there is nothing to record.")
        if all(isinstance(row, Mapping) for row in data):
            return "rows"
        raise InvalidInput(f"A list is a dataset if all its items are dicts; data may be {_KINDS}.")
    raise InvalidInput(f"Data of type {type(data).__name__} is no table; it may be {_KINDS}.")


_TYPES = {
    "polars.DataFrame": "native",
    "polars.LazyFrame": "native",
    "pyarrow.Table": "native",
    "polars.Series": "series",
    "pandas.DataFrame": "pandas",
    "pandas.Series": "pandas",
    "numpy.ndarray": "numpy",
}


def _from_native(data: Any) -> pl.DataFrame:
    import narwhals as nw

    frame = nw.from_native(data)
    collected = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return collected.to_polars()


def _from_pandas(data: Any) -> pl.DataFrame:
    import polars as pl

    frame = _with_index(data)
    names = _distinct([str(name) for name in frame.columns])
    return pl.DataFrame([_column(name, frame.iloc[:, place]) for place, name in enumerate(names)])


def _with_index(data: Any) -> Any:
    """A pandas frame whose index, if it says more than the rows' order, is among its columns."""
    frame = data.to_frame() if data.ndim == 1 else data
    is_order = type(frame.index).__name__ == "RangeIndex" and frame.index.name is None
    if is_order:
        return frame
    return frame.reset_index(names=_distinct([str(name or "index") for name in frame.index.names]))


def _column(name: str, values: Any) -> pl.Series:
    """A pandas column, whatever it is made of; pandas itself would need pyarrow for most kinds."""
    import polars as pl

    kind = str(values.dtype)
    if kind == "bool" or kind.startswith(("int", "uint", "float")):
        return pl.Series(name, values.to_numpy())
    if kind.startswith("datetime64[") and "," not in kind:
        return pl.Series(name, values.to_numpy())
    if kind.startswith("timedelta64["):
        return pl.Series(name, values.to_numpy())
    return _gather(name, [None if _is_missing(cell) else cell for cell in values.tolist()])


def _gather(name: str, cells: Sequence[Any]) -> pl.Series:
    """A column of these cells; of text if they are of several kinds, or of one that files do not know."""
    import polars as pl

    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int, float} and all(abs(cell) <= _EXACT for cell in cells if type(cell) is int):
        cells = [None if cell is None else float(cell) for cell in cells]
    try:
        column = pl.Series(name, cells, strict=True)
    except Exception:
        column = None
    if column is None or column.dtype == pl.Object:
        return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)
    return column


def _is_missing(cell: Any) -> bool:
    """Whether pandas means a missing value by a cell: None, NaN, NA or NaT."""
    return (
        cell is None
        or type(cell).__name__ in ("NAType", "NaTType")
        or (isinstance(cell, float) and cell != cell)
    )


def _from_numpy(data: Any) -> pl.DataFrame:
    import polars as pl

    if data.dtype.names:
        return pl.DataFrame({name: data[name] for name in data.dtype.names})
    if data.ndim == 0 or 0 in data.shape[1:]:
        raise InvalidInput(f"An array of shape {data.shape} is no table.")
    if data.dtype.hasobject or data.dtype.kind == "c":
        return _from_rows([dict(enumerate(row if data.ndim > 1 else [row])) for row in data.tolist()])
    # More dimensions than two, as images have: a row each, their shape kept in the columns' names.
    flat = data.reshape(data.shape[0], -1)
    names = (
        ["value"] if data.ndim == 1 else [_name_cell(place, data.shape[1:]) for place in range(flat.shape[1])]
    )
    return pl.DataFrame({name: flat[:, place] for place, name in enumerate(names)})


def _name_cell(place: int, shape: Sequence[int]) -> str:
    parts = []
    for size in reversed(shape):
        place, part = divmod(place, size)
        parts.append(str(part))
    return "column_" + "_".join(reversed(parts))


def _from_rows(data: Sequence[Mapping[Any, Any]]) -> pl.DataFrame:
    import polars as pl

    names = list(dict.fromkeys(name for row in data for name in row))
    labels = _distinct([str(name) for name in names])
    return pl.DataFrame(
        [
            _gather(label, [_plain_cell(row.get(name)) for row in data])
            for name, label in zip(names, labels, strict=True)
        ]
    )


def _plain_cell(cell: Any) -> Any:
    """A scalar of NumPy as Python's own."""
    is_scalar = getattr(cell, "shape", None) == () and callable(getattr(cell, "item", None))
    return cell.item() if is_scalar else cell


def _distinct(names: Sequence[str]) -> list[str]:
    from modellab.datasets.csv_text import name_columns

    return name_columns(names)[0]


_CONVERSIONS = {
    "native": _from_native,
    "series": lambda data: data.to_frame(),
    "pandas": _from_pandas,
    "numpy": _from_numpy,
    "rows": _from_rows,
}


def _write_plainly(data: Any, kind: str, file: IO[bytes]) -> DatasetFormat:
    """Without polars: CSV of pandas, `.npy` of NumPy, JSON lines of dicts."""
    if kind == "pandas":
        _with_index(data).to_csv(file, index=False)
        return "csv"
    if kind == "numpy":
        import numpy

        numpy.save(file, data, allow_pickle=False)
        return "other"
    import orjson

    rows = data.to_pylist() if kind == "native" else data
    options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
    file.writelines(orjson.dumps(row, default=str, option=options) for row in rows)
    return "jsonl"
