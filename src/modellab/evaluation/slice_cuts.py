"""Cuts the rows into slices: by confidence, by the columns of the data, and by what is missing there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput, list_nearest
from modellab.evaluation.problem import Classification, Problem
from modellab.evaluation.table import CategoryColumn, DataColumn, DataTable, NumberColumn

SliceKind = Literal["confidence", "target", "feature", "missingness"]

N_DECILES = 10
N_QUARTILES = 4
TOP_CATEGORIES = 10
MAX_COLUMNS = 100
"""So many columns are cut when none are named."""

MISSING = "(missing)"
OTHER = "(other)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One way to cut the rows: `codes`, int32, shape (n,), are places in `levels`; -1 is in none.

    Levels without rows are left out. `key` differs between the cuts of one table.
    """

    kind: SliceKind
    attribute: str
    codes: NDArray[np.int32]
    levels: tuple[str, ...]

    @property
    def key(self) -> str:
        """Kind and attribute in one text."""
        return f"{self.kind}:{self.attribute}"


def cut_rows(problem: Problem, table: DataTable | None, attributes: Sequence[str] | None) -> list[Cut]:
    """All cuts: confidence deciles (of regression, quartiles of the target), columns, missingness.

    `attributes` are the columns to cut by; `None` is all, at most `MAX_COLUMNS`. Raises `InvalidInput` for a
    name that is no column.
    """
    columns = choose_columns(table, attributes)
    cuts = [_cut_outcome(problem)]
    cuts += [_cut_column(column) for column in columns]
    cuts += [_cut_missing(column) for column in columns if column.missing.any()]
    if table is not None and (n_missing := table.n_missing).any():
        names = ("0", "1", "2 or more")
        cuts.append(_make_cut("missingness", "missing cells", np.minimum(n_missing, 2), names))
    return [cut for cut in cuts if cut is not None]


def choose_columns(table: DataTable | None, attributes: Sequence[str] | None) -> Sequence[DataColumn]:
    """The columns with these names, in this order; raises `InvalidInput` for a name that is none."""
    if table is None:
        if attributes:
            raise InvalidInput(
                f"There is no data to slice by {attributes[0]!r}.",
                hint="Hand the columns over as data=, or leave slice_attributes out.",
            )
        return ()
    if attributes is None:
        return table.columns[:MAX_COLUMNS]
    by_name = {column.name: column for column in table.columns}
    for name in attributes:
        if name not in by_name:
            raise InvalidInput(f"No column is named {name!r}.", hint=list_nearest(name, by_name))
    return [by_name[name] for name in dict.fromkeys(attributes)]


def find_edges(values: NDArray[np.float64], n_groups: int) -> NDArray[np.float64]:
    """The values that end a group, of groups of about equal size; ties stay together, so edges may be few.

    The last group ends at the largest value, which is no edge.
    """
    shares = np.arange(1, n_groups) / n_groups
    edges: NDArray[np.float64] = np.unique(np.quantile(values, shares, method="inverted_cdf"))
    return edges[: np.searchsorted(edges, values.max())]


def _cut_outcome(problem: Problem) -> Cut | None:
    if not isinstance(problem, Classification):
        return _cut_numbers("target", "target", problem.targets, N_QUARTILES)
    if problem.confidences is None:
        return None
    # Rounded, since 1 - 0.45 and 0.55 need not be the same float.
    return _cut_numbers("confidence", "confidence", np.round(problem.confidences, 12), N_DECILES)


def _cut_column(column: DataColumn) -> Cut | None:
    if isinstance(column, NumberColumn):
        return _cut_numbers("feature", column.name, column.values, N_QUARTILES)
    return _cut_categories(column)


def _cut_numbers(kind: SliceKind, name: str, values: NDArray[np.float64], n_groups: int) -> Cut | None:
    known = ~np.isnan(values)
    if not known.any():
        return None
    edges = find_edges(values[known], n_groups)
    codes = np.searchsorted(edges, values, side="left")
    codes[~known] = len(edges) + 1
    return _make_cut(kind, name, codes, (*_name_ranges(edges), MISSING))


def _cut_categories(column: CategoryColumn) -> Cut | None:
    if not column.levels:
        return None
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    top = np.argsort(-counts, kind="stable")[:TOP_CATEGORIES]
    places = np.full(len(column.levels) + 1, len(top))  # the last one is that of code -1
    places[top] = np.arange(len(top))
    places[-1] = len(top) + 1
    names = (*(column.levels[place] for place in top), OTHER, MISSING)
    return _make_cut("feature", column.name, places[column.codes], names)


def _cut_missing(column: DataColumn) -> Cut | None:
    return _make_cut("missingness", column.name, column.missing.astype(np.int64), ("present", "missing"))


def _make_cut(kind: SliceKind, name: str, codes: NDArray[np.int64], levels: Sequence[str]) -> Cut | None:
    there = np.flatnonzero(np.bincount(codes, minlength=len(levels)))
    places = np.full(len(levels), -1, np.int32)
    places[there] = np.arange(len(there))
    return Cut(
        kind=kind,
        attribute=name,
        codes=places[codes],
        levels=tuple(levels[place] for place in there.tolist()),
    )


def _name_ranges(edges: NDArray[np.float64]) -> list[str]:
    """Names of right-closed ranges, with as many digits as keep the edges apart."""
    if not len(edges):
        return ["any"]
    for digits in (4, 6, 9, 17):
        texts = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(texts)) == len(texts):
            break
    between = [f"({low}, {high}]" for low, high in itertools.pairwise(texts)]
    return [f"≤ {texts[0]}", *between, f"> {texts[-1]}"]
