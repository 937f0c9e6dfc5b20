"""Metrics without one row, in closed form, are what working them out anew gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.statistics.curves import score_metrics
from modellab.statistics.jackknife import (
    leave_clusters_out,
    leave_one_out_auc,
    leave_one_out_average_precision,
    leave_one_out_mean,
    leave_one_out_means,
)

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=4, max_size=30).filter(
    lambda rows: 1 < sum(label for label, _ in rows) < len(rows) - 1
)


@given(ROWS)
def test_auc_and_average_precision_without_a_row(rows: list[tuple[bool, int]]) -> None:
    labels = np.array([label for label, _ in rows])
    scores = np.array([score for _, score in rows], float)
    others = [np.delete(np.arange(len(rows)), row) for row in range(len(rows))]

    anew = [score_metrics(labels[rest], scores[rest]) for rest in others]

    assert leave_one_out_auc(labels, scores) == pytest.approx([found["roc_auc"] for found in anew], abs=1e-12)
    assert leave_one_out_average_precision(labels, scores) == pytest.approx(
        [found["pr_auc"] for found in anew], abs=1e-12
    )


def test_without_the_only_row_of_a_class_there_is_neither() -> None:
    labels, scores = np.array([0, 1, 0]), np.array([0.3, 0.2, 0.1])

    assert np.isnan(leave_one_out_auc(labels, scores)).tolist() == [False, True, False]
    assert np.isnan(leave_one_out_average_precision(labels, scores)).tolist() == [False, True, False]
    assert np.isnan(leave_one_out_auc(1 - labels, scores)).tolist() == [False, True, False]
    assert np.isnan(leave_one_out_average_precision(1 - labels, scores)).tolist() == [False, True, False]
    assert np.isnan(leave_one_out_auc(np.ones(3), scores)).all()
    assert np.isnan(leave_one_out_average_precision(np.ones(3), scores)).all()


def test_means_and_functions_of_means_without_a_row() -> None:
    values = np.random.default_rng(0).normal(size=(20, 2))
    others = [np.delete(values, row, axis=0) for row in range(20)]

    assert leave_one_out_mean(values[:, 0]) == pytest.approx([rest[:, 0].mean() for rest in others])
    assert leave_one_out_means(values, lambda means: means[:, 0] / means[:, 1]) == pytest.approx(
        [rest[:, 0].mean() / rest[:, 1].mean() for rest in others]
    )
    assert np.isnan(leave_one_out_mean([3.0])).all()


def test_the_values_without_a_cluster_spread_as_those_of_clusters_do() -> None:
    random = np.random.default_rng(0)
    clusters = np.repeat(np.arange(40), 5)
    values = random.normal(size=200) + random.normal(size=40)[clusters]

    left = leave_clusters_out(leave_one_out_mean(values), clusters)

    expected = [values[clusters != cluster].mean() for cluster in range(40)]
    assert left == pytest.approx(expected, abs=0.01)
    assert left.std() == pytest.approx(np.std(expected), rel=0.05)
