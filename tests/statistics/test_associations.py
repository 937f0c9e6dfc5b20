"""How strongly columns go together, held against scipy, and how often chance alone is called clear."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from modellab.statistics.associations import Permutations, code_values, rank_evenly
from modellab.statistics.streams import Stream

ALL = np.ones(60, dtype=np.bool_)


def permutations(n: int = 60, seed: int = 0) -> Permutations:
    return Permutations(n, Stream(seed, "test"))


def test_the_correlation_is_spearmans_and_its_p_close_to_that_of_t() -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(0, 12, 60).astype(np.float64)
    y = x * 0.1 + rng.normal(0, 1, 60)
    found = permutations().correlate(x, y, ALL)
    expected = stats.spearmanr(x, y)
    assert found.value == pytest.approx(expected.statistic)
    assert found.strength == pytest.approx(abs(expected.statistic))
    assert found.p_value == pytest.approx(expected.pvalue, abs=0.01)


def test_eta_squared_is_the_share_of_rank_variance_between_groups() -> None:
    rng = np.random.default_rng(4)
    codes = rng.integers(0, 4, 60)
    y = codes * 0.4 + rng.normal(0, 1, 60)
    found = permutations().compare_groups(codes, y, ALL)
    h, p = stats.kruskal(*(y[codes == code] for code in range(4)))
    assert found.value == pytest.approx(h / 59)
    assert found.p_value == pytest.approx(p, abs=0.01)
    assert found.strength == pytest.approx(max(0, 1 - (1 - h / 59) * 59 / 56) ** 0.5)


def test_rows_without_a_value_do_not_count() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(0, 1, 60), rng.normal(0, 1, 60)
    there = rng.random(60) < 0.5
    found = permutations().correlate(np.where(there, x, 1e9), y, there)
    expected = stats.spearmanr(x[there], y[there])
    assert found.value == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue, abs=0.02)


def test_a_perfect_order_has_the_smallest_p_that_there_is() -> None:
    x = np.arange(60.0)
    drawn = permutations()
    assert drawn.correlate(x, np.exp(x / 10), ALL).value == pytest.approx(1)
    assert drawn.correlate(x, -x, ALL).p_value == 1 / (1 + drawn.count)


def test_the_answer_is_the_same_every_time() -> None:
    x, y = np.random.default_rng(6).normal(0, 1, (2, 60))
    assert permutations().correlate(x, y, ALL) == permutations().correlate(x, y, ALL)


@pytest.mark.parametrize("kind", ["numbers", "groups"])
def test_chance_alone_is_called_clear_about_as_often_as_stated(kind: str) -> None:
    drawn = permutations(30)
    rng = np.random.default_rng(7)
    there = np.ones(30, dtype=np.bool_)

    def draw() -> float:
        y: NDArray[np.float64] = rng.normal(0, 1, 30)
        if kind == "numbers":
            return drawn.correlate(rng.normal(0, 1, 30), y, there).p_value
        return drawn.compare_groups(rng.permutation(np.arange(30) % 4), y, there).p_value

    share = np.mean([draw() <= 0.05 for _ in range(150)])
    assert stats.binom.ppf(0.0005, 150, 0.05) / 150 <= share <= stats.binom.ppf(0.9995, 150, 0.05) / 150


def test_equal_values_share_their_rank_and_their_code() -> None:
    values = np.array([3.0, 1.0, 3.0, 2.0, 1.0, 3.0])
    assert rank_evenly(values).tolist() == stats.rankdata(values).tolist()
    assert code_values(["b", "a", "b"]).tolist() == [0, 1, 0]
