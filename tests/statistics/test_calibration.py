"""Calibration: bins and errors as they are defined, their size by chance, and an interval that covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from modellab.errors import InvalidInput
from modellab.statistics.calibration import (
    brier_decomposition,
    calibration_bins,
    calibration_null,
    ece_debiased,
    ece_equal_mass,
    expected_calibration_error,
    max_calibration_error,
)
from modellab.statistics.calibration_interval import calibration_interval
from modellab.statistics.curves import score_metrics
from modellab.statistics.streams import Stream

Rows = tuple[NDArray[np.float64], NDArray[np.bool_]]


def make_calibrated(n: int, seed: int = 0, sharpness: float = 1.0) -> Rows:
    """Probabilities and hits; the probabilities are true if `sharpness` is 1, else too extreme."""
    random = np.random.default_rng(seed)
    logits = random.normal(-1, 1.5, n)
    hits = random.random(n) < 1 / (1 + np.exp(-logits))
    return 1 / (1 + np.exp(-sharpness * logits)), hits


def test_bins_are_closed_on_the_right_and_zero_is_in_the_first() -> None:
    bins = calibration_bins([0.0, 0.1, 0.1000001, 0.3, 0.7, 0.95, 1.0], [0, 1, 0, 1, 1, 1, 0])

    assert bins.n == [2, 1, 1, 0, 0, 0, 1, 0, 0, 2]
    assert bins.mean_probability[0] == pytest.approx(0.05)
    assert bins.frequency == [0.5, 0.0, 1.0, None, None, None, 1.0, None, None, 0.5]
    assert bins.mean_probability[3] is None


def test_bins_are_those_of_scikit_learn() -> None:
    probabilities, hits = make_calibrated(2000)

    bins = calibration_bins(probabilities, hits)

    frequency, mean = calibration_curve(hits, probabilities, n_bins=10)
    assert bins.frequency == pytest.approx(frequency.tolist(), abs=1e-12)
    assert bins.mean_probability == pytest.approx(mean.tolist(), abs=1e-12)
    gaps = np.abs(frequency - mean)
    assert expected_calibration_error(probabilities, hits) == pytest.approx(np.average(gaps, weights=bins.n))
    assert max_calibration_error(probabilities, hits) == pytest.approx(gaps.max())


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=40))
def test_the_error_of_bins_and_that_of_the_kernel_are_the_same(rows: list[tuple[int, bool]]) -> None:
    probabilities, hits = np.array([p for p, _ in rows]) / 20, np.array([hit for _, hit in rows])

    error = expected_calibration_error(probabilities, hits)

    assert score_metrics(hits, probabilities)["expected_calibration_error"] == pytest.approx(error, abs=1e-9)
    assert error <= max_calibration_error(probabilities, hits) + 1e-12


def test_the_published_example_of_ten_predictions() -> None:
    """Guo 2017's definition, worked by hand: 0.4 · |0.85 - 0.75| + 0.6 · |0.55 - 0.5|."""
    probabilities = [0.81, 0.83, 0.87, 0.89, 0.52, 0.53, 0.55, 0.56, 0.57, 0.57]

    assert expected_calibration_error(probabilities, [1, 1, 1, 0, 1, 1, 1, 0, 0, 0]) == pytest.approx(0.07)


def test_bins_of_equal_mass_keep_ties_together() -> None:
    probabilities = np.repeat([0.2, 0.6], [30, 10])
    hits = np.concatenate([np.arange(30) < 12, np.arange(10) < 5])

    assert ece_equal_mass(probabilities, hits) == pytest.approx(0.75 * 0.2 + 0.25 * 0.1)
    random = np.random.default_rng(0)
    distinct, any_hits = random.random(1000), random.random(1000) < 0.5
    order = np.argsort(distinct)
    gaps = np.abs(
        distinct[order].reshape(10, 100).mean(axis=1) - any_hits[order].reshape(10, 100).mean(axis=1)
    )
    assert ece_equal_mass(distinct, any_hits) == pytest.approx(gaps.mean())


def test_the_debiased_error_of_a_calibrated_model_is_nearer_to_zero() -> None:
    errors = [make_calibrated(500, seed) for seed in range(200)]

    plain = np.mean([ece_equal_mass(*rows) ** 2 for rows in errors])
    debiased = np.mean([ece_debiased(*rows) ** 2 for rows in errors])
    assert debiased < plain / 2


