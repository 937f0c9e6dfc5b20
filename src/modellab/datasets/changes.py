"""What is different between two versions of a dataset."""

from __future__ import annotations

from collections.abc import Sequence

from modellab.records.datasets import Column, DatasetChanges


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
