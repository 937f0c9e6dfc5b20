"""The interval of the expected calibration error, by inverting a test (Davison & Hinkley 1997, section 5.5).

The error is a sum of absolute values, so it is too large on average, the more so the better a model is
calibrated. Bootstrap limits inherit that: percentiles hardly ever cover, and mirrored ones cover a well
calibrated model one time in two. Here the deviations that the bins show are scaled to a true error of t
instead, noise as large as theirs is added, and the interval holds every t at which the error seen is not too
extreme.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.records.estimates import LEVEL, Interval
from modellab.statistics.calibration import read_probabilities
from modellab.statistics.columns import read_clusters
from modellab.statistics.ranking import N_BINS, find_bins
from modellab.statistics.streams import Stream

_LUCKY = 0.16  # a smaller error than this quantile of a calibrated model does not lower the upper limit
_STEPS = 30


def calibration_interval(
    probabilities: ArrayLike,
    hits: ArrayLike,
    *,
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
    level: float = LEVEL,
    note: str | None = None,
) -> Interval:
    """The expected calibration error of probabilities (n,) and hits 0/1 (n,), and its interval in 0 to 1.

    Deviations of bins are taken as normal; their covariance is that of rows, or of `clusters` (n,). An error
    that is small by luck gets the upper limit of a somewhat larger one (a power-constrained limit: Cowan
    2011), as otherwise the interval could be [0, 0]. `n_resamples` is how often noise is drawn.
    """
    column, hit = read_probabilities(probabilities, hits)
    bins = find_bins(column)
    deviations = np.bincount(bins, weights=column - hit, minlength=N_BINS) / len(column)
    error = float(np.abs(deviations).sum())
    noise = _draw_noise(column - hit, bins, clusters, stream.normal(n_resamples * N_BINS))
    by_chance = np.abs(noise).sum(axis=1)
    low = high = None
    if by_chance.max() > 0:
        direction = deviations / error if error > 0 else noise.std(axis=0) / noise.std(axis=0).sum()
        farthest = error + float(by_chance.max())
        low = _find_scale(direction, noise, error, (1 + level) / 2, farthest)
        least = max(error, float(np.quantile(by_chance, _LUCKY)))
        high = min(1.0, _find_scale(direction, noise, least, (1 - level) / 2, farthest))
    else:
        reason = "every row is as its probability says, so they do not show how far the error may be off"
        note = f"{reason}; {note}" if note else reason
    return Interval(
        estimate=error,
        low=low,
        high=high,
        level=level,
        method="inversion",
        n_resamples=n_resamples,
        seed=stream.seed,
        note=note,
    )


def _draw_noise(
    differences: NDArray[np.float64],
    bins: NDArray[np.int64],
    clusters: ArrayLike | None,
    normal: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Noise (R, bins) with the covariance that resampled rows or clusters have in each bin."""
    n = len(differences)
    if clusters is None:
        sums = np.bincount(bins, weights=differences, minlength=N_BINS)
        squares = np.diag(np.bincount(bins, weights=differences**2, minlength=N_BINS))
        covariance = squares - np.outer(sums, sums) / n
    else:
        codes, n_clusters = read_clusters(clusters, n)
        by_cluster = np.bincount(codes * N_BINS + bins, weights=differences, minlength=n_clusters * N_BINS)
        sizes = np.bincount(codes, minlength=n_clusters)
        shifts = by_cluster.reshape(n_clusters, N_BINS)
        shifts = shifts - np.outer(sizes, shifts.sum(axis=0) / n)  # a resample may have more rows, or fewer
        covariance = np.einsum("ci,cj->ij", shifts, shifts)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    noise: NDArray[np.float64] = np.einsum("ri,ij->rj", normal.reshape(-1, N_BINS), root)
    return noise / n


def _find_scale(
    direction: NDArray[np.float64], noise: NDArray[np.float64], error: float, share: float, most: float
) -> float:
    """How large the true error has to be for a `share` of those seen to be below `error`; at least 0."""
    low, high = 0.0, most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        seen = np.abs(middle * direction + noise).sum(axis=1)
        if np.count_nonzero(seen < error) > share * len(seen):
            low = middle
        else:
            high = middle
    return high if low > 0 else 0.0
