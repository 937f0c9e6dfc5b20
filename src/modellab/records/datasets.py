"""What a dataset is: one version of a named file or table, its columns, and which runs used it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

DatasetFormat = Literal["csv", "json", "jsonl", "parquet", "other"]
MAX_COLUMNS = 10_000
"""Columns of one dataset."""
PREVIEW_ROWS = 100
"""Rows of a preview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCount:
    """How often a value occurs."""

    value: Any
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How numbers are spread: `counts` of them lie between neighbouring `edges`, the last edge included."""

    edges: Sequence[float]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `type` is `integer`, `number`, `boolean`, `text`, `date`, `datetime`, `list` or `object`.

    `min`, `max` and `mean` are given for numbers (`"inf"` if infinite), `min` and `max` also for times;
    `top` are the most frequent values of other columns; `examples` are some values that are not missing.
    `histogram` is given for finite numbers, but in tables of very many columns.
    """

    name: str
    type: str
    n_missing: int
    n_unique: int | None
    min: Any = None
    max: Any = None
    mean: float | str | None = None
    top: Sequence[ValueCount] = ()
    examples: Sequence[Any] = ()
    histogram: Histogram | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetChanges:
    """What is different from the version before: rows and columns, with the names of new and gone ones."""

    n_rows: int
    n_columns: int
    added_columns: Sequence[str]
    removed_columns: Sequence[str]
    retyped_columns: Sequence[str]


ColumnChange = Literal["added", "removed", "retyped", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDifference:
    """A column that is not the same in two versions: `before` and `after`, `None` where it is not there.

    `changed` is one of the same type of which something else is different that is known of it.
    """

    name: str
    change: ColumnChange
    before: Column | None
    after: Column | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetDifference:
    """What is different between two datasets, from `other_id` to `dataset_id`.

    `columns` stand in the order of the later one, removed ones at the end; it and `n_unchanged` are `None`
    while the columns of one are not read.
    """

    dataset_id: str
    other_id: str
    is_same_content: bool
    size: int
    n_rows: int | None
    n_unchanged: int | None
    columns: Sequence[ColumnDifference] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One version of a dataset; its id follows from project, name and content.

    `sha256` is over all bytes of the file, `size` their number. `columns` is `None` in lists, and while
    nobody has read them; `unread` says why, or what was not read as it stands in the file. `is_stored`
    says whether the bytes themselves are kept. `n_runs` counts the runs that used this very version.
    """

    dataset_id: str
    name: str
    version: int
    parent_id: str | None
    project_id: str | None
    description: str | None
    tags: Mapping[str, str]
    filename: str | None
    format: DatasetFormat
    sha256: str
    size: int
    is_stored: bool
    n_rows: int | None
    n_columns: int | None
    columns: Sequence[Column] | None
    unread: str | None
    changes: DatasetChanges | None
    n_runs: int
    n_runs_of_all_versions: int
    created_at: str
    updated_at: str
    deleted_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetUse:
    """That a run used a dataset, as which split (`train`, `validation`, `test` or a word of its own)."""

    run_id: str
    dataset_id: str
    name: str
    version: int
    split: str | None
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDataset:
    """A dataset as a run has just logged it. Its version is known once the store has read the journal."""

    dataset_id: str
    name: str
    split: str | None
    sha256: str
    size: int
    n_rows: int | None
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows of a dataset. Values are JSON; a missing one is `None`."""

    columns: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Any]]
    n_rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartColumn:
    """The name and type of a column, as `Column` has them."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart:
    """Some rows of a table, which has `n_rows` of them and `n_columns`.

    `truncated` says that not all of it is here: there are rows after these, or columns beside them.
    """

    columns: Sequence[PartColumn]
    rows: Sequence[Sequence[Any]]
    n_rows: int
    n_columns: int
    truncated: bool
