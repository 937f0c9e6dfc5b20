"""Which test rows two runs have in common, and the predictions of both on these rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.examples import Examples, match_rows
from modellab.evaluation.problem import Classification, Problem, Regression

LEAST_OVERLAP = 0.9
"""The share of either run's rows that both must have for a paired comparison."""

Rows = NDArray[np.int64]
Slices = Mapping[str, tuple[NDArray[np.int32], tuple[str, ...]]]
"""For each attribute, where each row is among its levels; -1 is in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Two problems on the same rows, in the same order; what else is known of these rows comes along."""

    a: Problem
    b: Problem
    row_ids: Sequence[str] | NDArray[np.int64]
    clusters: NDArray[np.int64] | None
    slices: Slices
    note: str | None

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.a.n

    @property
    def n_clusters(self) -> int | None:
        """The number of clusters, `None` where rows are in none."""
        return None if self.clusters is None else len(np.unique(self.clusters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Why two runs cannot be paired row by row. `are_comparable` says whether scores still mean the same."""

    reason: str
    are_comparable: bool = True


def pair_rows(a: Examples, b: Examples) -> Pairing | Mismatch:
    """The rows of both, matched by row id, if labels are equal and at least 90 % of either are in both."""
    try:
        problem_b = align_classes(a.problem, b.problem)
    except InvalidInput as error:
        return Mismatch(reason=error.message, are_comparable=False)
    rows_a, rows_b = _match(a, b)
    larger = max(a.problem.n, b.problem.n)
    if len(rows_a) < LEAST_OVERLAP * larger:
        share = f"{len(rows_a)} of {larger} rows are in both"
        return Mismatch(reason=share)
    taken_a, taken_b = _take(a.problem, rows_a), _take(problem_b, rows_b)
    differ = _find_relabelled(taken_a, taken_b)
    if len(differ):
        row = _name_row(a, int(rows_a[differ[0]]))
        reason = f"{len(differ)} of {len(rows_a)} rows with the same id have other labels, first {row}"
        return Mismatch(reason=reason)
    note = None
    if len(rows_a) < larger:
        note = f"compared on the {len(rows_a)} rows that both have, of {a.problem.n} and {b.problem.n}"
    return Pairing(
        a=taken_a,
        b=taken_b,
        row_ids=_take_ids(a.row_ids, rows_a),
        clusters=_take_clusters(a, rows_a, b, rows_b),
        slices={
            name: (codes[rows], levels)
            for examples, rows in ((b, rows_b), (a, rows_a))  # those of A win
            for name, (codes, levels) in examples.slices.items()
        },
        note=note,
    )


def _match(a: Examples, b: Examples) -> tuple[Rows, Rows]:
    """As `match_rows`, at once where both have the same ids in the same order."""
    if isinstance(a.row_ids, np.ndarray) and isinstance(b.row_ids, np.ndarray):
        is_same = np.array_equal(a.row_ids, b.row_ids)
    else:
        is_same = isinstance(a.row_ids, tuple) and a.row_ids == b.row_ids
    if is_same:
        return np.arange(a.problem.n), np.arange(a.problem.n)
    return match_rows(a, b)


def align_classes(a: Problem, b: Problem) -> Problem:
    """B with the classes in the order of A; raises `InvalidInput` for another task or other classes."""
    if isinstance(a, Regression) and isinstance(b, Regression):
        return b
    if not (isinstance(a, Classification) and isinstance(b, Classification)):
        raise InvalidInput("one is a classification and the other a regression")
    if a.classes == b.classes:
        return b
    if set(a.classes) != set(b.classes):
        only = [
            repr(name) for name in (*a.classes, *b.classes) if name not in a.classes or name not in b.classes
        ]
        shown = ", ".join(only[:5]) + (", …" if len(only) > 5 else "")
        raise InvalidInput(f"they have different classes: {shown} in one of them only")
    places = np.array([a.classes.index(name) for name in b.classes])
    probabilities = None
    if b.probabilities is not None:
        probabilities = b.probabilities[:, np.argsort(places)]
    return Classification(
        classes=a.classes,
        labels=places[b.labels],
        predicted=places[b.predicted],
        probabilities=probabilities,
    )


def _take(problem: Problem, rows: Rows) -> Problem:
    """Some rows of a problem; itself, and no copy, if these are all in their order."""
    return problem if np.array_equal(rows, np.arange(problem.n)) else problem.take(rows)


def _find_relabelled(a: Problem, b: Problem) -> Rows:
    if isinstance(a, Regression) and isinstance(b, Regression):
        return np.flatnonzero(a.targets != b.targets)
    if isinstance(a, Classification) and isinstance(b, Classification):
        return np.flatnonzero(a.labels != b.labels)
    return np.empty(0, np.int64)


def _take_ids(row_ids: Sequence[str] | NDArray[np.int64], rows: Rows) -> Sequence[str] | NDArray[np.int64]:
    if isinstance(row_ids, np.ndarray):
        return row_ids[rows]
    return [row_ids[row] for row in rows.tolist()]


def _take_clusters(a: Examples, rows_a: Rows, b: Examples, rows_b: Rows) -> NDArray[np.int64] | None:
    """The clusters of the rows: A's, or else B's. Clusters are of the rows, whoever predicts them."""
    if a.clusters is not None:
        return a.clusters[rows_a]
    return None if b.clusters is None else b.clusters[rows_b]


def _name_row(examples: Examples, place: int) -> str:
    row_id = examples.row_ids[place]
    return f"row {row_id if isinstance(row_id, str) else int(row_id)}"
