"""Tests of two models on the same rows: which one a metric takes, and its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.measured import (
    SEED,
    Measured,
    draw_enough,
    is_mean,
    make_bare_test,
    make_resampled_test,
    predicts_alike,
)
from modellab.comparison.pairing import Pairing
from modellab.comparison.slow_metrics import compare_any_metric
from modellab.evaluation.metrics import Metric, MetricValue, compute_metrics, find_metric
from modellab.evaluation.problem import Classification, Problem
from modellab.records.estimates import Interval, Test
from modellab.statistics.auc import compare_auc
from modellab.statistics.confusion import ConfusionStatistic, count_confusion
from modellab.statistics.jackknife import leave_one_out_auc, leave_one_out_average_precision
from modellab.statistics.paired import clustered_mean, compare_correctness, compare_means
from modellab.statistics.permutations import permute_confusion, permute_scores
from modellab.statistics.resampling import (
    resample_means,
    resample_paired_confusion_statistics,
    resample_paired_scores,
)
from modellab.statistics.streams import Stream
from modellab.statistics.studentized import IDENTICAL, studentize

_MANY_ROWS = 20_000
_MOST_NUMBERS, _FEWEST_DRAWS = 1_000_000_000, 200
_NO_SPREAD = "no interval: all rows of a class say the same, so how much the difference varies is not known"
_NO_INTERVAL = "no interval: resampling rows moves calibration errors upwards, so only the p-value is given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is drawn; `family_size` is how many pairs are tested on the same metric."""

    n_resamples: int
    n_permutations: int
    family_size: int = 1

    def limit(self, size: int) -> Effort:
        """Less, where one draw looks at so many numbers that many draws would take minutes."""
        most = max(_FEWEST_DRAWS, _MOST_NUMBERS // size)
        return Effort(
            n_resamples=min(self.n_resamples, most),
            n_permutations=min(self.n_permutations, most),
            family_size=self.family_size if most > self.n_permutations else 1,
        )


def compare_rows(
    pairing: Pairing, names: Sequence[str], *, family_size: int = 1, is_primary: bool = True
) -> dict[str, Measured]:
    """The outcome for each metric, B - A; exactly the reverse where A and B change places.

    The order of rows changes nothing. Of metrics other than the primary one less is drawn from many rows.
    """
    if _key(pairing.b) < _key(pairing.a):
        turned = replace(pairing, a=pairing.b, b=pairing.a)
        found = _compare_in_order(turned, names, family_size, is_primary)
        return {name: measured.flip() for name, measured in found.items()}
    return _compare_in_order(pairing, names, family_size, is_primary)


def _compare_in_order(
    pairing: Pairing, names: Sequence[str], family_size: int, is_primary: bool
) -> dict[str, Measured]:
    thorough = is_primary or pairing.n <= _MANY_ROWS
    effort = Effort(
        n_resamples=1000 if thorough else 400,
        n_permutations=1000 if thorough else 400,
        family_size=family_size if is_primary else 1,
    )
    values = [compute_metrics(problem, names) for problem in (pairing.a, pairing.b)]
    return {
        name: _compare(pairing, find_metric(name), values[0][name], values[1][name], effort) for name in names
    }


def _compare(pairing: Pairing, metric: Metric, a: MetricValue, b: MetricValue, effort: Effort) -> Measured:
    if a.value is None or b.value is None:
        note = a.note if a.value is None else b.note
        return Measured(a_value=a.value, b_value=b.value, reason=f"{metric.name} is undefined: {note}")
    if predicts_alike(pairing.a, pairing.b, metric):
        interval = Interval(estimate=0.0, low=0.0, high=0.0, method="none", note=IDENTICAL)
        test = Test(
            name="identical", p_value=1.0, n=pairing.n, interval=interval, standard_error=0.0, note=IDENTICAL
        )
        return Measured(a_value=a.value, b_value=b.value, test=test, is_identical=True)
    test = _choose(pairing, metric, b.value - a.value, effort)
    reason = None if test.p_value is not None else test.note or "the test is undefined on these rows"
    return Measured(a_value=a.value, b_value=b.value, test=test, reason=reason)


def _choose(pairing: Pairing, metric: Metric, difference: float, effort: Effort) -> Test:
    """The decision tree for paired rows."""
    a, b, clusters = pairing.a, pairing.b, pairing.clusters
    stream = Stream(SEED, "comparison", metric.name)
    if isinstance(a, Classification) and isinstance(b, Classification):
        if metric.name == "accuracy":
            return compare_correctness(a.correct, b.correct, clusters=clusters)
        k = len(a.classes)
        if metric.confusion is not None:
            effort = effort.limit(k * k)
            return _compare_confusion(pairing, a, b, metric.confusion, difference, effort, stream)
        effort = effort.limit(k * pairing.n)
        if metric.name == "roc_auc" and a.scores is not None and b.scores is not None:
            return _compare_area(pairing, a, b, difference, effort, stream)
        if metric.name in ("roc_auc", "pr_auc"):
            return _compare_areas(pairing, a, b, metric.name, difference, effort, stream)
        if metric.name == "expected_calibration_error":
            p_value = _permute_scores(pairing, a, b, metric.name, effort, stream)
            return make_bare_test("paired_permutation", difference, p_value, pairing.n, _NO_INTERVAL)
    if metric.kind == "means":
        found = _compare_columns(pairing, metric, difference, effort, stream)
        if found is not None:
            return found
    return compare_any_metric(pairing, metric, difference, stream)


def _compare_confusion(
    pairing: Pairing,
    a: Classification,
    b: Classification,
    statistic: ConfusionStatistic,
    difference: float,
    effort: Effort,
    stream: Stream,
) -> Test:
    """Bootstrap and permutation of the cells (label, A, B)."""
    k = len(a.classes)
    replicates = resample_paired_confusion_statistics(
        a.labels,
        a.predicted,
        b.predicted,
        k,
        {"it": statistic},
        n_resamples=effort.n_resamples,
        stream=stream.child("bootstrap"),
        clusters=pairing.clusters,
    )["it"]

    def permute(times: int) -> float | None:
        own = stream.child("permutation", str(times))
        return permute_confusion(
            a.labels,
            a.predicted,
            b.predicted,
            k,
            statistic,
            n_permutations=times,
            stream=own,
            clusters=pairing.clusters,
        )

    p_value = draw_enough(permute, 2 * effort.n_permutations, effort.family_size)
    return make_resampled_test("paired_permutation", difference, replicates, p_value, pairing.n)


def _compare_area(
    pairing: Pairing,
    a: Classification,
    b: Classification,
    difference: float,
    effort: Effort,
    stream: Stream,
) -> Test:
    """The area of two classes: DeLong's test, or a permutation where no row says how much it varies.

    So it is where A ranks all rows right and B gives all the same score, or both rank all right.
    """
    if a.scores is None or b.scores is None:
        raise TypeError("The area of two classes is one of scores.")
    test = compare_auc(a.labels == 1, a.scores, b.scores, clusters=pairing.clusters)
    if test.p_value is None and min(np.bincount(a.labels, minlength=2)) > 1:
        p_value = _permute_scores(pairing, a, b, "roc_auc", effort, stream)
        return make_bare_test("paired_permutation", difference, p_value, pairing.n, _NO_SPREAD)
    if test.note == IDENTICAL and not _rank_alike(a.scores, b.scores):
        return make_bare_test(test.name, 0.0, 1.0, pairing.n, _NO_SPREAD)
    return test


def _rank_alike(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether scores (n,) put all rows in the same order, so that they have one area on whatever rows."""
    return np.array_equal(np.unique(a, return_inverse=True)[1], np.unique(b, return_inverse=True)[1])


def _compare_areas(
    pairing: Pairing,
    a: Classification,
    b: Classification,
    name: str,
    difference: float,
    effort: Effort,
    stream: Stream,
) -> Test:
    """Average precision, and the mean area of more than two classes."""
    p_value = _permute_scores(pairing, a, b, name, effort, stream)
    if a.scores is None or b.scores is None:
        left = _leave_rows_out(b, name) - _leave_rows_out(a, name)
        return _studentize_jackknife(left, difference, p_value, pairing)
    replicates = resample_paired_scores(
        a.labels == 1,
        a.scores,
        b.scores,
        metrics=(name,),
        n_resamples=effort.n_resamples,
        stream=stream.child("bootstrap"),
        clusters=pairing.clusters,
    )[name]
    return make_resampled_test("paired_permutation", difference, replicates, p_value, pairing.n)


def _permute_scores(
    pairing: Pairing, a: Classification, b: Classification, name: str, effort: Effort, stream: Stream
) -> float | None:
    if a.probabilities is None or b.probabilities is None:
        return None
    scores_a, scores_b = a.probabilities, b.probabilities
    if a.is_binary:
        scores_a, scores_b = scores_a[:, 1], scores_b[:, 1]

    def permute(times: int) -> float | None:
        own = stream.child("permutation", str(times))
        return permute_scores(
            a.labels, scores_a, scores_b, name, n_permutations=times, stream=own, clusters=pairing.clusters
        )

    return draw_enough(permute, effort.n_permutations, effort.family_size)


def _leave_rows_out(problem: Classification, name: str) -> NDArray[np.float64]:
    """The mean area of each class against the rest, without each row, (n,)."""
    leave = leave_one_out_auc if name == "roc_auc" else leave_one_out_average_precision
    if problem.probabilities is None:
        return np.full(problem.n, np.nan)
    each = [
        leave(problem.labels == k, problem.probabilities[:, k])
        for k in range(len(problem.classes))
        if 0 < np.count_nonzero(problem.labels == k) < problem.n
    ]
    return np.mean(each, axis=0) if each else np.full(problem.n, np.nan)


def _studentize_jackknife(
    left: NDArray[np.float64], difference: float, p_value: float | None, pairing: Pairing
) -> Test:
    """The interval from the values without each row (Tukey's pseudo-values), and a permutation's p-value."""
    if not np.isfinite(left).all():
        why = "no interval: a class has one row"
        return make_bare_test("paired_permutation", difference, p_value, pairing.n, why)
    n = pairing.n
    pseudo = n * left.mean() - (n - 1) * left
    clusters = np.arange(n) if pairing.clusters is None else pairing.clusters
    error = clustered_mean(pseudo, clusters).standard_error
    found = studentize("paired_permutation", difference, error, df=None, n=n)
    return Test(
        name="paired_permutation",
        p_value=p_value,
        n=n,
        interval=found.interval,
        standard_error=found.standard_error,
        note=found.note,
    )


def _compare_columns(
    pairing: Pairing, metric: Metric, difference: float, effort: Effort, stream: Stream
) -> Test | None:
    """A test of means of a number a row: of losses, and of what follows from one such mean (RMSE, R2).

    `None` for a metric that looks at several means of what was predicted.
    """
    columns = [_read_columns(problem, metric) for problem in (pairing.a, pairing.b)]
    if metric.of_means is None or not all(np.isfinite(table).all() for table in columns):
        return None
    if not np.array_equal(columns[0][:, 1:], columns[1][:, 1:]):
        return None
    test = compare_means(columns[0][:, 0], columns[1][:, 0], clusters=pairing.clusters)
    if is_mean(metric):
        return test
    of_means, m = metric.of_means, columns[0].shape[1]
    drawn = resample_means(
        np.column_stack(columns),
        n_resamples=effort.n_resamples,
        stream=stream.child("bootstrap"),
        clusters=pairing.clusters,
    )
    with np.errstate(all="ignore"):
        replicates = of_means(drawn[:, :m]), of_means(drawn[:, m:])
    return make_resampled_test(test.name, difference, replicates, test.p_value, pairing.n)


def _read_columns(problem: Problem, metric: Metric) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return np.column_stack([column(problem) for column in metric.columns])


def _key(problem: Problem) -> tuple[bytes, bytes]:
    """What says which of two models is taken first, whoever is A: it does not depend on the order of rows."""
    if not isinstance(problem, Classification):
        return np.sort(problem.errors).tobytes(), problem.predictions.tobytes()
    if problem.probabilities is None:
        counts = count_confusion(problem.labels, problem.predicted, len(problem.classes))
        return counts.tobytes(), problem.predicted.tobytes()
    true = problem.probabilities[np.arange(problem.n), problem.labels]
    return np.sort(true).tobytes(), problem.probabilities.tobytes()
