"""Intervals from bootstrap replicates: BCa, percentile, basic."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL, Interval
from modellab.statistics.distributions import quantile, share_below

Method = Literal["bca", "percentile", "basic"]

MOST_DROPPED = 0.05
"""The share of resamples in which a metric may be undefined; with more there is no interval."""


def make_interval(
    estimate: float,
    replicates: NDArray[np.float64],
    *,
    method: Method = "bca",
    leave_one_out: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None,
    level: float = LEVEL,
    clip: tuple[float, float] | None = None,
    seed: int | None = None,
    note: str | None = None,
) -> Interval:
    """The interval of an estimate from its replicates (R,), of which NaN are dropped and counted.

    `bca` (Efron 1987) needs `leave_one_out`: values without one row, and how many rows each stands for. Where
    they do not settle the acceleration, the interval is a percentile one, and `method` says so. `basic`
    mirrors the percentiles at the estimate (Davison & Hinkley 1997). `clip` are the limits of the metric.

    There is no interval, and a note instead, where the estimate or more than 5 % of the replicates are
    undefined, or all replicates are the same.
    """
    if method not in ("bca", "percentile", "basic"):
        raise InvalidInput(f"there is no interval {method!r}; there are bca, percentile and basic")
    if not 0 < level < 1:
        raise InvalidInput(f"level is {level!r}; it lies between 0 and 1, as 0.95 does.")
    kept = replicates[np.isfinite(replicates)]
    n_dropped = len(replicates) - len(kept)
    reason = _refuse(estimate, kept, len(replicates))
    low = high = None
    if reason is None:
        tails = ((1 - level) / 2, (1 + level) / 2)
        found = _correct(estimate, kept, leave_one_out, tails) if method == "bca" else None
        if method == "bca" and found is None:
            method = "percentile"
        low, high = (float(x) for x in np.quantile(kept, found or tails))
        if method == "basic":
            low, high = 2 * estimate - high, 2 * estimate - low
        if clip is not None:
            low, high = max(low, clip[0]), min(high, clip[1])
    return Interval(
        estimate=estimate if math.isfinite(estimate) else None,
        low=low,
        high=high,
        level=level,
        method=method,
        n_resamples=len(replicates),
        n_dropped=n_dropped,
        seed=seed,
        note="; ".join(text for text in (reason, note) if text) or None,
    )


def _refuse(estimate: float, kept: NDArray[np.float64], n: int) -> str | None:
    """Why there is no interval, if there is none."""
    if not math.isfinite(estimate):
        return "the metric is undefined"
    if n - len(kept) > MOST_DROPPED * n:
        return f"the metric is undefined in {n - len(kept)} of {n} resamples, more than {MOST_DROPPED:.0%}"
    if not len(kept) or kept.min() == kept.max():
        return f"all {len(kept)} resamples give the same value, so they do not show how far it may be off"
    return None


def _correct(
    estimate: float,
    kept: NDArray[np.float64],
    leave_one_out: tuple[NDArray[np.float64], NDArray[np.int64]] | None,
    tails: tuple[float, float],
) -> tuple[float, float] | None:
    """The tails of BCa; `None` where there is no bias correction or no acceleration."""
    below = (np.count_nonzero(kept < estimate) + np.count_nonzero(kept <= estimate)) / (2 * len(kept))
    acceleration = None if leave_one_out is None else _accelerate(*leave_one_out)
    if acceleration is None or not 0 < below < 1:
        return None
    bias = quantile(below)
    moved = [bias + quantile(tail) for tail in tails]
    if any(acceleration * z >= 1 for z in moved):
        return None
    low, high = (share_below(bias + z / (1 - acceleration * z)) for z in moved)
    return low, high


def _accelerate(values: NDArray[np.float64], counts: NDArray[np.int64]) -> float | None:
    """Efron's acceleration: Σ d³ / (6 (Σ d²)^1.5), d = mean - value; `None` where values do not differ."""
    if not len(values) or not np.all(np.isfinite(values)):
        return None
    shifts = float(np.einsum("i,i", values, counts) / counts.sum()) - values
    square = float(np.einsum("i,i,i", shifts, shifts, counts))
    if square <= 1e-24 * max(1.0, float(values.max()), -float(values.min())) ** 2:
        return None
    return float(np.einsum("i,i,i,i", shifts, shifts, shifts, counts)) / (6.0 * math.pow(square, 1.5))