def test_the_brier_score_comes_apart_into_its_parts() -> None:
    probabilities, hits = make_calibrated(3000, sharpness=2.0)

    parts = brier_decomposition(probabilities, hits)

    recalibrated = IsotonicRegression().fit(probabilities, hits).predict(probabilities)
    assert parts.score == pytest.approx(brier_score_loss(hits, probabilities), abs=1e-12)
    assert parts.score == pytest.approx(parts.miscalibration - parts.discrimination + parts.uncertainty)
    assert parts.miscalibration == pytest.approx(parts.score - np.mean((recalibrated - hits) ** 2), abs=1e-9)
    assert parts.miscalibration > 0.01
    assert parts.uncertainty == pytest.approx(hits.mean() * (1 - hits.mean()))


def test_chance_alone_gives_a_calibrated_model_the_error_that_the_null_says() -> None:
    probabilities, _ = make_calibrated(1000)
    random = np.random.default_rng(1)
    drawn = [
        expected_calibration_error(probabilities, random.random(1000) < probabilities) for _ in range(1000)
    ]

    null = calibration_null(probabilities, stream=Stream(1), observed=float(np.median(drawn)))

    assert null.mean == pytest.approx(np.mean(drawn), abs=float(4 * np.std(drawn) * np.sqrt(2 / 1000)))
    assert null.percentile_95 == pytest.approx(np.quantile(drawn, 0.95), abs=0.2 * float(np.std(drawn)))
    assert null.p_value == pytest.approx(0.5, abs=0.08)
    assert calibration_null(probabilities, stream=Stream(1), observed=0.5).p_value == 1 / 1001


def test_the_null_of_many_rows_is_that_of_rows_one_by_one() -> None:
    probabilities, hits = make_calibrated(60_000)
    observed = expected_calibration_error(probabilities, hits)

    many = calibration_null(probabilities, n_resamples=1000, stream=Stream(1), observed=observed)  # by bins
    exact = calibration_null(probabilities, n_resamples=400, stream=Stream(1), observed=observed)

    assert many.mean == pytest.approx(exact.mean, rel=0.08)
    assert many.percentile_95 == pytest.approx(exact.percentile_95, rel=0.1)


def test_p_values_of_calibrated_models_are_uniform() -> None:
    values = []
    for seed in range(200):
        probabilities, hits = make_calibrated(150, seed)
        observed = expected_calibration_error(probabilities, hits)
        values.append(
            calibration_null(probabilities, n_resamples=200, stream=Stream(seed), observed=observed).p_value
        )

    assert np.mean(np.array(values) < 0.1) == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 200))


def test_an_interval_of_the_error_lies_around_it_and_in_zero_to_one() -> None:
    probabilities, hits = make_calibrated(500, sharpness=2.0)

    interval = calibration_interval(probabilities, hits, stream=Stream(1))

    assert interval.method == "inversion"
    assert interval.estimate == pytest.approx(expected_calibration_error(probabilities, hits))
    assert interval.low is not None
    assert interval.high is not None
    assert interval.estimate is not None
    assert 0 < interval.low < interval.estimate < interval.high < 1
    order = np.random.default_rng(1).permutation(500)
    again = calibration_interval(probabilities[order], hits[order], stream=Stream(1))
    assert (again.low, again.high) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_an_error_that_is_small_by_luck_does_not_make_an_interval_of_nothing() -> None:
    interval = calibration_interval(np.full(100, 0.5), np.arange(100) % 2, stream=Stream(1))

    assert interval.estimate == 0.0
    assert interval.low == 0.0
    assert interval.high is not None
    assert 0.05 < interval.high < 0.2


def test_rows_without_any_error_show_no_interval() -> None:
    interval = calibration_interval([1.0, 0.0, 1.0], [1, 0, 1], stream=Stream(1))

    assert (interval.low, interval.high) == (None, None)
    assert interval.note is not None


def test_clusters_that_repeat_rows_make_the_interval_wider() -> None:
    probabilities, hits = make_calibrated(100, sharpness=2.0)
    clusters = np.repeat(np.arange(100), 9)
    one = calibration_interval(probabilities, hits, stream=Stream(1))

    many = calibration_interval(
        np.repeat(probabilities, 9), np.repeat(hits, 9), stream=Stream(1), clusters=clusters
    )

    assert (many.low, many.high) == pytest.approx((one.low, one.high), abs=1e-9)


def test_what_is_no_probability_is_refused_with_its_row() -> None:
    with pytest.raises(InvalidInput, match=r"row 1 is 1\.2"):
        calibration_bins([0.1, 1.2], [0, 1])
