"""Each metric has the interval that suits it; where there is none, it says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn

from modellab.evaluation import EvaluationReport, evaluate, register_metric
from modellab.evaluation.formulas import correlate_ranks, find_middle, spread_means
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.intervals import build_intervals
from modellab.evaluation.metrics import Tally, compute_metrics
from modellab.records.estimates import Interval
from modellab.statistics.auc import delong_interval
from modellab.statistics.jackknife import leave_one_out_mean
from modellab.statistics.proportions import wilson_interval
from modellab.statistics.streams import Stream

Make = Callable[..., dict[str, Any]]


def measure(rows: dict[str, Any], n_resamples: int = 400, seed: int = 0, **more: Any) -> EvaluationReport:
    arguments = {key: value for key, value in rows.items() if key != "data"} | more
    return evaluate(**arguments, config={"n_resamples": n_resamples, "seed": seed})


def covers(interval: Interval, value: float) -> bool:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low <= value <= interval.high


def width(interval: Interval) -> float:
    assert interval.low is not None
    assert interval.high is not None
    return interval.high - interval.low


def test_every_metric_that_is_defined_has_an_interval_or_says_why_not(
    make_binary: Make, make_multiclass: Make, make_regression: Make
) -> None:
    for make in (make_binary, make_multiclass, make_regression):
        report = measure(make(300))
        assert set(report.intervals) == set(report.metrics)
        for name, interval in report.intervals.items():
            assert interval.estimate == report.metrics[name]
            if interval.low is None or interval.high is None:
                assert interval.note
            else:
                assert interval.estimate is not None
                assert interval.low <= interval.high
                assert interval.low <= interval.estimate <= interval.high or "calibration" in name


def test_methods_are_those_that_suit_the_metric(make_binary: Make, make_regression: Make) -> None:
    found = measure(make_binary(300)).intervals
    assert {name for name, interval in found.items() if interval.method == "bca"} == {
        *("accuracy", "balanced_accuracy", "precision", "precision_macro", "precision_weighted"),
        *("recall", "recall_macro", "recall_weighted", "f1", "f1_macro", "f1_weighted", "specificity"),
        *("mcc", "cohen_kappa", "roc_auc", "pr_auc", "log_loss", "brier"),
    }
    assert found["expected_calibration_error"].method == "inversion"
    assert "biased upwards" in str(found["expected_calibration_error"].note)
    assert found["expected_calibration_error_top_label"].method == "inversion"
    found = measure(make_regression(300)).intervals
    assert found["rmse"].method == "bca"
    assert found["median_absolute_error"].method == "order_statistic"
    assert found["spearman"].method == "fisher_z"
    assert found["max_error"].low is None


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("f1_macro", lambda y, p: sklearn.f1_score(y, p >= 0.5, average="macro")),
        ("roc_auc", sklearn.roc_auc_score),
        ("pr_auc", sklearn.average_precision_score),
        ("log_loss", sklearn.log_loss),
    ],
)
def test_an_interval_is_that_of_resampled_rows(
    name: str, function: Callable[..., float], make_binary: Make
) -> None:
    rows = make_binary(200)
    y, p = rows["labels"], rows["predictions"]
    random = np.random.default_rng(0)
    picks = [random.integers(0, 200, 200) for _ in range(200)]
    spread = np.std([function(y[rows], p[rows]) for rows in picks])
    assert width(measure(rows, 1000).intervals[name]) == pytest.approx(2 * 1.96 * spread, rel=0.2)


@pytest.mark.parametrize("name", ["rmse", "r2", "pearson", "explained_variance", "residual_std", "mape"])
def test_an_interval_of_numbers_is_that_of_resampled_rows(name: str, make_regression: Make) -> None:
    rows = make_regression(200)
    problem = read_problem(rows["predictions"] + 9, rows["labels"] + 9, task_type="regression")
    random = np.random.default_rng(0)
    values = [
        compute_metrics(problem.take(random.integers(0, 200, 200)), [name])[name].value for _ in range(500)
    ]
    report = evaluate(task_type="regression", predictions=rows["predictions"] + 9, labels=rows["labels"] + 9)
    assert width(report.intervals[name]) == pytest.approx(2 * 1.96 * np.std(np.array(values)), rel=0.15)


def test_averages_over_classes_have_intervals_of_resampled_rows(make_multiclass: Make) -> None:
    rows = make_multiclass(200)
    y, p = rows["labels"], rows["predictions"]
    random = np.random.default_rng(0)
    picks = [random.integers(0, 200, 200) for _ in range(100)]
    report = measure(rows, 1000)
    for name, average in (("roc_auc", "macro"), ("roc_auc_weighted", "weighted")):
        values = [
            sklearn.roc_auc_score(y[rows], p[rows], multi_class="ovr", average=average) for rows in picks
        ]
        assert width(report.intervals[name]) == pytest.approx(2 * 1.96 * np.std(values), rel=0.3)
        assert report.intervals[name].method == "bca"


def test_proportions_carry_wilson_and_areas_delong(make_binary: Make) -> None:
    rows = make_binary(200)
    report = measure(rows)
    right = int(((rows["predictions"] >= 0.5) == rows["labels"]).sum())
    assert report.other_intervals["accuracy_wilson"] == wilson_interval(right, 200)
    assert report.other_intervals["roc_auc_delong"] == delong_interval(rows["labels"], rows["predictions"])
    assert {"recall_wilson", "precision_wilson", "specificity_wilson"} <= set(report.other_intervals)


def test_all_right_or_all_wrong_is_left_to_wilson_alone() -> None:
    labels = ["a", "b"] * 20
    report = evaluate(predictions=labels, labels=labels, config={"n_resamples": 100})
    assert report.intervals["accuracy"] == wilson_interval(40, 40)
    assert report.intervals["recall_weighted"].method == "wilson"
    assert report.other_intervals == {}
    assert report.intervals["f1"].low is None
    assert "same value" in str(report.intervals["f1"].note)


def test_an_area_of_1_never_has_the_interval_1_to_1() -> None:
    labels = [0, 1] * 20
    report = evaluate(predictions=[0.1, 0.9] * 20, labels=labels, config={"n_resamples": 100})
    interval = report.intervals["roc_auc"]
    assert interval.method == "newcombe_auc"
    assert interval.low is not None
    assert 0.8 < interval.low < 1


def test_few_examples_are_marked() -> None:
    report = evaluate(
        predictions=[0.1, 0.7, 0.2, 0.9] * 6, labels=[0, 0, 0, 1] * 6, config={"n_resamples": 100}
    )
    assert "few examples: 6 rows of class '1'" in str(report.intervals["accuracy"].note)
    assert "few examples" in str(report.other_intervals["accuracy_wilson"].note)
    report = evaluate(
        task_type="regression",
        predictions=[1.0, 2.0, 4.0],
        labels=[1.1, 2.3, 3.0],
        config={"n_resamples": 100},
    )
    assert report.intervals["rmse"].note == "few examples: 3 rows"


def test_resamples_without_a_class_are_counted_and_too_many_refuse_the_interval() -> None:
    p = np.linspace(0.01, 0.99, 40)
    labels = np.zeros(40, int)
    labels[[20, 39]] = 1
    report = evaluate(predictions=p, labels=labels, config={"n_resamples": 1000})
    assert report.intervals["roc_auc"].low is None  # without a positive in 1 of 8 resamples
    assert report.intervals["roc_auc"].n_dropped > 50
    assert "more than 5%" in str(report.intervals["roc_auc"].note)
    assert report.other_intervals["roc_auc_delong"].low is not None


def test_clusters_that_repeat_rows_do_not_narrow_the_interval(
    make_binary: Make, make_regression: Make
) -> None:
    for make, names in (
        (make_binary, ("accuracy", "roc_auc", "log_loss", "f1")),
        (make_regression, ("rmse", "r2", "median_absolute_error", "spearman")),
    ):
        once = make(150)
        clusters = np.repeat(np.arange(150), 5)
        five = {
            key: np.repeat(value, 5) if key in ("predictions", "labels") else value
            for key, value in once.items()
        }
        alone, honest = measure(once, 1000), measure(five, 1000, clusters=clusters)
        naive = measure(five, 1000)
        for name in names:
            assert width(honest.intervals[name]) == pytest.approx(width(alone.intervals[name]), rel=0.15)
            assert width(naive.intervals[name]) < 0.6 * width(honest.intervals[name])


def test_clusters_say_their_design_effect() -> None:
    random = np.random.default_rng(0)
    clusters = np.repeat(np.arange(30), 10)
    labels = random.integers(0, 2, 300)
    is_right = np.repeat(random.random(30) < 0.7, 10)
    predictions = np.where(is_right, labels, 1 - labels)
    report = evaluate(predictions=predictions, labels=labels, clusters=clusters, config={"n_resamples": 100})
    found = report.other_intervals["accuracy_clustered"]
    assert found.method == "clustered_t"
    assert str(found.note).startswith("30 clusters, design effect 10")
    assert "accuracy_wilson" not in report.other_intervals
    all_right = evaluate(predictions=labels, labels=labels, clusters=clusters, config={"n_resamples": 100})
    expected = wilson_interval(30, 30)
    assert all_right.intervals["accuracy"].low == expected.low
    assert "30 clusters, not rows" in str(all_right.intervals["accuracy"].note)


@pytest.mark.usefixtures("registry")
def test_one_metric_more_changes_no_other_interval(make_binary: Make) -> None:
    rows = make_binary(60)
    before = measure(rows, 100)
    register_metric("jaccard", sklearn.jaccard_score, task_type="classification", higher_is_better=True)
    register_metric(
        "gap",
        lambda y, p: np.abs(y - p),
        task_type="classification",
        needs="probabilities",
        higher_is_better=False,
        per_row=True,
    )
    after = measure(rows, 100)
    assert {name: after.intervals[name] for name in before.intervals} == before.intervals
    assert after.intervals["gap"].method == "bca"
    register_metric(
        "quiet", sklearn.jaccard_score, task_type="classification", higher_is_better=True, interval=False
    )
    assert measure(rows, 100).intervals["quiet"].low is None


def test_another_seed_draws_other_resamples(make_binary: Make) -> None:
    rows = make_binary(100)
    one, other = measure(rows, 100, seed=1), measure(rows, 100, seed=2)
    assert one.metrics == other.metrics
    assert one.intervals["f1"] != other.intervals["f1"]
    assert one.intervals["f1"].seed == 1
    assert one.intervals["f1"].n_resamples == 100
    assert measure(rows, 100, seed=1).intervals == one.intervals


def test_without_intervals_there_are_none(make_binary: Make) -> None:
    report = evaluate(**make_binary(60), config={"compute_cis": False})
    assert report.intervals == {}
    assert report.other_intervals == {}


def test_the_order_of_rows_does_not_matter_to_intervals(make_binary: Make, make_multiclass: Make) -> None:
    for make in (make_binary, make_multiclass):
        rows = make(120)
        order = np.random.default_rng(3).permutation(120)
        moved = {key: rows[key][order] for key in ("predictions", "labels")}
        one, other = measure(rows, 100), measure(moved, 100)
        for name, interval in one.intervals.items():
            assert other.intervals[name].low == pytest.approx(interval.low, abs=1e-12)
            assert other.intervals[name].high == pytest.approx(interval.high, abs=1e-12)


def test_very_many_rows_take_the_jackknife_which_agrees_with_the_bootstrap() -> None:
    random = np.random.default_rng(0)
    y = random.normal(size=60_000)
    p = y + random.normal(size=60_000) / 2
    problem = read_problem(p, y, task_type="regression")
    values = compute_metrics(problem, ["rmse", "r2"])
    found, _ = build_intervals(Tally(problem), values, n_resamples=100, stream=Stream(0))
    few = problem.take(np.arange(6000))
    drawn, _ = build_intervals(
        Tally(few), compute_metrics(few, ["rmse", "r2"]), n_resamples=1000, stream=Stream(0)
    )
    for name in ("rmse", "r2"):
        assert found[name].method == "jackknife"
        assert width(found[name]) == pytest.approx(width(drawn[name]) / np.sqrt(10), rel=0.15)


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(size=500)
    interval = spread_means(float(values.mean()), (leave_one_out_mean(values), np.ones(500, np.int64)))
    assert width(interval) == pytest.approx(2 * 1.959964 * stats.sem(values), rel=1e-6)


@pytest.mark.parametrize("n", [6, 9, 50, 200, 1001])
def test_the_interval_of_a_median_covers_it_as_often_as_the_binomial_says(n: int) -> None:
    values = np.arange(n, dtype=float)
    interval = find_middle(values, float(np.median(values)))
    assert interval.low is not None
    assert interval.high is not None
    rank = int(interval.low)
    assert interval.high == n - 1 - rank
    missed = 2 * stats.binom.cdf(rank, n, 0.5)
    assert missed <= 0.05
    assert 2 * stats.binom.cdf(rank + 1, n, 0.5) > 0.05  # no narrower one would do


def test_too_few_rows_have_no_interval_of_a_median() -> None:
    interval = find_middle(np.arange(5.0), 2.0)
    assert interval.low is None
    assert interval.note == "fewer than 6 rows"


def test_the_interval_of_a_rank_correlation_covers_it() -> None:
    random = np.random.default_rng(0)
    truth = 6 / np.pi * np.arcsin(0.7 / 2)  # Spearman's of a normal pair that correlates at 0.7
    covered = 0
    for _ in range(400):
        x = random.normal(size=60)
        y = 0.7 * x + np.sqrt(1 - 0.49) * random.normal(size=60)
        covered += covers(correlate_ranks(float(stats.spearmanr(x, y).statistic), 60), truth)
    assert 0.92 <= covered / 400 <= 0.98
    assert correlate_ranks(1.0, 60).low is None
    assert correlate_ranks(0.3, 3).low is None
