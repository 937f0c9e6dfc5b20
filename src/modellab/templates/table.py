"""The table that a template learns from: features, the target, and what was left out and why."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from modellab.datasets.formats import detect_format
from modellab.errors import InvalidInput, list_nearest
from modellab.templates.columns import ColumnChoice, choose_columns
from modellab.templates.written_numbers import read_numbers

if TYPE_CHECKING:
    import polars as pl

Task = Literal["classification", "regression"]

MIN_ROWS = 20
"""Rows with a target that a template needs: a test set of fewer than five tells nothing."""
MAX_CLASSES = 1000
"""Classes that a template takes."""
_MANY_NUMBERS = 50  # whole numbers in a target, above which they are amounts if few rows share one
_MANY_FRACTIONS = 10
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingTable:
    """What is learnt from, row by row.

    `features` has the chosen columns. `target` is, of classification, places in `classes` (int64), else the
    numbers themselves (float64), shape (n,). `row_ids` are the rows' places in the file, from 0.
    """

    features: pl.DataFrame
    target: NDArray[Any]
    classes: tuple[Any, ...] | None
    row_ids: NDArray[np.int64]
    columns: ColumnChoice
    notes: Sequence[str]

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.target)


@contextmanager
def table_file(data: Any) -> Iterator[Path]:
    """The file of a table: the one named, or one made of a data frame for as long as the block lasts."""
    if isinstance(data, (str, os.PathLike)):
        path = Path(data)
        if not path.is_file():
            raise InvalidInput(f"There is no file {os.fspath(data)!r}.")
        yield path
        return
    from modellab.datasets.frames import write_frame

    with tempfile.TemporaryDirectory(prefix="modellab-template-") as folder:
        path = Path(folder) / "table.parquet"
        with path.open("wb") as file:
            write_frame(data, file)
        yield path


def read_table(
    path: Path,
    task: Task,
    *,
    target: str,
    positive: str | None = None,
    leave_out: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> TrainingTable:
    """The table of a CSV, JSON, JSON-lines or Parquet file, ready to learn from.

    Rows without a target are left out, and columns that tell nothing or give the target away; `notes` say
    so. Columns in `keep` stay, those in `leave_out` go. Raises `InvalidInput` for what cannot be learnt.
    """
    import polars as pl

    from modellab.datasets.tables import open_table, read_safely

    format = detect_format(path, path.name)
    if format == "other":
        raise InvalidInput(
            f"{path.name} is no table.", hint="Name a file that ends with .csv, .json, .jsonl or .parquet."
        )
    with open_table(path, format) as opened:
        frame = read_safely(opened.frame.collect)
        notes = list(opened.notes)
    frame, said = read_numbers(frame)
    notes += said
    for name in (target, *leave_out, *keep):
        if name not in frame.columns:
            raise InvalidInput(f"There is no column {name!r}.", hint=list_nearest(name, frame.columns))
    if target in leave_out:
        raise InvalidInput(f"The target {target!r} cannot be left out.")
    whole = pl.Series("row", np.arange(frame.height, dtype=np.int64))
    values = frame.get_column(target)
    is_known = values.is_not_null() & (values.is_not_nan() if values.dtype.is_float() else True)
    if (n_missing := frame.height - int(is_known.sum())) > 0:
        verbs = "has no {!r} and is" if n_missing == 1 else "have no {!r} and are"
        notes.append(f"{n_missing} of {frame.height} rows {verbs.format(target)} left out.")
        frame, whole = frame.filter(is_known), whole.filter(is_known)
    if frame.height < MIN_ROWS:
        raise InvalidInput(
            f"{path.name} has {frame.height} rows with a {target!r}; a template needs at least {MIN_ROWS}."
        )
    numbers, classes = _read_target(frame.get_column(target), task, positive)
    columns = choose_columns(frame, target, task, leave_out=leave_out, keep=keep)
    return TrainingTable(
        features=columns.take(frame),
        target=numbers,
        classes=classes,
        row_ids=whole.to_numpy(),
        columns=columns,
        notes=[*notes, *columns.notes],
    )


def _read_target(
    values: pl.Series, task: Task, positive: str | None
) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
    if task == "regression":
        if positive is not None:
            raise InvalidInput("A positive class is for classification.")
        return _read_amounts(values), None
    classes = _read_classes(values)
    if positive is not None:
        named = next((name for name in classes if str(name) == positive), None)
        if named is None:
            shown = ", ".join(map(str, classes[:_SHOWN]))
            raise InvalidInput(f"The target has no class {positive!r}.", hint=f"Classes: {shown}.")
        if len(classes) != 2:
            raise InvalidInput(f"A positive class is for two classes; the target has {len(classes)}.")
        classes = (*(name for name in classes if name != named), named)
    places = {name: place for place, name in enumerate(classes)}
    return np.array([places[_plain(value)] for value in values.to_list()], np.int64), classes


def _read_amounts(values: pl.Series) -> NDArray[np.float64]:
    if not values.dtype.is_numeric():
        example = next(value for value in values.to_list() if not _reads_as_number(value))
        raise InvalidInput(
            f"The target {values.name!r} holds {str(example)[:40]!r}, which is no number.",
            hint="For classes: modellab template classification …",
        )
    numbers = values.cast(float).to_numpy().astype(np.float64)
    if not np.isfinite(numbers).all():
        raise InvalidInput(
            f"The target {values.name!r} has {int((~np.isfinite(numbers)).sum())} infinite values."
        )
    if numbers.min() == numbers.max():
        raise InvalidInput(
            f"The target {values.name!r} is {numbers[0]:g} in every row; there is nothing to learn."
        )
    return numbers


def _reads_as_number(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _read_classes(values: pl.Series) -> tuple[Any, ...]:
    """The classes in order: numbers by size, text by letter."""
    found = {_plain(value) for value in values.unique().to_list()}
    if values.dtype.is_numeric() and _are_amounts(found, len(values)):
        raise InvalidInput(
            f"The target {values.name!r} has {len(found)} different numbers in {len(values)} rows, "
            "which look like amounts and not like classes.",
            hint="For amounts: modellab template regression …",
        )
    if values.dtype.is_nested() or values.dtype.is_temporal():
        raise InvalidInput(f"The target {values.name!r} is of type {values.dtype}, which has no classes.")
    if len(found) < 2:
        raise InvalidInput(
            f"The target {values.name!r} is {next(iter(found))!r} in every row; there is nothing to learn."
        )
    if len(found) > min(MAX_CLASSES, len(values) // 2):
        raise InvalidInput(
            f"The target {values.name!r} has {len(found)} classes in {len(values)} rows; "
            f"at most {min(MAX_CLASSES, len(values) // 2)} can be told apart."
        )
    return tuple(sorted(found))


def _are_amounts(found: set[Any], n: int) -> bool:
    """Whether the different numbers of a target with `n` rows are too many to be names of classes."""
    if any(isinstance(number, float) for number in found):
        return len(found) > _MANY_FRACTIONS
    return len(found) > _MANY_NUMBERS and len(found) > n / 20


def _plain(value: Any) -> Any:
    """A class as a person writes it: whole numbers without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
