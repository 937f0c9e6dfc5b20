"""ROC and precision-recall curves, and the metrics of scores against labels of two classes.

The metrics come from the kernel that the bootstrap uses, with every weight 1; so a point and its interval
cannot disagree.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.statistics.columns import read_flags, read_values
from modellab.statistics.ranking import ascend, measure, rank

SCORE_METRICS = ("roc_auc", "pr_auc", "expected_calibration_error")

Curve = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def read_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Labels 0/1 and finite scores, (n,) each, as what they are."""
    flags = np.asarray(labels)
    positive = flags if flags.dtype == np.bool_ and flags.ndim == 1 else read_flags("labels", labels)
    column = read_values("scores", scores)
    if len(positive) != len(column):
        raise InvalidInput(f"There are {len(positive)} labels and {len(column)} scores; each row needs both.")
    return positive, column


def sort_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """The same rows, first negatives and then positives, each by ascending score.

    Whatever is said here of scores does not depend on the order of rows, but of millions it is found sooner
    in this one.
    """
    positive, column = read_scores(labels, scores)
    n_misses = len(column) - int(np.count_nonzero(positive))
    ordered = np.concatenate([column[~positive], column[positive]])
    ascend(ordered[:n_misses])
    ascend(ordered[n_misses:])
    return np.arange(len(column)) >= n_misses, ordered


def are_probabilities(scores: NDArray[np.float64]) -> bool:
    """Whether all scores lie in 0 to 1, so that they can be calibrated."""
    return bool(scores.min() >= 0 and scores.max() <= 1)


def score_metrics(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> dict[str, float]:
    """ROC-AUC, PR-AUC and expected calibration error of labels 0/1 (n,) and scores (n,); NaN = undefined.

    The areas need rows of both classes, the calibration error scores in 0 to 1. `weights` (n,) are integers
    that say how often each row counts.
    """
    positive, column = read_scores(labels, scores)
    is_calibrated = are_probabilities(column)
    if weights is None:
        hits, misses = ascend(column[positive])[::-1], ascend(column[~positive])[::-1]
        kind = np.int32 if len(column) < 2**30 else np.int64
        hit_counts, miss_counts = np.ones((1, len(hits)), kind), np.ones((1, len(misses)), kind)
    else:
        counts = _read_weights(weights, len(column))
        order = np.argsort(-column, kind="stable")
        hits_at, misses_at = order[positive[order]], order[~positive[order]]
        hits, misses = column[hits_at], column[misses_at]
        hit_counts, miss_counts = counts[None, hits_at], counts[None, misses_at]
    most = int(hit_counts.sum() + miss_counts.sum())
    ranking = rank(hits, misses, max(1, most), calibrate=is_calibrated)
    found = measure(ranking, hit_counts, miss_counts, SCORE_METRICS)
    values = {name: float(value[0]) for name, value in found.items()}
    return values if is_calibrated else values | {"expected_calibration_error": float("nan")}


def roc_curve_points(labels: ArrayLike, scores: ArrayLike, max_vertices: int = 2000) -> Curve:
    """False positive rate, true positive rate and threshold at vertices of the ROC curve.

    It goes from (0, 0) to (1, 1). A row is positive at a score of at least the threshold; the first is
    infinite. Of more than `max_vertices` those stay that share out the length of the curve. Both classes have
    to be there.
    """
    tp, fp, thresholds = _count_curve(labels, scores)
    if tp[-1] == 0 or fp[-1] == 0:
        raise InvalidInput("All labels are the same; a ROC curve needs both classes.")
    kept = _thin(tp / tp[-1] + fp / fp[-1], max_vertices)
    return fp[kept] / fp[-1], tp[kept] / tp[-1], thresholds[kept]


def pr_curve_points(labels: ArrayLike, scores: ArrayLike, max_vertices: int = 2000) -> Curve:
    """Recall, precision and threshold at vertices of the precision-recall curve, from recall 0 to 1.

    The first vertex repeats the precision of the second at recall 0. Of more than `max_vertices` half share
    out the recall, and half lie ever closer towards the highest scores, where the curve moves most.
    """
    tp, fp, thresholds = _count_curve(labels, scores)
    if tp[-1] == 0:
        raise InvalidInput("No label is positive; a precision-recall curve needs some.")
    recall = tp / tp[-1]
    precision = tp / np.maximum(tp + fp, 1)
    precision[0] = precision[1]
    half = max_vertices // 2
    kept = np.union1d(_thin(recall, half), _thin(np.log1p(np.arange(len(tp))), half))
    return recall[kept], precision[kept], thresholds[kept]


def _read_weights(weights: ArrayLike, n: int) -> NDArray[np.int64]:
    counts = np.asarray(weights)
    if counts.shape != (n,) or counts.dtype.kind not in "iub" or counts.min() < 0:
        raise InvalidInput("weights are integers ≥ 0, one for each row: how often it counts.")
    return counts.astype(np.int64)


def _count_curve(
    labels: ArrayLike, scores: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """True and false positives and threshold for each distinct score, highest first, after one of nothing."""
    positive, column = read_scores(labels, scores)
    order = np.argsort(-column, kind="stable")
    ordered = column[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    tp = np.cumsum(positive[order], dtype=np.int64)[ends]
    fp = ends + 1 - tp
    return np.append(0, tp), np.append(0, fp), np.append(np.inf, ordered[ends])


def _thin(position: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """The places of at most `n` of ascending positions, the first and the last among them."""
    if len(position) <= n:
        return np.arange(len(position))
    wanted = np.linspace(position[0], position[-1], n)
    places = np.searchsorted(position, wanted, side="left")
    places[-1] = len(position) - 1
    return np.unique(np.minimum(places, len(position) - 1))
