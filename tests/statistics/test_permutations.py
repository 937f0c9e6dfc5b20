"""Permutation tests: against every swap there is, against other code, and under the null."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom
from sklearn.metrics import average_precision_score

from modellab.errors import InvalidInput
from modellab.statistics.permutations import (
    permute_confusion,
    permute_scores,
)
from modellab.statistics.streams import Stream
from modellab.statistics.swapped_cells import draw_halves

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def measure_f1(confusion: NDArray[np.int64]) -> Floats:
    """The F1 of class 1; NaN where there is no such class."""
    hits = confusion[..., 1, 1]
    all_of_it = confusion[..., 1, :].sum(axis=-1) + confusion[..., :, 1].sum(axis=-1)
    return np.asarray(2 * hits / all_of_it)


def find_f1(labels: Codes, predicted: Codes) -> float:
    return float(2 * (labels & predicted).sum() / (labels.sum() + predicted.sum()))


def measure_calibration(labels: Codes, scores: Floats) -> float:
    """The expected calibration error: of P(positive), or of the top label."""
    top = scores.ndim == 2
    confidence = scores.max(axis=1) if top else scores
    hit = scores.argmax(axis=1) == labels if top else labels
    bins = np.ceil(np.clip(confidence, 1e-9, 1) * 10).astype(int)
    return float(sum(abs(np.sum((confidence - hit)[bins == i])) for i in range(1, 11)) / len(labels))


def find_auc(labels: Codes, scores: Floats) -> float:
    x, y = scores[labels == 1], scores[labels == 0]
    return float(np.mean((x[:, None] > y) + 0.5 * (x[:, None] == y)))


def average_over_classes(metric: Callable[[Any, Any], float]) -> Callable[[Codes, Floats], float]:
    def measure(labels: Codes, scores: Floats) -> float:
        return float(np.mean([metric(labels == k, scores[:, k]) for k in range(scores.shape[1])]))

    return measure


def draw_binary(seed: int, n: int, *, levels: int | None = None) -> tuple[Codes, Floats, Floats]:
    """Labels and the scores of two equally good models; of few distinct values with `levels`."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.4).astype(np.int64)
    labels[:2] = 0, 1
    a, b = (1 / (1 + np.exp(-(2 * labels - 1 + rng.normal(size=n)))) for _ in range(2))
    if levels:
        a, b = np.round(a * levels) / levels, np.round(b * levels) / levels
    return labels, a, b


def p_of_all_swaps(difference: Callable[[NDArray[np.bool_]], float], n: int) -> float:
    """The share of all 2^n swaps with a difference at least as far from 0 as without a swap."""
    seen = abs(difference(np.zeros(n, dtype=bool)))
    flips = itertools.product([False, True], repeat=n)
    return float(np.mean([abs(difference(np.array(flip))) >= seen - 1e-9 for flip in flips]))


def is_near(p_value: float | None, exact: float, n_permutations: int) -> bool:
    assert p_value is not None
    return abs(p_value - exact) < 4 * math.sqrt(exact * (1 - exact) / n_permutations) + 2 / n_permutations


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("with_clusters", [False, True])
def test_swaps_of_a_confusion_matrix_are_all_swaps_of_rows(seed: int, with_clusters: bool) -> None:
    labels, a, b = draw_binary(seed, 10)
    ya, yb = (a > 0.5).astype(np.int64), (b > 0.7).astype(np.int64)
    clusters = np.array([0, 0, 1, 1, 1, 2, 3, 4, 4, 5]) if with_clusters else np.arange(10)

    def difference(flip: NDArray[np.bool_]) -> float:
        swapped = flip[clusters]
        side_a, side_b = np.where(swapped, yb, ya), np.where(swapped, ya, yb)
        return find_f1(labels, side_b) - find_f1(labels, side_a)

    exact = p_of_all_swaps(difference, int(clusters.max()) + 1)
    p_value = permute_confusion(
        labels, ya, yb, 2, measure_f1,
        n_permutations=4000, stream=Stream(seed), clusters=clusters if with_clusters else None,
    )  # fmt: skip
    assert is_near(p_value, exact, 4000)


def test_scores_swap_by_whole_clusters() -> None:
    labels, a, b = draw_binary(5, 16)
    clusters = np.array([0, 0, 1, 1, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7])

    def difference(flip: NDArray[np.bool_]) -> float:
        swapped = flip[clusters]
        side_a, side_b = np.where(swapped, b, a), np.where(swapped, a, b)
        return float(average_precision_score(labels, side_b) - average_precision_score(labels, side_a))

    exact = p_of_all_swaps(difference, 8)
    p_value = permute_scores(labels, a, b, "pr_auc", n_permutations=4000, stream=Stream(1), clusters=clusters)
    assert is_near(p_value, exact, 4000)


