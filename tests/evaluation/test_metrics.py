"""Metrics are what scikit-learn and SciPy say they are; where nobody can say, they are undefined."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sklearn

from modellab.errors import InvalidInput
from modellab.evaluation import evaluate, register_metric
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.metrics import (
    METRICS,
    Tally,
    compute_metric,
    compute_metrics,
    find_metric,
    list_metrics,
    per_row_loss,
    primary_metric,
    unregister_metric,
)
from modellab.evaluation.metrics.by_class import compute_by_class
from modellab.evaluation.problem import Classification, Regression


@st.composite
def classifications(draw: st.DrawFn) -> Classification:
    """Few rows, so that ties, absent classes and classes that are never predicted are common."""
    k = draw(st.integers(2, 4))
    n = draw(st.integers(2, 30))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    weights = random.integers(1, draw(st.sampled_from([3, 1000])), size=(n, k)).astype(float)
    labels = random.integers(0, draw(st.integers(1, k)), n)
    problem = read_problem(
        weights / weights.sum(1, keepdims=True), labels, task_type="classification", classes=range(k)
    )
    assert isinstance(problem, Classification)
    return problem


@st.composite
def regressions(draw: st.DrawFn) -> Regression:
    n = draw(st.integers(2, 30))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    targets = np.round(random.normal(5, 3, n), draw(st.integers(0, 6)))
    predictions = targets + np.round(random.normal(1, 2, n), draw(st.integers(0, 6)))
    return Regression(targets=targets, predictions=predictions)


def agree(found: float | None, expected: float) -> None:
    assert found is not None
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(classifications())
def test_metrics_of_labels_agree_with_scikit_learn(problem: Classification) -> None:
    found = {name: value.value for name, value in compute_metrics(problem).items()}
    y, p = problem.labels, problem.predicted
    is_binary = problem.is_binary
    agree(found["accuracy"], sklearn.accuracy_score(y, p))
    with warnings.catch_warnings(action="ignore"):
        agree(found["balanced_accuracy"], sklearn.balanced_accuracy_score(y, p))
        functions: dict[str, Callable[..., float]] = {
            "precision": sklearn.precision_score,
            "recall": sklearn.recall_score,
            "f1": sklearn.f1_score,
        }
        for name, function in functions.items():
            agree(found[f"{name}_macro"], function(y, p, average="macro", zero_division=0))
            agree(found[f"{name}_weighted"], function(y, p, average="weighted", zero_division=0))
            average = "binary" if is_binary else "macro"
            if found[name] is None:
                assert is_binary
                assert not (y == 1).any()
            else:
                agree(found[name], function(y, p, average=average, zero_division=0))
        if found["mcc"] is not None:
            agree(found["mcc"], sklearn.matthews_corrcoef(y, p))
        assert (found["mcc"] is None) == (len(set(y)) == 1 or len(set(p)) == 1)
        if found["cohen_kappa"] is not None:
            agree(found["cohen_kappa"], sklearn.cohen_kappa_score(y, p))
        if is_binary and found["specificity"] is not None:
            agree(found["specificity"], sklearn.recall_score(y, p, pos_label=0))


@given(classifications())
def test_metrics_of_probabilities_agree_with_scikit_learn(problem: Classification) -> None:
    found = {name: value.value for name, value in compute_metrics(problem).items()}
    y, probabilities = problem.labels, problem.probabilities
    assert probabilities is not None
    classes = list(range(len(problem.classes)))
    agree(found["log_loss"], sklearn.log_loss(y, probabilities, labels=classes))
    agree(
        found["brier"],
        sklearn.brier_score_loss(y, probabilities, labels=classes, scale_by_half=False)
        / (2 if problem.is_binary else 1),
    )
    if len(set(y)) == 1:
        assert found["roc_auc"] is None
        assert found["pr_auc"] is None
        return
    if problem.is_binary:
        agree(found["roc_auc"], sklearn.roc_auc_score(y, probabilities[:, 1]))
        agree(found["pr_auc"], sklearn.average_precision_score(y, probabilities[:, 1]))
        return
    present = sorted(set(y.tolist()))
    agree(
        found["roc_auc"],
        float(np.mean([sklearn.roc_auc_score(y == k, probabilities[:, k]) for k in present])),
    )
    agree(
        found["pr_auc"],
        float(np.mean([sklearn.average_precision_score(y == k, probabilities[:, k]) for k in present])),
    )
    if len(present) == len(classes):
        agree(found["roc_auc_ovo"], sklearn.roc_auc_score(y, probabilities, multi_class="ovo"))
        agree(
            found["roc_auc_weighted"],
            sklearn.roc_auc_score(y, probabilities, multi_class="ovr", average="weighted"),
        )
    else:
        assert found["roc_auc_ovo"] is None


@given(regressions())
def test_metrics_of_numbers_agree_with_scikit_learn_and_scipy(problem: Regression) -> None:
    found = {name: value.value for name, value in compute_metrics(problem).items()}
    y, p = problem.targets, problem.predictions
    agree(found["rmse"], sklearn.root_mean_squared_error(y, p))
    agree(found["mae"], sklearn.mean_absolute_error(y, p))
    agree(found["median_absolute_error"], sklearn.median_absolute_error(y, p))
    agree(found["max_error"], sklearn.max_error(y, p))
    agree(found["bias"], float(np.mean(p - y)))
    agree(found["residual_std"], float(np.std(p - y)))
    if (y == 0).any():
        assert found["mape"] is None
    else:
        agree(found["mape"], sklearn.mean_absolute_percentage_error(y, p))
    if len(set(y)) == 1:
        assert found["r2"] is None
        assert found["explained_variance"] is None
    else:
        agree(found["r2"], sklearn.r2_score(y, p, force_finite=False))
        agree(found["explained_variance"], sklearn.explained_variance_score(y, p, force_finite=False))
    if len(set(y)) > 1 and len(set(p)) > 1:
        agree(found["pearson"], stats.pearsonr(y, p).statistic)
        agree(found["spearman"], stats.spearmanr(y, p).statistic)
    else:
        assert found["pearson"] is None
        assert found["spearman"] is None


def test_the_calibration_error_takes_bins_that_are_closed_on_the_right() -> None:
    p = [0.0, 0.1, 0.1000001, 0.2, 0.95, 1.0]
    y = [0, 1, 0, 1, 1, 1]
    # (0 to 0.1]: mean .05, share .5; (0.1 to 0.2]: mean .15, share .5; (0.9 to 1]: mean .975, share 1
    expected = (2 * 0.45 + 2 * 0.35 + 2 * 0.025) / 6
    problem = read_problem(p, y, task_type="classification")
    found = compute_metric(problem, "expected_calibration_error").value
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_parts_of_the_brier_score_add_up_to_it(make_binary: Callable[..., Any]) -> None:
    rows = make_binary(200)
    problem = read_problem(rows["predictions"], rows["labels"], task_type="classification")
    found = {name: value.value for name, value in compute_metrics(problem).items()}
    parts = [found[f"brier_{part}"] for part in ("miscalibration", "discrimination", "uncertainty")]
    assert None not in parts
    agree(found["brier"], parts[0] - parts[1] + parts[2])  # type: ignore[operator]


def test_a_class_that_is_never_predicted_counts_as_0_and_is_named() -> None:
    found = compute_metrics(read_problem(["a", "a", "b"], ["a", "c", "b"], task_type="classification"))
    assert found["precision"].value == pytest.approx(0.5)
    assert found["precision"].note == "never predicted, precision counted as 0: 'c'"
    found = compute_metrics(read_problem(["a", "c", "b"], ["a", "a", "b"], task_type="classification"))
    assert found["recall"].note == "predicted but in no label, recall counted as 0: 'c'"


def test_a_class_that_occurs_nowhere_counts_nowhere() -> None:
    predictions, labels = ["a", "a", "b"], ["a", "b", "b"]
    two = read_problem(predictions, labels, task_type="classification", classes=["a", "b"])
    three = read_problem(predictions, labels, task_type="classification", classes=["a", "b", "c"])
    for name in ("precision_macro", "recall_macro", "f1_macro", "balanced_accuracy", "mcc"):
        assert compute_metric(three, name).value == pytest.approx(compute_metric(two, name).value)


def test_an_average_over_classes_says_which_it_leaves_out() -> None:
    probabilities = [[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.6, 0.2, 0.2]]
    problem = read_problem(
        probabilities, ["a", "b", "a"], task_type="classification", classes=["a", "b", "c"]
    )
    note = compute_metric(problem, "roc_auc").note
    assert note == "the mean over 2 of 3 classes; no rows, or no others, of 'c'"


def test_hard_labels_leave_metrics_of_probabilities_undefined_and_say_so() -> None:
    found = compute_metrics(read_problem([1, 0, 1], [1, 0, 0], task_type="classification"))
    assert found["roc_auc"].value is None
    assert found["roc_auc"].note == "the predictions are hard labels, without probabilities"
    assert found["accuracy"].value == pytest.approx(2 / 3)


def test_an_auc_of_ties_everywhere_is_one_half() -> None:
    problem = read_problem([0.3] * 6, [0, 1, 0, 1, 1, 0], task_type="classification")
    assert compute_metric(problem, "roc_auc").value == 0.5


@pytest.mark.parametrize("name", ["roc_auc", "pr_auc", "recall", "mcc"])
def test_one_class_leaves_a_metric_undefined_with_a_reason(name: str) -> None:
    found = compute_metric(read_problem([0.2, 0.7, 0.9], [0, 0, 0], task_type="classification"), name)
    assert found.value is None
    assert found.note


def test_a_constant_target_has_no_r2_but_errors() -> None:
    found = compute_metrics(read_problem([1.0, 2.0, 3.5], [2.0, 2.0, 2.0], task_type="regression"))
    assert found["r2"].value is None
    assert found["r2"].note == "the target is constant"
    assert found["mae"].value == pytest.approx(2.5 / 3)


def test_numbers_of_any_size_that_is_allowed_have_their_metrics() -> None:
    for scale in (1e69, 1e-100):
        found = compute_metrics(read_problem([scale, 3 * scale], [-scale, 2 * scale], task_type="regression"))
        assert found["mae"].value == pytest.approx(1.5 * scale)
        assert found["rmse"].value == pytest.approx(2.5**0.5 * scale)
        assert found["r2"].value == pytest.approx(1 - 5 / 4.5)


def test_a_large_offset_costs_no_digits() -> None:
    random = np.random.default_rng(0)
    y, e = random.normal(size=50), random.normal(size=50)
    near = compute_metrics(Regression(targets=y, predictions=y + e))
    far = compute_metrics(Regression(targets=y + 1e7, predictions=(y + 1e7) + e))
    for name in ("r2", "explained_variance", "pearson", "residual_std"):
        assert far[name].value == pytest.approx(near[name].value, abs=1e-7)


def test_the_metrics_of_each_class_are_those_of_it_against_the_rest(
    make_multiclass: Callable[..., Any],
) -> None:
    rows = make_multiclass(120)
    problem = read_problem(rows["predictions"], rows["labels"], task_type="classification")
    table = compute_by_class(Tally(problem))
    assert [row["class"] for row in table] == ["ant", "bee", "cat", "dog"]
    is_bee, called_bee = problem.labels == 1, problem.predicted == 1  # type: ignore[union-attr]
    agree(table[1]["precision"], sklearn.precision_score(is_bee, called_bee))
    agree(table[1]["roc_auc"], sklearn.roc_auc_score(is_bee, rows["predictions"][:, 1]))
    assert table[1]["n"] == is_bee.sum()
    assert table[1]["n_predicted"] == called_bee.sum()


def test_every_metric_says_where_it_comes_from() -> None:
    for metric in METRICS.values():
        assert metric.source
        assert metric.undefined
        assert metric.higher_is_better is not None or metric.name in ("bias",) or "brier_" in metric.name


def test_an_unknown_metric_is_refused_with_names_close_to_it() -> None:
    with pytest.raises(InvalidInput, match="no metric 'roc-auc'") as caught:
        find_metric("roc-auc")
    assert "roc_auc" in str(caught.value.hint)


def test_a_metric_of_the_other_task_is_refused() -> None:
    problem = read_problem([1.0, 2.5], [1.0, 2.0], task_type="regression")
    with pytest.raises(InvalidInput, match="accuracy is a metric of classification"):
        compute_metric(problem, "accuracy")


def test_losses_of_rows_average_to_the_metric(make_binary: Callable[..., Any]) -> None:
    rows = make_binary(50)
    problem = read_problem(rows["predictions"], rows["labels"], task_type="classification")
    for name in ("log_loss", "brier"):
        losses = per_row_loss(problem, name)
        assert losses is not None
        agree(compute_metric(problem, name).value, float(losses.mean()))
    assert per_row_loss(problem, "f1") is None
    hard = read_problem([1, 0], [1, 0], task_type="classification")
    assert per_row_loss(hard, "log_loss") is None


def test_each_task_has_a_metric_that_verdicts_are_about() -> None:
    assert primary_metric("classification") == "accuracy"
    assert primary_metric("regression") == "rmse"
    assert "brier_uncertainty" in [metric.name for metric in list_metrics("classification", 2)]
    assert "brier_uncertainty" not in [metric.name for metric in list_metrics("classification", 3)]


@pytest.mark.usefixtures("registry")
def test_a_metric_of_a_user_is_part_of_the_report(make_binary: Callable[..., Any]) -> None:
    register_metric("jaccard", sklearn.jaccard_score, task_type="classification", higher_is_better=True)
    register_metric(
        "gini",
        lambda y, p: 2 * sklearn.roc_auc_score(y, p) - 1,
        task_type="classification",
        needs="probabilities",
        higher_is_better=True,
    )
    report = evaluate(**make_binary(60), config={"n_resamples": 100})
    assert report.metrics["gini"] == pytest.approx(2 * (report.metrics["roc_auc"] or math.nan) - 1)
    assert report.intervals["jaccard"].low is not None
    assert report.intervals["jaccard"].method == "percentile"


@pytest.mark.usefixtures("registry")
def test_a_metric_of_a_user_by_rows_is_resampled_as_our_own(make_regression: Callable[..., Any]) -> None:
    register_metric(
        "pinball",
        lambda y, p: np.maximum(0.9 * (y - p), -0.1 * (y - p)),
        task_type="regression",
        higher_is_better=False,
        per_row=True,
    )
    rows = make_regression(60)
    report = evaluate(**rows, config={"n_resamples": 100})
    expected = sklearn.mean_pinball_loss(rows["labels"], rows["predictions"], alpha=0.9)
    agree(report.metrics["pinball"], expected)
    assert report.intervals["pinball"].method == "bca"


@pytest.mark.usefixtures("registry")
def test_a_metric_of_a_user_that_fails_is_undefined_and_says_how(make_regression: Callable[..., Any]) -> None:
    def fail(labels: Any, predictions: Any) -> float:
        raise ZeroDivisionError("no luck")

    register_metric("broken", fail, task_type="regression", higher_is_better=True)
    report = evaluate(**make_regression(30), config={"n_resamples": 100})
    assert report.metrics["broken"] is None
    assert report.notes["broken"] == "ZeroDivisionError: no luck"


@pytest.mark.usefixtures("registry")
def test_metrics_of_users_see_the_classes_as_the_user_named_them() -> None:
    seen: list[Any] = []

    def look(labels: Any, predictions: Any) -> float:
        seen.append((labels.tolist(), predictions.tolist()))
        return 0.5

    register_metric("look", look, task_type="classification", higher_is_better=None)
    compute_metric(read_problem(["b", "a"], ["a", "a"], task_type="classification"), "look")
    assert seen == [(["a", "a"], ["b", "a"])]


@pytest.mark.usefixtures("registry")
def test_names_of_metrics_are_taken_once() -> None:
    def half(labels: Any, predictions: Any) -> float:
        return 0.5

    refused: list[dict[str, Any]] = [
        {"name": "accuracy", "replace": True},
        {"name": ""},
        {"name": "x", "task_type": "ranking"},
        {"name": "x", "needs": "numbers"},
    ]
    for arguments in refused:
        with pytest.raises(InvalidInput):
            register_metric(
                **{"function": half, "task_type": "classification", "higher_is_better": None, **arguments}
            )
    register_metric("half", half, task_type="classification", higher_is_better=None)
    with pytest.raises(InvalidInput, match="There is a metric 'half' already"):
        register_metric("half", half, task_type="classification", higher_is_better=None)
    register_metric("half", half, task_type="classification", higher_is_better=True, replace=True)
    assert find_metric("half").higher_is_better
    with pytest.raises(InvalidInput, match="it stays"):
        unregister_metric("accuracy")
