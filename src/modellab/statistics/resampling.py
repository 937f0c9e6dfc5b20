"""The bootstrap: replicates of metrics under resampled rows or clusters.

Rows are never copied: a resample is how often each row counts, and metrics are worked out from these weights.
Rows are put in an order of their own first, so that the replicates do not depend on the order they came in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.statistics.columns import read_clusters
from modellab.statistics.confusion import ConfusionStatistic
from modellab.statistics.curves import SCORE_METRICS, are_probabilities, read_scores
from modellab.statistics.matrices import Matrices
from modellab.statistics.multinomial import Counts
from modellab.statistics.ranking import Ranking, measure, rank
from modellab.statistics.rows import RowWeights, limit_resamples, order_rows
from modellab.statistics.scores import Replicates, draw_batches, join_batches, prepare_scores
from modellab.statistics.streams import Stream

MAX_EXACT = 500_000
"""How many distinct scores are resampled one by one; of more, cells are."""


def resample_scores(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    metrics: Sequence[str] = SCORE_METRICS,
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
    max_exact: int = MAX_EXACT,
) -> Replicates:
    """Replicates (R,) of metrics of labels 0/1 (n,) and scores (n,); NaN = undefined in that resample.

    With more than `max_exact` distinct scores the order of scores within some thousand cells is taken as
    given, and replicates are moved so that the value of the data themselves is exact. With `clusters` (n,)
    whole clusters are resampled, always exactly, and fewer than asked for if n * R is more than 1e9.
    """
    positive, column = read_scores(labels, scores)
    wanted = _defined(metrics, column)
    if clusters is not None:
        n_resamples = limit_resamples(n_resamples, len(column))
        found = _resample_clustered(positive, column, wanted, n_resamples, stream, clusters)
    else:
        law, batch, measure_counts = prepare_scores(column[positive], column[~positive], wanted, max_exact)
        found = join_batches(measure_counts(drawn) for drawn in draw_batches(law, batch, n_resamples, stream))
    return _complete(found, metrics, n_resamples)


def resample_means(
    columns: ArrayLike,
    *,
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Replicates (R, m) of the means of columns (n, m), the same rows for all; fewer if n * R is over 1e9."""
    table = _read_table("columns", columns)
    order = order_rows(table)
    weights = RowWeights(len(table), _read_clusters(clusters, order))
    sorted_columns = [np.ascontiguousarray(column[order]) for column in table.T]
    found = [
        np.column_stack([(drawn * column).sum(axis=1) / drawn.sum(axis=1) for column in sorted_columns])
        for drawn in weights.draw(stream, limit_resamples(n_resamples, len(table)))
    ]
    return np.concatenate(found)


