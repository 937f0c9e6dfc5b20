"""Equivalence within a margin, and the smallest difference that can be found."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.errors import InvalidInput
from modellab.statistics.equivalence import assess_equivalence, minimum_detectable_effect

A = np.array([0.71, 0.72, 0.69, 0.75, 0.70, 0.73, 0.74, 0.71])
B = np.array([0.715, 0.722, 0.70, 0.744, 0.702, 0.735, 0.741, 0.708])


def test_two_one_sided_tests_give_the_values_of_statsmodels() -> None:
    error = float(np.std(B - A, ddof=1)) / math.sqrt(8)
    found = assess_equivalence(float(np.mean(B - A)), error, 0.005, df=7)
    # statsmodels 0.15.0, ttost_paired(B, A, -0.005, 0.005) and tconfint_mean(alpha=0.1)
    assert found.p_value == pytest.approx(0.06785042695620006, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((-0.0011060660013918104, 0.005356066001391814), abs=1e-12)
    assert found.level == pytest.approx(0.9)
    assert not found.is_equivalent


@given(st.floats(-1, 1), st.floats(0.001, 1), st.floats(0.001, 2), st.one_of(st.none(), st.integers(2, 50)))
def test_the_interval_lies_inside_the_margin_exactly_where_p_is_small(
    estimate: float, error: float, margin: float, df: int | None
) -> None:
    found = assess_equivalence(estimate, error, margin, df)
    mirrored = assess_equivalence(-estimate, error, margin, df)
    assert found.p_value == mirrored.p_value
    assert (found.low, found.high) == (-mirrored.high, -mirrored.low)
    if abs(found.p_value - 0.05) > 1e-9:
        assert found.is_equivalent == (found.p_value < 0.05)


def test_identical_models_are_equivalent_within_any_margin() -> None:
    found = assess_equivalence(0.0, 0.0, 1e-6)
    assert (found.p_value, found.is_equivalent) == (0.0, True)
    assert not assess_equivalence(0.1, 0.0, 0.05).is_equivalent


def test_models_at_the_margin_are_called_equivalent_once_in_twenty() -> None:
    draws = 0.5 + np.random.default_rng(2).normal(size=4000) * 0.1
    wrong = np.mean([assess_equivalence(x, 0.1, 0.5).is_equivalent for x in draws.tolist()])
    assert 0.036 < wrong < 0.064


def test_the_smallest_difference_found_four_times_in_five_is_2_80_standard_errors() -> None:
    assert minimum_detectable_effect(1.0) == pytest.approx(2.8015852, abs=1e-6)
    assert minimum_detectable_effect(0.01, power=0.9) == pytest.approx(0.032415, abs=1e-5)
    assert minimum_detectable_effect(0.0) == 0.0
    assert minimum_detectable_effect(1.0, df=10) > minimum_detectable_effect(1.0)


@pytest.mark.parametrize("margin", [0.0, -0.1, math.nan, math.inf])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(InvalidInput, match="margin is"):
        assess_equivalence(0.0, 0.1, margin)


def test_a_standard_error_that_is_none_is_refused() -> None:
    for error in (-1.0, math.nan):
        with pytest.raises(InvalidInput, match="standard_error is"):
            minimum_detectable_effect(error)
    with pytest.raises(InvalidInput, match="power is"):
        minimum_detectable_effect(0.1, power=1.0)
