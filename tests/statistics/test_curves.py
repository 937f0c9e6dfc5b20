"""Metrics of scores against labels: as scikit-learn has them, ties and weights included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from modellab.errors import InvalidInput
from modellab.statistics.calibration import expected_calibration_error
from modellab.statistics.curves import pr_curve_points, roc_curve_points, score_metrics

Rows = tuple[NDArray[np.bool_], NDArray[np.float64]]


def make_scores(n: int, digits: int = 16, seed: int = 0) -> Rows:
    random = np.random.default_rng(seed)
    labels = random.random(n) < 0.3
    return labels, np.round(1 / (1 + np.exp(-random.normal(size=n) - labels)), digits)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60))
def test_metrics_are_those_of_scikit_learn_however_scores_tie(rows: list[tuple[bool, int]]) -> None:
    labels = np.array([label for label, _ in rows])
    scores = np.array([score for _, score in rows]) / 12

    found = score_metrics(labels, scores)

    assert found["expected_calibration_error"] == pytest.approx(
        expected_calibration_error(scores, labels), abs=1e-9
    )
    if labels.all() or not labels.any():
        assert math.isnan(found["roc_auc"])
        assert math.isnan(found["pr_auc"])
    else:
        assert found["roc_auc"] == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
        assert found["pr_auc"] == pytest.approx(average_precision_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize("digits", [16, 3, 1])
def test_metrics_are_those_of_scikit_learn_for_many_rows(digits: int) -> None:
    labels, scores = make_scores(20_000, digits)

    found = score_metrics(labels, scores)

    assert found["roc_auc"] == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert found["pr_auc"] == pytest.approx(average_precision_score(labels, scores), abs=1e-12)
    assert found["expected_calibration_error"] == pytest.approx(
        expected_calibration_error(scores, labels), abs=1e-12
    )


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.integers(0, 3)),
        min_size=1,
        max_size=30,
    )
)
def test_a_weight_is_a_row_that_is_there_so_many_times(rows: list[tuple[bool, float, int]]) -> None:
    labels, scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    if weights.sum():
        repeated = score_metrics(np.repeat(labels, weights), np.repeat(scores, weights))
        assert score_metrics(labels, scores, weights) == pytest.approx(repeated, abs=1e-12, nan_ok=True)


def test_the_order_of_rows_does_not_matter() -> None:
    labels, scores = make_scores(5000, 3)
    order = np.random.default_rng(1).permutation(5000)

    assert score_metrics(labels[order], scores[order]) == score_metrics(labels, scores)


def test_ties_everywhere_give_one_half_and_the_share_of_positives() -> None:
    labels = np.array([1, 0, 0, 0])

    found = score_metrics(labels, np.full(4, 0.5))

    assert found == {"roc_auc": 0.5, "pr_auc": 0.25, "expected_calibration_error": 0.25}


def test_scores_that_are_no_probabilities_are_ranked_but_not_calibrated() -> None:
    found = score_metrics([0, 1, 1], [-3.0, 0.0, 7.0])

    assert found["roc_auc"] == 1.0
    assert math.isnan(found["expected_calibration_error"])


def test_curves_are_those_of_scikit_learn() -> None:
    labels, scores = make_scores(300, 2)

    fpr, tpr, thresholds = roc_curve_points(labels, scores)
    recall, precision, cuts = pr_curve_points(labels, scores)

    for found, expected in zip(
        (fpr, tpr, thresholds), roc_curve(labels, scores, drop_intermediate=False), strict=True
    ):
        assert found == pytest.approx(expected, abs=1e-12)
    expected_precision, expected_recall, expected_cuts = precision_recall_curve(labels, scores)
    assert recall[1:] == pytest.approx(expected_recall[-2::-1], abs=1e-12)
    assert precision[1:] == pytest.approx(expected_precision[-2::-1], abs=1e-12)
    assert cuts[1:] == pytest.approx(expected_cuts[::-1], abs=1e-12)
    assert (recall[0], precision[0]) == (0.0, precision[1])


def test_a_long_curve_is_drawn_from_few_of_its_own_points() -> None:
    labels, scores = make_scores(50_000)

    fpr, tpr, _ = roc_curve_points(labels, scores, 200)
    recall, precision, _ = pr_curve_points(labels, scores, 200)

    assert len(fpr) <= 200
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.trapezoid(tpr, fpr) == pytest.approx(roc_auc_score(labels, scores), abs=1e-3)
    all_points = set(
        zip(*(points.tolist() for points in roc_curve_points(labels, scores, 10**6)), strict=True)
    )
    assert (
        set(zip(*(points.tolist() for points in roc_curve_points(labels, scores, 200)), strict=True))
        <= all_points
    )
    assert len(recall) <= 200
    assert (recall[0], recall[-1]) == (0.0, 1.0)
    assert precision[-1] == pytest.approx(labels.mean())


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(InvalidInput, match="2 labels and 3 scores"):
        score_metrics([0, 1], [0.1, 0.2, 0.3])
    with pytest.raises(InvalidInput, match="not finite"):
        score_metrics([0, 1], [0.1, float("nan")])
    with pytest.raises(InvalidInput, match="0 and 1 only"):
        score_metrics([0, 2], [0.1, 0.2])
    with pytest.raises(InvalidInput, match="weights"):
        score_metrics([0, 1], [0.1, 0.2], [1.5, 1.0])
    with pytest.raises(InvalidInput, match="same"):
        roc_curve_points([1, 1], [0.1, 0.2])
    with pytest.raises(InvalidInput, match="positive"):
        pr_curve_points([0, 0], [0.1, 0.2])
