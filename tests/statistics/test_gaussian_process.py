"""Gaussian-process regression: the same as scikit-learn's, and honest about what it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

from modellab.statistics.gaussian_process import GaussianProcess, expect_improvement, fit_process

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def make_data(n: int = 30, noise: float = 0.05) -> tuple[Floats, Floats]:
    random = np.random.default_rng(3)
    inputs = random.uniform(size=(n, 2))
    return inputs, np.sin(6 * inputs[:, 0]) + noise * random.normal(size=n)


def as_sklearn(process: GaussianProcess) -> GaussianProcessRegressor:
    kernel = Matern(length_scale=process.scales, nu=2.5)
    fitted = GaussianProcessRegressor(kernel, alpha=process.noise, optimizer=None)
    return fitted.fit(process.inputs, process.values)


def test_predictions_are_those_of_scikit_learn() -> None:
    inputs, values = make_data()
    process = fit_process(inputs, values, [0, 1])
    asked = np.random.default_rng(1).uniform(size=(50, 2))
    mean, deviation = process.predict(asked)
    expected_mean, expected_deviation = as_sklearn(process).predict(asked, return_std=True)
    np.testing.assert_allclose(mean, process.centre + process.spread * expected_mean, atol=1e-9)
    np.testing.assert_allclose(deviation, process.spread * expected_deviation, rtol=1e-5)


def test_a_column_without_influence_gets_the_longest_scale() -> None:
    inputs, values = make_data(60)
    process = fit_process(inputs, values, [0, 1])
    assert process.scales[1] == 10.0
    assert process.scales[0] < 1.0
    assert process.noise <= 0.05


def test_columns_of_a_group_share_their_scale() -> None:
    inputs, values = make_data()
    process = fit_process(np.hstack([inputs, inputs[:, :1]]), values, [0, 1, 0])
    assert process.scales[0] == process.scales[2]


def test_what_is_explained_of_unseen_values_is_what_leaving_each_out_gives() -> None:
    inputs, values = make_data(20, noise=0.3)
    process = fit_process(inputs, values, [0, 1])
    squares, by_mean = 0.0, 0.0
    for i in range(len(values)):
        rest = np.arange(len(values)) != i
        fitted = GaussianProcessRegressor(
            Matern(length_scale=process.scales, nu=2.5), alpha=process.noise, optimizer=None
        ).fit(inputs[rest], process.values[rest])
        squares += float((process.values[i] - fitted.predict(inputs[[i]])[0]) ** 2)
        by_mean += float((process.values[i] - process.values[rest].mean()) ** 2)
    assert process.explain_unseen() == pytest.approx(1 - squares / by_mean)


def test_nothing_is_explained_where_there_is_nothing() -> None:
    random = np.random.default_rng(0)
    process = fit_process(random.uniform(size=(80, 3)), random.normal(size=80), [0, 1, 2])
    assert process.explain_unseen() < 0.1


def test_expected_improvement_is_the_mean_of_what_lies_above_the_best() -> None:
    mean, deviation, best = np.array([0.0, 1.0, -2.0]), np.array([1.0, 0.5, 0.1]), 0.5
    draws = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    expected = [np.maximum(m + d * draws - best, 0).mean() for m, d in zip(mean, deviation, strict=True)]
    np.testing.assert_allclose(expect_improvement(mean, deviation, best), expected, atol=1e-4)


def test_believed_values_are_certain_afterwards() -> None:
    inputs, values = make_data()
    process = fit_process(inputs, values, [0, 1])
    there = np.array([[0.95, 0.95]])
    before = process.predict(there)[1][0]
    assert process.believe(there, process.predict(there)[0]).predict(there)[1][0] < before
