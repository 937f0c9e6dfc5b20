"""What is different between two versions of a dataset: in a few words, or column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from modellab.records.datasets import (
    Column,
    ColumnDifference,
    Dataset,
    DatasetChanges,
    DatasetDifference,
)


def find_changes(
    before: Sequence[Column], n_rows_before: int, after: Sequence[Column], n_rows_after: int
) -> DatasetChanges:
    """The changes from one version's rows and columns to another's; names stand in the columns' order."""
    old = {column.name: column.type for column in before}
    new = {column.name: column.type for column in after}
    return DatasetChanges(
        n_rows=n_rows_after - n_rows_before,
        n_columns=len(new) - len(old),
        added_columns=[name for name in new if name not in old],
        removed_columns=[name for name in old if name not in new],
        retyped_columns=[name for name, kind in new.items() if old.get(name, kind) != kind],
    )


def find_difference(before: Dataset, after: Dataset) -> DatasetDifference:
    """What is different from one dataset to another, column by column."""
    is_counted = before.n_rows is not None and after.n_rows is not None
    columns = None
    if before.columns is not None and after.columns is not None:
        columns = list(_compare_columns(before.columns, after.columns))
    return DatasetDifference(
        dataset_id=after.dataset_id,
        other_id=before.dataset_id,
        is_same_content=before.sha256 == after.sha256,
        size=after.size - before.size,
        n_rows=(after.n_rows or 0) - (before.n_rows or 0) if is_counted else None,
        n_unchanged=None
        if columns is None
        else len(after.columns or ()) - sum(one.after is not None for one in columns),
        columns=columns,
    )


def _compare_columns(before: Sequence[Column], after: Sequence[Column]) -> Iterator[ColumnDifference]:
    old = {column.name: column for column in before}
    for column in after:
        known = old.pop(column.name, None)
        if known is None:
            yield ColumnDifference(name=column.name, change="added", before=None, after=column)
        elif known.type != column.type:
            yield ColumnDifference(name=column.name, change="retyped", before=known, after=column)
        elif _read_facts(known) != _read_facts(column):
            yield ColumnDifference(name=column.name, change="changed", before=known, after=column)
    for column in old.values():
        yield ColumnDifference(name=column.name, change="removed", before=column, after=None)


def _read_facts(column: Column) -> tuple[Any, ...]:
    """What is known of all values. Examples are but the first ones, and not every ModelLab counted bins."""
    top = [(one.value, one.count) for one in column.top]
    return column.n_missing, column.n_unique, column.min, column.max, column.mean, top
