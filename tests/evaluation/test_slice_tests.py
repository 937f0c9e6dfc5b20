"""How a slice is tested against the rest: agreement with scipy and with drawn permutations, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from modellab.evaluation.inputs import read_problem
from modellab.evaluation.metrics import register_metric
from modellab.evaluation.permuted_sums import PermutedSums
from modellab.evaluation.problem import Problem
from modellab.evaluation.slice_measures import choose_measure, subtract_intervals
from modellab.records.estimates import Interval
from modellab.statistics.auc import delong_interval


def make_binary(n: int = 300, seed: int = 0) -> tuple[Problem, NDArray[np.bool_]]:
    random = np.random.default_rng(seed)
    p = random.random(n)
    labels = (random.random(n) < p).astype(int)
    return read_problem(p, labels, task_type="classification"), random.random(n) < 0.2


def make_regression(n: int = 300, seed: int = 0) -> tuple[Problem, NDArray[np.bool_]]:
    random = np.random.default_rng(seed)
    targets = random.normal(size=n)
    problem = read_problem(targets + random.lognormal(size=n), targets, task_type="regression")
    return problem, random.random(n) < 0.2


def read_p(problem: Problem, metric: str, inside: NDArray[np.bool_]) -> float:
    test = choose_measure(problem, metric).compare(inside, ~inside).test
    assert test is not None
    assert test.p_value is not None
    return test.p_value


@pytest.mark.parametrize("n_bad", [3, 30])
def test_a_proportion_is_tested_as_scipy_does(n_bad: int) -> None:
    inside = np.arange(200) < 60
    right = np.ones(200, np.bool_)
    right[:n_bad] = False
    right[100 : 100 + n_bad] = False
    problem = read_problem(right.astype(int), np.ones(200, int), task_type="classification", classes=[0, 1])
    cells = [[60 - n_bad, n_bad], [140 - n_bad, n_bad]]
    if n_bad == 3:  # too few expected for chi-squared
        expected = stats.fisher_exact(cells).pvalue
    else:
        expected = stats.chi2_contingency(cells, correction=False).pvalue
    assert read_p(problem, "accuracy", inside) == pytest.approx(expected, rel=1e-9)


def test_recall_and_precision_count_the_rows_that_they_are_about() -> None:
    problem, inside = make_binary()
    labels, predicted = problem.labels, problem.predicted  # type: ignore[union-attr]
    for metric, counted in (
        ("recall", labels == 1),
        ("precision", predicted == 1),
        ("specificity", labels == 0),
    ):
        hits = (labels == predicted) & counted
        cells = [
            [np.count_nonzero(hits & rows), np.count_nonzero(counted & rows & ~hits)]
            for rows in (inside, ~inside)
        ]
        expected = stats.chi2_contingency(cells, correction=False)
        pvalue = expected.pvalue if expected.expected_freq.min() >= 5 else stats.fisher_exact(cells).pvalue
        assert read_p(problem, metric, inside) == pytest.approx(pvalue, rel=1e-9)


@pytest.mark.parametrize("k", [20, 60, 250])
@pytest.mark.parametrize("seed", range(3))
def test_the_moments_give_the_p_value_that_drawn_permutations_give(k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.lognormal(size=300)
    inside = np.arange(300) < k
    values[inside] += 0.3
    shuffled = random.permuted(np.tile(values, (4000, 1)), axis=1)
    seen = values[inside].mean() - values[~inside].mean()
    moved = shuffled[:, inside].mean(axis=1) - shuffled[:, ~inside].mean(axis=1)
    drawn = float(np.mean(np.abs(moved) >= abs(seen)))
    _, p_value = PermutedSums(values).test(inside)
    assert p_value == pytest.approx(drawn, abs=3.5 * (drawn * (1 - drawn) / 4000) ** 0.5 + 0.002)


def test_the_mean_of_a_slice_and_that_of_the_rest_give_one_p_value() -> None:
    values = np.random.default_rng(0).lognormal(size=100)
    inside = np.arange(100) < 30
    total, p_value = PermutedSums(values).test(inside)
    total_of_rest, p_value_of_rest = PermutedSums(values).test(~inside)
    assert total_of_rest == pytest.approx(-total)
    assert p_value_of_rest == pytest.approx(p_value)


def test_values_that_are_all_the_same_have_no_p_value() -> None:
    inside = np.arange(50) < 20
    assert PermutedSums(np.full(50, 0.1)).test(inside) == (0.0, None)
    assert PermutedSums(np.arange(50.0)).test(np.zeros(50, np.bool_)) == (0.0, None)


def test_a_mean_of_losses_is_tested_by_permuting_the_losses() -> None:
    problem, inside = make_regression()
    errors = np.abs(problem.errors)  # type: ignore[union-attr]
    assert read_p(problem, "mae", inside) == pytest.approx(PermutedSums(errors).test(inside)[1], rel=1e-9)


@pytest.mark.parametrize("metric", ["f1", "mcc", "roc_auc", "pr_auc", "log_loss", "rmse", "r2", "pearson"])
def test_every_metric_has_a_test_of_the_stated_level(metric: str) -> None:
    make: Callable[..., Any] = make_regression if metric in ("rmse", "r2", "pearson") else make_binary
    p_values = []
    for seed in range(15):
        problem, _ = make(300, seed)
        measure = choose_measure(problem, metric)
        random = np.random.default_rng(1000 + seed)
        for _ in range(20):
            inside = random.random(300) < 0.2
            test = measure.compare(inside, ~inside).test
            assert test is not None
            assert test.p_value is not None
            p_values.append(test.p_value)
    assert np.mean(np.array(p_values) < 0.05) < 0.085
    assert stats.kstest(p_values, "uniform").pvalue > 1e-4


def test_other_shares_of_classes_in_a_slice_do_not_look_like_another_auc() -> None:
    low = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        inside = np.arange(400) < 60
        labels = (random.random(400) < np.where(inside, 0.25, 0.5)).astype(int)
        scores = 1 / (1 + np.exp(-random.normal(size=400) - labels))
        problem = read_problem(scores, labels, task_type="classification")
        low += read_p(problem, "roc_auc", inside) < 0.05
    assert low <= 0.05 * 200 + 2.6 * (200 * 0.05 * 0.95) ** 0.5


def test_an_auc_carries_delongs_interval() -> None:
    problem, inside = make_binary()
    found = choose_measure(problem, "roc_auc").compare(inside, ~inside).estimate
    labels, scores = problem.labels[inside], problem.scores[inside]  # type: ignore[union-attr, index]
    expected = delong_interval(labels, scores)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_interval_of_a_mean_is_that_of_t() -> None:
    problem, inside = make_regression()
    errors = np.abs(problem.errors)[inside]  # type: ignore[union-attr]
    expected = stats.t.interval(0.95, len(errors) - 1, errors.mean(), stats.sem(errors))
    found = choose_measure(problem, "mae").compare(inside, ~inside).estimate
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9)


def test_intervals_of_differences_hold_what_they_say() -> None:
    n_times = 300
    held = 0
    for seed in range(n_times):
        problem, inside = make_binary(300, seed)
        test = choose_measure(problem, "f1").compare(inside, ~inside).test
        assert test is not None
        assert test.interval.low is not None
        assert test.interval.high is not None
        held += test.interval.low <= 0 <= test.interval.high
    assert held / n_times > 0.91


def test_intervals_are_subtracted_by_their_reach_to_either_side() -> None:
    a = Interval(estimate=0.5, low=0.4, high=0.7, method="x")
    b = Interval(estimate=0.2, low=0.1, high=0.5, method="x")
    found = subtract_intervals(a, b)
    assert found.estimate == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - np.hypot(0.1, 0.3))
    assert found.high == pytest.approx(0.3 + np.hypot(0.2, 0.1))


def test_a_metric_that_is_undefined_in_a_slice_has_no_test_and_says_so() -> None:
    problem, _ = make_binary()
    inside = problem.labels == 0  # type: ignore[union-attr]
    test = choose_measure(problem, "roc_auc").compare(inside, ~inside).test
    assert test is not None
    assert test.p_value is None
    assert test.interval.estimate is None
    assert "undefined in the slice" in (test.note or "")


def test_a_perfect_model_differs_nowhere() -> None:
    labels = np.arange(100) % 2
    problem = read_problem(labels * 0.8 + 0.1, labels, task_type="classification")
    inside = np.arange(100) < 40
    for metric in ("f1", "mcc", "roc_auc"):
        test = choose_measure(problem, metric).compare(inside, ~inside).test
        assert test is not None
        assert test.p_value is None
        assert test.interval.estimate == 0


@pytest.mark.usefixtures("registry")
def test_a_metric_of_users_is_tested_on_few_rows_and_only_shown_on_many() -> None:
    def worst_tenth(targets: NDArray[Any], predictions: NDArray[Any]) -> float:
        return float(np.quantile(np.abs(targets - predictions), 0.9))

    register_metric("worst_tenth", worst_tenth, task_type="regression", higher_is_better=False)
    few, inside = make_regression(400)
    assert 0 < read_p(few, "worst_tenth", inside) <= 1
    many, inside = make_regression(2500)
    comparison = choose_measure(many, "worst_tenth").compare(inside, ~inside)
    expected = worst_tenth(many.targets[inside], many.predictions[inside])  # type: ignore[union-attr]
    assert comparison.estimate.estimate == pytest.approx(expected)
    assert comparison.test is not None
    assert comparison.test.p_value is None
    assert (comparison.test.note or "").startswith("not tested")


def test_areas_of_more_classes_are_compared_over_the_classes_that_have_both_sides() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 600)
    scores = random.random((600, 3)) + np.eye(3)[labels]
    problem = read_problem(scores / scores.sum(1, keepdims=True), labels, task_type="classification")
    inside = np.arange(600) < 200
    comparison = choose_measure(problem, "roc_auc").compare(inside, ~inside)
    assert comparison.test is not None
    assert comparison.estimate.low is not None
    assert 0 < (comparison.test.p_value or 0) <= 1
