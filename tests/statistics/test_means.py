"""Means with their t intervals, of one column and of many at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from modellab.statistics.means import estimate_mean, estimate_means


def test_the_interval_is_that_of_t() -> None:
    for n in (2, 3, 10, 500):
        values = np.random.default_rng(n).normal(5, 2, n)
        low, high = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
        found = estimate_mean(values)
        assert (found.estimate, found.low, found.high) == pytest.approx((values.mean(), low, high))
        assert (found.method, found.level, found.note) == ("t", 0.95, None)


@pytest.mark.parametrize(
    ("values", "estimate", "note"),
    [
        ([], None, "there is no value"),
        ([3.0], 3.0, "one value"),
        ([0.1, 0.1, 0.1], 0.1, "all values are the same"),
        ([1e308, 1.5e308], None, "too large"),
    ],
)
def test_where_nothing_shows_how_values_vary_there_is_no_interval(
    values: list[float], estimate: float | None, note: str
) -> None:
    found = estimate_mean(values)
    assert found.estimate == (None if estimate is None else pytest.approx(estimate))
    assert (found.low, found.high) == (None, None)
    assert note in str(found.note)


def test_many_columns_have_the_means_that_each_has_alone() -> None:
    values = np.random.default_rng(0).normal(0, 1, (6, 40))
    values[np.random.default_rng(1).random((6, 40)) < 0.4] = math.nan
    values[:, 0] = math.nan
    values[1:, 1] = math.nan
    values[:, 2] = 0.1
    mean, low, high = estimate_means(values)
    for place, column in enumerate(values.T):
        alone = estimate_mean(column[~np.isnan(column)])
        for told, expected in ((mean, alone.estimate), (low, alone.low), (high, alone.high)):
            assert told[place] == pytest.approx(math.nan if expected is None else expected, nan_ok=True)


def test_huge_values_have_a_mean_and_no_interval() -> None:
    mean, low, _ = estimate_means(np.array([[1.5e308], [1.7e308]]))
    assert mean[0] == pytest.approx(1.6e308)
    assert math.isnan(low[0])
