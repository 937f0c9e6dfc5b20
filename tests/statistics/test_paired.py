"""Tests on the same rows: McNemar, the paired t, signed ranks and clusters."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, binomtest, ttest_rel, wilcoxon

from modellab.errors import InvalidInput
from modellab.records.estimates import Test
from modellab.statistics.paired import clustered_mean, compare_correctness, compare_means, mcnemar_p
from modellab.statistics.signed_ranks import compare_ranks

Floats = NDArray[np.float64]
SMALL = st.lists(st.integers(-4, 4), min_size=2, max_size=10)

# Hollander & Wolfe 1973, p. 29, as in R's help of wilcox.test: depression before and after a therapy
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def answers(both: int, only_a: int, only_b: int, neither: int) -> tuple[Floats, Floats]:
    """Correct or not, of A and of B, row by row."""
    a = np.repeat([1.0, 1.0, 0.0, 0.0], [both, only_a, only_b, neither])
    b = np.repeat([1.0, 0.0, 1.0, 0.0], [both, only_a, only_b, neither])
    return a, b


def mirror(test: Test) -> tuple[object, ...]:
    """What the test of the swapped models must give."""
    interval = test.interval
    flipped = [None if x is None else -x for x in (interval.estimate, interval.high, interval.low)]
    return (test.name, test.p_value, test.n, *flipped, test.standard_error, test.note)


def view(test: Test) -> tuple[object, ...]:
    interval = test.interval
    limits = (interval.estimate, interval.low, interval.high)
    return (test.name, test.p_value, test.n, *limits, test.standard_error, test.note)


def p_of(test: Test) -> float:
    assert test.p_value is not None
    return test.p_value


def test_mcnemar_gives_the_published_values() -> None:
    # Fagerland, Lydersen & Laake 2013, table 2: 1 and 7 discordant pairs of 21; statsmodels 0.15.0 the same
    test = compare_correctness(*answers(1, 1, 7, 12))
    assert (test.name, test.p_value, test.n) == ("mcnemar_exact", 0.0703125, 21)
    assert test.interval.estimate == pytest.approx(6 / 21)
    # statsmodels 0.15.0, mcnemar([[30, 9], [3, 8]], exact=True)
    assert mcnemar_p(9, 3) == pytest.approx(0.14599609375, abs=1e-12)


@given(st.integers(0, 80), st.integers(0, 80))
def test_mcnemar_is_exact_for_few_discordant_rows_and_mid_p_for_many(only_a: int, only_b: int) -> None:
    n, fewer = only_a + only_b, min(only_a, only_b)
    exact = binomtest(fewer, n).pvalue if n else 1.0
    expected = exact if n < 25 else min(1.0, 2 * binom.cdf(fewer, n, 0.5) - binom.pmf(fewer, n, 0.5))
    assert mcnemar_p(only_a, only_b) == pytest.approx(expected, abs=1e-12)


@given(*[st.integers(0, 40)] * 3, st.integers(1, 40))
def test_swapping_the_models_flips_the_sign_of_accuracy_and_keeps_p(
    both: int, only_a: int, only_b: int, neither: int
) -> None:
    a, b = answers(both, only_a, only_b, neither)
    assert view(compare_correctness(b, a)) == mirror(compare_correctness(a, b))


def test_identical_answers_differ_by_0_with_p_1() -> None:
    a, _ = answers(30, 0, 0, 10)
    test = compare_correctness(a, a)
    assert (test.p_value, test.interval.estimate, test.note) == (1.0, 0.0, "identical")
    losses = np.random.default_rng(1).random(40)
    for rows in (losses, losses[:9]):
        same = compare_means(rows, rows)
        assert (same.p_value, same.note) == (1.0, "identical")
        assert (same.interval.estimate, same.interval.low, same.interval.high) == (0.0, 0.0, 0.0)
    assert compare_means(losses, losses, clusters=np.arange(40) // 4).note == "identical"


@pytest.mark.parametrize(("n", "rate"), [(20, 0.4), (60, 0.3), (200, 0.3)])
def test_mcnemar_raises_few_false_alarms(n: int, rate: float) -> None:
    alarm = 0.0
    for discordant in range(n + 1):
        weight = binom.pmf(discordant, n, rate)
        rejected = [k for k in range(discordant + 1) if mcnemar_p(k, discordant - k) < 0.05]
        alarm += weight * binom.pmf(rejected, discordant, 0.5).sum()
    assert 0.005 < alarm < 0.052


def test_the_error_of_a_difference_of_accuracies_is_that_of_its_rows() -> None:
    a, b = answers(50, 11, 20, 19)
    test = compare_correctness(a, b)
    assert test.standard_error == pytest.approx(np.std(b - a, ddof=1) / 10, abs=1e-12)


@given(st.integers(30, 60), st.integers(0, 99))
def test_many_rows_are_compared_by_the_paired_t(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.gamma(1, size=n), rng.gamma(1.2, size=n)
    test, expected = compare_means(a, b), ttest_rel(b, a)
    limits = expected.confidence_interval()
    assert test.name == "paired_t"
    assert (test.p_value, test.statistic) == pytest.approx((expected.pvalue, expected.statistic), abs=1e-9)
    assert (test.interval.low, test.interval.high) == pytest.approx((limits.low, limits.high), abs=1e-9)
    assert view(compare_means(b, a)) == mirror(test)
    assert p_of(compare_means(a[::-1], b[::-1])) == pytest.approx(p_of(test), abs=1e-12)


def test_few_rows_give_the_published_signed_ranks() -> None:
    test = compare_means(BEFORE, AFTER)
    # R 4: wilcox.test(x, y, paired = TRUE, conf.int = TRUE): V = 40, p-value = 0.03906
    assert (test.name, test.interval.method) == ("wilcoxon", "hodges_lehmann")
    assert test.p_value == pytest.approx(0.0390625, abs=1e-12)
    assert (test.interval.estimate, test.interval.low, test.interval.high) == pytest.approx(
        (-0.46, -0.786, -0.01), abs=1e-9
    )


@given(st.integers(3, 29), st.integers(0, 99))
def test_signed_ranks_without_ties_agree_with_scipy(n: int, seed: int) -> None:
    a, b = np.random.default_rng(seed).normal(size=(2, n))
    expected = wilcoxon(b - a, method="exact").pvalue
    test = compare_means(a, b)
    assert test.p_value == pytest.approx(expected, abs=1e-12)
    assert view(compare_means(b, a)) == mirror(test)


@given(SMALL.filter(any))
def test_signed_ranks_with_ties_are_the_share_of_all_sign_flips(differences: list[int]) -> None:
    moved = np.array([d for d in differences if d], dtype=np.float64)
    ranks = np.array(
        [(np.abs(moved) < abs(d)).sum() + ((np.abs(moved) == abs(d)).sum() + 1) / 2 for d in moved]
    )
    flips = np.array(list(itertools.product([-1, 1], repeat=len(moved))))
    sums = np.abs(flips @ ranks)
    expected = np.mean(sums >= abs(np.sign(moved) @ ranks) - 1e-9)
    assert p_of(compare_ranks(np.array(differences, dtype=np.float64))) == pytest.approx(expected, abs=1e-12)


def test_the_rank_interval_covers_the_shift_at_least_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(500):
        interval = compare_ranks(0.3 + rng.normal(size=12)).interval
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= 0.3 <= interval.high
    assert covered / 500 > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 500)


def test_too_few_rows_say_what_they_can_reach() -> None:
    five = compare_means([1.0, 2, 3, 4, 5], [1.1, 2.2, 3.3, 4.4, 5.5])
    assert five.p_value == 0.0625
    assert five.note == "5 pairs that differ can reach only p = 0.0625"
    assert five.interval.low is None
    one = compare_means([1.0], [2.0])
    assert (one.p_value, one.note) == (None, "one pair cannot tell a difference from chance")


def test_a_difference_that_is_the_same_in_every_row_is_found_without_a_division_by_zero() -> None:
    a = np.random.default_rng(5).random(200_000)
    test = compare_means(a, a + 0.25)
    assert (test.name, test.p_value) == ("wilcoxon", 0.0)
    assert test.interval.low == test.interval.high == pytest.approx(0.25)


def test_the_clustered_error_is_that_of_statsmodels() -> None:
    values = [0.9, 0.8, 0.7, 0.2, 0.4, 0.6, 0.1, 0.5, 0.3, 0.35, 0.75, 0.95]
    found = clustered_mean(values, ["a", "a", "a", "b", "b", "c", "d", "d", "d", "d", "e", "e"])
    # statsmodels 0.15.0, OLS(values, 1).fit(cov_type="cluster")
    assert found.standard_error == pytest.approx(0.1339587203352512, abs=1e-12)
    assert found.mean == pytest.approx(0.5458333333333335, abs=1e-12)
    assert found.n_clusters == 5


def test_rows_that_are_clusters_of_their_own_have_the_usual_error_and_a_design_effect_of_1() -> None:
    values = np.random.default_rng(6).random(50)
    found = clustered_mean(values, np.arange(50)[::-1])
    assert found.standard_error == pytest.approx(np.std(values, ddof=1) / math.sqrt(50), abs=1e-12)
    assert found.design_effect == pytest.approx(1.0)
    fourfold = clustered_mean(np.repeat(values, 4), np.repeat(np.arange(50), 4))
    assert fourfold.standard_error == pytest.approx(found.standard_error, abs=1e-12)
    assert fourfold.design_effect == pytest.approx(4 * 199 / 196)


def test_one_cluster_is_no_test() -> None:
    test = compare_means([1.0, 2, 3], [2.0, 3, 5], clusters=[7, 7, 7])
    assert test.p_value is None
    assert test.note == "one cluster only; clusters are what the test counts"
    assert clustered_mean([1.0, 2], [0, 0]).design_effect is None


@pytest.mark.parametrize("kind", ["correctness", "losses"])
def test_clustered_rows_do_not_raise_false_alarms(kind: str) -> None:
    rng = np.random.default_rng(9)
    alarms = blind = 0
    for _ in range(400):
        clusters = np.repeat(np.arange(40), 8)
        a, b = np.repeat(rng.normal(size=(2, 40)), 8, axis=1) + rng.normal(size=(2, 320)) * 0.7
        if kind == "correctness":
            a, b = (a > 0).astype(np.float64), (b > 0).astype(np.float64)
            blind += p_of(compare_correctness(a, b)) < 0.05
            alarms += p_of(compare_correctness(a, b, clusters=clusters)) < 0.05
        else:
            blind += p_of(compare_means(a, b)) < 0.05
            alarms += p_of(compare_means(a, b, clusters=clusters)) < 0.05
    assert alarms / 400 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 400)
    assert blind / 400 > 0.2


@pytest.mark.parametrize("n", [30, 200])
def test_skewed_losses_of_equal_models_are_told_apart_once_in_twenty(n: int) -> None:
    rng = np.random.default_rng(n)
    alarms = np.mean([p_of(compare_means(*rng.gamma(0.5, size=(2, n)))) < 0.05 for _ in range(800)])
    assert 0.01 < alarms < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 800)


def test_better_answers_are_found() -> None:
    assert p_of(compare_correctness(*answers(700, 50, 110, 140))) < 1e-5
    rng = np.random.default_rng(10)
    a = rng.gamma(1, size=400)
    test = compare_means(a, a * 0.9 + rng.normal(size=400) * 0.05)
    assert p_of(test) < 1e-6
    assert test.interval.high is not None
    assert test.interval.high < 0


def test_bad_columns_are_refused() -> None:
    with pytest.raises(InvalidInput, match="values_a has 2 rows and values_b 3"):
        compare_means([1.0, 2], [1.0, 2, 3])
    with pytest.raises(InvalidInput, match=r"correct_b has 0\.5 in row 1"):
        compare_correctness([0, 1], [1, 0.5])
    with pytest.raises(InvalidInput, match="values_a is empty"):
        compare_means([], [])
    with pytest.raises(InvalidInput, match="values_b has the shape"):
        compare_means([1.0, 2], [[1.0, 2]])
