"""Adjusted p-values: those of statsmodels and scipy, and what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from modellab.errors import InvalidInput
from modellab.statistics.corrections import benjamini_hochberg, holm

P = st.floats(0, 1)
RAW = [0.01, 0.04, 0.03, 0.005, 0.2, 0.2, 0.9, 1.0, 0.0004]


def test_holm_gives_the_values_of_statsmodels() -> None:
    # statsmodels 0.15.0, multipletests(RAW, method="holm")
    expected = [0.07, 0.2, 0.18, 0.04, 0.8, 0.8, 1.0, 1.0, 0.0036]
    assert holm(RAW) == pytest.approx(expected, abs=1e-12)


def test_benjamini_and_hochberg_give_the_values_of_statsmodels() -> None:
    # statsmodels 0.15.0, multipletests(RAW, method="fdr_bh")
    expected = [0.03, 0.072, 0.0675, 0.0225, 0.9 / 3.5, 0.9 / 3.5, 1.0, 1.0, 0.0036]
    assert benjamini_hochberg(RAW) == pytest.approx(expected, abs=1e-12)


@given(st.lists(P, min_size=1, max_size=30))
def test_benjamini_and_hochberg_agree_with_scipy(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values), abs=1e-12)


@given(st.lists(st.one_of(st.none(), st.just(math.nan), P), max_size=20))
def test_what_is_no_test_stays_and_does_not_count(p_values: list[float | None]) -> None:
    tests = [p for p in p_values if p is not None and not math.isnan(p)]
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(p_values)
        there = [q for q in adjusted if q is not None and not math.isnan(q)]
        assert there == adjust(tests)
        assert [q is None for q in adjusted] == [p is None for p in p_values]


@given(st.lists(P, min_size=1, max_size=20), st.randoms())
def test_the_order_of_tests_changes_nothing(p_values: list[float], random: object) -> None:
    order = np.random.default_rng(len(p_values)).permutation(len(p_values)).tolist()
    for adjust in (holm, benjamini_hochberg):
        moved = adjust([p_values[i] for i in order])
        assert moved == [adjust(p_values)[i] for i in order]


@given(st.lists(P, min_size=1, max_size=20))
def test_an_adjusted_value_is_never_smaller_and_holm_never_below_the_other(p_values: list[float]) -> None:
    for raw, by_holm, by_hochberg in zip(p_values, holm(p_values), benjamini_hochberg(p_values), strict=True):
        assert by_holm is not None
        assert by_hochberg is not None
        assert raw - 1e-15 <= by_hochberg <= by_holm + 1e-15 <= 1 + 1e-15


def test_one_test_stays_as_it_is_and_no_test_gives_nothing() -> None:
    assert holm([0.03]) == benjamini_hochberg([0.03]) == [0.03]
    assert holm([]) == benjamini_hochberg([]) == []
    assert holm([None, None]) == [None, None]


def test_twenty_tests_of_nothing_find_something_in_one_family_of_twenty() -> None:
    found = raw = 0
    for p_values in np.random.default_rng(1).random((2000, 20)).tolist():
        found += min(p for p in holm(p_values) if p is not None) < 0.05
        raw += min(p_values) < 0.05
    assert 0.030 < found / 2000 < 0.066  # 0.05 and four standard deviations
    assert raw / 2000 > 0.55  # 1 - 0.95**20 = 0.64: the classic lie


@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    with pytest.raises(InvalidInput, match="lies in 0 to 1"):
        holm([0.5, p])
