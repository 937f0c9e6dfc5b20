"""A search through pairs of attributes for slices that stand out: exploratory, never a verdict."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modellab.evaluation.problem import Problem
from modellab.evaluation.slice_cuts import Cut, cut_rows
from modellab.evaluation.slice_measures import Mask, Measure, choose_measure
from modellab.evaluation.slices import say_too_few
from modellab.evaluation.table import DataTable
from modellab.statistics.corrections import benjamini_hochberg

FALSE_DISCOVERY_RATE = 0.1
"""Of the pairs that are found, so many are expected to be found by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicePair:
    """The rows with a value each of two attributes; `difference` is slice minus rest, in the metric's unit.

    `p_value` is the larger one of two: against the other rows with the one value, and with the other.
    `adjusted_p` is Benjamini and Hochberg's, over all pairs that were tested.
    """

    attributes: tuple[str, str]
    values: tuple[str, str]
    n: int
    estimate: float | None
    difference: float | None
    p_value: float
    adjusted_p: float
    label: str = "exploratory"

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "attributes": list(self.attributes),
            "values": list(self.values),
            "n": self.n,
            "estimate": self.estimate,
            "difference": self.difference,
            "p_value": self.p_value,
            "adjusted_p": self.adjusted_p,
            "label": self.label,
        }


def find_slice_pairs(
    problem: Problem, table: DataTable, *, attributes: Sequence[str] | None = None, metric: str
) -> list[SlicePair]:
    """The pairs of values that stand out at a false discovery rate of 10 %, the largest difference first.

    A pair stands out if it differs from the other rows of both of its slices, so that neither of these alone
    explains it. With many attributes this takes time: quartiles and quartiles make 16 pairs.
    """
    measure = choose_measure(problem, metric)
    cuts = [cut for cut in cut_rows(problem, table, attributes) if cut.kind == "feature"]
    tested = [
        (pair, p)
        for pair in _list_pairs(cuts)
        if (p := _test_against_sides(pair, problem, metric, measure)) is not None
    ]
    adjusted = benjamini_hochberg([p for _, p in tested])
    found = [
        _describe(pair, p, adjusted_p, measure)
        for (pair, p), adjusted_p in zip(tested, adjusted, strict=True)
        if adjusted_p is not None and adjusted_p < FALSE_DISCOVERY_RATE
    ]
    return sorted(found, key=lambda pair: -abs(pair.difference or 0.0))


@dataclass(frozen=True, slots=True)
class _Pair:
    cuts: tuple[Cut, Cut]
    codes: tuple[int, int]

    @property
    def sides(self) -> tuple[Mask, Mask]:
        """The rows of either slice."""
        return self.cuts[0].codes == self.codes[0], self.cuts[1].codes == self.codes[1]

    @property
    def rows(self) -> Mask:
        """The rows of both."""
        one, other = self.sides
        return one & other


def _list_pairs(cuts: Sequence[Cut]) -> Iterator[_Pair]:
    for cut, other in itertools.combinations(cuts, 2):
        for codes in itertools.product(range(len(cut.levels)), range(len(other.levels))):
            yield _Pair((cut, other), codes)


def _test_against_sides(pair: _Pair, problem: Problem, metric: str, measure: Measure) -> float | None:
    """The larger p-value of the two tests, which is one of "differs from both" (Berger 1982)."""
    rows = pair.rows
    p_values = []
    for side in pair.sides:
        others = side & ~rows
        if say_too_few(problem, metric, rows, others) is not None:
            return None
        test = measure.compare(rows, others).test
        if test is None or test.p_value is None:
            return None
        p_values.append(test.p_value)
    return max(p_values)


def _describe(pair: _Pair, p_value: float, adjusted_p: float, measure: Measure) -> SlicePair:
    rows = pair.rows
    comparison = measure.compare(rows, ~rows)
    return SlicePair(
        attributes=(pair.cuts[0].attribute, pair.cuts[1].attribute),
        values=(pair.cuts[0].levels[pair.codes[0]], pair.cuts[1].levels[pair.codes[1]]),
        n=int(np.count_nonzero(rows)),
        estimate=comparison.estimate.estimate,
        difference=None if comparison.test is None else comparison.test.interval.estimate,
        p_value=p_value,
        adjusted_p=adjusted_p,
    )
