"""Several tasks and runs: interquartile mean, chance of improvement, mean ranks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, mannwhitneyu, trim_mean

from modellab.errors import InvalidInput
from modellab.statistics.aggregates import (
    interquartile_mean,
    probability_of_improvement,
    stratified_bootstrap,
)
from modellab.statistics.ranked_models import rank_models
from modellab.statistics.streams import Stream

# Demsar 2006, table 6: AUC of C4.5, C4.5+m, C4.5+cf and C4.5+m+cf on 14 data sets; he ranks the two 0.975
# apart, the third model first.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_the_interquartile_mean_is_the_trimmed_mean_of_all_runs_and_tasks(
    runs: int, tasks: int, seed: int
) -> None:
    scores = np.random.default_rng(seed).normal(size=(3, runs, tasks))
    expected = [trim_mean(part.reshape(-1), 0.25) for part in scores]
    np.testing.assert_allclose(interquartile_mean(scores), expected, atol=1e-12)
    assert float(interquartile_mean(scores[0])) == pytest.approx(expected[0], abs=1e-12)


def test_runs_are_drawn_anew_inside_each_task() -> None:
    scores = np.array([[0.0, 10.0, 20.0], [1.0, 11.0, 21.0], [2.0, 12.0, 22.0]])
    seen: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = []

    def keep(
        parts: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        seen.append(parts)
        return np.asarray(parts.mean(axis=(1, 2)))

    means = stratified_bootstrap(scores, keep, stream=Stream(1), n_resamples=3000)
    drawn = np.concatenate(seen)
    assert drawn.shape == (3000, 3, 3)
    for task in range(3):
        values, counts = np.unique(drawn[:, :, task], return_counts=True)
        assert values.tolist() == [10.0 * task, 10.0 * task + 1, 10.0 * task + 2]
        assert np.abs(counts / 9000 - 1 / 3).max() < 0.02
    assert np.std(means) == pytest.approx(math.sqrt(2 / 3) / 3, rel=0.06)  # nine independent runs


def test_the_bootstrap_covers_the_interquartile_mean() -> None:
    rng = np.random.default_rng(2)
    levels = np.array([0.0, 1.0, 2.0, 3.0])
    truth = float(interquartile_mean(levels + rng.normal(size=(40_000, 4)) * 0.5))
    covered = 0
    for i in range(200):
        scores = levels + rng.normal(size=(20, 4)) * 0.5
        low, high = np.quantile(
            stratified_bootstrap(scores, interquartile_mean, stream=Stream(i), n_resamples=300),
            [0.025, 0.975],
        )
        covered += low <= truth <= high
    assert covered / 200 > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 200)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.integers(0, 99))
def test_the_chance_of_improvement_is_that_of_mann_and_whitney_over_tasks(
    runs_a: int, runs_b: int, tasks: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 5, (runs_a, tasks)), rng.integers(0, 5, (runs_b, tasks))
    expected = np.mean([mannwhitneyu(b[:, k], a[:, k]).statistic / (runs_a * runs_b) for k in range(tasks)])
    interval = probability_of_improvement(a, b, stream=Stream(seed), n_resamples=200)
    assert interval.estimate == pytest.approx(expected, abs=1e-12)
    assert interval.low is not None
    assert interval.high is not None
    assert 0 <= interval.low <= interval.high <= 1
    back = probability_of_improvement(b, a, stream=Stream(seed), n_resamples=200)
    assert back.estimate == pytest.approx(1 - expected, abs=1e-12)


def test_a_model_that_always_wins_is_still_not_certain() -> None:
    one = probability_of_improvement([[0.1]], [[0.2]], stream=Stream(1))
    many = probability_of_improvement(np.zeros((5, 4)), np.ones((5, 4)), stream=Stream(1))
    assert (one.estimate, many.estimate, one.method) == (1.0, 1.0, "newcombe_auc")
    assert one.low is not None
    assert many.low is not None
    assert one.low < 0.4 < many.low < 0.95


@pytest.mark.parametrize(("runs_a", "runs_b", "tasks"), [(15, 12, 3), (5, 5, 1), (3, 4, 4)])
def test_the_chance_of_improvement_is_covered(runs_a: int, runs_b: int, tasks: int) -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for i in range(200):
        a, b = rng.normal(size=(runs_a, tasks)), rng.normal(size=(runs_b, tasks))
        interval = probability_of_improvement(a, b, stream=Stream(i), n_resamples=300)
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= 0.5 <= interval.high
    assert covered / 200 > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 200)


def test_ranks_are_those_that_demsar_published() -> None:
    found = rank_models(DEMSAR)
    assert found.mean_ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    assert rank_models(DEMSAR, level=0.9).critical_difference == pytest.approx(1.12, abs=5e-3)
    assert rank_models(-DEMSAR, higher_is_better=False) == found


def test_friedman_is_that_of_scipy_corrected_for_ties() -> None:
    found, expected = rank_models(DEMSAR), friedmanchisquare(*DEMSAR.T)
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)


@pytest.mark.parametrize(("k", "q"), [(3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)])
def test_the_critical_difference_uses_the_published_values(k: int, q: float) -> None:
    scores = np.random.default_rng(k).random((20, k))
    expected = q * math.sqrt(k * (k + 1) / (6 * 20))
    assert rank_models(scores).critical_difference == pytest.approx(expected, abs=1e-3)


def test_two_models_differ_by_p_exactly_where_their_ranks_do_by_the_critical_difference() -> None:
    scores = np.random.default_rng(4).normal(size=(15, 5)) + np.array([0.0, 0.3, 0.8, 1.2, 2.0])
    found = rank_models(scores)
    assert found.critical_difference is not None
    for i in range(5):
        for j in range(5):
            row = found.p_values[i]
            assert isinstance(row, list)
            far = abs(found.mean_ranks[i] - found.mean_ranks[j]) > found.critical_difference
            assert far == (row[j] < 0.05)


def test_models_against_a_baseline_are_adjusted_by_holm() -> None:
    found = rank_models(DEMSAR, baseline=0)
    # Demsar 2006, section 3.2.2: p = 0.019, 0.607 and 0.016; so the least times 3 stands for the first two
    assert found.p_values[0] is None
    assert found.p_values[1:] == pytest.approx([3 * 0.0157, 0.607, 3 * 0.0157], abs=2e-3)
    assert (found.method, found.critical_difference) == ("holm", None)


def test_models_that_always_tie_have_p_1() -> None:
    found = rank_models(np.ones((4, 3)))
    assert (found.statistic, found.p_value, found.mean_ranks) == (0.0, 1.0, [2.0, 2.0, 2.0])


def test_equal_models_seldom_have_different_ranks() -> None:
    rng = np.random.default_rng(5)
    alarms = np.mean([rank_models(rng.random((12, 4)), baseline=0).p_value < 0.05 for _ in range(500)])
    assert 0.01 < alarms < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 500)


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least 2 and 3"):
        rank_models(np.ones((5, 2)))
    with pytest.raises(InvalidInput, match="baseline is 4"):
        rank_models(DEMSAR, baseline=4)
    with pytest.raises(InvalidInput, match="not finite"):
        rank_models(np.array([[1.0, 2, 3], [1, np.nan, 2]]))
    with pytest.raises(InvalidInput, match="3 tasks and scores_b 2"):
        probability_of_improvement(np.ones((2, 3)), np.ones((2, 2)), stream=Stream(1))
    with pytest.raises(InvalidInput, match="nan in run 0, task 1"):
        stratified_bootstrap(np.array([[1.0, np.nan]]), interquartile_mean, stream=Stream(1))
