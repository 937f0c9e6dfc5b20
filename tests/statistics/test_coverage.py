"""How often intervals of nominal 95 % hold the truth, on data sets that are made anew; a fast version.

`python -m benchmarks.coverage` is the full one. A found share may be off by its Monte-Carlo error; beyond
that each interval is allowed a small shortfall, which is the one that `docs/concepts/intervals.md` tells.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from modellab.records.estimates import Interval
from modellab.statistics.auc import delong_interval
from modellab.statistics.calibration import expected_calibration_error
from modellab.statistics.calibration_interval import calibration_interval
from modellab.statistics.confusion import (
    count_confusion,
    leave_one_out_confusion,
    resample_confusion_statistics,
)
from modellab.statistics.curves import score_metrics
from modellab.statistics.intervals import make_interval
from modellab.statistics.jackknife import (
    leave_one_out_auc,
    leave_one_out_average_precision,
    leave_one_out_mean,
)
from modellab.statistics.proportions import wilson_interval
from modellab.statistics.resampling import resample_means, resample_scores
from modellab.statistics.streams import Stream

N_SETS = 300
N_RESAMPLES = 500
SHORTFALL = {"accuracy": 0.01, "f1": 0.015, "roc_auc": 0.015, "pr_auc": 0.025, "error": 0.03, "mean": 0.03}
Rows = tuple[NDArray[np.bool_], NDArray[np.float64]]


def draw_rows(n: int, random: np.random.Generator, sharpness: float = 1.25) -> Rows:
    """Labels, 1 in 4 of them positive, and probabilities with an AUC of 0.81, true if `sharpness` is 1."""
    labels = random.random(n) < 0.25
    logits = 1.24 * (random.normal(size=n) + 1.24 * labels) - 1.24**2 / 2 - np.log(3)
    return labels, 1 / (1 + np.exp(-sharpness * logits))


def accuracy(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.trace(matrices, axis1=-2, axis2=-1) / matrices.sum(axis=(-2, -1)), np.float64)


def macro_f1(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    both = np.diagonal(matrices, axis1=-2, axis2=-1)
    either = matrices.sum(axis=-1) + matrices.sum(axis=-2)
    return np.asarray((2 * both / np.maximum(either, 1)).mean(axis=-1), np.float64)


STATISTICS = {"accuracy": accuracy, "f1": macro_f1}


def count_covered(
    n: int,
    measure: Callable[[Rows, int], dict[str, Interval]],
    truth: dict[str, float],
    sharpness: float = 1.25,
) -> tuple[Counter[str], Counter[str]]:
    """How often intervals of `N_SETS` data sets hold the truth, and how often there were any."""
    random = np.random.default_rng(20261127)
    covered, given = Counter[str](), Counter[str]()
    for place in range(N_SETS):
        for name, interval in measure(draw_rows(n, random, sharpness), place).items():
            if interval.low is not None and interval.high is not None:
                given[name] += 1
                covered[name] += interval.low <= truth[name.partition(" ")[0]] <= interval.high
    return covered, given


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    labels, scores = draw_rows(1_000_000, np.random.default_rng(1))
    confusion = count_confusion(labels.astype(np.int64), (scores >= 0.5).astype(np.int64), 2)
    return score_metrics(labels, scores) | {name: float(f(confusion)) for name, f in STATISTICS.items()}


@pytest.mark.parametrize("n", [50, 200])
def test_intervals_of_a_classifier_hold_the_truth_as_often_as_they_say(
    n: int, truth: dict[str, float]
) -> None:
    def measure(rows: Rows, place: int) -> dict[str, Interval]:
        labels, scores = rows
        stream = Stream(place, "coverage")
        confusion = count_confusion(labels.astype(np.int64), (scores >= 0.5).astype(np.int64), 2)
        replicates = resample_confusion_statistics(
            confusion, STATISTICS, n_resamples=N_RESAMPLES, stream=stream
        )
        replicates |= resample_scores(
            labels, scores, metrics=("roc_auc", "pr_auc"), n_resamples=N_RESAMPLES, stream=stream
        )
        points = score_metrics(labels, scores) | {name: float(f(confusion)) for name, f in STATISTICS.items()}
        ones = np.ones(n, np.int64)
        left = {name: leave_one_out_confusion(confusion, f) for name, f in STATISTICS.items()}
        left["roc_auc"] = (leave_one_out_auc(labels, scores), ones)
        left["pr_auc"] = (leave_one_out_average_precision(labels, scores), ones)
        found = {
            name: make_interval(points[name], replicates[name], leave_one_out=left[name])
            for name in replicates
        }
        found["accuracy wilson"] = wilson_interval(int(np.trace(confusion)), n)
        found["roc_auc delong"] = delong_interval(labels, scores)
        return found

    covered, given = count_covered(n, measure, truth)

    for name in given:
        assert given[name] > 0.98 * N_SETS, name
        assert is_plausible(covered[name], given[name], SHORTFALL[name.partition(" ")[0]]), (
            name,
            covered[name],
        )


@pytest.mark.parametrize(("n", "sharpness"), [(50, 1.25), (200, 1.25), (200, 1.0)])
def test_the_interval_of_the_calibration_error_holds_it_and_a_percentile_one_does_not(
    n: int, sharpness: float
) -> None:
    labels, scores = draw_rows(1_000_000, np.random.default_rng(1), sharpness)
    error = expected_calibration_error(scores, labels)

    def measure(rows: Rows, place: int) -> dict[str, Interval]:
        labels, scores = rows
        replicates = resample_scores(
            labels, scores, metrics=("expected_calibration_error",), n_resamples=200, stream=Stream(place)
        )["expected_calibration_error"]
        point = expected_calibration_error(scores, labels)
        return {
            "error": calibration_interval(scores, labels, n_resamples=300, stream=Stream(place)),
            "error percentile": make_interval(point, replicates, method="percentile"),
            "error basic": make_interval(point, replicates, method="basic", clip=(0.0, 1.0)),
        }

    covered, given = count_covered(n, measure, {"error": error}, sharpness)

    assert given["error"] == N_SETS
    assert is_plausible(covered["error"], N_SETS, SHORTFALL["error"]), covered
    assert covered["error percentile"] < 0.1 * N_SETS
    assert covered["error basic"] < 0.9 * N_SETS
    assert sharpness != 1.0 or covered["error basic"] < 0.7 * N_SETS


@pytest.mark.parametrize("n", [50, 200])
def test_the_interval_of_a_skewed_mean_holds_it(n: int) -> None:
    random = np.random.default_rng(1)
    covered = 0
    for place in range(N_SETS):
        values = np.abs(random.normal(size=n)) ** 1.5
        replicates = resample_means(values[:, None], n_resamples=N_RESAMPLES, stream=Stream(place))[:, 0]
        left = (leave_one_out_mean(values), np.ones(n, np.int64))
        interval = make_interval(float(values.mean()), replicates, leave_one_out=left)
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= 0.8600399873245196 <= interval.high  # 2^0.75 Γ(1.25) / √π

    assert is_plausible(covered, N_SETS, SHORTFALL["mean"]), covered


def is_plausible(covered: int, n: int, shortfall: float) -> bool:
    """Whether a share is at least 0.95 - `shortfall`, up to three Monte-Carlo errors."""
    least = 0.95 - shortfall
    return covered / n > least - 3 * math.sqrt(least * (1 - least) / n)
