"""Intervals that need no resampling."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics import Tally
from modellab.evaluation.problem import Classification, Problem
from modellab.records.estimates import LEVEL, Interval
from modellab.statistics.distributions import critical_value
from modellab.statistics.paired import clustered_mean

Left = tuple[NDArray[np.float64], NDArray[np.int64]]


def list_proportions(tally: Tally) -> dict[str, tuple[int, int]]:
    """The metrics that are k of n rows: name to k and n."""
    counts = tally.confusion
    right = (int(np.trace(counts)), int(counts.sum()))
    found = {"accuracy": right, "recall_weighted": right}
    if len(counts) == 2:
        (true_negative, false_positive), (false_negative, true_positive) = counts.tolist()
        found["precision"] = (true_positive, true_positive + false_positive)
        found["recall"] = (true_positive, true_positive + false_negative)
        found["specificity"] = (true_negative, true_negative + false_positive)
    return found


def find_middle(values: NDArray[np.float64], median: float, level: float = LEVEL) -> Interval:
    """The interval of a median between two order statistics, which needs no distribution (Conover 1999)."""
    from scipy.special import bdtr

    n = len(values)
    ranks = np.arange(max(0, n // 2 - int(4 * math.sqrt(n)) - 2), n // 2 + 1)
    # the largest rank below which the median lies with at most half of what the level leaves
    fitting = ranks[bdtr(ranks, n, 0.5) <= (1 - level) / 2]
    if not len(fitting):
        return Interval(
            estimate=median, low=None, high=None, method="order_statistic", note="fewer than 6 rows"
        )
    rank = int(fitting[-1])
    ordered = np.partition(values, [rank, n - 1 - rank])
    low, high = float(ordered[rank]), float(ordered[n - 1 - rank])
    return Interval(estimate=median, low=low, high=high, level=level, method="order_statistic")


def correlate_ranks(rho: float, n: int, level: float = LEVEL) -> Interval:
    """The interval of Spearman's correlation by Fisher's z with the variance of Bonett & Wright (2000)."""
    if n < 4 or abs(rho) >= 1:
        note = "fewer than 4 rows" if n < 4 else "a correlation of ±1 has no standard error"
        return Interval(estimate=rho, low=None, high=None, level=level, method="fisher_z", note=note)
    half = critical_value(level) * math.sqrt((1 + rho * rho / 2) / (n - 3))
    low, high = (math.tanh(math.atanh(rho) + shift) for shift in (-half, half))
    return Interval(estimate=rho, low=low, high=high, level=level, method="fisher_z")


def spread_means(estimate: float, left: Left | None, level: float = LEVEL) -> Interval:
    """The normal interval with the jackknife's standard error (Tukey 1958), of very many rows."""
    if left is None or not np.isfinite(left[0]).all():
        return Interval(
            estimate=estimate, low=None, high=None, method="jackknife", note="undefined without a row"
        )
    values = left[0]
    n = len(values)
    half = critical_value(level) * math.sqrt((n - 1) * float(np.var(values)))
    return Interval(
        estimate=estimate, low=estimate - half, high=estimate + half, level=level, method="jackknife"
    )


def measure_clusters(
    problem: Problem, clusters: NDArray[np.int64], level: float = LEVEL
) -> dict[str, Interval]:
    """The interval of accuracy or mean absolute error by the clustered standard error (Miller 2024).

    Its note says the design effect: how many times larger the variance is than independent rows would give.
    """
    if isinstance(problem, Classification):
        name, values = "accuracy_clustered", problem.correct.astype(np.float64)
    else:
        name, values = "mae_clustered", np.abs(problem.errors)
    found = clustered_mean(values, clusters)
    if found.standard_error is None:
        note = f"{found.n_clusters} cluster, which shows no spread"
        return {name: Interval(estimate=found.mean, low=None, high=None, method="clustered_t", note=note)}
    half = critical_value(level, found.n_clusters - 1) * found.standard_error
    effect = "undefined" if found.design_effect is None else f"{found.design_effect:.3g}"
    return {
        name: Interval(
            estimate=found.mean,
            low=found.mean - half,
            high=found.mean + half,
            level=level,
            method="clustered_t",
            note=f"{found.n_clusters} clusters, design effect {effect}",
        )
    }
