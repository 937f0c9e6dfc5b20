"""The bootstrap: replicates spread as those of resampled rows, and fast paths agree with slow ones."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.statistics.auc import delong_interval
from modellab.statistics.calibration import expected_calibration_error
from modellab.statistics.curves import SCORE_METRICS, score_metrics, sort_scores
from modellab.statistics.resampling import (
    resample_label_statistics,
    resample_means,
    resample_one_vs_rest,
    resample_paired_scores,
    resample_rows,
    resample_scores,
)
from modellab.statistics.rows import limit_resamples
from modellab.statistics.streams import Stream

Rows = tuple[NDArray[np.bool_], NDArray[np.float64]]


def make_scores(n: int, digits: int = 16, seed: int = 0) -> Rows:
    random = np.random.default_rng(seed)
    labels = random.random(n) < 0.3
    return labels, np.round(1 / (1 + np.exp(1 - random.normal(size=n) - 1.2 * labels)), digits)


def agree(found: NDArray[np.float64], expected: NDArray[np.float64]) -> bool:
    """Whether replicates have the same mean and spread, up to four Monte-Carlo errors."""
    n = 1 / (1 / len(found) + 1 / len(expected))
    shift = abs(found.mean() - expected.mean()) / expected.std()
    return bool(shift < 4 / np.sqrt(n) and abs(found.std() / expected.std() - 1) < 4 / np.sqrt(1.5 * n))


@pytest.mark.parametrize("digits", [16, 1])
def test_replicates_are_those_of_resampled_rows(digits: int) -> None:
    labels, scores = make_scores(150, digits)

    found = resample_scores(labels, scores, n_resamples=4000, stream=Stream(1))

    random = np.random.default_rng(1)
    naive = [score_metrics(labels[r], scores[r]) for r in random.integers(0, 150, (2000, 150))]
    for name in SCORE_METRICS:
        assert agree(found[name], np.array([values[name] for values in naive])), name


def test_the_spread_of_the_auc_is_that_of_delong() -> None:
    labels, scores = make_scores(3000)

    found = resample_scores(labels, scores, metrics=("roc_auc",), n_resamples=2000, stream=Stream(1))[
        "roc_auc"
    ]

    interval = delong_interval(labels, scores)
    assert interval.low is not None
    assert interval.high is not None
    assert found.std() == pytest.approx((interval.high - interval.low) / 2 / 1.96, rel=4 / np.sqrt(2 * 2000))


@pytest.mark.parametrize(("digits", "share"), [(16, 0.3), (3, 0.3), (16, 0.01)])
def test_score_cells_agree_with_scores_one_by_one(digits: int, share: float) -> None:
    labels, scores = make_scores(40_000, digits)
    kept = ~labels | (np.random.default_rng(2).random(40_000) < share / 0.3)  # of the positives
    labels, scores = labels[kept], scores[kept]

    exact = resample_scores(labels, scores, n_resamples=500, stream=Stream(1))
    cells = resample_scores(labels, scores, n_resamples=500, stream=Stream(2), max_exact=100)

    point = score_metrics(labels, scores)
    for name in SCORE_METRICS:
        assert agree(cells[name], exact[name]), name
        assert (
            abs(cells[name].mean() - point[name])
            < abs(exact[name].mean() - point[name]) + 0.2 * exact[name].std()
        )


@pytest.mark.parametrize("max_exact", [500_000, 0])
def test_replicates_do_not_depend_on_the_order_of_rows(max_exact: int) -> None:
    labels, scores = make_scores(3000, 3)
    order = np.random.default_rng(1).permutation(3000)

    found = [
        resample_scores(labels[rows], scores[rows], n_resamples=30, stream=Stream(1), max_exact=max_exact)
        for rows in (np.arange(3000), order)
    ]

    for name in SCORE_METRICS:
        assert np.array_equal(found[0][name], found[1][name])


@pytest.mark.parametrize("max_exact", [500_000, 0])
def test_resampling_needs_at_most_three_times_the_memory_of_its_input(max_exact: int) -> None:
    labels, scores = make_scores(200_000)
    given = labels.astype(np.int64)

    tracemalloc.start()
    resample_scores(given, scores, n_resamples=20, stream=Stream(1), max_exact=max_exact)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 3 * (given.nbytes + scores.nbytes)


def test_sorted_rows_are_the_same_rows() -> None:
    labels, scores = make_scores(500, 2)
    found = resample_scores(labels, scores, n_resamples=20, stream=Stream(1))

    again = resample_scores(*sort_scores(labels, scores), n_resamples=20, stream=Stream(1))

    assert all(np.array_equal(found[name], again[name]) for name in SCORE_METRICS)


def test_one_class_gives_nan_where_it_has_to() -> None:
    labels, scores = np.arange(30) < 2, np.linspace(0, 1, 30)

    found = resample_scores(labels, scores, n_resamples=2000, stream=Stream(1))

    missing = np.isnan(found["roc_auc"])
    assert missing.mean() == pytest.approx((28 / 30) ** 30, abs=4 * np.sqrt(0.12 / 2000))
    assert np.array_equal(missing, np.isnan(found["pr_auc"]))
    assert not np.isnan(found["expected_calibration_error"]).any()
    assert np.isnan(
        resample_scores(np.zeros(5), scores[:5], n_resamples=3, stream=Stream(1))["roc_auc"]
    ).all()


def test_scores_that_are_no_probabilities_have_no_calibration_error() -> None:
    labels, scores = make_scores(100)

    found = resample_scores(labels, 10 * scores, n_resamples=10, stream=Stream(1))

    assert np.isnan(found["expected_calibration_error"]).all()
    assert np.isfinite(found["roc_auc"]).all()
    only = resample_scores(
        labels, 10 * scores, metrics=("expected_calibration_error",), n_resamples=10, stream=Stream(1)
    )
    assert np.isnan(only["expected_calibration_error"]).all()


def test_clusters_that_repeat_rows_count_once() -> None:
    labels, scores = make_scores(120)
    clusters = np.repeat([f"patient {place}" for place in range(120)], 4)
    alone = resample_scores(labels, scores, n_resamples=3000, stream=Stream(1))

    found = resample_scores(
        np.repeat(labels, 4), np.repeat(scores, 4), n_resamples=3000, stream=Stream(2), clusters=clusters
    )
    means = resample_means(
        np.repeat(scores, 4)[:, None], n_resamples=3000, stream=Stream(3), clusters=clusters
    )[:, 0]

    for name in SCORE_METRICS:
        assert agree(found[name], alone[name]), name
    assert means.std() == pytest.approx(scores.std() / np.sqrt(120), rel=4 / np.sqrt(2 * 3000))


def test_means_are_resampled_together() -> None:
    random = np.random.default_rng(0)
    first = random.exponential(size=200)
    columns = np.column_stack([first, 3 - 2 * first, random.normal(size=200)])

    found = resample_means(columns, n_resamples=3000, stream=Stream(1))

    assert found.shape == (3000, 3)
    assert found[:, 1] == pytest.approx(3 - 2 * found[:, 0], abs=1e-12)
    assert found.std(axis=0) == pytest.approx(columns.std(axis=0) / np.sqrt(200), rel=4 / np.sqrt(2 * 3000))
    order = random.permutation(200)
    assert np.array_equal(resample_means(columns[order], n_resamples=3000, stream=Stream(1)), found)


def test_two_models_are_resampled_with_the_same_rows() -> None:
    labels, a = make_scores(200)
    b = np.clip(a + np.random.default_rng(1).normal(0, 0.02, 200), 0, 1)

    found = resample_paired_scores(labels, a, b, n_resamples=1500, stream=Stream(1))

    random = np.random.default_rng(1)
    pairs = [
        (score_metrics(labels[r], a[r]), score_metrics(labels[r], b[r]))
        for r in random.integers(0, 200, (1500, 200))
    ]
    for name, (values_a, values_b) in found.items():
        assert agree(values_b - values_a, np.array([y[name] - x[name] for x, y in pairs])), name
    same = resample_paired_scores(labels, a, a, n_resamples=20, stream=Stream(1))
    assert all(np.array_equal(*values) for values in same.values())


def test_swapping_the_models_swaps_their_replicates_in_law_and_in_value_where_rows_are_paired() -> None:
    labels, a = make_scores(300, 2)
    b = np.round(np.clip(a + np.random.default_rng(1).normal(0, 0.1, 300), 0, 1), 2)

    found = resample_paired_scores(labels, a, b, n_resamples=2000, stream=Stream(1))["roc_auc"]
    swapped = resample_paired_scores(labels, b, a, n_resamples=2000, stream=Stream(1))["roc_auc"]

    assert agree(found[1] - found[0], swapped[0] - swapped[1])


def test_each_class_against_the_rest_is_resampled_with_the_same_rows() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 3, 150)
    probabilities = random.dirichlet(np.ones(3), 150) * 0.5 + 0.5 * np.eye(3)[codes] * random.random((150, 1))

    found = resample_one_vs_rest(codes, probabilities, n_resamples=1500, stream=Stream(1))

    naive_auc, naive_ap = [], []
    for rows in random.integers(0, 150, (400, 150)):
        sides = [score_metrics(codes[rows] == k, probabilities[rows, k]) for k in range(3)]
        naive_auc.append([side["roc_auc"] for side in sides])
        naive_ap.append([side["pr_auc"] for side in sides])
    for name, naive in (("roc_auc", naive_auc), ("pr_auc", naive_ap)):
        assert agree(found[name].mean(axis=1), np.mean(naive, axis=1)), name
        assert agree(found[name][:, 2], np.array(naive)[:, 2]), name


def test_very_many_rows_and_classes_get_fewer_resamples_but_some() -> None:
    assert limit_resamples(1000, 1_000_000) == 1000
    assert limit_resamples(1000, 2_000_000) == 500
    assert limit_resamples(1000, 10_000, 500) == 200
    assert limit_resamples(1000, 10**9) == 100


def test_any_statistic_of_rows_can_be_resampled() -> None:
    values = np.random.default_rng(0).normal(size=100)

    found = resample_rows(lambda rows: float(values[rows].mean()), 100, n_resamples=2000, stream=Stream(1))

    assert found.std() == pytest.approx(values.std() / 10, rel=4 / np.sqrt(2 * 2000))
    clustered = resample_rows(len, 100, n_resamples=50, stream=Stream(1), clusters=np.arange(100) // 50)
    assert np.array_equal(clustered, np.full(50, 100.0))


def test_calibration_alone_is_resampled_like_any_other() -> None:
    hits, confidences = make_scores(200)

    name = "expected_calibration_error"
    found = resample_scores(hits, confidences, metrics=(name,), n_resamples=1000, stream=Stream(1))[name]

    random = np.random.default_rng(1)
    naive = [
        expected_calibration_error(confidences[r], hits[r]) for r in random.integers(0, 200, (1000, 200))
    ]
    assert agree(found, np.array(naive))


def test_columns_that_cannot_be_resampled_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"shape \(3,\)"):
        resample_means(np.zeros(3), stream=Stream(1))
    with pytest.raises(InvalidInput, match="first row 1"):
        resample_means([[0.0], [np.inf]], stream=Stream(1))
    with pytest.raises(InvalidInput, match="one cluster for each"):
        resample_scores([0, 1], [0.1, 0.2], stream=Stream(1), clusters=[0, 1, 2])


def test_clusters_of_two_rows_take_no_more_memory_than_some_resamples_of_them() -> None:
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 2, (2, 40_000))
    tracemalloc.start()
    resample_label_statistics(
        labels,
        predicted,
        2,
        {"right": lambda matrices: np.trace(matrices, axis1=-2, axis2=-1) / 40_000},
        stream=Stream(0, "memory"),
        clusters=np.arange(40_000) // 2,
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000
