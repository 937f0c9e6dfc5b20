"""The interval of each metric: from resamples that metrics share, or by formula where that is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.formulas import (
    correlate_ranks,
    find_middle,
    list_proportions,
    measure_clusters,
    spread_means,
)
from modellab.evaluation.metrics import METRICS, Metric, MetricValue, Tally
from modellab.evaluation.metrics.rows import absolute_errors
from modellab.evaluation.problem import Classification
from modellab.evaluation.replicates import MANY_ROWS, Left, Resamples
from modellab.records.estimates import Interval
from modellab.statistics.auc import delong_interval
from modellab.statistics.intervals import Method, make_interval
from modellab.statistics.proportions import wilson_interval
from modellab.statistics.streams import Stream

FEW = 10
"""Rows of a class, or of a regression, below which an interval is marked."""

_BIASED = "the error itself is biased upwards; calibration_null says what chance alone gives"
_NONE = "no interval with a known coverage"

_MISSING = Interval(estimate=None, low=None, high=None, method="none")

Intervals = dict[str, Interval]


def build_intervals(
    tally: Tally,
    values: Mapping[str, MetricValue],
    *,
    n_resamples: int,
    stream: Stream,
    clusters: NDArray[np.int64] | None = None,
) -> tuple[Intervals, Intervals]:
    """An interval for each metric, and others that stand beside it (`accuracy_wilson`, `roc_auc_delong`, …).

    Of `clusters` (codes, shape (n,)) whole clusters are resampled.
    """
    resamples = Resamples(tally, values, n_resamples=n_resamples, stream=stream, clusters=clusters)
    intervals = {name: _make(METRICS[name], value, tally, resamples) for name, value in values.items()}
    others = _prefer_formulas(intervals, tally, clusters)
    few = _note_few(tally)
    return _mark(intervals, few), _mark(others, few)


def _mark(intervals: Intervals, few: str | None) -> Intervals:
    """The intervals with the note that they come from few examples, if they do."""
    if few is None:
        return intervals
    return {
        name: replace(found, note=f"{found.note}; {few}" if found.note else few)
        if found.low is not None
        else found
        for name, found in intervals.items()
    }


def _make(metric: Metric, value: MetricValue, tally: Tally, resamples: Resamples) -> Interval:
    """The interval of one metric by the method that it declares."""
    if value.value is None:
        return Interval(estimate=None, low=None, high=None, method="none", note=value.note)
    if metric.interval == "none":
        return Interval(estimate=value.value, low=None, high=None, method="none", note=_NONE)
    if resamples.clusters is None and (formula := _use_formula(metric, value.value, tally, resamples)):
        return formula
    if metric.interval == "inversion":
        return replace(resamples.invert(metric, _BIASED), estimate=value.value)  # to the last bit
    method: Method = "bca" if metric.interval == "bca" else "percentile"
    return make_interval(
        value.value,
        resamples.of(metric),
        method=method,
        leave_one_out=_scale(resamples.leave_one_out(metric)) if method == "bca" else None,
        clip=metric.limits,
        seed=resamples.seed,
    )


def _use_formula(metric: Metric, value: float, tally: Tally, resamples: Resamples) -> Interval | None:
    """The interval by a formula, of metrics that have one for rows that are independent."""
    if metric.interval == "order_statistic":
        return find_middle(absolute_errors(tally.problem), value)
    if metric.interval == "fisher_z":
        return correlate_ranks(value, tally.problem.n)
    if metric.kind == "means" and tally.problem.n > MANY_ROWS:
        return spread_means(value, resamples.leave_one_out(metric))
    return None


def _scale(left: Left | None) -> Left | None:
    """The same values in a unit in which they are at most 1; what they tell, their skewness, has no unit."""
    if left is None or not left[0].size:
        return None
    largest = float(np.abs(left[0]).max())
    return left if largest == 0 or not np.isfinite(largest) else (left[0] / largest, left[1])


def _note_few(tally: Tally) -> str | None:
    if not isinstance(tally.problem, Classification):
        return f"few examples: {tally.problem.n} rows" if tally.problem.n < FEW else None
    rows = tally.confusion.sum(1)
    is_counted = (rows > 0) | tally.problem.is_binary  # of two classes an absent one counts as rare
    rarest = int(np.where(is_counted, rows, rows.max()).argmin())
    if rows[rarest] >= FEW:
        return None
    return f"few examples: {rows[rarest]} rows of class '{tally.problem.classes[rarest]}'"


def _prefer_formulas(intervals: Intervals, tally: Tally, clusters: NDArray[np.int64] | None) -> Intervals:
    """Put formulas in the place of resamples where those fail; else give them beside."""
    others: Intervals = {}
    if isinstance(tally.problem, Classification):
        for name, (k, n) in list_proportions(tally).items():
            _add_wilson(name, k, n, intervals, others, clusters)
        if tally.problem.scores is not None and intervals.get("roc_auc", _MISSING).estimate is not None:
            _add_delong(tally.problem, tally.problem.scores, intervals, others, clusters)
    if clusters is not None:
        others |= measure_clusters(tally.problem, clusters)
    return others


def _add_wilson(
    name: str, k: int, n: int, intervals: Intervals, others: Intervals, clusters: NDArray[np.int64] | None
) -> None:
    if n == 0 or name not in intervals or intervals[name].estimate is None:
        return
    is_extreme = k in (0, n)
    if clusters is not None:
        if is_extreme:  # as if each cluster were one row, which is the least that it can be worth
            n_clusters = len(np.unique(clusters))
            found = wilson_interval(n_clusters if k else 0, n_clusters)
            intervals[name] = replace(found, note=f"counts {n_clusters} clusters, not rows")
        return
    if is_extreme:
        intervals[name] = wilson_interval(k, n)
    elif name != "recall_weighted":  # which is the accuracy
        others[f"{name}_wilson"] = wilson_interval(k, n)


def _add_delong(
    problem: Classification,
    scores: NDArray[np.float64],
    intervals: Intervals,
    others: Intervals,
    clusters: NDArray[np.int64] | None,
) -> None:
    found = delong_interval(problem.labels == 1, scores, clusters=clusters)
    if found.method == "newcombe_auc":  # resamples of an area of 0 or 1 show no spread
        intervals["roc_auc"] = found
    else:
        others["roc_auc_delong"] = found
