"""Percentiles of latencies: nearest rank, intervals from order statistics, histogram and curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.records.latency import Distribution, Percentile

QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
"""The percentiles of every report."""

_BINS_PER_DECADE = 20
_POINTS_PER_DECADE = 20
_N_ABOVE = 10
_MOST_ADDED = 20_000_000
_LEVEL = 0.95


def find_rank(q: float, n: int) -> int:
    """The place, from 1, of a nearest-rank percentile among n ascending values: the least k with k/n >= q."""
    return max(1, math.ceil(round(q * n, 6)))  # 0.07 * 100 is 7.000000000000001


def describe_times(seconds: NDArray[np.float64], *, is_observed: bool = True) -> Distribution:
    """The distribution of times in seconds, shape (n,), any order.

    Percentiles of a series that is not observed but made up in part have no intervals.
    """
    ordered = np.round(np.sort(seconds) * 1e3, 9)  # to the picosecond: 180 ns are 0.00018 ms
    n = len(ordered)
    edges, counts = _count_bins(ordered)
    return Distribution(
        n=n,
        mean_ms=math.fsum(ordered) / n if n else None,
        standard_deviation_ms=float(ordered.std(ddof=1)) if n > 1 else None,
        min_ms=float(ordered[0]) if n else None,
        max_ms=float(ordered[-1]) if n else None,
        percentiles=_find_percentiles(ordered, QUANTILES, is_observed),
        histogram_ms=edges,
        histogram_counts=counts,
        curve=_find_percentiles(ordered, _choose_quantiles(n), is_observed),
    )


def correct_omission(seconds: NDArray[np.float64], interval_s: float) -> NDArray[np.float64]:
    """The times, and those of the calls that a schedule of one every `interval_s` would have made meanwhile.

    A call of t seconds stands for further ones of t - interval, t - 2 intervals, … down to one interval
    (HdrHistogram's correction of coordinated omission, Tene).
    """
    n_added = np.maximum(np.floor(seconds / interval_s) - 1, 0).astype(np.int64)
    total = int(n_added.sum())
    if total > _MOST_ADDED:
        raise InvalidInput(
            f"expected_interval is {interval_s:g} s, which would add {total:,} calls to the {len(seconds):,} "
            f"measured; at most {_MOST_ADDED:,} are.",
            hint="Give the interval, in seconds, at which calls were meant to be made.",
        )
    steps = np.arange(total) - np.repeat(np.cumsum(n_added) - n_added, n_added) + 1
    return np.concatenate([seconds, np.repeat(seconds, n_added) - steps * interval_s])


def _find_percentiles(
    ordered_ms: NDArray[np.float64], quantiles: Sequence[float], is_observed: bool
) -> list[Percentile]:
    n = len(ordered_ms)
    limits = _find_limits(quantiles, n) if is_observed else [(None, None)] * len(quantiles)
    found = []
    for q, (low, high) in zip(quantiles, limits, strict=True):
        needed = math.ceil(round(1 / (1 - q), 6)) if q > 0.5 else 1
        if n < needed:
            note = f"needs {needed} calls; there are {n}"
            found.append(Percentile(q=q, value_ms=None, low_ms=None, high_ms=None, note=note))
            continue
        found.append(
            Percentile(
                q=q,
                value_ms=float(ordered_ms[find_rank(q, n) - 1]),
                low_ms=None if low is None else float(ordered_ms[low - 1]),
                high_ms=None if high is None else float(ordered_ms[high - 1]),
                note=_explain(low, high) if is_observed else None,
            )
        )
    return found


def _find_limits(quantiles: Sequence[float], n: int) -> list[tuple[int | None, int | None]]:
    """Ranks of the order statistics around quantiles, with 95 % confidence or more; `None` beyond the sample.

    The number of values below the true quantile is binomial (n, q), whatever the distribution.
    """
    q, tail = np.asarray(quantiles), (1 - _LEVEL) / 2
    low, high = _invert_binomial(tail, n, q), _invert_binomial(1 - tail, n, q) + 1
    return [
        (int(first) if first >= 1 else None, int(last) if last <= n else None)
        for first, last in zip(low, high, strict=True)
    ]


def _invert_binomial(share: float, n: int, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """The least k of which the chance of at most k successes is `share` or more."""
    from scipy.special import bdtr, bdtrik

    if n == 0:
        return np.zeros(len(q))
    k = np.maximum(np.ceil(bdtrik(share, n, np.clip(q, 1e-12, 1 - 1e-12))), 0)
    k = np.where((k > 0) & (bdtr(np.maximum(k - 1, 0), n, q) >= share), k - 1, k)  # good to some digits only
    found: NDArray[np.float64] = np.where(bdtr(np.minimum(k, n), n, q) < share, k + 1, k)
    return found


def _explain(low: int | None, high: int | None) -> str | None:
    if high is None:
        return "too few calls for an upper limit"
    return "too few calls for a lower limit" if low is None else None


def _count_bins(ordered_ms: NDArray[np.float64]) -> tuple[list[float], list[int]]:
    """Bins on one grid for all reports, from the one with the smallest value to that with the largest."""
    positive = np.maximum(ordered_ms, 1e-6)  # a nanosecond: what the clock tells apart
    if not len(positive):
        return [], []
    places = np.floor(np.log10(positive) * _BINS_PER_DECADE).astype(np.int64)
    first = int(places[0])
    counts = np.bincount(places - first)
    edges = 10.0 ** (np.arange(first, first + len(counts) + 1) / _BINS_PER_DECADE)
    return edges.tolist(), counts.tolist()


def _choose_quantiles(n: int) -> list[float]:
    """From the smallest value on, evenly in log 1/(1-q), to the largest q with ten values above it."""
    if n <= _N_ABOVE:
        return []
    decades = math.log10(n / _N_ABOVE)
    tails = 10.0 ** np.linspace(0, decades, max(2, math.ceil(decades * _POINTS_PER_DECADE) + 1))
    return [float(q) for q in np.round(1 - 1 / tails, 9)]
