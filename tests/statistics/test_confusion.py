"""Confusion matrices and their bootstrap: the law of resampled rows, without rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import confusion_matrix, f1_score

from modellab.statistics.confusion import (
    count_confusion,
    leave_one_out_confusion,
    resample_confusion_statistics,
)
from modellab.statistics.resampling import resample_label_statistics, resample_paired_confusion_statistics
from modellab.statistics.streams import Stream


def accuracy(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    right = np.trace(matrices, axis1=-2, axis2=-1)
    return np.asarray(right / matrices.sum(axis=(-2, -1)), np.float64)


def macro_f1(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    both = np.diagonal(matrices, axis1=-2, axis2=-1)
    either = matrices.sum(axis=-1) + matrices.sum(axis=-2)
    return np.asarray((2 * both / np.maximum(either, 1)).mean(axis=-1), np.float64)


STATISTICS = {"accuracy": accuracy, "f1": macro_f1}


def make_codes(n: int, n_classes: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, n_classes, n)
    return labels, np.where(random.random(n) < 0.7, labels, random.integers(0, n_classes, n))


def test_a_matrix_is_that_of_scikit_learn() -> None:
    labels, predicted = make_codes(500, 4)

    assert np.array_equal(count_confusion(labels, predicted, 4), confusion_matrix(labels, predicted))


def test_resampled_cells_are_binomial() -> None:
    confusion = np.array([[50, 3], [7, 40]])

    matrices = resample_confusion_statistics(
        confusion, {"itself": np.asarray}, n_resamples=5000, stream=Stream(1)
    )["itself"]

    assert np.all(matrices.sum(axis=(1, 2)) == 100)
    for cell in ((0, 0), (0, 1), (1, 0), (1, 1)):
        law = stats.binom(100, confusion[cell] / 100)
        found = matrices[:, *cell]
        assert abs(found.mean() - law.mean()) < 4 * law.std() / np.sqrt(5000)
        assert abs(found.std() / law.std() - 1) < 4 / np.sqrt(2 * 5000)


def test_replicates_spread_as_those_of_resampled_rows_do() -> None:
    labels, predicted = make_codes(300, 3)
    confusion = count_confusion(labels, predicted, 3)

    found = resample_confusion_statistics(confusion, STATISTICS, n_resamples=4000, stream=Stream(1))

    random = np.random.default_rng(1)
    rows = random.integers(0, 300, (4000, 300))
    naive = np.array([macro_f1(count_confusion(labels[r], predicted[r], 3)) for r in rows])
    assert abs(found["f1"].mean() - naive.mean()) < 4 * naive.std() * np.sqrt(2 / 4000)
    assert abs(found["f1"].std() / naive.std() - 1) < 4 / np.sqrt(4000)
    right = accuracy(confusion)
    assert abs(found["accuracy"].std() / np.sqrt(right * (1 - right) / 300) - 1) < 4 / np.sqrt(2 * 4000)


def test_a_thousand_classes_fit_into_memory() -> None:
    labels, predicted = make_codes(5000, 1000)
    confusion = count_confusion(labels, predicted, 1000)

    found = resample_confusion_statistics(confusion, {"accuracy": accuracy}, n_resamples=20, stream=Stream(1))

    assert abs(found["accuracy"].mean() - accuracy(confusion)) < 0.01


@pytest.mark.parametrize("n_classes", [2, 5])
def test_leaving_one_row_out_is_done_once_for_each_cell(n_classes: int) -> None:
    labels, predicted = make_codes(60, n_classes)

    values, counts = leave_one_out_confusion(count_confusion(labels, predicted, n_classes), macro_f1)

    classes = list(range(n_classes))
    others = [np.delete(np.arange(60), row) for row in range(60)]
    expected = [
        f1_score(labels[rest], predicted[rest], labels=classes, average="macro", zero_division=0.0)
        for rest in others
    ]
    assert np.sort(np.repeat(values, counts)) == pytest.approx(np.sort(expected), abs=1e-12)


def test_two_models_are_resampled_together() -> None:
    labels, a = make_codes(400, 3, seed=1)
    b = np.where(np.arange(400) % 20 == 0, (a + 1) % 3, a)  # nearly the same model

    found = resample_paired_confusion_statistics(
        labels, a, b, 3, STATISTICS, n_resamples=3000, stream=Stream(1)
    )

    values_a, values_b = found["accuracy"]
    difference = (b == labels).astype(float) - (a == labels)
    assert abs((values_b - values_a).std() / (difference.std() / 20) - 1) < 4 / np.sqrt(2 * 3000)
    assert abs(values_a.std() / ((a == labels).std() / 20) - 1) < 4 / np.sqrt(2 * 3000)
    same = resample_paired_confusion_statistics(labels, a, a, 3, STATISTICS, n_resamples=50, stream=Stream(1))
    assert np.array_equal(*same["f1"])


def test_clusters_are_resampled_whole() -> None:
    labels, predicted = make_codes(100, 2)
    clusters = np.repeat(np.arange(100), 5)
    labels, predicted = np.repeat(labels, 5), np.repeat(predicted, 5)  # every row five times

    found = resample_label_statistics(
        labels, predicted, 2, STATISTICS, n_resamples=3000, stream=Stream(1), clusters=clusters
    )["accuracy"]

    right = float(np.mean(labels == predicted))
    assert abs(found.std() / np.sqrt(right * (1 - right) / 100) - 1) < 4 / np.sqrt(2 * 3000)


def test_a_statistic_of_clusters_does_not_depend_on_the_order_of_rows() -> None:
    labels, predicted = make_codes(200, 3)
    clusters = np.arange(200) % 17
    order = np.random.default_rng(1).permutation(200)

    found = [
        resample_label_statistics(
            labels[rows],
            predicted[rows],
            3,
            STATISTICS,
            n_resamples=50,
            stream=Stream(1),
            clusters=clusters[rows],
        )["f1"]
        for rows in (np.arange(200), order)
    ]

    assert np.array_equal(found[0], found[1])
