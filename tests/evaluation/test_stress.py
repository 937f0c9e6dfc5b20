"""Stress tests: what is said of a model on corrupted data, and of one that breaks on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.stress import StressFamily, StressReport, run_stress_tests
from modellab.evaluation.tables import read_table
from modellab.statistics.streams import Stream

N = 500
Predict = Callable[[Any], Any]


def make_data(n: int = N) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {"x": random.normal(size=n), "unused": random.normal(size=n), "city": random.choice(["a", "b"], n)}
    )


def predict_from_x(data: pd.DataFrame) -> NDArray[np.float64]:
    """P(positive) grows with x; a missing x is taken for 0."""
    return np.asarray(1 / (1 + np.exp(-3 * data["x"].fillna(0))))


def make_labels(data: pd.DataFrame) -> NDArray[np.int64]:
    return (np.random.default_rng(1).random(len(data)) < predict_from_x(data)).astype(np.int64)


def run(
    predict: Any, data: Any = None, *, metric: str = "accuracy", seed: int = 0, **more: Any
) -> StressReport:
    frame = make_data() if data is None else data
    problem = read_problem(predict_from_x(make_data()), make_labels(make_data()), task_type="classification")
    table = read_table(frame, problem.n)
    return run_stress_tests(predict, problem, table, frame, metric=metric, stream=Stream(seed), **more)


def find(report: StressReport, name: str) -> StressFamily:
    return next(family for family in report.families if family.family == name)


def test_without_a_model_nothing_is_run_and_nothing_is_made_up() -> None:
    report = run(None)
    assert not report.ran
    assert report.reason == "not run: no model handed over"
    assert report.families == ()


def test_without_data_nothing_is_run() -> None:
    problem = read_problem([0.2, 0.7] * 20, [0, 1] * 20, task_type="classification")
    report = run_stress_tests(predict_from_x, problem, None, None, metric="accuracy", stream=Stream(0))
    assert report.reason == "not run: no data handed over for the model to predict"


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(InvalidInput, match="predict is of type int"):
        run(3)


def test_noise_makes_a_model_worse_the_more_there_is() -> None:
    report = run(predict_from_x)
    noise = find(report, "noise")
    assert [point.severity for point in noise.severities] == [1, 2, 3, 4, 5]
    flips = [point.flip_rate or 0.0 for point in noise.severities]
    assert flips == sorted(flips)
    worst = noise.severities[-1]
    assert worst.value is not None
    assert report.clean is not None
    assert worst.value < report.clean
    assert worst.relative_drop == pytest.approx((report.clean - worst.value) / report.clean)
    assert (worst.adjusted_p or 1) < 0.001
    assert worst.test in ("mcnemar_exact", "mcnemar_mid_p")
    drops = [point.relative_drop or 0.0 for point in noise.severities]
    assert noise.mean_relative_drop == pytest.approx(np.mean(drops))


def test_a_column_that_the_model_does_not_use_may_be_lost_or_shuffled() -> None:
    report = run(predict_from_x)
    for family in ("missing_column", "shuffled_column"):
        points = {point.column: point for point in find(report, family).severities}
        assert points["unused"].flip_rate == 0
        assert points["unused"].p_value == 1
        assert (points["x"].relative_drop or 0) > 0.2


def test_a_loss_that_grows_is_a_drop() -> None:
    report = run(predict_from_x, metric="log_loss")
    assert report.higher_is_better is False
    worst = find(report, "shuffled_column").severities[0]
    assert worst.column == "x"
    assert (worst.relative_drop or 0) > 0.2


def test_fewer_rows_are_compared_with_the_same_rows() -> None:
    points = find(run(predict_from_x), "fewer_rows").severities
    assert [point.n for point in points] == [400, 300, 200, 100, 50]
    assert {(point.flip_rate, point.p_value, point.relative_drop) for point in points} == {(0, 1, 0)}


def test_a_model_that_looks_at_the_other_rows_is_found_out_by_fewer_of_them() -> None:
    def predict_half(data: pd.DataFrame) -> NDArray[np.float64]:
        return np.where(data["x"] > np.median(data["x"]), 0.9, 0.1)

    points = find(run(predict_half), "fewer_rows").severities
    assert max(point.flip_rate or 0 for point in points) > 0


def test_a_model_that_breaks_on_corrupted_data_is_reported_and_does_not_stop_the_others() -> None:
    def refuse_missing(data: pd.DataFrame) -> NDArray[np.float64]:
        if data.isna().any(axis=None):
            raise ValueError("Input X contains NaN.\nand more")
        return predict_from_x(data)

    report = run(refuse_missing)
    missing = find(report, "missing_cells")
    assert {p.error for p in missing.severities} == {"predict failed: ValueError: Input X contains NaN."}
    assert {(p.value, p.p_value, p.flip_rate) for p in missing.severities} == {(None, None, None)}
    assert missing.mean_relative_drop is None
    assert find(report, "noise").severities[-1].value is not None


def test_predictions_that_cannot_be_used_are_a_finding_too() -> None:
    def lose_rows(data: pd.DataFrame) -> NDArray[np.float64]:
        return predict_from_x(data.dropna())

    def pass_nan_on(data: pd.DataFrame) -> NDArray[np.float64]:
        return np.asarray(data["x"] * 0 + 0.7)

    for predict in (lose_rows, pass_nan_on):
        error = find(run(predict), "missing_cells").severities[-1].error
        assert (error or "").startswith("what predict gives cannot be used: ")


def test_a_model_that_fails_on_the_data_as_it_is_is_not_run_any_further() -> None:
    report = run(lambda _: 1 / 0)
    assert report.reason == (
        "not run: on the data as it is, predict failed: ZeroDivisionError: division by zero"
    )


def test_an_interrupt_is_not_swallowed() -> None:
    def interrupt(data: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(interrupt)


def test_a_model_may_spoil_its_copy_but_never_the_users_data() -> None:
    def spoil(data: pd.DataFrame) -> NDArray[np.float64]:
        predictions = predict_from_x(data)
        data["x"] = 0.0
        return predictions

    data = make_data()
    report = run(spoil, data)
    pd.testing.assert_frame_equal(data, make_data())
    assert report.as_dict() == run(predict_from_x).as_dict()


def test_a_model_may_write_into_the_same_array_again() -> None:
    buffer = np.empty(N)

    def reuse(data: pd.DataFrame) -> NDArray[np.float64]:
        buffer[: len(data)] = predict_from_x(data)
        return buffer[: len(data)]

    assert run(reuse).as_dict() == run(predict_from_x).as_dict()


@pytest.mark.parametrize("kind", ["dicts", "columns", "array"])
def test_a_model_gets_the_kind_of_data_that_the_user_has(kind: str) -> None:
    frame = make_data()
    given: Any = {"dicts": frame.to_dict("records"), "columns": frame.to_dict("list")}.get(kind)
    if given is None:
        given = frame[["x", "unused"]].to_numpy()
    seen = set()

    def predict(data: Any) -> Any:
        seen.add(type(data))
        if isinstance(data, np.ndarray):
            return predict_from_x(pd.DataFrame({"x": data[:, 0]}))
        rows = data if isinstance(data, list) else [{"x": x} for x in data["x"]]
        return predict_from_x(pd.DataFrame({"x": [row["x"] for row in rows]}, dtype=float)).tolist()

    report = run(predict, given)
    assert seen == {type(given)}
    assert report.ran
    assert not any(point.error for family in report.families for point in family.severities)


def test_predictions_that_differ_from_those_handed_over_are_noted() -> None:
    report = run(lambda data: 1 - predict_from_x(data))
    assert "does not repeat the predictions handed over in 500 of 500 rows" in report.notes[0]
    assert run(predict_from_x).notes == []


def test_a_model_of_hard_labels_is_judged_by_accuracy_where_the_metric_needs_more() -> None:
    data = make_data()
    labels = np.where(make_labels(data) == 1, "yes", "no")
    problem = read_problem(predict_from_x(data), labels, task_type="classification")
    report = run_stress_tests(
        lambda data: np.where(predict_from_x(data) >= 0.5, "yes", "no"),
        problem,
        read_table(data, N),
        data,
        metric="roc_auc",
        stream=Stream(0),
    )
    assert report.metric == "accuracy"
    assert report.clean is not None
    assert report.notes == ["roc_auc is undefined for what predict gives, so the metric is accuracy"]


def test_a_regression_is_tested_by_its_absolute_errors() -> None:
    data = make_data()
    targets = 3 * data["x"] + np.random.default_rng(2).normal(size=N)
    problem = read_problem(3 * data["x"], targets, task_type="regression")
    report = run_stress_tests(
        lambda data: 3 * data["x"].fillna(0),
        problem,
        read_table(data, N),
        data,
        metric="rmse",
        stream=Stream(0),
    )
    worst = find(report, "noise").severities[-1]
    assert worst.test == "paired_t"
    assert (worst.relative_drop or 0) > 0.5
    assert 0.5 < (worst.flip_rate or 0) < 1
    assert find(report, "noise").severities[0].flip_rate == 0


def test_the_same_seed_gives_the_same_report_and_another_one_other_draws() -> None:
    assert run(predict_from_x).as_dict() == run(predict_from_x).as_dict()
    assert run(predict_from_x).as_dict() != run(predict_from_x, seed=1).as_dict()


def test_progress_is_told_before_each_corruption() -> None:
    told: list[tuple[int, int, str]] = []
    report = run(predict_from_x, progress=lambda done, total, name: told.append((done, total, name)))
    total = sum(len(family.severities) for family in report.families)
    assert [done for done, _, _ in told] == list(range(total))
    assert {of for _, of, _ in told} == {total}
    assert told[0][2] == "missing_cells 1"


def test_a_report_is_plain_json() -> None:
    read = json.loads(json.dumps(run(predict_from_x).as_dict(), allow_nan=False))
    assert read["ran"] is True
    assert {family["family"] for family in read["families"]} >= {"noise", "unseen_category"}
    json.dumps(run(None).as_dict(), allow_nan=False)
