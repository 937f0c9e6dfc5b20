"""Opens a file as a table, whatever it takes: typed columns, and notes on what was not as it should be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from modellab.datasets.csv_text import (
    NOT_UTF8,
    CsvShape,
    check_n_columns,
    copy_as_utf8,
    explain_uneven,
    find_shape,
    find_short_lines,
)
from modellab.datasets.formats import IN_MEMORY_BYTES
from modellab.datasets.gathering import gather
from modellab.datasets.json_text import read_json, read_json_lines
from modellab.datasets.text_types import MISSING, convert_known, guess_types, in_chunks, settle_types
from modellab.errors import InvalidInput, ModelLabError
from modellab.records.datasets import DatasetFormat

if TYPE_CHECKING:
    import polars as pl

_HEAD = 1000
Found = TypeVar("Found")


@dataclass(slots=True)
class Table:
    """An open table; it can be asked as long as `open_table` lasts."""

    frame: pl.LazyFrame
    is_large: bool = False
    notes: list[str] = field(default_factory=list)


@contextmanager
def open_table(
    path: Path, format: DatasetFormat, *, in_memory_bytes: int = IN_MEMORY_BYTES
) -> Iterator[Table]:
    """The table in a file. Raises `InvalidInput` if the file is not what its format says.

    A file of more than `in_memory_bytes` is read through a file of columns in the temporary folder.
    """
    with tempfile.TemporaryDirectory(prefix="modellab-table-") as folder:
        is_large = path.stat().st_size > in_memory_bytes
        room = Path(folder)
        table = read_safely(lambda: _OPENERS[format](path, room, is_large))
        table.is_large = is_large
        yield table


def read_head(path: Path, kinds: Mapping[str, str], n: int) -> pl.DataFrame | None:
    """The first `n` rows of a CSV file whose columns' types are known; `None` if it takes the whole to tell.

    The rest of the file is not read.
    """
    import polars as pl

    with tempfile.TemporaryDirectory(prefix="modellab-head-") as folder:
        shape = find_shape(path, Path(folder))
        if list(shape.names) != list(kinds):
            return None
        try:
            rows = _scan(shape, dict.fromkeys(kinds, pl.String)).head(n + _HEAD).collect(engine="streaming")
        except pl.exceptions.PolarsError:
            return None
    has_more = rows.height == n + _HEAD
    if len(kinds) > 1:
        rows = rows.filter(~pl.all_horizontal(pl.all().is_null()))
    if rows.height < n and has_more:
        return None
    return rows.head(n).select(convert_known(rows.get_column(name), kinds[name]) for name in kinds)


def read_safely(work: Callable[[], Found]) -> Found:
    """What `work` returns; whatever polars raises, panics included, becomes `InvalidInput`."""
    try:
        return work()
    except (ModelLabError, OSError, MemoryError):
        raise
    except BaseException as error:  # a panic of polars is no `Exception`
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise
        said = str(error).strip().split("\n")[0][:300] or type(error).__name__
        raise InvalidInput(f"The file cannot be read as a table: {said.rstrip('.')}.") from error


def _open_csv(path: Path, folder: Path, is_large: bool) -> Table:
    import polars as pl

    shape = find_shape(path, folder)
    try:
        frame = _read_csv(shape, folder, is_large=is_large)
    except pl.exceptions.PolarsError as error:
        if "utf-8" not in str(error):
            raise explain_uneven(shape) from None
        copy_as_utf8(path, folder, "latin-1")
        shape = find_shape(folder / "utf-8.csv", folder)
        shape.notes.append(NOT_UTF8)
        try:
            frame = _read_csv(shape, folder, is_large=is_large)
        except pl.exceptions.PolarsError:
            raise explain_uneven(shape) from None
    if not is_large:
        shape.notes.extend(filter(None, [_find_short_lines(frame, shape)]))
    frame = _drop_blank_lines(frame, shape)
    return Table(settle_types(frame), notes=shape.notes)


def _read_csv(shape: CsvShape, folder: Path, *, is_large: bool) -> pl.LazyFrame:
    """The file's columns: numbers where the beginning has only such and the rest agrees, text otherwise."""
    import polars as pl

    texts: dict[str, Any] = dict.fromkeys(shape.names, pl.String)
    try:
        head = _scan(shape, texts).head(_HEAD).collect(engine="streaming")
    except pl.exceptions.NoDataError:
        return pl.LazyFrame(schema=texts)
    numbers = {"integer": pl.Int64, "number": pl.Float64}
    guessed = guess_types(head)
    # Words for "missing" among numbers are no numbers to the reader of CSV.
    kinds = {
        name: kind if not set(MISSING) & set(head.get_column(name).to_list()) else pl.String
        for name, kind in ((name, numbers[word]) for name, word in guessed.items() if word in numbers)
    }
    try:
        frame = gather(_scan(shape, texts | kinds), folder, is_large=is_large)
        if _is_exact(frame, [name for name, kind in kinds.items() if kind == pl.Float64]):
            return frame
    except pl.exceptions.ComputeError as error:
        if "could not parse" not in str(error) or "dtype `str`" in str(error):
            raise
    return gather(_scan(shape, texts), folder, is_large=is_large)


