"""Tests of two models on different rows: less sure than pairs, and the verdict carries that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.measured import N_RESAMPLES, SEED, Measured, is_mean
from modellab.evaluation.examples import Examples
from modellab.evaluation.metrics import Metric, compute_metrics, find_metric, per_row_loss
from modellab.evaluation.problem import Classification
from modellab.records.estimates import Test
from modellab.statistics.resampling import (
    resample_label_statistics,
    resample_means,
    resample_one_vs_rest,
    resample_scores,
)
from modellab.statistics.streams import Stream
from modellab.statistics.unpaired import compare_bootstraps, compare_proportions, compare_welch

_NOT_OFFERED = "there is no test of it on different rows"


def compare_apart(a: Examples, b: Examples, names: Sequence[str]) -> dict[str, Measured]:
    """The outcome for each metric, B - A, when the rows of A and of B have nothing to do with each other."""
    values = [compute_metrics(examples.problem, names) for examples in (a, b)]
    found = {}
    for name in names:
        value_a, value_b = values[0][name], values[1][name]
        test = reason = None
        if value_a.value is None or value_b.value is None:
            note = value_a.note if value_a.value is None else value_b.note
            reason = f"{name} is undefined: {note}"
        else:
            test = _choose(a, b, find_metric(name), (value_a.value, value_b.value))
            if test is None or test.p_value is None:
                reason = _NOT_OFFERED if test is None else test.note
        found[name] = Measured(a_value=value_a.value, b_value=value_b.value, test=test, reason=reason)
    return found


def compare_counts(share_a: float, n_a: int, share_b: float, n_b: int) -> Measured:
    """Two accuracies of which only the numbers of rows are known besides."""
    test = compare_proportions(round(share_a * n_a), n_a, round(share_b * n_b), n_b)
    return Measured(a_value=share_a, b_value=share_b, test=test)


def _choose(a: Examples, b: Examples, metric: Metric, values: tuple[float, float]) -> Test | None:
    has_clusters = a.clusters is not None or b.clusters is not None
    if not has_clusters:
        if metric.name == "accuracy":
            return compare_proportions(*_count_hits(a), *_count_hits(b))
        if is_mean(metric):
            losses = [per_row_loss(examples.problem, metric.name) for examples in (a, b)]
            if losses[0] is not None and losses[1] is not None:
                return compare_welch(losses[0], losses[1])
    sides = [_resample(examples, metric) for examples in (a, b)]
    if sides[0] is None or sides[1] is None:
        return None
    return compare_bootstraps(values[0], sides[0], values[1], sides[1])


def _count_hits(examples: Examples) -> tuple[int, int]:
    """The number of rows that are right, and of all."""
    problem = examples.problem
    hits = np.count_nonzero(problem.correct) if isinstance(problem, Classification) else 0
    return int(hits), problem.n


def _resample(examples: Examples, metric: Metric) -> NDArray[np.float64] | None:
    """Replicates (R,) of a metric on one side; `None` for metrics that are not resampled."""
    problem, clusters = examples.problem, examples.clusters
    stream = Stream(SEED, "comparison", metric.name, "apart")
    if isinstance(problem, Classification):
        if metric.confusion is not None:
            found = resample_label_statistics(
                problem.labels,
                problem.predicted,
                len(problem.classes),
                {"it": metric.confusion},
                n_resamples=N_RESAMPLES,
                stream=stream,
                clusters=clusters,
            )
            return found["it"]
        if metric.name in ("roc_auc", "pr_auc"):
            return _resample_area(problem, metric.name, stream, clusters)
    if metric.of_means is None:
        return None
    columns = np.column_stack([column(problem) for column in metric.columns])
    if not np.isfinite(columns).all():
        return None
    with np.errstate(all="ignore"):
        return metric.of_means(
            resample_means(columns, n_resamples=N_RESAMPLES, stream=stream, clusters=clusters)
        )


def _resample_area(
    problem: Classification, name: str, stream: Stream, clusters: NDArray[np.int64] | None
) -> NDArray[np.float64] | None:
    if problem.probabilities is None:
        return None
    if problem.scores is not None:
        found = resample_scores(
            problem.labels == 1,
            problem.scores,
            metrics=(name,),
            n_resamples=N_RESAMPLES,
            stream=stream,
            clusters=clusters,
        )
        return found[name]
    each = resample_one_vs_rest(
        problem.labels,
        problem.probabilities,
        metrics=(name,),
        n_resamples=N_RESAMPLES,
        stream=stream,
        clusters=clusters,
    )[name]
    known = ~np.isnan(each).all(axis=0)
    return np.asarray(each[:, known].mean(axis=1))
