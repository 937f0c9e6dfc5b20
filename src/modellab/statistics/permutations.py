"""Permutation tests: how often chance alone moves a metric as far as was seen.

The answers of A and B on the same rows change places. All p-values are two-sided: (1 + how many permuted
differences are at least as far from 0) / (1 + how many were drawn), which is never 0 (Phipson & Smyth 2010).
A permuted difference that is not defined counts as far.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.statistics.confusion import ConfusionStatistic
from modellab.statistics.streams import Stream
from modellab.statistics.swapped_cells import swap_cells
from modellab.statistics.swapped_scores import swap_ranked, swap_rows

ScoreMetric = Callable[[NDArray[Any], NDArray[np.float64]], float]
"""From labels (n,) and scores (n,) or (n, K) to a number; NaN is undefined."""

_SAME = 1e-12  # differences nearer than this, in the size of the metric, are the same but for rounding


def permute_confusion(
    labels: ArrayLike,
    predicted_a: ArrayLike,
    predicted_b: ArrayLike,
    n_classes: int,
    statistic: ConfusionStatistic,
    *,
    n_permutations: int = 2000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> float | None:
    """The p-value of a difference of a statistic of the confusion matrix; class codes (n,) each.

    The law of all swaps of rows, at a cost that hardly depends on n. With `clusters` (n,) whole clusters
    swap. `None` where the statistic of A or B is not defined.
    """
    swaps = swap_cells(labels, predicted_a, predicted_b, n_classes, clusters)

    def measure(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(statistic(matrices), dtype=np.float64)

    a, b = (float(measure(matrix[None])[0]) for matrix in (swaps.seen, swaps.total - swaps.seen))
    drawn = [measure(swaps.total - part) - measure(part) for part in swaps.draw(n_permutations, stream)]
    return share_as_far(b - a, np.concatenate(drawn), abs(a) + abs(b))


def permute_scores(
    labels: ArrayLike,
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    metric: str | ScoreMetric,
    *,
    n_permutations: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> float | None:
    """The p-value of a difference of a metric of scores, when the rows of A and B swap at random.

    Scores are (n,) with labels 0/1, or (n, K) with labels as class codes; the scores of a row swap as one.
    `metric` is a name of `SCORE_METRICS` (of K classes the mean of one against the rest; calibration of the
    top label), which is fast, or a function of labels and scores, called twice a permutation. With
    `clusters` (n,) whole clusters swap. `None` where the metric of A or B is not defined.
    """
    if isinstance(metric, str):
        seen, permuted = swap_ranked(labels, scores_a, scores_b, metric, n_permutations, stream, clusters)
    else:
        seen, permuted = swap_rows(labels, scores_a, scores_b, metric, n_permutations, stream, clusters)
    return share_as_far(seen[1] - seen[0], permuted, abs(seen[0]) + abs(seen[1]))


def share_as_far(observed: float, permuted: NDArray[np.float64], scale: float = 1.0) -> float | None:
    """The p-value of `observed` among `permuted` differences; `None` where it is NaN.

    `scale` is the size of the numbers whose difference it is, and so of its rounding errors.
    """
    if np.isnan(observed):
        return None
    nearer = np.abs(permuted) < abs(observed) - _SAME * scale
    return float(1 + len(permuted) - np.count_nonzero(nearer)) / (1 + len(permuted))
