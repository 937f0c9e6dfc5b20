"""Percentiles: nearest rank, what few calls cannot tell, and how often intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modellab.latency.percentiles import QUANTILES, correct_omission, describe_times, find_rank
from modellab.records.latency import Percentile

TIMES = st.lists(st.floats(0, 1e3, allow_subnormal=False), min_size=1, max_size=300)


def by_q(times: list[float] | np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[float, Percentile]:
    return {percentile.q: percentile for percentile in describe_times(np.asarray(times)).percentiles}


@given(TIMES)
def test_a_percentile_is_the_observed_value_of_nearest_rank(times: list[float]) -> None:
    for q, percentile in by_q(times).items():
        if percentile.value_ms is not None:
            milliseconds = np.round(np.asarray(times) * 1e3, 9)
            assert percentile.value_ms == np.quantile(milliseconds, q, method="inverted_cdf")
            assert percentile.value_ms in milliseconds


@given(TIMES)
def test_limits_lie_around_the_value(times: list[float]) -> None:
    distribution = describe_times(np.asarray(times))
    for percentile in [*distribution.percentiles, *distribution.curve]:
        if percentile.value_ms is not None:
            assert percentile.low_ms is None or percentile.low_ms <= percentile.value_ms
            assert percentile.high_ms is None or percentile.value_ms <= percentile.high_ms


@pytest.mark.parametrize(("q", "n", "rank"), [(0.07, 100, 7), (0.99, 100, 99), (0.5, 1, 1), (0.5, 4, 2)])
def test_a_rank_is_exact_where_floats_are_not(q: float, n: int, rank: int) -> None:
    assert find_rank(q, n) == rank


def test_a_percentile_needs_calls_beyond_it() -> None:
    assert by_q(np.arange(99.0))[0.99].value_ms is None
    assert by_q(np.arange(99.0))[0.99].note == "needs 100 calls; there are 99"
    few, many = by_q(np.arange(100.0))[0.99], by_q(np.arange(1000.0))[0.99]
    assert (few.value_ms, few.high_ms, few.note) == (98_000, None, "too few calls for an upper limit")
    assert many.value_ms == 989_000
    assert many.high_ms is not None
    assert many.note is None
    assert by_q([1.0])[0.5].value_ms == 1000


@pytest.mark.parametrize("n", [20, 57, 100, 400, 1000])
def test_limits_are_the_closest_ranks_of_95_per_cent(n: int) -> None:
    for q, percentile in by_q(np.arange(n) / 1e3).items():
        if percentile.value_ms is None:
            continue
        below = stats.binom(n, q)
        if percentile.low_ms is not None:
            rank = round(percentile.low_ms) + 1
            assert below.cdf(rank - 1) < 0.025 <= below.cdf(rank)
        if percentile.high_ms is not None:
            rank = round(percentile.high_ms) + 1
            assert below.sf(rank - 1) <= 0.025 < below.sf(rank - 2)


def test_intervals_hold_the_true_percentile_in_95_of_100_samples() -> None:
    random, n_samples, n = np.random.default_rng(0), 500, 500
    true = {q: -math.log(1 - q) * 1e3 for q in (0.5, 0.9, 0.95)}
    held = dict.fromkeys(true, 0)
    for _ in range(n_samples):
        found = by_q(random.exponential(size=n))
        for q, value in true.items():
            low, high = found[q].low_ms, found[q].high_ms
            held[q] += low is not None and high is not None and low <= value <= high
    for q, count in held.items():
        assert 0.935 <= count / n_samples <= 0.985, q  # at least 0.95, give or take chance and whole ranks


def test_bins_are_the_same_in_every_report_and_hold_every_call() -> None:
    random = np.random.default_rng(1)
    first, second = (describe_times(random.lognormal(-6, spread, 5000)) for spread in (0.5, 2))
    shared = set(first.histogram_ms) & set(second.histogram_ms)
    assert len(shared) == len(first.histogram_ms)
    for distribution in (first, second):
        assert sum(distribution.histogram_counts) == 5000
        assert len(distribution.histogram_ms) == len(distribution.histogram_counts) + 1
        assert distribution.min_ms is not None
        assert distribution.histogram_ms[0] <= distribution.min_ms


def test_the_curve_ends_where_ten_calls_lie_above() -> None:
    curve = describe_times(np.arange(1.0, 10_001)).curve
    assert curve[0].value_ms == 1000
    assert curve[-1].q == pytest.approx(0.999)
    assert curve[-1].value_ms == 9_990_000
    values = [point.value_ms for point in curve]
    assert values == sorted(values, key=lambda value: value or 0)
    assert describe_times(np.arange(10.0)).curve == []


def test_times_of_nothing_and_of_one_call_are_described() -> None:
    nothing, one = describe_times(np.empty(0)), describe_times(np.array([0.0]))
    assert (nothing.n, nothing.mean_ms, nothing.histogram_counts) == (0, None, [])
    assert [percentile.value_ms for percentile in nothing.percentiles] == [None] * len(QUANTILES)
    assert (one.n, one.mean_ms, one.standard_deviation_ms, sum(one.histogram_counts)) == (1, 0, None, 1)


def test_a_long_call_stands_for_those_it_kept_from_being_made() -> None:
    corrected = correct_omission(np.array([0.5, 4.2, 1.0, 2.0]), 1.0)
    assert sorted(corrected) == pytest.approx([0.5, 1.0, 1.0, 1.2, 2.0, 2.2, 3.2, 4.2])