@pytest.mark.parametrize("levels", [None, 8])
@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("roc_auc", find_auc),
        ("pr_auc", average_precision_score),
        ("expected_calibration_error", measure_calibration),
    ],
)
def test_the_fast_way_gives_the_p_of_the_slow_way(
    name: str, metric: Callable[[Codes, Floats], float], levels: int | None
) -> None:
    labels, a, b = draw_binary(6, 64, levels=levels)  # 64 rows: then both read the stream alike
    fast = permute_scores(labels, a, b, name, n_permutations=100, stream=Stream(2))
    slow = permute_scores(labels, a, b, metric, n_permutations=100, stream=Stream(2))
    assert fast == slow


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("roc_auc", average_over_classes(find_auc)),
        ("pr_auc", average_over_classes(average_precision_score)),
        ("expected_calibration_error", measure_calibration),
    ],
)
def test_more_classes_are_averaged_one_against_the_rest(
    name: str, metric: Callable[[Codes, Floats], float]
) -> None:
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 4, 64)
    a, b = (rng.dirichlet(np.ones(4), 64) + 0.5 * np.eye(4)[labels] for _ in range(2))
    a, b = a / a.sum(axis=1, keepdims=True), b / b.sum(axis=1, keepdims=True)
    fast = permute_scores(labels, a, b, name, n_permutations=40, stream=Stream(3))
    assert fast == permute_scores(labels, a, b, metric, n_permutations=40, stream=Stream(3))


def test_two_columns_are_the_second() -> None:
    labels, a, b = draw_binary(8, 64)
    both_a, both_b = (np.column_stack([1 - side, side]) for side in (a, b))

    def measure_second(labels: Codes, scores: Floats) -> float:
        return float(average_precision_score(labels, scores[:, 1]))

    fast = permute_scores(labels, both_a, both_b, "pr_auc", n_permutations=60, stream=Stream(4))
    slow = permute_scores(labels, both_a, both_b, measure_second, n_permutations=60, stream=Stream(4))
    assert fast == slow


@given(st.integers(0, 200), st.sampled_from(["roc_auc", "pr_auc", "expected_calibration_error"]))
def test_neither_swapping_the_models_nor_the_order_of_rows_changes_p(seed: int, name: str) -> None:
    labels, a, b = draw_binary(seed, 30, levels=10)
    moved = np.random.default_rng(seed).permutation(30)
    first = permute_scores(labels, a, b, name, n_permutations=60, stream=Stream(seed))
    assert permute_scores(labels, b, a, name, n_permutations=60, stream=Stream(seed)) == first
    assert first == permute_scores(
        labels[moved], a[moved], b[moved], name, n_permutations=60, stream=Stream(seed)
    )
    ya, yb = (a > 0.5).astype(np.int64), (b > 0.6).astype(np.int64)
    second = permute_confusion(labels, ya, yb, 2, measure_f1, n_permutations=60, stream=Stream(seed))
    for one, other, rows in ((yb, ya, np.arange(30)), (ya, yb, moved)):
        again = permute_confusion(
            labels[rows], one[rows], other[rows], 2, measure_f1, n_permutations=60, stream=Stream(seed)
        )
        assert again == second


def test_identical_models_have_p_1() -> None:
    labels, a, _ = draw_binary(9, 40)
    hard = (a > 0.5).astype(np.int64)
    assert permute_confusion(labels, hard, hard, 2, measure_f1, n_permutations=50, stream=Stream(1)) == 1.0
    for name in ("roc_auc", "pr_auc", "expected_calibration_error"):
        assert permute_scores(labels, a, a, name, n_permutations=50, stream=Stream(1)) == 1.0


def test_what_is_not_defined_has_no_p() -> None:
    nothing = np.zeros(20, dtype=np.int64)
    scores = np.linspace(0, 1, 20)
    assert permute_confusion(nothing, nothing, nothing, 2, measure_f1, stream=Stream(1)) is None
    assert permute_scores(nothing, scores, scores[::-1], "pr_auc", stream=Stream(1)) is None


def test_a_permuted_difference_that_is_not_defined_counts_as_far() -> None:
    labels = np.array([1, 0, 0, 0, 0, 0])
    ya, yb = np.array([1, 0, 0, 0, 0, 0]), np.array([0, 0, 0, 0, 0, 1])

    def measure_precision(confusion: NDArray[np.int64]) -> Floats:
        return np.asarray(confusion[..., 1, 1] / confusion[..., :, 1].sum(axis=-1))

    p_value = permute_confusion(labels, ya, yb, 2, measure_precision, n_permutations=2000, stream=Stream(1))
    assert p_value == 1.0  # of the four swaps two leave one side without a positive, two are as far


