"""Tests over seeds and splits: sign flips, paired t, overlapping training sets, stochastic order."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t, ttest_1samp, ttest_rel

from modellab.errors import InvalidInput
from modellab.records.estimates import Test
from modellab.statistics.seeds import almost_stochastic_order, compare_seeds, compare_splits, flip_signs
from modellab.statistics.streams import Stream

DIFFERENCES = st.lists(st.integers(-9, 9), min_size=3, max_size=9).filter(any)


def p_of(test: Test) -> float:
    assert test.p_value is not None
    return test.p_value


@given(DIFFERENCES)
def test_sign_flips_are_all_of_them(differences: list[int]) -> None:
    d = np.array(differences) / 10
    flips = np.array(list(itertools.product([-1, 1], repeat=len(d))))
    expected = np.mean(np.abs(flips @ d) >= abs(d.sum()) - 1e-9)
    test = flip_signs(d)
    assert test.p_value == pytest.approx(expected, abs=1e-12)
    assert flip_signs(-d).p_value == test.p_value
    assert flip_signs(d[::-1]).p_value == test.p_value


def test_five_seeds_say_that_they_can_reach_only_0_0625() -> None:
    a = np.array([0.80, 0.81, 0.79, 0.82, 0.80])
    test = compare_seeds(a, a + np.array([0.02, 0.03, 0.01, 0.02, 0.04]))
    assert (test.name, test.p_value, test.n) == ("sign_flip", 0.0625, 5)
    assert test.note == "5 seeds can reach only p = 0.0625"
    limits = ttest_1samp([0.02, 0.03, 0.01, 0.02, 0.04], 0).confidence_interval()
    assert (test.interval.low, test.interval.high) == pytest.approx((limits.low, limits.high), abs=1e-9)


def test_six_seeds_that_agree_are_enough() -> None:
    test = compare_seeds([1.0] * 6, [1.1, 1.2, 1.1, 1.3, 1.2, 1.1])
    assert (test.p_value, test.note) == (0.03125, None)


def test_ten_seeds_are_compared_by_the_paired_t() -> None:
    a, b = np.random.default_rng(1).normal(size=(2, 12))
    test, back, expected = compare_seeds(a, b), compare_seeds(b, a), ttest_rel(b, a)
    assert test.name == "paired_t"
    assert test.p_value == pytest.approx(expected.pvalue, abs=1e-9)
    assert back.p_value == test.p_value
    assert test.interval.low is not None
    assert back.interval.high == -test.interval.low


def test_one_or_two_seeds_are_no_test() -> None:
    for n in (1, 2):
        test = compare_seeds([0.8] * n, [0.9, 0.7][:n])
        assert test.p_value is None
        assert test.note == f"{n} seeds cannot tell a difference from chance; 3 is the least"


def test_runs_that_do_not_differ_are_identical() -> None:
    for n in (2, 5, 15):
        test = compare_seeds([0.1] * n, [0.1] * n)
        assert (test.p_value, test.note, test.interval.estimate) == (1.0, "identical", 0.0)


def test_a_difference_that_is_the_same_for_every_seed_is_still_only_so_many_coins() -> None:
    test = compare_seeds(np.arange(12.0), np.arange(12.0) + 0.1)
    assert (test.name, test.p_value) == ("sign_flip", 2.0**-11)
    assert test.interval.low is None


@pytest.mark.parametrize("n", [4, 7, 15])
def test_equal_models_are_told_apart_by_seeds_at_most_once_in_twenty(n: int) -> None:
    rng = np.random.default_rng(n)
    alarms = np.mean([p_of(compare_seeds(*rng.normal(size=(2, n)))) < 0.05 for _ in range(1000)])
    assert alarms < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 1000)


def test_a_better_model_is_found_by_seeds() -> None:
    rng = np.random.default_rng(2)
    a = rng.normal(size=8)
    assert p_of(compare_seeds(a, a + 0.5 + 0.1 * rng.normal(size=8))) == 2.0**-7


def test_the_corrected_t_is_the_formula_of_nadeau_and_bengio() -> None:
    d = np.array([0.02, -0.01, 0.03, 0.015, 0.0, 0.01, 0.025, -0.005, 0.02, 0.01])
    test = compare_splits(d, 900, 100)
    error = math.sqrt((1 / 10 + 1 / 9) * d.var(ddof=1))
    assert test.name == "nadeau_bengio"
    assert test.standard_error == pytest.approx(error, abs=1e-12)
    assert test.p_value == pytest.approx(2 * t.sf(abs(d.mean()) / error, 9), abs=1e-12)
    assert p_of(test) > ttest_1samp(d, 0).pvalue
    assert compare_splits(d, 900, 100, repeats=2).name == "bouckaert_frank"
    assert compare_splits(-d, 900, 100).p_value == test.p_value
    assert compare_splits(d * 0, 900, 100).note == "identical"


def test_overlapping_training_sets_do_not_raise_false_alarms() -> None:
    rng = np.random.default_rng(3)
    share = 0.1  # of the variance is common to all splits, as with 900 rows to train and 100 to test
    d = math.sqrt(share) * rng.normal(size=(800, 1)) + math.sqrt(1 - share) * rng.normal(size=(800, 30))
    corrected = np.mean([p_of(compare_splits(row, 900, 100, repeats=3)) < 0.05 for row in d])
    plain = np.mean(ttest_1samp(d, 0, axis=1).pvalue < 0.05)
    assert corrected < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 800)
    assert plain > 0.2


def test_a_real_difference_is_found_over_splits() -> None:
    d = 0.03 + 0.01 * np.random.default_rng(4).normal(size=10)
    test = compare_splits(d, 900, 100)
    assert p_of(test) < 0.01
    assert test.interval.low is not None
    assert test.interval.low > 0


def test_the_better_side_has_a_stochastic_order_near_0_and_the_reverse_near_1() -> None:
    rng = np.random.default_rng(5)
    worse, better = rng.normal(size=20), rng.normal(1.5, 1, size=25)
    order = almost_stochastic_order(worse, better, stream=Stream(1))
    reverse = almost_stochastic_order(better, worse, stream=Stream(1))
    assert order.eps < 0.02
    assert order.eps_min is not None
    assert order.eps_min < 0.2
    assert reverse.eps > 0.98
    assert reverse.eps_min == 1.0


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=8), st.lists(st.integers(0, 9), min_size=1, max_size=8)
)
def test_the_violation_of_the_order_is_the_integral_over_quantiles(a: list[int], b: list[int]) -> None:
    grid = (np.arange(len(a) * len(b) * 4) + 0.5) / (len(a) * len(b) * 4)
    quantile_a = np.sort(a)[(grid * len(a)).astype(int)]
    quantile_b = np.sort(b)[(grid * len(b)).astype(int)]
    lead = (quantile_a - quantile_b).astype(np.float64)
    order = almost_stochastic_order(a, b, stream=Stream(1), n_resamples=5)
    total = np.sum(lead**2)
    if total == 0:
        assert (order.eps, order.note) == (0.5, "identical")
    else:
        assert order.eps == pytest.approx(np.sum(lead[lead > 0] ** 2) / total, abs=1e-12)
        assert order.eps + almost_stochastic_order(
            b, a, stream=Stream(1), n_resamples=5
        ).eps == pytest.approx(1)


def test_equal_models_are_seldom_called_stochastically_better() -> None:
    rng = np.random.default_rng(6)
    alarms = 0
    for i in range(200):
        order = almost_stochastic_order(*rng.normal(size=(2, 20)), stream=Stream(i), n_resamples=200)
        assert order.eps_min is not None
        alarms += order.eps_min < 0.2
    assert alarms / 200 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 200)


def test_too_few_runs_have_no_limit_of_the_order() -> None:
    order = almost_stochastic_order([1.0], [2.0], stream=Stream(1))
    assert (order.eps, order.eps_min) == (0.0, None)
    assert order.note == "1 runs on a side are too few for a limit; 5 is the least"


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="There are 21 differences"):
        flip_signs(np.arange(21.0))
    with pytest.raises(InvalidInput, match="10 splits in 3 repeats"):
        compare_splits(np.arange(10.0), 900, 100, repeats=3)
    with pytest.raises(InvalidInput, match="values_a has 3 rows and values_b 2"):
        compare_seeds([1.0, 2, 3], [1.0, 2])
