"""What a decorated function returns is handed on as it is, and read as the run's result."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import modellab


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    Path("model.joblib").touch()
    Path("plot.png").touch()


def _record(value: Any) -> modellab.Run:
    @modellab.log_run
    def train() -> Any:
        return value

    assert train() is value
    [found] = modellab.list_runs()
    assert found.status == "completed"
    return modellab.get_run(found.run_id)


METRICS = {"accuracy": 0.9, "loss": 1}


@pytest.mark.parametrize(
    "value",
    [
        {"final_metrics": METRICS, "artifacts": ["model.joblib", "plot.png"]},
        {"metrics": METRICS, "artifacts": ("model.joblib", "plot.png")},
        {"final_metrics": METRICS, "artifacts": {"model": "model.joblib", "plot": Path("plot.png")}},
        (METRICS, ["model.joblib", "plot.png"]),
        {**METRICS, "artifacts": ["model.joblib", "plot.png"]},
    ],
    ids=["final_metrics", "metrics", "named artifacts", "tuple", "flat with artifacts"],
)
def test_metrics_and_artifacts_are_read_from_every_documented_shape(value: Any) -> None:
    run = _record(value)
    assert run.final_metrics == METRICS
    assert run.artifacts == ["model.joblib", "plot.png"]


@pytest.mark.parametrize(
    "value",
    [METRICS, {"metrics": METRICS}, {"final_metrics": METRICS}, (METRICS, None), (METRICS, [])],
    ids=["flat", "metrics", "final_metrics", "tuple with None", "tuple with nothing"],
)
def test_metrics_may_come_alone(value: Any) -> None:
    run = _record(value)
    assert run.final_metrics == METRICS
    assert run.artifacts == []


@pytest.mark.parametrize("path", ["model.joblib", Path("model.joblib")], ids=["text", "path"])
def test_a_single_artifact_needs_no_list(path: Any) -> None:
    assert _record((METRICS, path)).artifacts == ["model.joblib"]


@pytest.mark.parametrize(
    "value",
    [None, 0.5, "done", object(), [1, 2], {"labels": ["a", "b"]}, (1, 2), ({"a": 1}, 3), {}, ()],
    ids=lambda value: repr(value).split(" at ")[0],
)
def test_anything_else_is_no_result(value: Any) -> None:
    run = _record(value)
    assert run.final_metrics == {}
    assert run.artifacts == []


def test_what_is_no_number_among_the_metrics_is_left_out_and_named() -> None:
    with pytest.warns(RuntimeWarning, match=r"no numbers: history, 3"):
        run = _record({"accuracy": 0.9, "history": [1, 2], 3: 4.0})
    assert run.final_metrics == {"accuracy": 0.9}


def test_numbers_that_are_not_finite_come_back_exactly() -> None:
    run = _record({"nan": math.nan, "inf": math.inf, "minus": -math.inf})
    assert math.isnan(run.final_metrics["nan"])
    assert (run.final_metrics["inf"], run.final_metrics["minus"]) == (math.inf, -math.inf)


def test_the_returned_value_is_final_and_the_logged_ones_stay_a_series() -> None:
    @modellab.log_run
    def train() -> dict[str, float]:
        modellab.log_metrics({"accuracy": 0.5}, step=0)
        modellab.log_metrics({"accuracy": 0.7}, step=1)
        return {"accuracy": 0.9}

    train()
    run = modellab.get_run(modellab.list_runs()[0].run_id)
    accuracy = run.metrics["accuracy"]
    assert (accuracy.final, accuracy.last, accuracy.count) == (0.9, 0.7, 2)
    assert run.final_metrics == {"accuracy": 0.9}


def test_a_returned_artifact_that_is_not_there_is_recorded_with_a_warning() -> None:
    with pytest.warns(RuntimeWarning, match=r"do not exist: lost\.pt"):
        run = _record({"final_metrics": METRICS, "artifacts": ["model.joblib", "lost.pt"]})
    assert run.artifacts == ["model.joblib", "lost.pt"]


@pytest.mark.parametrize("text", ["x" * 5000, "a\x00b"], ids=["longer than a path may be", "with a NUL"])
def test_a_text_that_can_be_no_path_does_not_stop_the_run(text: str) -> None:
    with pytest.warns(RuntimeWarning, match="do not exist"):
        assert _record((METRICS, text)).final_metrics == METRICS


class Stubborn:
    """Neither a number nor willing to say so."""

    def __float__(self) -> float:
        raise RuntimeError("not now")


def test_a_returned_object_that_raises_when_asked_costs_only_itself() -> None:
    with pytest.warns(RuntimeWarning, match="no numbers: model"):
        run = _record({"model": Stubborn(), "accuracy": 0.9})
    assert run.final_metrics == {"accuracy": 0.9}


class Sealed(dict[str, float]):
    def get(self, *_: Any) -> Any:
        raise RuntimeError("sealed")


def test_a_returned_dict_that_cannot_be_read_does_not_stop_the_run() -> None:
    with pytest.warns(RuntimeWarning, match="could not be read as a result"):
        assert _record(Sealed(accuracy=0.9)).final_metrics == {}
