"""What must not change a metric does not: the order of rows, the names of classes, the unit of a target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from modellab.evaluation.inputs import read_problem
from modellab.evaluation.metrics import METRICS, compute_metric
from modellab.evaluation.problem import Classification, Problem, Regression

OF_CLASSES = [name for name, metric in METRICS.items() if metric.task_type == "classification"]
OF_NUMBERS = [name for name, metric in METRICS.items() if metric.task_type == "regression"]
NOT_OF_MEANS = ("ece_debiased",)  # counts the rows of a bin less one


def classify(k: int, seed: int = 0) -> Classification:
    random = np.random.default_rng(seed)
    n = 90
    weights = random.integers(1, 9, size=(n, k)).astype(float)  # with ties
    problem = read_problem(
        weights / weights.sum(1, keepdims=True), np.arange(n) % k, task_type="classification"
    )
    assert isinstance(problem, Classification)
    return problem


def regress(seed: int = 0) -> Regression:
    random = np.random.default_rng(seed)
    targets = random.normal(5, 2, 90)
    return Regression(targets=targets, predictions=targets + random.normal(0.3, 1, 90))


def value(problem: Problem, name: str) -> float | None:
    return compute_metric(problem, name).value


def same(found: float | None, expected: float | None) -> bool:
    return found == expected if None in (found, expected) else found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("name", OF_CLASSES)
def test_the_order_of_rows_does_not_matter(name: str, k: int) -> None:
    problem = classify(k)
    order = np.random.default_rng(1).permutation(problem.n)
    assert same(value(problem.take(order), name), value(problem, name))


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_the_order_of_rows_does_not_matter_to_numbers(name: str) -> None:
    problem = regress()
    order = np.random.default_rng(1).permutation(problem.n)
    assert same(value(problem.take(order), name), value(problem, name))


@pytest.mark.parametrize("classes", [("no", "yes"), (False, True), (3, 17), (0.5, 1.5)])
@pytest.mark.parametrize("name", OF_CLASSES)
def test_the_names_of_classes_do_not_matter(name: str, classes: tuple[Any, ...]) -> None:
    problem = classify(2)
    labels = [classes[code] for code in problem.labels]
    renamed = read_problem(problem.scores, labels, task_type="classification", classes=classes)
    assert same(value(renamed, name), value(problem, name))


@pytest.mark.parametrize("name", OF_CLASSES)
def test_the_order_of_three_classes_does_not_matter(name: str) -> None:
    random = np.random.default_rng(5)
    weights = random.random((60, 3))
    probabilities: NDArray[np.float64] = weights / weights.sum(1, keepdims=True)
    labels = np.array(["x", "y", "z"])[np.arange(60) % 3]
    one = read_problem(probabilities, labels, task_type="classification", classes=["x", "y", "z"])
    other = read_problem(
        probabilities[:, [2, 0, 1]], labels, task_type="classification", classes=["z", "x", "y"]
    )
    assert same(value(other, name), value(one, name))


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("name", [name for name in OF_CLASSES if name not in NOT_OF_MEANS])
def test_every_row_twice_is_the_same_as_once(name: str, k: int) -> None:
    problem = classify(k)
    twice = problem.take(np.repeat(np.arange(problem.n), 2))
    assert same(value(twice, name), value(problem, name))


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_every_row_twice_is_the_same_as_once_to_numbers(name: str) -> None:
    problem = regress()
    assert same(value(problem.take(np.repeat(np.arange(problem.n), 2)), name), value(problem, name))


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_metric_follows_the_unit_of_the_target_or_has_none(name: str) -> None:
    problem = regress()
    scaled = Regression(targets=problem.targets * 1000, predictions=problem.predictions * 1000)
    factor = 1000 if METRICS[name].unit == "target" else 1
    found, expected = value(scaled, name), value(problem, name)
    assert found is not None
    assert expected is not None
    assert found == pytest.approx(expected * factor, rel=1e-11)


@pytest.mark.parametrize("name", [name for name in OF_NUMBERS if name != "mape"])
def test_where_zero_lies_does_not_matter(name: str) -> None:
    problem = regress()
    moved = Regression(targets=problem.targets + 64, predictions=problem.predictions + 64)
    assert value(moved, name) == pytest.approx(value(problem, name), abs=1e-11)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("name", OF_CLASSES)
def test_a_metric_stays_in_the_range_that_it_declares(name: str, k: int) -> None:
    low, high = METRICS[name].range
    for seed in range(20):
        found = value(classify(k, seed), name)
        if found is not None:
            assert low is None or found >= low
            assert high is None or found <= high


@pytest.mark.parametrize("name", OF_CLASSES + OF_NUMBERS)
def test_no_model_is_better_than_one_that_is_always_right(name: str) -> None:
    metric = METRICS[name]
    worse: Problem
    best: Problem
    if metric.task_type == "regression":
        worse = regress()
        best = Regression(targets=worse.targets, predictions=worse.targets)
    else:
        k = 3 if metric.classes == "more" else 2
        worse = classify(k)
        best = read_problem(np.eye(k)[worse.labels], worse.labels, task_type="classification")
    found, expected = value(worse, name), value(best, name)
    if metric.higher_is_better is None:
        return
    assert found is not None
    assert expected is not None
    assert found < expected if metric.higher_is_better else found > expected
