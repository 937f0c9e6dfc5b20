"""The AUC: DeLong's interval and paired test, and Newcombe's interval where DeLong has none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, ndtr
from scipy.stats import norm, t
from sklearn.metrics import roc_auc_score

from modellab.errors import InvalidInput
from modellab.records.estimates import Test
from modellab.statistics import auc

Floats = NDArray[np.float64]
ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=40
).filter(lambda rows: 2 <= sum(row[0] for row in rows) <= len(rows) - 2)


def columns(rows: list[tuple[bool, int, int]]) -> tuple[Floats, Floats, Floats]:
    labels, a, b = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    return labels, a / 6, b / 6


def place_by_pairs(labels: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Placements from every pair of a positive and a negative."""
    x, y = scores[labels == 1], scores[labels == 0]
    wins = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    return wins.mean(axis=1), wins.mean(axis=0)


def find_error(x: Floats, y: Floats) -> tuple[float, float]:
    """The standard error of the mean of placements, and Satterthwaite's degrees of freedom."""
    of_x, of_y = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    below = of_x**2 / (len(x) - 1) + of_y**2 / (len(y) - 1)
    return math.sqrt(of_x + of_y), (of_x + of_y) ** 2 / below if below > 0 else math.inf


def draw(rng: np.random.Generator, n: int, rate: float = 0.25) -> tuple[Floats, Floats, Floats]:
    """Labels and two equally good scores that share most of what they know."""
    labels = np.zeros(n)
    labels[: max(2, round(rate * n))] = 1
    shared = labels + rng.normal(size=n)
    return labels, shared + 0.5 * rng.normal(size=n), shared + 0.5 * rng.normal(size=n)


def known(test: Test) -> tuple[float, float, float, float]:
    assert test.p_value is not None
    assert test.interval.estimate is not None
    assert test.interval.low is not None
    assert test.interval.high is not None
    return test.p_value, test.interval.estimate, test.interval.low, test.interval.high


@given(ROWS)
def test_placements_are_those_of_all_pairs_and_their_mean_is_the_auc(
    rows: list[tuple[bool, int, int]],
) -> None:
    labels, scores, _ = columns(rows)
    found, expected = auc.delong_placements(labels, scores), place_by_pairs(labels, scores)
    for side in (0, 1):
        np.testing.assert_allclose(found[side], expected[side], atol=1e-12)
        assert np.mean(found[side]) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@given(ROWS)
def test_the_interval_is_the_logit_one_with_delongs_variance(rows: list[tuple[bool, int, int]]) -> None:
    labels, scores, _ = columns(rows)
    x, y = place_by_pairs(labels, scores)
    value = x.mean()
    error, df = find_error(x, y)
    interval = auc.delong_interval(labels, scores)
    assert interval.estimate == pytest.approx(value, abs=1e-12)
    assert interval.low is not None
    assert interval.high is not None
    assert 0 <= interval.low < interval.high <= 1
    if error > 0 and 0 < value < 1:
        middle, reach = math.log(value / (1 - value)), t.ppf(0.975, df) * error / (value * (1 - value))
        expected = expit([middle - reach, middle + reach])
        assert (interval.low, interval.high) == pytest.approx(tuple(expected), abs=1e-9)
        assert interval.method == "delong_logit"
    else:
        assert interval.method == "newcombe_auc"


@given(ROWS)
def test_the_paired_test_is_that_of_the_covariance_matrix(rows: list[tuple[bool, int, int]]) -> None:
    labels, a, b = columns(rows)
    (xa, ya), (xb, yb) = place_by_pairs(labels, a), place_by_pairs(labels, b)
    covariance = np.cov(xa, xb) / len(xa) + np.cov(ya, yb) / len(ya)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    test = auc.compare_auc(labels, a, b)
    if variance > 1e-12:
        assert test.standard_error == pytest.approx(math.sqrt(variance), abs=1e-9)
        _, df = find_error(xb - xa, yb - ya)
        expected = 2 * t.sf(abs(xb.mean() - xa.mean()) / math.sqrt(variance), df)
        assert test.p_value == pytest.approx(expected, abs=1e-7)


@given(ROWS)
def test_neither_the_order_of_rows_nor_a_rising_transform_changes_anything(
    rows: list[tuple[bool, int, int]],
) -> None:
    labels, a, b = columns(rows)
    first = auc.compare_auc(labels, a, b)
    moved = auc.compare_auc(labels[::-1], a[::-1], b[::-1])
    bent = auc.compare_auc(labels, np.exp(3 * a), b**3 - 1)
    assert bent == first
    assert moved.p_value == (None if first.p_value is None else pytest.approx(first.p_value, abs=1e-9))
    assert moved.interval.estimate == pytest.approx(first.interval.estimate, abs=1e-12)


