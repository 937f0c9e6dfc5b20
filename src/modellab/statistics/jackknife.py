"""What a metric would be without one row, for every row, in closed form: the acceleration of BCa needs it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.statistics.auc import delong_placements
from modellab.statistics.columns import read_clusters, sum_by_cluster
from modellab.statistics.curves import read_scores
from modellab.statistics.multinomial import Counts
from modellab.statistics.ranking import ascend, group_ties


def leave_one_out_auc(labels: ArrayLike, scores: ArrayLike) -> NDArray[np.float64]:
    """The AUC without each row (n,), from DeLong's placements V: (m·AUC - V)/(m - 1).

    It is NaN for the only row of a class.
    """
    positive, column = read_scores(labels, scores)
    left = np.full(len(column), np.nan)
    if positive.all() or not positive.any():
        return left
    of_positives, of_negatives = delong_placements(positive, column)
    left[positive], left[~positive] = leave_one_out_mean(of_positives), leave_one_out_mean(of_negatives)
    return left


def leave_one_out_average_precision(labels: ArrayLike, scores: ArrayLike) -> NDArray[np.float64]:
    """The average precision without each row (n,); NaN for the only row of a class.

    Without a negative, the precision at its own and all lower scores has one row less below the line; without
    a positive also one less above it. So both are sums over distinct scores of positives, down to a score and
    from there on.
    """
    positive, column = read_scores(labels, scores)
    left = np.full(len(column), np.nan)
    if positive.all() or not positive.any():
        return left
    distinct, hits = group_ties(ascend(column[positive]))
    without_positive, without_negative = _leave_each_out(hits, _count_from(column[~positive], distinct))
    left[positive] = without_positive[np.searchsorted(distinct, column[positive], side="left")]
    if np.count_nonzero(~positive) > 1:
        left[~positive] = without_negative[np.searchsorted(distinct, column[~positive], side="right")]
    return left


def leave_one_out_mean(values: ArrayLike) -> NDArray[np.float64]:
    """The mean of the other values, for each of some (n,); NaN for the only one."""
    column = np.asarray(values, np.float64)
    if len(column) < 2:
        return np.full(len(column), np.nan)
    others: NDArray[np.float64] = (column.sum() - column) / (len(column) - 1)
    return others


def leave_one_out_means(
    columns: ArrayLike, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """A function, from means (n, m) to values (n,), of the means of columns (n, m) without each row: (n,)."""
    table = np.asarray(columns, np.float64)
    return function(np.column_stack([leave_one_out_mean(column) for column in table.T]))


def leave_clusters_out(left: NDArray[np.float64], clusters: ArrayLike) -> NDArray[np.float64]:
    """From values without each row (n,), those without each cluster: at first order shifts add up."""
    codes, n_clusters = read_clusters(clusters, len(left))
    middle = float(left.mean())
    return middle + sum_by_cluster(left - middle, codes, n_clusters)


def _leave_each_out(
    hits: Counts, misses: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The average precision without a positive of each distinct score; without a negative between.

    `hits` (D,) are the positives of each score, the lowest first, `misses` (D,) the negatives from it up.
    A negative below all scores is the first of (D + 1,).
    """
    tp = _sum_from_here(hits)
    n_hits, seen, fewer = int(tp[0]), tp + misses, np.maximum(tp + misses - 1, 1)
    higher = np.append(_sum_from_here(hits * tp / seen), 0.0)
    lower = np.cumsum(hits * (tp - 1) / fewer)
    without_positive = higher[1:] + lower - (tp - 1) / fewer
    without_negative = higher + np.append(0.0, np.cumsum(hits * tp / fewer))
    return without_positive / (n_hits - 1 if n_hits > 1 else math.nan), without_negative / n_hits


def _count_from(scores: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many scores are at least as high as each bound."""
    return len(scores) - np.searchsorted(ascend(scores), bounds, side="left")


def _sum_from_here(values: NDArray[Any]) -> NDArray[Any]:
    return np.cumsum(values[::-1])[::-1]
