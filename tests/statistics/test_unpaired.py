"""Tests on different rows: proportions, tables, Welch's t and bootstraps of two sides."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2_contingency, fisher_exact, ttest_ind

from modellab.errors import InvalidInput
from modellab.records.estimates import Test
from modellab.statistics.unpaired import (
    compare_bootstraps,
    compare_proportions,
    compare_welch,
    fisher_or_chi2,
)

COUNT = st.integers(0, 40)


def p_of(test: Test) -> float:
    assert test.p_value is not None
    return test.p_value


@given(COUNT, COUNT, COUNT, COUNT)
def test_a_table_gets_fishers_test_or_chi_squared_as_scipy_has_them(a: int, b: int, c: int, d: int) -> None:
    p_value, name = fisher_or_chi2([[a, b], [c, d]])
    if name == "chi2":
        expected = chi2_contingency([[a, b], [c, d]], correction=False)
        assert expected.expected_freq.min() >= 5
        assert p_value == pytest.approx(expected.pvalue, abs=1e-12)
    else:
        assert p_value == pytest.approx(fisher_exact([[a, b], [c, d]]).pvalue, abs=1e-12)
    assert fisher_or_chi2([[c, d], [a, b]]) == (p_value, name)


def test_the_lady_tasting_tea_is_not_believed() -> None:
    p_value, name = fisher_or_chi2([[3, 1], [1, 3]])
    assert name == "fisher_exact"
    assert p_value == pytest.approx(34 / 70, abs=1e-12)  # Fisher 1935


def test_proportions_of_different_rows_say_that_they_are_unpaired() -> None:
    test = compare_proportions(48, 80, 56, 70)
    back = compare_proportions(56, 70, 48, 80)
    assert (test.name, test.note, test.n) == ("chi2", "unpaired, conservative", 150)
    assert (test.interval.low, test.interval.high) == pytest.approx((0.0524, 0.3339), abs=6e-5)
    assert back.p_value == test.p_value
    assert back.interval.low == pytest.approx(-0.3339, abs=6e-5)
    assert compare_proportions(0, 0, 1, 2).p_value is None


@pytest.mark.parametrize(("n_a", "n_b", "rate"), [(12, 15, 0.3), (30, 20, 0.5), (30, 20, 0.8)])
def test_equal_proportions_are_told_apart_rarely(n_a: int, n_b: int, rate: float) -> None:
    alarm = sum(
        binom.pmf(k_a, n_a, rate) * binom.pmf(k_b, n_b, rate)
        for k_a, k_b in itertools.product(range(n_a + 1), range(n_b + 1))
        if fisher_or_chi2([[k_a, n_a - k_a], [k_b, n_b - k_b]])[0] < 0.05
    )
    assert 0.001 < alarm < 0.06  # chi-squared without correction goes a little above 0.05


@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 99))
def test_welch_is_that_of_scipy(n_a: int, n_b: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n_a), rng.normal(0.5, 3, size=n_b)
    test, expected = compare_welch(a, b), ttest_ind(b, a, equal_var=False)
    limits = expected.confidence_interval()
    assert (test.p_value, test.statistic) == pytest.approx((expected.pvalue, expected.statistic), abs=1e-9)
    assert (test.interval.low, test.interval.high) == pytest.approx((limits.low, limits.high), abs=1e-9)
    back = compare_welch(b, a)
    assert back.p_value == test.p_value
    assert test.interval.low is not None
    assert back.interval.high == -test.interval.low


def test_welch_needs_two_values_a_side_and_something_that_varies() -> None:
    with warnings.catch_warnings(action="error"):
        assert compare_welch([1.0], [2.0, 3]).p_value is None
        assert compare_welch([1.0, 1], [2.0, 2]).p_value is None
        same = compare_welch([1.0, 1], [1.0, 1, 1])
    assert (same.p_value, same.note) == (1.0, "identical")


def test_unequal_spread_does_not_raise_false_alarms_with_welch() -> None:
    rng = np.random.default_rng(2)
    alarms = np.mean(
        [p_of(compare_welch(rng.normal(size=30), rng.normal(0, 4, size=8))) < 0.05 for _ in range(1000)]
    )
    assert 0.025 < alarms < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 1000)


def draw_sides(rng: np.random.Generator, shift: float) -> Test:
    """Two means of 100 and 150 rows with their bootstrap replicates."""
    means, replicates = [], []
    for n, move in ((100, 0.0), (150, shift)):
        mean = move + rng.normal() / math.sqrt(n)
        means.append(mean)
        replicates.append(mean + rng.normal(size=999) / math.sqrt(n))
    return compare_bootstraps(means[0], replicates[0], means[1], replicates[1])


def test_bootstraps_of_two_sides_cover_the_difference_and_raise_few_alarms() -> None:
    rng = np.random.default_rng(3)
    tests = [draw_sides(rng, 0.0) for _ in range(600)]
    alarms = np.mean([p_of(test) < 0.05 for test in tests])
    assert 0.015 < alarms < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 600)
    for test in tests:
        assert test.interval.low is not None
        assert test.interval.high is not None
        assert (p_of(test) <= 0.05) == (test.interval.low > 0 or test.interval.high < 0)
    assert p_of(draw_sides(rng, 1.0)) == 0.002  # the least that 999 resamples can give


def test_swapping_two_bootstraps_flips_the_sign_and_keeps_p() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.random(500), rng.random(500) + 0.2
    there, back = compare_bootstraps(0.5, a, 0.7, b), compare_bootstraps(0.7, b, 0.5, a)
    assert (there.p_value, there.standard_error) == (back.p_value, back.standard_error)
    assert there.interval.low is not None
    assert there.interval.high is not None
    assert (back.interval.low, back.interval.high) == (-there.interval.high, -there.interval.low)


def test_replicates_of_one_seed_on_both_sides_are_not_taken_as_pairs() -> None:
    replicates = np.random.default_rng(5).normal(size=999)
    test = compare_bootstraps(0.0, replicates, 0.0, replicates + 0.1)
    assert test.standard_error == pytest.approx(math.sqrt(2), abs=0.1)
    assert p_of(test) > 0.5


def test_a_metric_that_is_often_undefined_has_no_test() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.random(1000), rng.random(1000)
    a[:20] = np.nan
    few = compare_bootstraps(0.5, a, 0.5, b)
    assert (few.interval.n_dropped, few.interval.n_resamples) == (20, 980)
    assert few.p_value is not None
    a[:200] = np.nan
    many = compare_bootstraps(0.5, a, 0.5, b)
    assert (many.p_value, many.note) == (None, "the metric is undefined in 200 resamples")
    assert (
        compare_bootstraps(0.5, b[:20], 0.5, b[:20]).note
        == "20 resamples are too few for an interval of level 0.95"
    )


def test_a_side_whose_resamples_are_all_alike_has_no_test() -> None:
    """As an AUC of 1, which chance alone gives one in twenty models of three and three rows."""
    perfect, spread = np.ones(1000), np.random.default_rng(7).normal(0.5, 0.05, 1000)
    for test in (
        compare_bootstraps(1.0, perfect, 0.5, spread),
        compare_bootstraps(0.5, spread, 1.0, perfect),
    ):
        assert (test.p_value, test.interval.low, test.interval.high) == (None, None, None)
        assert "all alike" in str(test.note)


@pytest.mark.parametrize("table", [[[1, 2, 3], [4, 5, 6]], [[1, -2], [3, 4]], [[0.5, 1], [2, 3]]])
def test_what_is_no_table_is_refused(table: list[list[float]]) -> None:
    with pytest.raises(InvalidInput, match="two rows of two counts"):
        fisher_or_chi2(table)