@given(ROWS)
def test_swapping_the_models_flips_the_sign_and_keeps_p(rows: list[tuple[bool, int, int]]) -> None:
    labels, a, b = columns(rows)
    there, back = auc.compare_auc(labels, a, b), auc.compare_auc(labels, b, a)
    assert back.p_value == there.p_value
    assert back.note == there.note
    if there.p_value is not None:
        _, estimate, low, high = known(there)
        assert known(back)[1:] == (-estimate, -high, -low)


def test_identical_scores_differ_by_0_with_p_1() -> None:
    labels, a, _ = draw(np.random.default_rng(1), 200)
    for other in (a, expit(a)):
        test = auc.compare_auc(labels, a, other)
        assert known(test) == (1.0, 0.0, 0.0, 0.0)
        assert test.note == "identical"


def test_newcombes_interval_is_the_published_one() -> None:
    # R package SingleCaseES, example of NAP; it finds its roots to 1e-4
    labels = np.array([0] * 6 + [1] * 7)
    scores = np.array([20, 20, 26, 25, 22, 23, 28, 25, 24, 27, 30, 30, 29])
    interval = auc.newcombe_auc_interval(roc_auc_score(labels, scores), 7, 6)
    assert interval.estimate == pytest.approx(0.9166667, abs=1e-7)
    assert (interval.low, interval.high) == pytest.approx((0.5973406, 0.9860176), abs=1e-4)


@given(st.floats(0, 1), st.integers(1, 300), st.integers(1, 300))
def test_newcombes_limits_lie_z_standard_errors_from_the_auc(value: float, m: int, n: int) -> None:
    interval = auc.newcombe_auc_interval(value, m, n)
    mirrored = auc.newcombe_auc_interval(1 - value, m, n)
    assert interval.low is not None
    assert interval.high is not None
    assert 0 <= interval.low <= value <= interval.high <= 1
    assert interval.high - interval.low > 0
    assert mirrored.low == pytest.approx(1 - interval.high, abs=1e-12)
    h = (m + n) / 2 - 1
    for limit in (interval.low, interval.high):
        shape = 1 + h * ((1 - limit) / (2 - limit) + limit / (1 + limit))
        error = math.sqrt(limit * (1 - limit) * shape / (m * n))
        assert abs(value - limit) == pytest.approx(norm.ppf(0.975) * error, abs=1e-7)


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        ([0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6]),  # apart
        ([1, 1, 1, 0, 0, 0], [1, 2, 3, 4, 5, 6]),  # the wrong way round
        ([0, 0, 0, 0, 0, 1], [1, 2, 3, 4, 6, 5]),  # one positive
        ([0, 1, 1, 1, 1, 1], [3, 1, 2, 4, 5, 6]),  # one negative
        ([0, 1], [0, 1]),
        ([0, 0, 0, 1, 1, 1], [0.5] * 6),  # ties everywhere
    ],
)
def test_no_auc_is_so_sure_that_its_interval_is_a_point(labels: list[int], scores: list[float]) -> None:
    interval = auc.delong_interval(labels, scores)
    assert interval.method == "newcombe_auc"
    assert interval.low is not None
    assert interval.high is not None
    assert interval.high - interval.low > 0.3
    assert 0 <= interval.low <= roc_auc_score(labels, scores) <= interval.high <= 1


def test_one_class_has_no_auc_and_one_positive_no_test() -> None:
    assert auc.delong_interval([1, 1, 1], [0.1, 0.2, 0.3]).estimate is None
    one_class = auc.compare_auc([0, 0, 0], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1])
    one_row = auc.compare_auc([1, 0, 0], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1])
    for test in (one_class, one_row):
        assert test.p_value is None
        assert test.note is not None
    assert one_row.interval.estimate == 1.0


def test_rows_that_are_clusters_of_their_own_change_nothing() -> None:
    labels, a, b = draw(np.random.default_rng(3), 120)
    alone = np.arange(120)[::-1]
    plain, clustered = auc.compare_auc(labels, a, b), auc.compare_auc(labels, a, b, clusters=alone)
    assert clustered.standard_error == pytest.approx(plain.standard_error, abs=1e-12)
    assert known(clustered) == pytest.approx(known(plain), abs=1e-12)
    one, other = auc.delong_interval(labels, a), auc.delong_interval(labels, a, clusters=alone)
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=1e-12)


