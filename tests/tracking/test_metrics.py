"""What `log_metrics` takes and refuses, and which step a value gets."""

from __future__ import annotations

import enum
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import modellab
from modellab import InvalidMetric, start_run


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    """All tests here record into an empty project."""


def _history(run: modellab.ActiveRun, name: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in modellab.get_metric_history(run.run_id, name)]


def test_values_are_read_back_with_step_and_time() -> None:
    with start_run() as run:
        run.log_metrics({"loss": 0.5, "accuracy": 1}, step=10)
        run.log_metrics({"loss": 0.25}, step=20)
    first, second = modellab.get_metric_history(run.run_id, "loss")
    assert (first.step, first.value, second.step, second.value) == (10, 0.5, 20, 0.25)
    assert first.time <= second.time
    assert _history(run, "accuracy") == [(10, 1.0)]


class Tensor:
    """A scalar in the manner of PyTorch and JAX."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Tensor({self.value})"

    def item(self) -> Any:
        return self.value


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (True, 1.0),
        (7, 7.0),
        (2**80, float(2**80)),
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (np.int8(-3), -3.0),
        (np.bool_(False), 0.0),
        (np.array(1.5), 1.5),
        (np.array([[2.5]]), 2.5),
        (Tensor(0.75), 0.75),
        (Decimal("0.125"), 0.125),
        (Fraction(1, 4), 0.25),
    ],
    ids=repr,
)
def test_numbers_of_any_library_are_values(value: Any, number: float) -> None:
    with start_run() as run:
        run.log_metrics({"x": value}, step=np.int32(4))  # type: ignore[arg-type]
        run.log_metrics({"x": value})
    assert _history(run, "x") == [(4, number), (5, number)]


def test_numbers_that_are_not_finite_come_back_exactly() -> None:
    values = [0.1, math.inf, -math.inf, math.nan, -0.0, 5e-324, 1.7976931348623157e308]
    with start_run() as run:
        for step, value in enumerate(values):
            run.log_metrics({"x": value, "finite": step}, step=step)
    assert [repr(value) for _, value in _history(run, "x")] == [repr(value) for value in values]
    summary = modellab.get_run(run.run_id).metrics["x"]
    assert (summary.n_nonfinite, summary.min, summary.max) == (3, -0.0, 1.7976931348623157e308)


@pytest.mark.parametrize("warm", [False, True], ids=["first call", "name known"])
@pytest.mark.parametrize(
    ("metrics", "step", "message"),
    [
        ({"loss": "0.5"}, 0, r"'loss' must be a number, not str: '0\.5'"),
        ({"loss": None}, 0, r"'loss' must be a number, not NoneType: None"),
        ({"loss": [1, 2]}, 0, r"'loss' must be a number, not list"),
        ({"loss": np.zeros(2)}, 0, r"'loss' must be a number, not ndarray"),
        ({"loss": 1j}, 0, r"'loss' must be a number, not complex"),
        ({"ok": 1, "": 2}, 0, r"name of a metric is empty"),
        ({"ok": 1, "x" * 251: 2}, 0, r"has 251 characters"),
        ({5: 1}, 0, r"must be text, not int: 5"),
        ([("loss", 1)], 0, r"must be a dict of names and numbers, not list"),
        (0.5, None, r"must be a dict of names and numbers, not float: 0\.5"),
        ({"loss": 1}, 1.5, r"step must be an integer, not float: 1\.5"),
        ({"loss": 1}, "3", r"step must be an integer, not str: '3'"),
        ({"loss": 1}, True, r"step must be an integer, not bool"),
        ({"loss": 1}, 2**53 + 1, r"within ±9007199254740992; got 9007199254740993"),
        ({"loss": "0.5"}, None, r"'loss' must be a number"),
        ({"loss": 1, "new": None}, None, r"'new' must be a number"),
    ],
)
def test_what_is_no_metric_is_refused_with_name_and_value_and_nothing_of_it_recorded(
    metrics: Any, step: Any, message: str, warm: bool
) -> None:
    with start_run() as run:
        if warm:
            run.log_metrics({"loss": 1, "ok": 1}, step=-1)
        with pytest.raises(InvalidMetric, match=message) as caught:
            run.log_metrics(metrics, step=step)
        assert isinstance(caught.value, (TypeError, ValueError))
        run.log_metrics({"after": 1})
    found = modellab.get_run(run.run_id)
    assert set(found.metrics) == ({"loss", "ok", "after"} if warm else {"after"})
    assert found.metrics["after"].last_step == 0
    assert (run.dropped, found.status) == (0, "completed")


def test_no_metrics_are_no_points_and_no_error() -> None:
    with start_run() as run:
        run.log_metrics({}, step=3)
        run.log_metrics({})
    assert modellab.get_run(run.run_id).metrics == {}


def test_steps_begin_at_zero_and_each_metric_counts_its_own() -> None:
    with start_run() as run:
        run.log_metrics({"a": 0})
        run.log_metrics({"a": 1})
        run.log_metrics({"a": 2, "b": 0})
        run.log_metrics({"b": 1, "a": 3})
    assert _history(run, "a") == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert _history(run, "b") == [(0, 0), (1, 1)]


def test_after_an_explicit_step_all_metrics_go_on_behind_it() -> None:
    with start_run() as run:
        run.log_metrics({"a": 0})
        run.log_metrics({"b": 0}, step=10)
        run.log_metrics({"a": 1, "b": 1, "c": 1})
        run.log_metrics({"a": 2})
    assert [step for step, _ in _history(run, "a")] == [0, 11, 12]
    assert [step for step, _ in _history(run, "b")] == [10, 11]
    assert [step for step, _ in _history(run, "c")] == [11]


def test_a_step_back_does_not_make_later_ones_overlap() -> None:
    with start_run() as run:
        run.log_metrics({"a": 0}, step=10)
        run.log_metrics({"a": 1}, step=3)
        run.log_metrics({"a": 2})
    assert _history(run, "a") == [(3, 1), (10, 0), (11, 2)]


def test_steps_may_be_negative_repeat_and_come_in_any_order() -> None:
    with start_run() as run:
        for step in (5, -2, 5, 2**53, -(2**53)):
            run.log_metrics({"a": step}, step=step)
    assert [step for step, _ in _history(run, "a")] == [-(2**53), -2, 5, 5, 2**53]


class Name(str, enum.Enum):  # noqa: UP042 - of the older kind, whose `str` is `Name.LOSS`
    LOSS = "loss"


@pytest.mark.parametrize("name", [np.str_("loss"), Name.LOSS], ids=["numpy", "enum"])
def test_names_may_be_any_kind_of_text(name: Any) -> None:
    with start_run() as run:
        run.log_metrics({name: 1}, step=0)
        run.log_metrics({name: 2})
    assert _history(run, "loss") == [(0, 1), (1, 2)]


def test_a_mapping_that_is_no_dict_will_do() -> None:
    from types import MappingProxyType

    with start_run() as run:
        run.log_metrics(MappingProxyType({"a": 1}), step=0)
        run.log_metrics(MappingProxyType({"a": 2}))
    assert _history(run, "a") == [(0, 1), (1, 2)]