def test_models_with_many_classes_are_compared_in_bounded_memory() -> None:
    rng = np.random.default_rng(10)
    labels, ya, yb = rng.integers(0, 300, (3, 5000))
    ya = np.where(rng.random(5000) < 0.55, labels, ya)
    yb = np.where(rng.random(5000) < 0.50, labels, yb)

    def measure_accuracy(confusion: NDArray[np.int64]) -> Floats:
        return np.asarray(np.trace(confusion, axis1=-2, axis2=-1) / confusion.sum(axis=(-2, -1)))

    p_value = permute_confusion(labels, ya, yb, 300, measure_accuracy, n_permutations=200, stream=Stream(1))
    assert p_value == 1 / 201


@pytest.mark.parametrize("count", [1, 5, 64, 65, 200])
def test_half_of_a_count_is_drawn_from_the_binomial(count: int) -> None:
    drawn = draw_halves(np.array([3, count, 70]), 4000, Stream(count))
    seen = np.bincount(drawn[:, 1], minlength=count + 1)
    expected = binom.pmf(np.arange(count + 1), count, 0.5) * 4000
    usual = expected > 10
    assert np.sum((seen - expected)[usual] ** 2 / expected[usual]) < usual.sum() + 5 * math.sqrt(
        2 * usual.sum()
    )
    assert drawn.min() >= 0
    assert (drawn.max(axis=0) <= [3, count, 70]).all()
    assert abs(np.corrcoef(drawn[:, 1], drawn[:, 2])[0, 1]) < 0.07


@pytest.mark.parametrize("name", ["f1", "pr_auc", "expected_calibration_error"])
def test_equally_good_models_are_told_apart_once_in_twenty(name: str) -> None:
    alarms = 0
    for seed in range(300):
        labels, a, b = draw_binary(1000 + seed, 80)
        if name == "f1":
            ya, yb = (a > 0.5).astype(np.int64), (b > 0.5).astype(np.int64)
            p = permute_confusion(labels, ya, yb, 2, measure_f1, n_permutations=199, stream=Stream(seed))
        else:
            p = permute_scores(labels, a, b, name, n_permutations=99, stream=Stream(seed))
        assert p is not None
        alarms += p <= 0.05
    assert 0.005 < alarms / 300 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 300)


def test_a_better_model_is_found() -> None:
    labels, a, b = draw_binary(11, 500)
    better = 1 / (1 + np.exp(-(np.log(b / (1 - b)) + 1.5 * (2 * labels - 1))))
    assert permute_scores(labels, a, better, "pr_auc", n_permutations=500, stream=Stream(1)) == 1 / 501
    assert (
        permute_scores(labels, a, a**3, "expected_calibration_error", n_permutations=500, stream=Stream(1))
        == 1 / 501
    )
    ya, yb = ((side > 0.5).astype(np.int64) for side in (a, better))
    assert permute_confusion(labels, ya, yb, 2, measure_f1, stream=Stream(1)) == 1 / 2001


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="predicted_b has 2 in row 1"):
        permute_confusion([0, 1], [0, 1], [0, 2], 2, measure_f1, stream=Stream(1))
    with pytest.raises(InvalidInput, match="3 labels, 3 predictions of A and 2 of B"):
        permute_confusion([0, 1, 1], [0, 1, 1], [0, 1], 2, measure_f1, stream=Stream(1))
    with pytest.raises(InvalidInput, match="'accuracy' is no metric of scores"):
        permute_scores([0, 1], [0.1, 0.2], [0.2, 0.1], "accuracy", stream=Stream(1))
    with pytest.raises(InvalidInput, match="they need equal rows"):
        permute_scores([0, 1], [0.1, 0.2], [0.2, 0.1, 0.3], "pr_auc", stream=Stream(1))


@pytest.mark.parametrize("has_clusters", [False, True])
def test_swaps_of_many_rows_are_drawn_some_at_a_time(has_clusters: bool) -> None:
    n = 200_000
    labels = np.arange(n) % 2
    other = labels.copy()
    other[: 5 if has_clusters else n] ^= 1
    tracemalloc.start()
    permute_confusion(
        labels,
        labels,
        other,
        2,
        measure_f1,
        n_permutations=60 if has_clusters else 4000,
        stream=Stream(0, "memory"),
        clusters=np.arange(n) if has_clusters else None,
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000
