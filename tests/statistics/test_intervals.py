"""Intervals from replicates: BCa, percentile and basic, and when there is none."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import bootstrap

from modellab.errors import InvalidInput
from modellab.records.estimates import Interval
from modellab.statistics.intervals import Method, make_interval
from modellab.statistics.jackknife import leave_one_out_mean
from modellab.statistics.resampling import resample_means, resample_scores
from modellab.statistics.streams import Stream

VALUES = np.random.default_rng(3).exponential(size=60)


def make(method: Method, level: float = 0.95) -> Interval:
    replicates = resample_means(VALUES[:, None], n_resamples=20_000, stream=Stream(1))[:, 0]
    return make_interval(
        float(VALUES.mean()), replicates, method=method, leave_one_out=leave_out(), level=level
    )


def leave_out() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return leave_one_out_mean(VALUES), np.ones(len(VALUES), np.int64)


@pytest.mark.parametrize("method", ["bca", "percentile", "basic"])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_limits_are_those_of_scipy(method: Method, level: float) -> None:
    found = make(method, level)

    expected = bootstrap(
        (VALUES,),
        np.mean,
        n_resamples=20_000,
        confidence_level=level,
        method="BCa" if method == "bca" else method,
        rng=np.random.default_rng(1),
    ).confidence_interval
    error = 0.04 * VALUES.std() / np.sqrt(60)  # of quantiles of 20 000 replicates, twice over
    assert found.method == method
    assert found.low == pytest.approx(expected.low, abs=error)
    assert found.high == pytest.approx(expected.high, abs=error)


def test_the_bca_interval_of_skewed_values_is_moved_towards_their_tail() -> None:
    bca, percentile = make("bca"), make("percentile")

    assert bca.low is not None
    assert bca.high is not None
    assert percentile.low is not None
    assert percentile.high is not None
    assert bca.low > percentile.low
    assert bca.high > percentile.high


def test_without_an_acceleration_the_interval_is_a_percentile_one_and_says_so() -> None:
    replicates = np.linspace(0, 1, 101)

    for left in (
        None,
        (np.full(5, 0.3), np.ones(5, np.int64)),
        (np.array([0.1, np.nan]), np.ones(2, np.int64)),
    ):
        found = make_interval(0.5, replicates, leave_one_out=left)
        assert found.method == "percentile"
        assert (found.low, found.high) == pytest.approx((0.025, 0.975))
    beyond = make_interval(2.0, replicates, leave_one_out=leave_out())
    assert beyond.method == "percentile"


def test_limits_stay_among_the_values_that_the_metric_can_have() -> None:
    replicates = np.linspace(0.5, 1.0, 101)

    found = make_interval(0.9, replicates, method="basic", clip=(0.0, 1.0))

    assert found.low == pytest.approx(1.8 - 0.9875)
    assert found.high == 1.0


def test_resamples_of_one_class_are_dropped_and_counted() -> None:
    labels, scores = np.arange(40) % 20 < 3, np.linspace(0, 1, 40) % 0.7
    replicates = resample_scores(labels, scores, n_resamples=1000, stream=Stream(1))["roc_auc"]

    found = make_interval(0.6, replicates, method="percentile", seed=1, note="few examples")

    assert found.n_resamples == 1000
    assert found.n_dropped == np.isnan(replicates).sum() > 0
    assert found.low == pytest.approx(np.nanquantile(replicates, 0.025))
    assert (found.seed, found.note) == (1, "few examples")


def test_no_interval_is_given_where_more_than_one_resample_in_twenty_is_undefined() -> None:
    replicates = np.linspace(0, 1, 1000)
    replicates[:51] = np.nan

    refused = make_interval(0.5, replicates, note="few examples")
    replicates[0] = 0.0
    given = make_interval(0.5, replicates)

    assert (refused.low, refused.high, refused.n_dropped) == (None, None, 51)
    assert refused.estimate == 0.5
    assert refused.note is not None
    assert "51 of 1000" in refused.note
    assert "few examples" in refused.note
    assert given.low is not None
    assert given.n_dropped == 50


def test_no_interval_is_given_of_what_is_undefined_or_never_varies() -> None:
    undefined = make_interval(float("nan"), np.linspace(0, 1, 100))
    constant = make_interval(1.0, np.ones(100))
    nothing = make_interval(0.5, np.full(100, np.nan))

    assert (undefined.estimate, undefined.low, undefined.high) == (None, None, None)
    assert (constant.estimate, constant.low, constant.high) == (1.0, None, None)
    assert (nothing.low, nothing.n_dropped) == (None, 100)
    assert constant.note is not None
    assert "same value" in constant.note


def test_nothing_warns() -> None:
    with warnings.catch_warnings(action="error"):
        make_interval(0.5, np.array([np.nan, 0.4, 0.6] * 40), leave_one_out=leave_out())
        make_interval(1e300, np.linspace(0, 1e300, 100), leave_one_out=leave_out())


def test_methods_and_levels_that_are_not_there_are_refused() -> None:
    with pytest.raises(InvalidInput, match="bca, percentile and basic"):
        make_interval(0.5, np.linspace(0, 1, 9), method="studentized")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="level"):
        make_interval(0.5, np.linspace(0, 1, 9), level=95)
