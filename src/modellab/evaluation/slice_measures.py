"""How a metric is compared between the rows of a slice and the rest of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics import compute_metric, find_metric
from modellab.evaluation.permuted_sums import PermutedSums
from modellab.evaluation.problem import Classification, Problem
from modellab.evaluation.slice_metrics import Areas, Cells, Means, Recomputed, SliceMetric, make_undefined
from modellab.records.estimates import Interval, Test
from modellab.statistics.proportions import wilson_interval
from modellab.statistics.unpaired import compare_proportions

Mask = NDArray[np.bool_]

_MOST_CLASSES = 50  # a confusion matrix of more is too sparse in a slice to be tested
_MOST_CURVES = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """The metric on a slice with its interval, and the test of slice minus rest; `None` without a rest."""

    estimate: Interval
    test: Test | None


class Measure(Protocol):
    """A metric of rows that are given as masks, shape (n,)."""

    def compare(self, inside: Mask, outside: Mask) -> Comparison:
        """The metric inside, and its difference to that outside."""
        ...


def choose_measure(problem: Problem, name: str) -> Measure:
    """The measure of a metric: exact where it is a proportion, by what each row does to it elsewhere."""
    metric = find_metric(name)
    whole = compute_metric(problem, name).value
    if isinstance(problem, Classification):
        counted = _find_counted(problem, name)
        if counted is not None:
            return Proportion(problem.correct & counted, counted)
        if metric.confusion is not None and len(problem.classes) <= _MOST_CLASSES:
            return Permuted(Cells(problem, metric))
        if name in ("roc_auc", "pr_auc") and whole is not None and len(problem.classes) <= _MOST_CURVES:
            return Permuted(Areas(problem, metric))
    if metric.of_means is not None and whole is not None:
        return Permuted(Means(problem, metric))
    return Permuted(Recomputed(problem, metric))


class Proportion:
    """The share of `hits` among `counted` rows: Wilson's interval, Fisher's or the chi-squared test."""

    def __init__(self, hits: Mask, counted: Mask) -> None:
        self._hits, self._counted = hits, counted

    def compare(self, inside: Mask, outside: Mask) -> Comparison:
        """See `Measure`."""
        k, n = self._count(inside)
        k_rest, n_rest = self._count(outside)
        test = compare_proportions(k_rest, n_rest, k, n) if n_rest else None
        return Comparison(wilson_interval(k, n), test)

    def _count(self, rows: Mask) -> tuple[int, int]:
        return int(np.count_nonzero(self._hits & rows)), int(np.count_nonzero(self._counted & rows))


class Permuted:
    """Any other metric.

    The interval of the difference is made of those of the slice and the rest (Zou & Donner 2008). The test
    permutes which rows are in the slice, and sums what each does to the metric of all rows; these values do
    not know the slices, so it is valid for whatever metric.
    """

    def __init__(self, metric: SliceMetric) -> None:
        self._metric = metric
        self._without = metric.leave_out()
        self._all = PermutedSums(self._without) if np.isfinite(self._without).all() else None

    def compare(self, inside: Mask, outside: Mask) -> Comparison:
        """See `Measure`."""
        estimate = self._estimate(inside)
        if not outside.any():
            return Comparison(estimate, None)
        interval = subtract_intervals(estimate, self._estimate(outside))
        n = int(np.count_nonzero(inside)) + int(np.count_nonzero(outside))
        p_value, note = None, interval.note
        if interval.estimate is not None and self._all is not None:
            p_value = self._test(inside, outside, interval.estimate)
            note = None if p_value is not None else "no row changes the metric more than another"
        elif interval.estimate is not None:
            note = "not tested: what each row does to this metric is not known"
        test = Test(name="permutation_moments", p_value=p_value, n=n, interval=interval, note=note)
        return Comparison(estimate, test)

    def _test(self, inside: Mask, outside: Mask, difference: float) -> float | None:
        union = inside | outside
        if union.all() and self._all is not None:
            sums = self._all
        else:
            sums, inside = PermutedSums(self._without[union]), inside[union]
        total, p_value = sums.test(inside)
        # Without a row that pulls the metric up it falls, so the signs differ. If they do not, the difference
        # has another sign to first order: no evidence for either.
        return 1.0 if p_value is not None and total * difference > 0 else p_value

    def _estimate(self, rows: Mask) -> Interval:
        return self._metric.estimate(rows) if rows.any() else make_undefined(self._metric.metric)


def subtract_intervals(a: Interval, b: Interval) -> Interval:
    """The interval of a - b from those of independent a and b, recovering variances (Zou & Donner 2008)."""
    if a.estimate is None or b.estimate is None:
        where, which = ("slice", a) if a.estimate is None else ("rest", b)
        note = f"undefined in the {where}: {which.note}"
        return Interval(estimate=None, low=None, high=None, method="mover", note=note)
    estimate, low, high = a.estimate - b.estimate, None, None
    if a.low is not None and a.high is not None and b.low is not None and b.high is not None:
        low = estimate - math.hypot(a.estimate - a.low, b.high - b.estimate)
        high = estimate + math.hypot(a.high - a.estimate, b.estimate - b.low)
    return Interval(estimate=estimate, low=low, high=high, method="mover", note=a.note or b.note)


def _find_counted(problem: Classification, name: str) -> Mask | None:
    """Of a metric that is a proportion, the rows that count; `None` for others."""
    if name == "accuracy":
        return np.ones(problem.n, np.bool_)
    if not problem.is_binary:
        return None
    counted = {
        "recall": problem.labels == 1,
        "specificity": problem.labels == 0,
        "precision": problem.predicted == 1,
    }
    return counted.get(name)
