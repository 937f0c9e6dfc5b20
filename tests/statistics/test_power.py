"""The minimum detectable effect, against how often each test finds a difference of that size."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from modellab.records.estimates import Test
from modellab.statistics.auc import compare_auc
from modellab.statistics.equivalence import minimum_detectable_effect
from modellab.statistics.paired import compare_correctness, compare_means
from modellab.statistics.unpaired import compare_welch

SIMULATIONS = 500
NEAR = 4 * math.sqrt(0.8 * 0.2 / SIMULATIONS)


def share_found(tests: list[Test]) -> float:
    return float(np.mean([test.p_value is not None and test.p_value < 0.05 for test in tests]))


def test_the_paired_t_finds_it_four_times_in_five() -> None:
    rng = np.random.default_rng(1)
    effect = minimum_detectable_effect(0.4 / math.sqrt(200))
    tests = []
    for _ in range(SIMULATIONS):
        a = rng.gamma(1, size=200)
        tests.append(compare_means(a, a + effect + 0.4 * rng.normal(size=200)))
    assert abs(share_found(tests) - 0.8) < NEAR


def test_welch_finds_it_four_times_in_five() -> None:
    rng = np.random.default_rng(2)
    effect = minimum_detectable_effect(math.sqrt(1 / 80 + 4 / 120))
    tests = [
        compare_welch(rng.normal(size=80), effect + 2 * rng.normal(size=120)) for _ in range(SIMULATIONS)
    ]
    assert abs(share_found(tests) - 0.8) < NEAR


def test_mcnemar_finds_it_four_times_in_five() -> None:
    rng = np.random.default_rng(3)
    n, discordant = 1000, 0.2
    effect = minimum_detectable_effect(math.sqrt(discordant / n))
    better = (discordant + effect) / 2
    kinds = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    tests = []
    for _ in range(SIMULATIONS):
        kind = np.searchsorted([1 - discordant, 1 - discordant + better], rng.random(n), side="right")
        tests.append(compare_correctness(*kinds[kind].T))
    assert abs(share_found(tests) - 0.8) < NEAR


def test_the_error_that_a_test_reports_leads_to_the_effect_that_it_can_find() -> None:
    rng = np.random.default_rng(4)
    n, shift = 400, 0.28
    tests = []
    for _ in range(SIMULATIONS):
        labels = np.repeat([0.0, 1.0], n // 2)
        shared = labels + rng.normal(size=n) * 0.8
        a, b = (shared + rng.normal(size=n) * 0.6 for _ in range(2))
        tests.append(compare_auc(labels, a, b + shift * labels))
    effect = ndtr((1 + shift) / math.sqrt(2)) - ndtr(1 / math.sqrt(2))
    errors = [test.standard_error for test in tests if test.standard_error is not None]
    power = ndtr(effect / np.mean(errors) - 1.96)
    assert 0.6 < power < 0.95
    assert abs(share_found(tests) - power) < NEAR