def _scan(shape: CsvShape, kinds: Mapping[str, Any]) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_csv(
        shape.path,
        has_header=False,
        skip_lines=shape.skip_lines,
        schema=kinds,
        separator=shape.delimiter,
    )


def _is_exact(frame: pl.LazyFrame, names: Sequence[str]) -> bool:
    """Whether numbers are small enough to be sure that they are what is written: no integer has lost digits,
    and nothing like `1e400` has become infinity."""
    import polars as pl

    return not any(
        any(
            frame.select((pl.col(name).fill_nan(None).abs() >= 1e15).any() for name in chunk)
            .collect(engine="streaming")
            .row(0)
        )
        for chunk in in_chunks(names)
    )


def _find_short_lines(frame: pl.LazyFrame, shape: CsvShape) -> str | None:
    """A note on lines with too few values. Whatever a line lacks shows in its last value."""
    import polars as pl

    last = pl.col(shape.names[-1])
    n_rows, n_missing = frame.select(last.len(), last.null_count().alias("")).collect().row(0)
    return find_short_lines(shape, n_rows) if n_missing else None


def _drop_blank_lines(frame: pl.LazyFrame, shape: CsvShape) -> pl.LazyFrame:
    """`frame` without rows that have no value at all."""
    import polars as pl

    if len(shape.names) == 1:  # a blank line is how a missing value is written here
        return frame
    is_blank = pl.all_horizontal(pl.all().is_null())
    n_blank = int(frame.filter(pl.col(shape.names[-1]).is_null()).select(is_blank.sum()).collect().item())
    if not n_blank:
        return frame
    lines = "1 line" if n_blank == 1 else f"{n_blank} lines"
    shape.notes.append(f"{lines} without any value passed over.")
    return frame.filter(~is_blank)


def _open_parquet(path: Path, _folder: Path, _is_large: bool) -> Table:
    import polars as pl

    frame = pl.scan_parquet(path)
    check_n_columns(len(frame.collect_schema()))
    frame.head(1).collect()
    return Table(frame)


def _open_json(path: Path, folder: Path, is_large: bool) -> Table:
    frame, notes = read_json(path, folder, is_large=is_large)
    return Table(frame, notes=notes)


def _open_jsonl(path: Path, folder: Path, is_large: bool) -> Table:
    frame, notes = read_json_lines(path, folder, is_large=is_large)
    return Table(frame, notes=notes)


_OPENERS: dict[DatasetFormat, Callable[[Path, Path, bool], Table]] = {
    "csv": _open_csv,
    "json": _open_json,
    "jsonl": _open_jsonl,
    "parquet": _open_parquet,
}
