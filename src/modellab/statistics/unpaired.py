"""Tests of two models, or of a slice and the rest, on different rows: B - A."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL, Interval, Test
from modellab.statistics.columns import read_values
from modellab.statistics.distributions import two_sided_p
from modellab.statistics.proportions import newcombe_difference
from modellab.statistics.studentized import IDENTICAL, studentize

_MOST_DROPPED = 0.05  # of replicates in which the metric is undefined
_SMALL = 5  # an expected count below which chi-squared is not trusted (Cochran 1954)


def compare_proportions(k_a: int, n_a: int, k_b: int, n_b: int, level: float = LEVEL) -> Test:
    """The difference k_b / n_b - k_a / n_a of different rows; Fisher's test, or chi-squared if counts allow.

    The interval is Newcombe's. For the same rows, this is too careful: use `compare_correctness`.
    """
    interval = newcombe_difference(k_a, n_a, k_b, n_b, level)
    if interval.estimate is None:
        return Test(name="fisher_exact", p_value=None, n=n_a + n_b, interval=interval, note=interval.note)
    p_value, name = fisher_or_chi2([[k_a, n_a - k_a], [k_b, n_b - k_b]])
    p_a, p_b = k_a / n_a, k_b / n_b
    return Test(
        name=name,
        p_value=p_value,
        n=n_a + n_b,
        interval=interval,
        standard_error=math.sqrt(p_a * (1 - p_a) / n_a + p_b * (1 - p_b) / n_b),
        note="unpaired, conservative",
    )


def fisher_or_chi2(table: ArrayLike) -> tuple[float, str]:
    """The two-sided p-value of a 2 x 2 table of counts, and which test gave it.

    Pearson's chi-squared without correction where every expected count is at least 5, else Fisher's exact.
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.shape != (2, 2) or not (counts >= 0).all() or (counts != np.floor(counts)).any():
        raise InvalidInput(f"The table is {np.asarray(table).tolist()}; it is two rows of two counts.")
    rows = sorted([int(x) for x in row] for row in counts.tolist())  # so that either order gives the same p
    (a, b), (c, d) = rows
    n, margins = a + b + c + d, (a + b, c + d, a + c, b + d)
    if n and min(margins[:2]) * min(margins[2:]) >= _SMALL * n:
        return two_sided_p((a * d - b * c) * math.sqrt(n / math.prod(margins))), "chi2"
    from scipy.stats import fisher_exact

    return min(1.0, float(fisher_exact(rows).pvalue)), "fisher_exact"


def compare_welch(values_a: ArrayLike, values_b: ArrayLike, level: float = LEVEL) -> Test:
    """The difference of the means of two independent samples (n_a,) and (n_b,), by Welch's t test (1947)."""
    a, b = read_values("values_a", values_a), read_values("values_b", values_b)
    estimate, n = float(np.mean(b)) - float(np.mean(a)), len(a) + len(b)
    if min(len(a), len(b)) < 2:
        note = "one value on a side cannot tell a difference from chance"
        return studentize("welch_t", estimate, None, df=1, n=n, level=level, note=note)
    part_a, part_b = float(np.var(a, ddof=1)) / len(a), float(np.var(b, ddof=1)) / len(b)
    variance = part_a + part_b
    if variance == 0:
        same = IDENTICAL if estimate == 0 else None
        return studentize("welch_t", estimate, None, df=1, n=n, level=level, note=same)
    df = variance**2 / (part_a**2 / (len(a) - 1) + part_b**2 / (len(b) - 1))
    return studentize("welch_t", estimate, math.sqrt(variance), df=df, n=n, level=level)


def compare_bootstraps(
    estimate_a: float,
    replicates_a: NDArray[np.float64],
    estimate_b: float,
    replicates_b: NDArray[np.float64],
    level: float = LEVEL,
) -> Test:
    """The difference of a metric on different rows, from bootstrap replicates (R,) of each side.

    Replicates are subtracted at random; the interval is made of their percentiles, and p is the level at
    which it would touch 0. NaN is dropped; above 5 % of it there is no test. Nor is there one where a side
    has no spread, as with an AUC of 1.
    """
    kept, n_dropped = [], 0
    for side in (replicates_a, replicates_b):
        finite = np.asarray(side, dtype=np.float64)[np.isfinite(side)]
        n_dropped += len(side) - len(finite)
        kept.append(finite)
    size = min(len(side) for side in kept)
    outside = math.floor((size + 1) * (1 - level) / 2 + 1e-9)
    note = None
    if n_dropped > _MOST_DROPPED * (len(replicates_a) + len(replicates_b)):
        note = f"the metric is undefined in {n_dropped} resamples"
    elif outside < 1:
        note = f"{size} resamples are too few for an interval of level {level:g}"
    elif any(np.ptp(side) == 0 for side in kept):
        note = "the resamples of one side are all alike, so they do not show what chance alone does"
    low = high = p_value = None
    if note is None:
        # One side from its end: sides whose streams have the same seed do not move together then.
        differences = np.sort(kept[1][:size] - kept[0][:size][::-1])
        low, high = float(differences[outside - 1]), float(differences[size - outside])
        tail = min(np.count_nonzero(differences <= 0), np.count_nonzero(differences >= 0))
        p_value = min(1.0, 2 * (1 + int(tail)) / (size + 1))
    return Test(
        name="unpaired_bootstrap",
        p_value=p_value,
        n=size,
        interval=Interval(
            estimate=estimate_b - estimate_a,
            low=low,
            high=high,
            level=level,
            method="percentile",
            n_resamples=size,
            n_dropped=n_dropped,
            note=note,
        ),
        standard_error=None if note else math.hypot(*(float(np.std(side, ddof=1)) for side in kept)),
        note=note,
    )
