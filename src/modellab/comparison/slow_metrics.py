"""The paired test of any metric whatever, by asking it again and again: for metrics that users add."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.measured import SEED, draw_enough
from modellab.comparison.pairing import Pairing
from modellab.evaluation.inputs import predict_classes
from modellab.evaluation.metrics import Metric, compute_metric
from modellab.evaluation.problem import Classification, Problem
from modellab.records.estimates import Test
from modellab.statistics.intervals import make_interval
from modellab.statistics.permutations import permute_scores
from modellab.statistics.resampling import resample_rows
from modellab.statistics.rows import order_rows
from modellab.statistics.streams import Stream

_MOST_ROWS = 10_000_000
"""Rows that a metric is asked about, over all resamples."""
_FEWEST, _MOST = 200, 1000


def compare_any_metric(pairing: Pairing, metric: Metric, difference: float, stream: Stream) -> Test:
    """Bootstrap of the difference under the same rows, and a permutation of rows between A and B."""
    n = pairing.n
    repeats = max(_FEWEST, min(_MOST, _MOST_ROWS // n))
    scores_a, scores_b = _read_scores(pairing.a), _read_scores(pairing.b)
    order = order_rows(np.column_stack([_read_labels(pairing.a), scores_a, scores_b]))
    clusters = None if pairing.clusters is None else pairing.clusters[order]
    a, b = pairing.a.take(order), pairing.b.take(order)
    scores_a, scores_b = scores_a[order], scores_b[order]

    def differ(rows: NDArray[np.int64]) -> float:
        return _measure(metric, b.take(rows)) - _measure(metric, a.take(rows))

    def measure_swapped(rows: NDArray[np.int64], scores: NDArray[np.float64]) -> float:
        return _measure(metric, _predict(a.take(rows), scores))

    def permute(times: int) -> float | None:
        own = stream.child("permutation", str(times))
        return permute_scores(
            np.arange(n),
            scores_a,
            scores_b,
            measure_swapped,
            n_permutations=times,
            stream=own,
            clusters=clusters,
        )

    drawn = resample_rows(differ, n, n_resamples=repeats, stream=stream.child("bootstrap"), clusters=clusters)
    kept = drawn[np.isfinite(drawn)]
    interval = make_interval(difference, drawn, method="percentile", seed=SEED)
    error = float(np.std(kept, ddof=1)) if interval.low is not None else None
    return Test(
        name="paired_permutation",
        p_value=draw_enough(permute, repeats, 1),
        n=n,
        interval=interval,
        standard_error=error,
        note=interval.note,
    )


def _measure(metric: Metric, problem: Problem) -> float:
    value = compute_metric(problem, metric.name).value
    return np.nan if value is None else value


def _read_labels(problem: Problem) -> NDArray[np.float64]:
    labels = problem.labels if isinstance(problem, Classification) else problem.targets
    return labels.astype(np.float64)


def _read_scores(problem: Problem) -> NDArray[np.float64]:
    """All that was predicted, a row of numbers for each row."""
    if not isinstance(problem, Classification):
        return problem.predictions[:, None]
    if problem.probabilities is None:
        return problem.predicted.astype(np.float64)[:, None]
    return problem.probabilities


def _predict(problem: Problem, scores: NDArray[np.float64]) -> Problem:
    """The problem with these predictions in the place of its own."""
    if not isinstance(problem, Classification):
        return replace(problem, predictions=scores[:, 0])
    if problem.probabilities is None:
        return replace(problem, predicted=scores[:, 0].astype(np.int64))
    return replace(problem, predicted=predict_classes(scores), probabilities=scores)
