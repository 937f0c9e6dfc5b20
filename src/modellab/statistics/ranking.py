"""Rows in the order of their scores, sorted once, and what any weights of these rows give.

Positives and negatives are kept apart, each from the highest score down. With weights w and the cumulated
weights TP and FP of a tie group of positives, the area under the ROC curve is Σ ΔTP·(N - FP + ΔFP/2) / (P·N)
(Hanley & McNeil 1982), the average precision Σ ΔTP·TP/(TP + FP) / P (Boyd 2013), and the expected calibration
error Σ over bins |Σ w·(score - label)| / Σ w (Naeini 2015). Counts and areas are summed in integers,
calibration in fixed point, so that neither order nor machine shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.statistics.multinomial import Counts

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins of scores in one class, and how far each score is from the label, in fixed point."""

    bins: NDArray[np.int64]
    """The bins that have scores of this class, from the highest down."""
    starts: NDArray[np.int64]
    """Where each of these bins starts."""
    deviations: NDArray[np.int64]
    """Score - label, times `scale`."""
    scale: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Where positives stand among negatives."""

    ends: NDArray[np.int64] | None
    """The last positive of each tie group of positives; `None` if no two positives tie."""
    above: NDArray[np.int64]
    """For each tie group of positives, how many places of negatives have a higher score."""
    upto: NDArray[np.int64]
    """The same, with those of the same score; the same object if no positive ties with a negative."""
    positives: Calibration | None
    negatives: Calibration | None


def rank(
    positives: NDArray[np.float64], negatives: NDArray[np.float64], n: int, *, calibrate: bool = True
) -> Ranking:
    """The ranking of scores that descend; `n` bounds the sum of weights that will be put on them."""
    changes = np.flatnonzero(positives[1:] != positives[:-1])
    ends = np.append(changes, len(positives) - 1) if len(positives) else np.empty(0, np.int64)
    distinct, ascending = positives[ends], negatives[::-1]
    above = len(negatives) - np.searchsorted(ascending, distinct, side="right")
    upto = len(negatives) - np.searchsorted(ascending, distinct, side="left")
    return Ranking(
        ends=None if len(ends) == len(positives) else ends,
        above=above,
        upto=above if np.array_equal(above, upto) else upto,
        positives=_calibrate(positives, 1.0, n) if calibrate else None,
        negatives=_calibrate(negatives, 0.0, n) if calibrate else None,
    )


def ascend(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same array in ascending order, sorted in its place if it is not yet."""
    if np.any(scores[1:] < scores[:-1]):
        scores.sort()
    return scores


def group_ties(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], Counts]:
    """The distinct scores of some that are in order, and how often each is there."""
    if count_distinct(scores) == len(scores):
        return scores, np.ones(len(scores), np.int32)
    starts = np.append(0, np.flatnonzero(scores[1:] != scores[:-1]) + 1)
    return scores[starts], np.diff(np.append(starts, len(scores)))


def count_distinct(scores: NDArray[np.float64]) -> int:
    """How many different scores there are among some that are in order."""
    return int(np.count_nonzero(scores[1:] != scores[:-1])) + min(1, len(scores))


def find_bins(probabilities: NDArray[np.float64], n_bins: int = N_BINS) -> NDArray[np.int64]:
    """The bin of each probability: ((m-1)/M, m/M], and 0 in the first; edges as scikit-learn has them."""
    return np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], probabilities, side="left")


def choose_scale(n: int) -> float:
    """The power of two with which `n` values of at most 1 still sum up in 64 bits."""
    return 2.0 ** (61 - max(10, n.bit_length()))


def _calibrate(scores: NDArray[np.float64], label: float, n: int) -> Calibration:
    """The bins of scores that descend."""
    edges = np.linspace(0, 1, N_BINS + 1)[1:-1]
    ends = np.append(np.searchsorted(scores[::-1], edges, side="right"), len(scores))  # of bins, ascending
    filled = np.flatnonzero(np.diff(ends, prepend=0))[::-1]
    scale = choose_scale(n)
    deviations = scores - label
    deviations *= scale
    np.rint(deviations, out=deviations)
    return Calibration(filled, len(scores) - ends[filled], deviations.astype(np.int64), scale)


def measure(
    ranking: Ranking, hits: Counts, misses: Counts, metrics: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Metrics (B,) under weights of the positives (B, P) and of the negatives (B, N); NaN = undefined."""
    found: dict[str, NDArray[np.float64]] = {}
    if "roc_auc" in metrics or "pr_auc" in metrics:
        found = _measure_curves(ranking, hits, misses, metrics)
    if "expected_calibration_error" in metrics:
        found["expected_calibration_error"] = _measure_calibration(ranking, hits, misses)
    return {name: found[name] for name in metrics}


def _measure_curves(
    ranking: Ranking, hits: Counts, misses: Counts, metrics: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    fp = np.zeros((len(misses), misses.shape[1] + 1), misses.dtype)
    np.cumsum(misses, axis=1, dtype=fp.dtype, out=fp[:, 1:])
    tp = np.cumsum(hits, axis=1, dtype=hits.dtype)
    n_hits, n_misses = _last(tp), _last(fp)
    if ranking.ends is not None:
        tp = tp[:, ranking.ends]
        hits = np.diff(tp, axis=1, prepend=tp.dtype.type(0))
    upto = fp.take(ranking.upto, axis=1)
    both = (n_hits > 0) & (n_misses > 0)
    found = {}
    if "roc_auc" in metrics:
        above = upto if ranking.above is ranking.upto else fp.take(ranking.above, axis=1)
        margins = 2 * fp[:, -1:] - upto - above
        twice = np.einsum("ij,ij->i", hits, margins, dtype=np.int64)
        found["roc_auc"] = divide(twice, 2.0 * n_hits * n_misses, both)
    if "pr_auc" in metrics:
        precision = tp / np.maximum(np.add(tp, upto, out=upto), 1)
        found["pr_auc"] = divide(np.multiply(precision, hits, out=precision).sum(axis=1), n_hits, both)
    return found


def _last(cumulated: Counts) -> NDArray[np.int64]:
    """The totals (B,) of cumulated weights, which may be none."""
    if not cumulated.shape[1]:
        return np.zeros(len(cumulated), np.int64)
    return cumulated[:, -1].astype(np.int64)


def _measure_calibration(ranking: Ranking, hits: Counts, misses: Counts) -> NDArray[np.float64]:
    n = hits.sum(axis=1, dtype=hits.dtype) + misses.sum(axis=1, dtype=misses.dtype)
    sums = np.zeros((len(hits), N_BINS), np.int64)
    scale = 1.0
    for side, weights in ((ranking.positives, hits), (ranking.negatives, misses)):
        if side is not None and len(side.starts):
            scale = side.scale
            sums[:, side.bins] += np.add.reduceat(weights * side.deviations, side.starts, axis=1)
    return divide(np.abs(sums).sum(axis=1), scale * n, n > 0)


def divide(above: NDArray[Any], below: NDArray[Any], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The quotient where there is one, NaN elsewhere."""
    quotient = np.full(len(above), np.nan)
    np.divide(above, below, out=quotient, where=where)
    return quotient
