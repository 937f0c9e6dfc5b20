"""What makes the scores of runs hard to compare: that they come from different data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modellab.records import Run
from modellab.records.datasets import DatasetUse

TEST = "test"
"""The split that scores are taken on."""


@dataclass(frozen=True, slots=True)
class _Data:
    """What a run was scored on: names by checksum; without a checksum, by the id that the run gave."""

    names: Mapping[str, str]
    is_test: bool = False
    has_content: bool = True

    def __str__(self) -> str:
        names = sorted(self.names.values())
        return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def find_different_data(runs: Sequence[Run]) -> Sequence[str]:
    """Sentences about runs that were scored on other data than the first one whose data is known.

    Data is the same if its bytes are, whatever it is called. Looked at are the datasets of the split
    `test`, or else all that a run names without a split, or else all.
    """
    known = [(run, data) for run in runs if (data := _find_data(run)) is not None]
    if len(runs) < 2 or not known:
        return []
    first, ours = known[0]
    found = {run.run_id: data for run, data in known}
    sentences = []
    for run in runs:
        theirs = found.get(run.run_id)
        if theirs is None or theirs.has_content != ours.has_content:
            sentences.append(
                f"Whether run {_name(run)} had the same data as run {_name(first)} ({ours}) is not known."
            )
        elif theirs.names.keys() != ours.names.keys():
            did = "were tested on" if theirs.is_test and ours.is_test else "used"
            sentences.append(
                f"Runs {_name(first)} and {_name(run)} {did} different data: {ours} and {theirs}; "
                "their scores cannot be compared."
            )
    return sentences


def _find_data(run: Run) -> _Data | None:
    tested = [use for use in run.datasets if use.split == TEST]
    uses = tested or [use for use in run.datasets if use.split is None] or run.datasets
    if uses:
        return _Data({use.sha256: _describe(use) for use in uses}, is_test=bool(tested))
    return _Data({run.dataset_id: run.dataset_id}, has_content=False) if run.dataset_id else None


def _describe(use: DatasetUse) -> str:
    return f"{use.name} v{use.version}"


def _name(run: Run) -> str:
    return f"{run.name} ({run.run_id[-8:]})" if run.name else run.run_id[-8:]
