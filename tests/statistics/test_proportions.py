"""Intervals of proportions and of their differences: published values, exact coverage, symmetry."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, multinomial

from modellab.errors import InvalidInput
from modellab.statistics.proportions import newcombe_difference, newcombe_paired, wilson_interval

COUNT = st.integers(0, 60)
OF_N = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))

# Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
WILSON = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# Newcombe 1998, "Interval estimation for the difference between independent proportions", table II,
# method 10: the first proportion minus the second.
UNPAIRED = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
]

# Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on
# paired data", table III, method 10: e, f, g, h and the limits of (f - g) / n.
PAIRED = [
    (36, 12, 2, 0, 0.0569, 0.3404),
    (20, 12, 2, 16, 0.0562, 0.3292),
    (18, 12, 2, 18, 0.0562, 0.3290),
    (36, 14, 0, 0, 0.1528, 0.4167),
    (35, 14, 0, 1, 0.1461, 0.4175),
    (18, 14, 0, 18, 0.1441, 0.3963),
    (2, 97, 1, 0, 0.8721, 0.9854),
    (1, 97, 1, 1, 0.8736, 0.9850),
    (0, 30, 0, 0, 0.8395, 1.0),
    (54, 0, 0, 0, -0.0664, 0.0664),
    (30, 0, 0, 24, -0.0358, 0.0358),
]


@pytest.mark.parametrize(("k", "n", "low", "high"), WILSON)
def test_wilson_gives_the_published_limits(k: int, n: int, low: float, high: float) -> None:
    interval = wilson_interval(k, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    assert (interval.estimate, interval.method) == (k / n, "wilson")


@given(OF_N, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_that_of_scipy_and_holds_the_estimate(counts: tuple[int, int], level: float) -> None:
    interval = wilson_interval(*counts, level)
    expected = binomtest(*counts).proportion_ci(level, method="wilson")
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert interval.low is not None
    assert interval.high is not None
    assert 0 <= interval.low <= counts[0] / counts[1] <= interval.high <= 1


@pytest.mark.parametrize(("k_1", "n_1", "k_2", "n_2", "low", "high"), UNPAIRED)
def test_the_unpaired_difference_has_the_published_limits(
    k_1: int, n_1: int, k_2: int, n_2: int, low: float, high: float
) -> None:
    interval = newcombe_difference(k_2, n_2, k_1, n_1)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(("both", "first", "second", "neither", "low", "high"), PAIRED)
def test_the_paired_difference_has_the_published_limits(
    both: int, first: int, second: int, neither: int, low: float, high: float
) -> None:
    interval = newcombe_paired(both, second, first, neither)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)


@given(OF_N, OF_N)
def test_swapping_unpaired_sides_flips_the_sign(a: tuple[int, int], b: tuple[int, int]) -> None:
    there, back = newcombe_difference(*a, *b), newcombe_difference(*b, *a)
    assert there.estimate is not None
    assert there.low is not None
    assert there.high is not None
    assert (back.estimate, back.low, back.high) == (-there.estimate, -there.high, -there.low)
    assert -1 <= there.low <= there.estimate <= there.high <= 1


@given(COUNT, COUNT, COUNT, st.integers(1, 60))
def test_swapping_paired_sides_flips_the_sign(both: int, only_a: int, only_b: int, neither: int) -> None:
    there, back = (
        newcombe_paired(both, only_a, only_b, neither),
        newcombe_paired(both, only_b, only_a, neither),
    )
    assert there.estimate == pytest.approx((only_b - only_a) / (both + only_a + only_b + neither), abs=1e-15)
    assert there.estimate is not None
    assert there.low is not None
    assert there.high is not None
    assert (back.estimate, back.low, back.high) == (-there.estimate, -there.high, -there.low)
    assert -1 <= there.low <= there.estimate <= there.high <= 1


@pytest.mark.parametrize(("p_a", "p_b"), [(0.5, 0.5), (0.7, 0.9), (0.95, 0.95), (0.2, 0.6)])
def test_the_unpaired_difference_is_covered_as_often_as_said(p_a: float, p_b: float) -> None:
    n_a, n_b = 20, 30
    covered = 0.0
    for k_a, k_b in itertools.product(range(n_a + 1), range(n_b + 1)):
        interval = newcombe_difference(k_a, n_a, k_b, n_b)
        assert interval.low is not None
        assert interval.high is not None
        if interval.low <= p_b - p_a <= interval.high:
            covered += binom.pmf(k_a, n_a, p_a) * binom.pmf(k_b, n_b, p_b)
    assert 0.93 <= covered <= 0.985


@pytest.mark.parametrize(
    "cells", [(0.6, 0.1, 0.1, 0.2), (0.5, 0.05, 0.25, 0.2), (0.8, 0.05, 0.1, 0.05), (0.25, 0.25, 0.25, 0.25)]
)
def test_the_paired_difference_is_covered_as_often_as_said(cells: tuple[float, float, float, float]) -> None:
    n = 25
    tables = [
        (i, j, k, n - i - j - k) for i, j, k in itertools.product(range(n + 1), repeat=3) if i + j + k <= n
    ]
    chances = multinomial.pmf(np.array(tables), n, cells)
    covered = 0.0
    for table, chance in zip(tables, chances.tolist(), strict=True):
        interval = newcombe_paired(*table)
        assert interval.low is not None
        assert interval.high is not None
        if interval.low <= cells[2] - cells[1] <= interval.high:
            covered += chance
    assert 0.93 <= covered <= 0.985


def test_no_rows_give_no_interval_and_say_so() -> None:
    for interval in (wilson_interval(0, 0), newcombe_difference(0, 0, 1, 2), newcombe_paired(0, 0, 0, 0)):
        assert (interval.estimate, interval.low, interval.high) == (None, None, None)
        assert interval.note is not None


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2), (0.5, 2), (math.nan, 2)])
def test_what_is_no_count_is_refused(k: float, n: int) -> None:
    with pytest.raises(InvalidInput, match="is no count"):
        wilson_interval(k, n)  # type: ignore[arg-type]
