"""Limits that hold at every look."""

from __future__ import annotations

import math

import numpy as np
import pytest

from modellab.errors import InvalidInput
from modellab.statistics.sequential import watch_difference


def test_looking_at_every_step_raises_no_more_alarms_than_one_look() -> None:
    rng = np.random.default_rng(1)
    watched = peeked = 0
    for _ in range(400):
        d = rng.normal(size=1000)
        low, high = watch_difference(d)
        watched += bool(((low > 0) | (high < 0)).any())
        n = np.arange(1, 1001)
        z = np.abs(np.cumsum(d)) / np.sqrt(n)
        peeked += bool((z[9:] > 1.96).any())
    assert watched / 400 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 400)
    assert peeked / 400 > 0.3  # what looking again and again does to the usual interval


def test_a_difference_is_found_early_and_its_limits_close_in() -> None:
    d = 0.5 + np.random.default_rng(2).normal(size=2000)
    low, high = watch_difference(d)
    first = int(np.argmax(low > 0))
    assert 10 <= first < 200
    assert low[-1] < 0.5 < high[-1]
    assert high[-1] - low[-1] < 0.25
    assert np.isinf(high[:9]).all()


def test_swapping_the_sides_flips_the_limits() -> None:
    d = np.random.default_rng(3).normal(0.2, size=50)
    (low, high), (other_low, other_high) = watch_difference(d), watch_difference(-d)
    np.testing.assert_array_equal(low, -other_high)
    np.testing.assert_array_equal(high, -other_low)


def test_the_limits_are_narrowest_where_they_are_asked_to_be() -> None:
    d = np.random.default_rng(4).normal(size=1000)
    widths = [
        watch_difference(d, tightest_at=n)[1][499] - watch_difference(d, tightest_at=n)[0][499]
        for n in (20, 500, 20_000)
    ]
    assert widths[1] < widths[0]
    assert widths[1] < widths[2]


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="tightest_at 0"):
        watch_difference([1.0, 2], tightest_at=0)
    with pytest.raises(InvalidInput, match="not finite"):
        watch_difference([1.0, math.inf])