def test_rows_that_are_there_twice_make_nobody_surer_when_clusters_say_so() -> None:
    labels, a, b = draw(np.random.default_rng(4), 120)
    labels_twice, a_twice, b_twice = (np.repeat(column, 2) for column in (labels, a, b))
    plain = auc.compare_auc(labels, a, b)
    clustered = auc.compare_auc(labels_twice, a_twice, b_twice, clusters=np.repeat(np.arange(120), 2))
    blind = auc.compare_auc(labels_twice, a_twice, b_twice)
    assert known(clustered) == pytest.approx(known(plain), abs=1e-12)
    assert blind.standard_error is not None
    assert plain.standard_error is not None
    assert blind.standard_error < 0.75 * plain.standard_error


@pytest.mark.parametrize("n", [50, 200, 1000])
def test_the_interval_covers_the_true_auc_as_often_as_it_says(n: int) -> None:
    truth = ndtr(1.25 / math.sqrt(2))  # 0.81
    rng = np.random.default_rng(n)
    covered = 0
    for _ in range(400):
        labels = (rng.random(n) < 0.25).astype(np.float64)
        labels[:2] = 0, 1
        interval = auc.delong_interval(labels, 1.25 * labels + rng.normal(size=n))
        assert interval.low is not None
        assert interval.high is not None
        covered += interval.low <= truth <= interval.high
    assert covered / 400 > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 400)


@pytest.mark.parametrize(("n", "rate"), [(50, 0.25), (400, 0.25), (800, 0.006)])
def test_equally_good_models_are_told_apart_once_in_twenty(n: int, rate: float) -> None:
    rng = np.random.default_rng(n)
    found = [auc.compare_auc(*draw(rng, n, rate)).p_value for _ in range(600)]
    alarms = np.mean([p is not None and p < 0.05 for p in found])
    assert 0.005 < alarms < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 600)


def test_clustered_rows_do_not_raise_false_alarms() -> None:
    rng = np.random.default_rng(7)
    alarms, blind = 0, 0
    for _ in range(300):
        clusters = np.repeat(np.arange(60), 5)
        labels = np.repeat((rng.random(60) < 0.4).astype(np.float64), 5)
        shared = labels + rng.normal(size=300)
        a, b = (shared + np.repeat(rng.normal(size=60), 5) for _ in range(2))
        alarms += known(auc.compare_auc(labels, a, b, clusters=clusters))[0] < 0.05
        blind += known(auc.compare_auc(labels, a, b))[0] < 0.05
    assert alarms / 300 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 300)
    assert blind / 300 > 0.2


def test_few_clusters_do_not_raise_false_alarms_either() -> None:
    rng = np.random.default_rng(9)
    clusters = np.repeat(np.arange(6), 10)
    labels = np.tile([0.0, 1.0], 30)
    alarms = 0
    for _ in range(400):
        shared = labels + rng.normal(size=60)
        a, b = (shared + np.repeat(rng.normal(size=6), 10) for _ in range(2))
        alarms += known(auc.compare_auc(labels, a, b, clusters=clusters))[0] < 0.05
    assert alarms / 400 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 400)


def test_a_better_model_is_found() -> None:
    rng = np.random.default_rng(8)
    labels, a, b = draw(rng, 2000)
    p_value, estimate, low, _ = known(auc.compare_auc(labels, a, b + 0.8 * labels))
    assert p_value < 1e-6
    assert 0 < low < estimate


def test_bad_columns_are_refused_with_the_row_that_is_bad() -> None:
    with pytest.raises(InvalidInput, match="labels has 2 in row 1"):
        auc.delong_interval([0, 2, 1], [0.1, 0.2, 0.3])
    with pytest.raises(InvalidInput, match="1 values that are not finite, first nan in row 2"):
        auc.delong_interval([0, 1, 1], [0.1, 0.2, math.nan])
    with pytest.raises(InvalidInput, match="There are 2 labels and 3 scores"):
        auc.delong_interval([0, 1], [0.1, 0.2, 0.3])
    with pytest.raises(InvalidInput, match="clusters has the shape"):
        auc.delong_interval([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.1], clusters=[1, 2])
    with pytest.raises(InvalidInput, match="needs both classes"):
        auc.delong_placements([1, 1], [0.1, 0.2])
