"""Millions of scores as some thousand cells, for resampling that does not touch rows.

A cell is a stretch of the ranking: each of the highest scores alone, then equal shares of the positives and
of the negatives, cut at the edges of calibration bins and never inside a tie. Counts of cells are resampled
exactly; what stays fixed is the order inside a cell. So the area under the ROC curve and the calibration
error of the data themselves come out exactly, and the average precision nearly so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modellab.statistics.multinomial import Counts
from modellab.statistics.ranking import N_BINS, choose_scale, divide, find_bins

_N_TOP = 2048  # scores that are a cell of their own: average precision hangs on the top of the ranking
_N_SHARES = 3072  # equal shares of each class


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells (G,) from the highest scores down."""

    positives: NDArray[np.int64]
    negatives: NDArray[np.int64]
    """How many rows of each class a cell has."""
    beaten: NDArray[np.float64]
    """The share of a cell's negatives that stand above its positives, ties counted half."""
    is_single: NDArray[np.bool_]
    """Whether all scores of the cell are the same."""
    bins: NDArray[np.int64]
    bin_starts: NDArray[np.int64]
    """The calibration bins that have cells, and the first cell of each."""
    positive_deviations: NDArray[np.int64]
    negative_deviations: NDArray[np.int64]
    """The mean of score - label of each class, times `scale`."""
    scale: float


def make_cells(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> Cells:
    """The cells of the scores of both classes, each ascending and not empty."""
    tops = _choose_tops(positives, negatives)
    hit_edges, miss_edges = _count_above(positives, tops), _count_above(negatives, tops)
    hits, misses = np.diff(hit_edges), np.diff(miss_edges)
    n = len(positives) + len(negatives)
    scale = choose_scale(n)
    bins = find_bins(tops)
    bin_starts = np.flatnonzero(np.diff(bins, prepend=-1))
    return Cells(
        positives=hits,
        negatives=misses,
        beaten=_count_beaten(positives, negatives, hit_edges, miss_edges),
        is_single=_is_single(positives, negatives, hit_edges, miss_edges),
        bins=bins[bin_starts],
        bin_starts=bin_starts,
        positive_deviations=np.rint((_average(positives, hit_edges, 1.0) - 1.0) * scale).astype(np.int64),
        negative_deviations=np.rint(_average(negatives, miss_edges, 0.0) * scale).astype(np.int64),
        scale=scale,
    )


def measure_cells(
    cells: Cells, hits: Counts, misses: Counts, metrics: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Metrics (B,) under counts (B, G) of positives and negatives; NaN = undefined."""
    tp, fp = np.cumsum(hits, axis=1), np.cumsum(misses, axis=1)
    n_hits, n_misses = tp[:, -1], fp[:, -1]
    both = (n_hits > 0) & (n_misses > 0)
    above = fp - misses + cells.beaten * misses
    found: dict[str, NDArray[np.float64]] = {}
    if "roc_auc" in metrics:
        won = (hits * (n_misses[:, None] - above)).sum(axis=1)
        found["roc_auc"] = divide(won, 1.0 * n_hits * n_misses, both)
    if "pr_auc" in metrics:
        # Positives of one score share the precision at its end; others are met half-way through their cell.
        middle = np.where(cells.is_single, tp, tp - 0.5 * (hits - 1))
        seen = middle + np.where(cells.is_single, fp, above)
        precision = np.divide(middle, seen, out=np.zeros_like(seen), where=hits > 0)
        found["pr_auc"] = divide((hits * precision).sum(axis=1), n_hits, both)
    if "expected_calibration_error" in metrics:
        deviations = hits * cells.positive_deviations + misses * cells.negative_deviations
        sums = np.add.reduceat(deviations, cells.bin_starts, axis=1)
        n = n_hits + n_misses
        found["expected_calibration_error"] = divide(np.abs(sums).sum(axis=1), cells.scale * n, n > 0)
    return {name: found[name] for name in metrics}


def average_precision(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> float:
    """The average precision of the scores of both classes, each ascending and not empty."""
    hits = len(positives) - np.searchsorted(positives, positives, side="left")
    misses = len(negatives) - np.searchsorted(negatives, positives, side="left")
    return float(np.mean(hits / (hits + misses)))


def _choose_tops(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest score of each cell, descending."""
    parts = [np.linspace(0, 1, N_BINS + 1)[1:-1]]
    for scores in (positives, negatives):
        ranks = np.linspace(0, len(scores) - 1, _N_SHARES + 1).astype(np.int64)
        parts += [scores[ranks], _find_highest(scores)]
    tops: NDArray[np.float64] = np.unique(np.concatenate(parts))[::-1]
    return tops[np.searchsorted(-tops, -max(positives[-1], negatives[-1])) :]


def _find_highest(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest distinct scores, of those that ascend."""
    size = _N_TOP
    while True:
        distinct = np.unique(scores[-size:])
        if len(distinct) > _N_TOP or size >= len(scores):
            return distinct[-_N_TOP:]
        size *= 4


def _count_above(scores: NDArray[np.float64], tops: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many scores lie above each cell, and above nothing: (G + 1,)."""
    return np.append(len(scores) - np.searchsorted(scores, tops, side="right"), len(scores))


def _count_beaten(
    positives: NDArray[np.float64],
    negatives: NDArray[np.float64],
    hit_edges: NDArray[np.int64],
    miss_edges: NDArray[np.int64],
) -> NDArray[np.float64]:
    below = np.searchsorted(negatives, positives, side="left")
    below += np.searchsorted(negatives, positives, side="right")
    twice_above = 2 * len(negatives) - below[::-1]
    starts = np.flatnonzero(np.diff(hit_edges))
    hits, misses = np.diff(hit_edges)[starts], np.diff(miss_edges)[starts]
    inside = np.add.reduceat(twice_above, hit_edges[starts]) - 2 * miss_edges[starts] * hits
    beaten = np.zeros(len(hit_edges) - 1)
    beaten[starts] = inside / np.maximum(2 * hits * misses, 1)
    return beaten


def _is_single(
    positives: NDArray[np.float64],
    negatives: NDArray[np.float64],
    hit_edges: NDArray[np.int64],
    miss_edges: NDArray[np.int64],
) -> NDArray[np.bool_]:
    lowest: NDArray[np.float64] = np.full(len(hit_edges) - 1, np.inf)
    highest = np.full(len(hit_edges) - 1, -np.inf)
    for scores, edges in ((positives, hit_edges), (negatives, miss_edges)):
        some = np.flatnonzero(np.diff(edges))
        highest[some] = np.maximum(highest[some], scores[len(scores) - 1 - edges[some]])
        lowest[some] = np.minimum(lowest[some], scores[len(scores) - edges[some + 1]])
    single: NDArray[np.bool_] = np.greater_equal(lowest, highest)
    return single


def _average(scores: NDArray[np.float64], edges: NDArray[np.int64], otherwise: float) -> NDArray[np.float64]:
    """The mean score of each cell, `otherwise` where it has none."""
    some = np.flatnonzero(np.diff(edges))
    means = np.full(len(edges) - 1, otherwise)
    means[some] = np.add.reduceat(scores[::-1], edges[some]) / np.diff(edges)[some]
    return means
