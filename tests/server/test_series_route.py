from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from modellab.server.bodies.runs import SeriesBody

KEYS = {"name", "count", "n_nonfinite", "n_shown", "reduced", "steps", "values", "times"}


def test_a_short_series_comes_whole_with_steps_values_and_times(lab: Any) -> None:
    run = lab.record(points={"loss": [3.0, 2.0, 1.5]})
    found = lab.get(f"/runs/{run}/series", metric="loss")
    assert found["run_id"] == run
    assert found["series"] == [
        {
            "name": "loss",
            "count": 3,
            "n_nonfinite": 0,
            "n_shown": 3,
            "reduced": False,
            "steps": [0, 1, 2],
            "values": [3.0, 2.0, 1.5],
            "times": [1763000000.0, 1763000000.001, 1763000000.002],
        }
    ]
    SeriesBody.model_validate(found, extra="forbid")


def test_a_long_series_is_reduced_and_keeps_its_extremes(lab: Any) -> None:
    values = [math.sin(i / 500) for i in range(30_000)]
    values[12_345], values[20_001] = 9.0, -7.0
    run = lab.record(points={"loss": values})
    (curve,) = lab.get(f"/runs/{run}/series", metric="loss", max_points=100)["series"]
    assert curve.keys() == KEYS
    assert curve["reduced"] is True
    assert curve["count"] == 30_000
    assert curve["n_shown"] == len(curve["steps"]) == len(curve["values"]) == len(curve["times"])
    assert 50 <= curve["n_shown"] <= 100
    shown = dict(zip(curve["steps"], curve["values"], strict=True))
    assert shown[12_345] == max(curve["values"]) == 9.0
    assert shown[20_001] == min(curve["values"]) == -7.0
    assert all(values[step] == value for step, value in shown.items())


def test_nan_and_infinity_are_strings_and_counted(lab: Any) -> None:
    run = lab.record(points={"loss": [1.0, math.nan, math.inf, -math.inf]})
    (curve,) = lab.get(f"/runs/{run}/series", metric="loss")["series"]
    assert curve["values"] == [1.0, "nan", "inf", "-inf"]
    assert curve["n_nonfinite"] == 3


def test_a_range_of_steps_is_inclusive(lab: Any) -> None:
    run = lab.record(points={"loss": [float(i) for i in range(100)]})
    (curve,) = lab.get(f"/runs/{run}/series", metric="loss", from_step=10, to_step=12)["series"]
    assert curve["steps"] == [10, 11, 12]
    assert curve["count"] == 3


def test_metrics_come_in_the_order_asked_for(lab: Any) -> None:
    run = lab.record(points={"a": [1.0], "b": [2.0], "c": [3.0]})
    found = lab.get(f"/runs/{run}/series", metric=["c", "a", "c"])["series"]
    assert [curve["name"] for curve in found] == ["c", "a"]


def test_without_names_every_metric_that_has_points_comes_sorted(lab: Any) -> None:
    run = lab.record(points={"b": [2.0], "a": [1.0]}, final={"accuracy": 0.9})
    assert [curve["name"] for curve in lab.get(f"/runs/{run}/series")["series"]] == ["a", "b"]


def test_at_most_200_metrics_come_without_names(lab: Any) -> None:
    run = lab.record(points={f"metric {i:03d}": [1.0] for i in range(205)})
    found = lab.get(f"/runs/{run}/series")["series"]
    assert [curve["name"] for curve in found] == [f"metric {i:03d}" for i in range(200)]


def test_a_metric_that_was_only_returned_has_no_points(lab: Any) -> None:
    run = lab.record(final={"accuracy": 0.9})
    (curve,) = lab.get(f"/runs/{run}/series", metric="accuracy")["series"]
    assert (curve["count"], curve["steps"]) == (0, [])


def test_an_unknown_metric_is_named_and_the_known_ones_listed(
    lab: Any, read_problem: Callable[..., Any]
) -> None:
    run = lab.record(points={"loss": [1.0], "accuracy": [0.5]})
    answer = lab.api.get(f"/runs/{run}/series", params={"metric": ["loss", "los"]})
    assert answer.status_code == 404
    problem = read_problem(answer)
    assert "'los'" in problem["detail"]
    assert "accuracy, loss" in problem["hint"]


@pytest.mark.parametrize("params", [{}, {"metric": "loss"}])
def test_an_unknown_run_has_no_series(
    lab: Any, read_problem: Callable[..., Any], params: dict[str, str]
) -> None:
    answer = lab.api.get("/runs/nobody/series", params=params)
    assert answer.status_code == 404
    assert "nobody" in read_problem(answer)["detail"]
