"""The curves of an evaluation: what they hold, how large they get, and what is said where there is none."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics

from modellab.evaluation.curves import MAX_CLASSES_SHOWN, build_curves, fold_confusion
from modellab.evaluation.problem import Classification, Regression
from modellab.records.estimates import Interval
from modellab.statistics.calibration import CalibrationNull


def make_classification(
    n: int, n_classes: int, *, seed: int = 0, names: tuple[str, ...] = ()
) -> Classification:
    random = np.random.default_rng(seed)
    labels = random.integers(0, n_classes, n)
    scores = random.normal(size=(n, n_classes))
    scores[np.arange(n), labels] += 1.5
    odds = np.exp(scores)
    probabilities = odds / odds.sum(1, keepdims=True)
    predicted = (probabilities[:, 1] >= 0.5).astype(int) if n_classes == 2 else probabilities.argmax(1)
    return Classification(
        classes=names or tuple(f"c{place}" for place in range(n_classes)),
        labels=labels,
        predicted=predicted,
        probabilities=probabilities,
    )


def make_regression(n: int, seed: int = 0) -> Regression:
    random = np.random.default_rng(seed)
    targets = random.gamma(2.0, 10.0, n)
    return Regression(targets=targets, predictions=targets + random.standard_t(3, n))


def shuffle(problem: Any, seed: int = 1) -> Any:
    order = np.random.default_rng(seed).permutation(problem.n)
    if isinstance(problem, Regression):
        return Regression(targets=problem.targets[order], predictions=problem.predictions[order])
    probabilities: NDArray[np.float64] | None = problem.probabilities
    return Classification(
        classes=problem.classes,
        labels=problem.labels[order],
        predicted=problem.predicted[order],
        probabilities=None if probabilities is None else probabilities[order],
    )


@pytest.mark.parametrize("problem", [make_classification(400, 2), make_classification(400, 5)])
def test_curves_agree_with_scikit_learn(problem: Classification) -> None:
    curves = build_curves(problem)
    assert curves["confusion_matrix"]["counts"] == (
        metrics.confusion_matrix(problem.labels, problem.predicted).tolist()
    )
    assert problem.probabilities is not None
    assert len(curves["roc"]) == len(curves["pr"]) == (1 if problem.is_binary else 5)
    for roc, pr in zip(curves["roc"], curves["pr"], strict=True):
        place = problem.classes.index(roc["class"])
        hits, scores = problem.labels == place, problem.probabilities[:, place]
        assert roc["auc"] == pytest.approx(metrics.roc_auc_score(hits, scores), abs=1e-12)
        assert metrics.auc(roc["fpr"], roc["tpr"]) == pytest.approx(roc["auc"], abs=1e-3)
        average = metrics.average_precision_score(hits, scores)
        assert pr["average_precision"] == pytest.approx(average, abs=1e-12)
        assert pr["class"] == roc["class"]
        assert pr["n_positive"] == roc["n_positive"] == hits.sum()


def test_the_calibration_curve_counts_every_row_in_its_bin() -> None:
    problem = make_classification(500, 2)
    null = CalibrationNull(mean=0.02, percentile_95=0.04, p_value=0.5)
    interval = Interval(estimate=0.1, low=0.05, high=0.15, method="basic")
    calibration = build_curves(problem, null=null, intervals={"expected_calibration_error": interval})[
        "calibration"
    ]
    assert problem.scores is not None
    for row in calibration["bins"]:
        inside = (problem.scores > row["low"]) & (problem.scores <= row["high"])
        assert row["n"] == inside.sum()
        assert row["mean_probability"] == pytest.approx(problem.scores[inside].mean())
        assert row["frequency"] == pytest.approx(problem.labels[inside].mean())
        assert row["wilson_low"] <= row["frequency"] <= row["wilson_high"]
    assert calibration["of"] == "c1"
    assert calibration["interval"] == {"low": 0.05, "high": 0.15, "level": 0.95}
    assert calibration["null"]["percentile_95"] == 0.04


def test_the_range_of_a_calibrated_bin_is_that_of_the_binomial() -> None:
    calibration = build_curves(make_classification(500, 2))["calibration"]
    for place, row in enumerate(calibration["bins"]):
        low, high = stats.binom.interval(0.95, row["n"], row["mean_probability"])
        assert calibration["null"]["low"][place] == low / row["n"]
        assert calibration["null"]["high"][place] == high / row["n"]


def test_an_empty_bin_has_no_frequency_and_no_range() -> None:
    problem = Classification(
        classes=("no", "yes"),
        labels=np.array([0, 1, 1]),
        predicted=np.array([0, 1, 1]),
        probabilities=np.array([[1.0, 0.0], [0.0, 1.0], [0.05, 0.95]]),
    )
    calibration = build_curves(problem)["calibration"]
    assert [row["n"] for row in calibration["bins"]] == [1] + [0] * 8 + [2]
    assert calibration["bins"][4]["frequency"] is None
    assert calibration["bins"][4]["wilson_low"] is None
    assert calibration["null"]["low"][4] is None
    assert calibration["null"]["high"][0] == 0.0


@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_confidence_histogram_holds_every_row_once(n_classes: int) -> None:
    problem = make_classification(300, n_classes)
    histogram = build_curves(problem)["confidence_histogram"]
    assert sum(histogram["correct"]) == problem.correct.sum()
    assert sum(histogram["wrong"]) == problem.n - problem.correct.sum()
    assert histogram["edges"][0] == (0.5 if n_classes == 2 else 0.0)
    assert histogram["edges"][-1] == 1.0


def test_hard_labels_have_a_confusion_matrix_and_reasons_for_the_rest() -> None:
    labels = np.array([0, 1, 1, 0])
    curves = build_curves(
        Classification(classes=("a", "b"), labels=labels, predicted=labels[::-1].copy(), probabilities=None)
    )
    assert curves["confusion_matrix"]["counts"] == [[2, 0], [0, 2]]
    assert curves["roc"] == curves["pr"] == []
    assert curves["calibration"] is curves["confidence_histogram"] is None
    assert set(curves["notes"]) == {"roc", "pr", "calibration", "confidence_histogram"}


def test_labels_of_one_class_have_no_roc_curve() -> None:
    problem = make_classification(20, 2)
    curves = build_curves(
        Classification(
            classes=problem.classes,
            labels=np.ones(20, np.int64),
            predicted=problem.predicted,
            probabilities=problem.probabilities,
        )
    )
    assert curves["roc"] == curves["pr"] == []
    assert curves["notes"]["roc"] == "the labels have one class only"


def test_a_thousand_classes_stay_small_and_lose_no_row() -> None:
    problem = make_classification(3000, 1000)
    curves = build_curves(problem)
    matrix = curves["confusion_matrix"]
    assert len(matrix["classes"]) == MAX_CLASSES_SHOWN - 1
    assert matrix["n_folded"] == 1000 - (MAX_CLASSES_SHOWN - 1)
    assert np.sum(matrix["counts"]) == 3000
    assert len(curves["roc"]) == 12
    assert "12 of 1000 classes" in curves["notes"]["roc"]
    assert len(json.dumps(curves, allow_nan=False)) < 300_000


def test_folding_keeps_the_classes_with_the_most_errors_and_can_be_repeated() -> None:
    random = np.random.default_rng(3)
    counts = random.integers(0, 5, (8, 8)) + np.diag(random.integers(10, 20, 8))
    errors = counts.sum(0) + counts.sum(1) - 2 * np.diag(counts)
    names, folded = fold_confusion(range(8), counts, 6)
    kept = [int(name) for name in names]
    assert sorted(errors[kept]) == sorted(errors)[-5:]
    assert kept == sorted(kept)
    assert np.array_equal(folded[:-1, :-1], counts[np.ix_(kept, kept)])
    assert folded.sum() == counts.sum()
    again, twice = fold_confusion(names, folded, 4)
    direct, once = fold_confusion(range(8), counts, 4)
    assert again == direct
    assert np.array_equal(twice, once)


@pytest.mark.parametrize(
    "problem",
    [make_classification(5000, 2), make_classification(400, 3), make_regression(5000), make_regression(50)],
)
def test_curves_do_not_depend_on_the_order_of_rows(problem: Any) -> None:
    first, second = build_curves(problem), build_curves(shuffle(problem))
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_allclose(_flatten(first[name]), _flatten(second[name]), 1e-12, 1e-12, err_msg=name)


def test_points_of_a_regression_are_true_rows_with_the_largest_errors_among_them() -> None:
    problem = make_regression(10_000)
    shown = build_curves(problem)["predicted_actual"]
    rows = set(zip(problem.targets.tolist(), problem.predictions.tolist(), strict=True))
    points = list(zip(shown["target"], shown["prediction"], strict=True))
    assert set(points) <= rows
    assert len(points) == len(set(points)) == 2000
    assert shown["n"] == 10_000
    errors = np.sort(np.abs(problem.errors))
    drawn = np.sort([abs(prediction - target) for target, prediction in points])
    assert drawn[-200:] == pytest.approx(errors[-200:])
    assert max(shown["target"]) == problem.targets.max()
    assert min(shown["prediction"]) == problem.predictions.min()


def test_the_residual_histogram_counts_those_outside_beside_it() -> None:
    problem = make_regression(5000)
    histogram = build_curves(problem)["residual_histogram"]
    edges = histogram["edges"]
    assert histogram["below"] == (problem.errors < edges[0]).sum()
    assert histogram["above"] == (problem.errors > edges[-1]).sum() > 0
    assert sum(histogram["counts"]) + histogram["below"] + histogram["above"] == 5000
    assert len(histogram["counts"]) <= 60


def test_normal_residuals_stay_in_the_range_of_the_quantile_plot() -> None:
    random = np.random.default_rng(5)
    targets = random.normal(size=2000)
    shown = build_curves(Regression(targets=targets, predictions=targets + random.normal(3, 2, 2000)))[
        "quantile_quantile"
    ]
    observed, low, high = (np.asarray(shown[name]) for name in ("observed", "low", "high"))
    assert shown["line"]["intercept"] == pytest.approx(3, abs=0.2)
    assert shown["line"]["slope"] == pytest.approx(2, abs=0.2)
    assert ((observed >= low) & (observed <= high)).mean() > 0.8
    heavy = build_curves(make_regression(2000))["quantile_quantile"]
    assert heavy["observed"][0] < heavy["low"][0]
    assert len(observed) <= 500


def test_groups_of_predictions_hold_every_row_and_never_split_equal_ones() -> None:
    predictions = np.repeat([1.0, 2.0, 3.0], [60, 30, 10])
    targets = predictions + np.tile([0.5, -0.5], 50)
    groups = build_curves(Regression(targets=targets, predictions=predictions))["error_by_quantile"]
    assert [(group["low"], group["high"], group["n"]) for group in groups] == [
        (1, 1, 60),
        (2, 2, 30),
        (3, 3, 10),
    ]
    interval = stats.t.interval(0.95, 29, 0.0, stats.sem(np.tile([0.5, -0.5], 15)))
    assert (groups[1]["mean_error_low"], groups[1]["mean_error_high"]) == pytest.approx(interval)
    assert groups[1]["mean_absolute_error"] == 0.5


@pytest.mark.parametrize("n", [1, 2, 40])
def test_a_perfect_regression_has_curves_without_a_quantile_plot(n: int) -> None:
    values = np.arange(n, dtype=np.float64)
    curves = build_curves(Regression(targets=values, predictions=values))
    assert curves["quantile_quantile"] is None
    assert "quantile_quantile" in curves["notes"]
    assert sum(curves["residual_histogram"]["counts"]) == n
    json.dumps(curves, allow_nan=False)


def _flatten(value: Any) -> list[float]:
    """All that a curve holds, as numbers."""
    if isinstance(value, dict):
        return [leaf for name in sorted(value) for leaf in _flatten(value[name])]
    if isinstance(value, list):
        return [leaf for part in value for leaf in _flatten(part)]
    return [float(letter) for letter in value.encode()] if isinstance(value, str) else [value or 0.0]
