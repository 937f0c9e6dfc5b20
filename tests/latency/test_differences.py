"""Comparing two series of calls: false alarms, what is found, and how the outcome is worded."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from modellab.errors import InvalidInput
from modellab.latency import compare_latency, describe_difference
from modellab.latency.differences import choose_block_length
from modellab.statistics.streams import Stream


def make_calls(n: int, seed: int, *, correlation: float = 0.0, factor: float = 1.0) -> NDArray[np.float64]:
    """Calls of about a millisecond whose logarithms follow one another (AR(1))."""
    noise = np.random.default_rng(seed).normal(size=n + 200) * np.sqrt(1 - correlation**2)
    chain: NDArray[np.float64] = np.asarray(lfilter([1.0], [1.0, -correlation], noise))[200:]
    return factor * 1e-3 * np.exp(0.3 * chain)


def count_rejections(n_pairs: int, *, correlation: float, factor: float, q: float) -> float:
    found = 0
    for seed in range(n_pairs):
        test = compare_latency(
            make_calls(300, 2 * seed, correlation=correlation),
            make_calls(300, 2 * seed + 1, correlation=correlation, factor=factor),
            q=q,
            stream=Stream(seed),
        )
        assert test.p_value is not None
        found += test.p_value < 0.05
    return found / n_pairs


@pytest.mark.parametrize(("correlation", "q"), [(0.0, 0.5), (0.6, 0.5), (0.6, 0.95)])
def test_equal_series_are_rarely_told_apart(correlation: float, q: float) -> None:
    rate = count_rejections(50, correlation=correlation, factor=1.0, q=q)
    assert rate <= 0.142  # 0.05 and three standard errors of 50 pairs


@pytest.mark.parametrize(("correlation", "q"), [(0.0, 0.5), (0.6, 0.95)])
def test_a_slower_series_is_found(correlation: float, q: float) -> None:
    assert count_rejections(20, correlation=correlation, factor=1.4, q=q) >= 0.9


def test_taking_calls_as_independent_would_be_wrong() -> None:
    assert choose_block_length(make_calls(2000, 1), 0.95) <= 3
    assert choose_block_length(make_calls(2000, 1, correlation=0.6), 0.95) > 8
    assert choose_block_length(make_calls(2000, 1, correlation=0.95), 0.95) > 30
    assert choose_block_length(np.full(100, 0.5), 0.95) == 1


def test_a_difference_is_in_milliseconds_and_that_of_b_to_a() -> None:
    a, b = make_calls(1000, 1), make_calls(1500, 2, factor=1.5)
    test = compare_latency(a, b, q=0.9, stream=Stream(7))
    expected = 1e3 * (np.quantile(b, 0.9, method="inverted_cdf") - np.quantile(a, 0.9, method="inverted_cdf"))
    assert test.interval.estimate == pytest.approx(expected)
    assert test.interval.low is not None
    assert test.interval.high is not None
    assert 0 < test.interval.low < expected < test.interval.high
    assert (test.n, test.interval.seed, test.interval.n_resamples) == (1000, 7, 1000)
    assert test == compare_latency(a, b, q=0.9, stream=Stream(7))


def test_a_series_is_not_different_from_itself() -> None:
    calls = make_calls(500, 3, correlation=0.5)
    test = compare_latency(calls, calls, stream=Stream(0))
    assert test.interval.estimate == 0
    assert test.p_value is not None
    assert test.p_value > 0.5


def test_too_few_calls_are_no_test() -> None:
    test = compare_latency(make_calls(999, 1), make_calls(2000, 2), q=0.99, stream=Stream(0))
    assert test.p_value is test.interval.low is None
    assert test.note == "needs 1000 calls on each side; there are 999 and 2000"
    assert "cannot be told: it needs 1000 calls" in describe_difference(test, 0.99)


def test_the_outcome_is_one_plain_sentence() -> None:
    a = make_calls(1000, 1)
    slower = describe_difference(compare_latency(a, make_calls(1000, 2, factor=2), stream=Stream(0)), 0.95)
    assert slower.startswith("B is slower than A at p95 by 1.")
    assert "block bootstrap p = 0.002" in slower
    faster = compare_latency(make_calls(1000, 2, factor=2), a, stream=Stream(0))
    assert describe_difference(faster, 0.95, name_a="v1", name_b="v2").startswith(
        "v2 is faster than v1 at p95 by 1."
    )
    same = describe_difference(compare_latency(a, make_calls(1000, 3), stream=Stream(0)), 0.95)
    assert same.startswith("The data do not show a difference at p95:")
    assert "could have been missed" in same


@pytest.mark.parametrize(("samples", "q"), [([], 0.5), ([-1.0], 0.5), ([1.0], 0.0), ([1.0], 1.0)])
def test_what_cannot_be_compared_is_refused(samples: list[float], q: float) -> None:
    with pytest.raises(InvalidInput):
        compare_latency(samples, [1.0], q=q, stream=Stream(0))
