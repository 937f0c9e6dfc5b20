"""Calibration: bins of probabilities, errors over them and their size by chance, the Brier score in parts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.statistics.curves import are_probabilities, read_scores
from modellab.statistics.ranking import N_BINS, find_bins
from modellab.statistics.streams import Stream

_BATCH = 1 << 18
_MOST_DRAWN = 50_000_000  # hits that are drawn one by one; of more, wide bins are taken as normal
_WIDE = 100.0  # the variance of the number of hits in a bin from which on it is close to normal


@dataclass(frozen=True, slots=True)
class CalibrationBins:
    """Bins of equal width, ascending; `None` for what an empty bin does not have."""

    n: list[int]
    mean_probability: list[float | None]
    frequency: list[float | None]
    """The share of hits."""


@dataclass(frozen=True, slots=True)
class CalibrationNull:
    """The expected calibration error that chance alone gives to a model whose probabilities are all true."""

    mean: float
    percentile_95: float
    p_value: float
    """The chance of an error at least as large as the one observed."""


@dataclass(frozen=True, slots=True)
class BrierDecomposition:
    """Brier score = miscalibration - discrimination + uncertainty (CORP: Dimitriadis 2021)."""

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def calibration_bins(probabilities: ArrayLike, hits: ArrayLike, n_bins: int = N_BINS) -> CalibrationBins:
    """The bins of probabilities in 0 to 1 (n,) and hits 0/1 (n,): right-closed, 0 in the first (Guo 2017)."""
    column, hit = read_probabilities(probabilities, hits)
    bins = find_bins(column, n_bins)
    n, predicted, observed = _add_up(column, hit, bins, n_bins)
    return CalibrationBins(
        n=[int(count) for count in n],
        mean_probability=[float(x / count) if count else None for x, count in zip(predicted, n, strict=True)],
        frequency=[float(x / count) if count else None for x, count in zip(observed, n, strict=True)],
    )


def expected_calibration_error(probabilities: ArrayLike, hits: ArrayLike, n_bins: int = N_BINS) -> float:
    """Σ over bins of n_b/n · |mean probability - share of hits| (Naeini 2015)."""
    column, hit = read_probabilities(probabilities, hits)
    _, predicted, observed = _add_up(column, hit, find_bins(column, n_bins), n_bins)
    return float(np.abs(predicted - observed).sum() / len(column))


def max_calibration_error(probabilities: ArrayLike, hits: ArrayLike, n_bins: int = N_BINS) -> float:
    """The largest |mean probability - share of hits| of a bin that is not empty (Naeini 2015)."""
    column, hit = read_probabilities(probabilities, hits)
    n, predicted, observed = _add_up(column, hit, find_bins(column, n_bins), n_bins)
    return float(np.max(np.abs(predicted - observed)[n > 0] / n[n > 0]))


def ece_equal_mass(probabilities: ArrayLike, hits: ArrayLike, n_bins: int = N_BINS) -> float:
    """The calibration error over bins of equally many rows (Nixon 2019); ties stay together."""
    column, hit = read_probabilities(probabilities, hits)
    _, predicted, observed = _add_up(column, hit, _share_out(column, n_bins), n_bins)
    return float(np.abs(predicted - observed).sum() / len(column))


def ece_debiased(probabilities: ArrayLike, hits: ArrayLike, n_bins: int = N_BINS) -> float:
    """The square root of the debiased squared calibration error (Kumar, Liang & Ma 2019), bins of equal mass.

    Of each bin the variance of its share of hits is taken off the squared error; bins of one row are left
    out, and a sum below 0 counts as 0.
    """
    column, hit = read_probabilities(probabilities, hits)
    n, predicted, observed = _add_up(column, hit, _share_out(column, n_bins), n_bins)
    some = n > 1
    n, mean, share = n[some], predicted[some] / n[some], observed[some] / n[some]
    squares = (mean - share) ** 2 - share * (1 - share) / (n - 1)
    return float(np.sqrt(max(0.0, np.sum(n * squares) / len(column))))


def brier_decomposition(probabilities: ArrayLike, hits: ArrayLike) -> BrierDecomposition:
    """The Brier score of probabilities (n,) of hits 0/1 (n,) in its parts, by isotonic regression."""
    from scipy.optimize import isotonic_regression

    column, hit = read_probabilities(probabilities, hits)
    _, which, n = np.unique(column, return_inverse=True, return_counts=True)
    shares = np.bincount(which, weights=hit) / n
    recalibrated = isotonic_regression(shares, weights=n).x[which]
    score, best = float(np.mean((column - hit) ** 2)), float(np.mean((recalibrated - hit) ** 2))
    uncertainty = float(np.mean(hit) * (1 - np.mean(hit)))
    return BrierDecomposition(
        score=score,
        miscalibration=score - best,
        discrimination=uncertainty - best,
        uncertainty=uncertainty,
    )


def calibration_null(
    probabilities: ArrayLike, *, n_resamples: int = 1000, stream: Stream, observed: float
) -> CalibrationNull:
    """What error hits show that are drawn with `probabilities` (n,), so that the model is calibrated.

    `observed` is the error to compare with (Bröcker & Smith 2007; Vaicenavicius 2019). With more than 5e7
    draws the number of hits of a bin whose variance is at least 100 is taken as normal.
    """
    column = np.sort(np.asarray(probabilities, np.float64))
    column, _ = read_probabilities(column, np.zeros(len(column)))
    bins = find_bins(column)
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    errors = np.zeros(n_resamples)
    for part in np.split(column, starts[1:]):
        errors += np.abs(_draw_deviations(part, len(column), n_resamples, stream))
    errors /= len(column)
    reached = np.count_nonzero(errors >= observed - 1e-12)
    return CalibrationNull(
        mean=float(errors.mean()),
        percentile_95=float(np.quantile(errors, 0.95)),
        p_value=(1 + reached) / (1 + n_resamples),
    )


def _draw_deviations(
    probabilities: NDArray[np.float64], n: int, n_resamples: int, stream: Stream
) -> NDArray[np.float64]:
    """Σ hits - Σ probabilities of one bin (R,), hits being drawn."""
    variance = float(np.sum(probabilities * (1 - probabilities)))
    if n * n_resamples > _MOST_DRAWN and variance >= _WIDE:
        return math.sqrt(variance) * stream.normal(n_resamples)
    expected = float(probabilities.sum())
    batch = max(1, _BATCH // len(probabilities))
    found = []
    for start in range(0, n_resamples, batch):
        size = min(batch, n_resamples - start)
        uniform = stream.uniform(size * len(probabilities)).reshape(size, -1)
        found.append(np.count_nonzero(uniform < probabilities, axis=1) - expected)
    return np.concatenate(found)


def read_probabilities(
    probabilities: ArrayLike, hits: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities in 0 to 1 and hits 0/1, (n,) each, as what they are."""
    hit, column = read_scores(hits, probabilities)
    if not are_probabilities(column):
        bad = int(np.flatnonzero((column < 0) | (column > 1))[0])
        raise InvalidInput(f"the probability in row {bad} is {column[bad]:g}; it lies in 0 to 1")
    return column, hit


def _add_up(
    probabilities: NDArray[np.float64], hits: NDArray[np.bool_], bins: NDArray[np.int64], n_bins: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Rows, expected hits and hits of each bin."""
    return (
        np.bincount(bins, minlength=n_bins).astype(np.int64),
        np.bincount(bins, weights=probabilities, minlength=n_bins).astype(np.float64),
        np.bincount(bins, weights=hits, minlength=n_bins).astype(np.float64),
    )


def _share_out(probabilities: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    """Bins of about equally many rows, by the middle rank of each distinct probability."""
    _, which, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    middles = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(middles * n_bins / len(probabilities), np.int64)[which]
