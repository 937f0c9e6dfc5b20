"""Wilcoxon's signed ranks: for differences too few to trust their mean, exact also with ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modellab.records.estimates import LEVEL, Interval, Test
from modellab.statistics.columns import is_constant
from modellab.statistics.studentized import IDENTICAL

NAME = "wilcoxon"


def compare_ranks(
    differences: NDArray[np.float64], level: float = LEVEL, standard_error: float | None = None
) -> Test:
    """The differences (n,) against 0 by Wilcoxon's signed ranks (1945), with the Hodges-Lehmann interval.

    Differences of 0 are left out of the test. The estimate is that of Hodges and Lehmann (1963): the median
    of all means of two. Meant for fewer than 30 differences, or such as are all the same.
    """
    n = len(differences)
    if not differences.any():
        interval = Interval(estimate=0.0, low=0.0, high=0.0, level=level, method=NAME, note=IDENTICAL)
        return Test(name=NAME, p_value=1.0, n=n, interval=interval, standard_error=0.0, note=IDENTICAL)
    moved = differences[differences != 0]
    note = None
    if n == 1:
        note = "one pair cannot tell a difference from chance"
    elif 0.5 ** (len(moved) - 1) > 1 - level:
        note = f"{len(moved)} pairs that differ can reach only p = {0.5 ** (len(moved) - 1):.4g}"
    return Test(
        name=NAME,
        p_value=None if n == 1 else _p_value(moved),
        n=n,
        interval=_hodges_lehmann(differences, level),
        standard_error=standard_error,
        note=note,
    )


def _p_value(moved: NDArray[np.float64]) -> float:
    """The share of all sign flips whose rank sum is at least as far out, both sides."""
    n = len(moved)
    if is_constant(moved):
        return 0.5 ** (n - 1)
    ranks = _double_ranks(np.abs(moved))
    law = _count_sums(ranks)
    least = min(int(ranks[moved > 0].sum()), int(ranks[moved < 0].sum()))
    return min(1.0, 2 * float(law[: least + 1].sum()) / 2.0**n)


def _double_ranks(sizes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Twice the rank of each value, so that the mean rank of ties is whole."""
    ordered = np.sort(sizes)
    below = np.searchsorted(ordered, sizes, side="left")
    upto = np.searchsorted(ordered, sizes, side="right")
    return (below + upto + 1).astype(np.int64)


def _count_sums(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many of the 2^n subsets of the ranks have each sum."""
    counts = np.zeros(int(ranks.sum()) + 1)
    counts[0] = 1
    for rank in ranks.tolist():
        counts[rank:] += counts[:-rank].copy()
    return counts


def _hodges_lehmann(differences: NDArray[np.float64], level: float) -> Interval:
    n, note = len(differences), None
    if is_constant(differences):  # of which there may be a million
        low = high = estimate = float(differences[0])
        note = "the difference is the same in every pair"
    else:
        means = np.sort(((differences[:, None] + differences) / 2)[np.triu_indices(n)])
        estimate = float(np.median(means))
        law = np.cumsum(_count_sums(np.arange(1, n + 1))) / 2.0**n
        outside = max(1, int(np.searchsorted(law, (1 - level) / 2)))  # means beyond each limit, and itself
        low, high = float(means[outside - 1]), float(means[len(means) - outside])
    if 2.0 ** (1 - n) >= 1 - level:
        note = f"{n} pairs are too few for an interval of level {level:g}"
        return Interval(
            estimate=estimate, low=None, high=None, level=level, method="hodges_lehmann", note=note
        )
    return Interval(estimate=estimate, low=low, high=high, level=level, method="hodges_lehmann", note=note)