def resample_one_vs_rest(
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    metrics: Sequence[str] = ("roc_auc", "pr_auc"),
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> Replicates:
    """Replicates (R, K) of each class against the rest, of codes (n,) and probabilities (n, K).

    The same rows are drawn for all classes. Fewer resamples are made than asked for, but at least 100, where
    n * K * R is more than 1e9.
    """
    codes, table = np.asarray(labels), _read_table("probabilities", probabilities)
    n, n_classes = table.shape
    if codes.shape != (n,):
        raise InvalidInput(f"labels have the shape {codes.shape}; {n} are needed, one for each row.")
    order = order_rows(np.column_stack([codes, table]))
    weights = RowWeights(n, _read_clusters(clusters, order))
    sides = [_sort_rows(codes[order] == k, table[order, k], weights.most, metrics) for k in range(n_classes)]
    found: list[list[Replicates]] = []
    for drawn in weights.draw(stream, limit_resamples(n_resamples, n, n_classes)):
        found.append([side.measure(drawn, metrics) for side in sides])
    return {
        name: np.concatenate([np.column_stack([part[name] for part in parts]) for parts in found])
        for name in metrics
    }


def resample_rows(
    statistic: Callable[[NDArray[np.int64]], float],
    n: int,
    *,
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Replicates (R,) of any statistic of row indices; as slow as it is. Depends on the order of rows."""
    codes = None if clusters is None else read_clusters(clusters, n)[0]
    weights = RowWeights(n, codes)
    rows = np.arange(n)
    return np.array(
        [
            float(statistic(np.repeat(rows, counts)))
            for drawn in weights.draw(stream, n_resamples)
            for counts in drawn
        ]
    )


def resample_paired_scores(
    labels: ArrayLike,
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    *,
    metrics: Sequence[str] = SCORE_METRICS,
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Replicates (R,) of A and of B under the same resampled rows; fewer where n * R is over 5e8."""
    positive, a = read_scores(labels, scores_a)
    b = read_scores(labels, scores_b)[1]
    order = order_rows(np.column_stack([~positive, -a, -b]))
    weights = RowWeights(len(a), _read_clusters(clusters, order))
    sides = []
    for column in (a, b):
        wanted = _defined(metrics, column)
        sides.append((_sort_rows(positive[order], column[order], weights.most, wanted), wanted))
    found = [
        [_complete(side.measure(drawn, wanted), metrics, len(drawn)) for side, wanted in sides]
        for drawn in weights.draw(stream, limit_resamples(n_resamples, len(a), 2))
    ]
    return {
        name: (np.concatenate([x[name] for x, _ in found]), np.concatenate([x[name] for _, x in found]))
        for name in metrics
    }


def resample_paired_confusion_statistics(
    labels: ArrayLike,
    predicted_a: ArrayLike,
    predicted_b: ArrayLike,
    n_classes: int,
    statistics: Mapping[str, ConfusionStatistic],
    *,
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Replicates (R,) of statistics of the matrices of A and of B under the same resampled rows.

    All three columns are codes (n,). Drawn are the cells (label, A, B), not the rows, unless there are
    `clusters`.
    """
    found = _resample_matrices(
        labels, (predicted_a, predicted_b), n_classes, statistics, n_resamples, stream, clusters
    )
    return {name: (a, b) for name, (a, b) in found.items()}


def resample_label_statistics(
    labels: ArrayLike,
    predicted: ArrayLike,
    n_classes: int,
    statistics: Mapping[str, ConfusionStatistic],
    *,
    n_resamples: int = 1000,
    stream: Stream,
    clusters: ArrayLike | None = None,
) -> Replicates:
    """Replicates (R,) of statistics of the matrix of codes (n,); for where there are `clusters`."""
    found = _resample_matrices(labels, (predicted,), n_classes, statistics, n_resamples, stream, clusters)
    return {name: values for name, (values,) in found.items()}


@dataclass(frozen=True, slots=True)
class _SortedRows:
    """One column of scores over weights of rows: where its positives and negatives are, in order of score."""

    hits: NDArray[np.int64]
    misses: NDArray[np.int64]
    ranking: Ranking

    def measure(self, weights: Counts, metrics: Sequence[str]) -> Replicates:
        hits, misses = weights.take(self.hits, axis=1), weights.take(self.misses, axis=1)
        return measure(self.ranking, hits, misses, metrics)


def _sort_rows(
    positive: NDArray[np.bool_], scores: NDArray[np.float64], most: int, metrics: Sequence[str]
) -> _SortedRows:
    order = np.argsort(-scores, kind="stable")
    hits, misses = order[positive[order]], order[~positive[order]]
    calibrate = "expected_calibration_error" in metrics
    return _SortedRows(hits, misses, rank(scores[hits], scores[misses], most, calibrate=calibrate))


def _resample_clustered(
    positive: NDArray[np.bool_],
    scores: NDArray[np.float64],
    metrics: Sequence[str],
    n_resamples: int,
    stream: Stream,
    clusters: ArrayLike,
) -> Replicates:
    codes, _ = read_clusters(clusters, len(scores))
    weights = RowWeights(len(scores), codes)
    rows = _sort_rows(positive, scores, weights.most, metrics)
    return join_batches(rows.measure(drawn, metrics) for drawn in weights.draw(stream, n_resamples))


def _resample_matrices(
    labels: ArrayLike,
    predictions: Sequence[ArrayLike],
    n_classes: int,
    statistics: Mapping[str, ConfusionStatistic],
    n_resamples: int,
    stream: Stream,
    clusters: ArrayLike | None,
) -> dict[str, list[NDArray[np.float64]]]:
    truth, *predicted = (np.asarray(column, np.int64) for column in (labels, *predictions))
    codes = None if clusters is None else read_clusters(clusters, len(truth))[0]
    law = Matrices(truth, predicted, n_classes, codes)
    found: dict[str, list[list[NDArray[np.float64]]]]
    found = {name: [[] for _ in predicted] for name in statistics}
    for batch in law.draw(stream, n_resamples):
        for place, matrices in enumerate(batch):
            for name, statistic in statistics.items():
                found[name][place].append(statistic(matrices))
    return {name: [np.concatenate(parts) for parts in places] for name, places in found.items()}


def _read_table(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Columns (n, m) of finite numbers."""
    table = np.asarray(values, np.float64)
    if table.ndim != 2 or not table.size:
        raise InvalidInput(f"{name} have the shape {table.shape}; they are (n, m), rows by columns.")
    bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if len(bad):
        raise InvalidInput(
            f"{name} have {len(bad)} rows with values that are not finite, first row {bad[0]}."
        )
    return table


def _read_clusters(clusters: ArrayLike | None, order: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Clusters as codes from 0, of the rows in an order."""
    return None if clusters is None else read_clusters(clusters, len(order))[0][order]


def _defined(metrics: Sequence[str], scores: NDArray[np.float64]) -> list[str]:
    """The metrics that such scores can have: those that are no probabilities cannot be calibrated."""
    return [name for name in metrics if name != "expected_calibration_error" or are_probabilities(scores)]


def _complete(found: Replicates, metrics: Sequence[str], n_resamples: int) -> Replicates:
    """All metrics that were asked for; NaN where the scores cannot have one."""
    return {name: found[name] if name in found else np.full(n_resamples, np.nan) for name in metrics}
