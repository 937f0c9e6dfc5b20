"""The registry of metrics, which users extend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput, list_nearest
from modellab.evaluation.metrics.classification import CLASSIFICATION
from modellab.evaluation.metrics.metric import Metric, Needs, Tally
from modellab.evaluation.metrics.regression import REGRESSION
from modellab.evaluation.problem import TASK_TYPES, Classification, Problem, TaskType
from modellab.records import MAX_NAME_LENGTH

_PRIMARY: Mapping[TaskType, str] = {"classification": "accuracy", "regression": "rmse"}

_metrics: dict[str, Metric] = {metric.name: metric for metric in (*CLASSIFICATION, *REGRESSION)}
METRICS: Mapping[str, Metric] = MappingProxyType(_metrics)
"""Every metric by its name."""


def find_metric(name: str) -> Metric:
    """The metric of that name; raises `InvalidInput` with names close to it."""
    if name in _metrics:
        return _metrics[name]
    raise InvalidInput(f"There is no metric {name!r}.", hint=list_nearest(str(name), _metrics))


def list_metrics(task_type: TaskType, n_classes: int | None = None) -> list[Metric]:
    """The metrics of a task in the order of the registry; given a number of classes, those made for it."""
    meant = ("any",) if n_classes is None else ("any", "two" if n_classes == 2 else "more")
    return [
        metric
        for metric in _metrics.values()
        if metric.task_type == task_type and (n_classes is None or metric.classes in meant)
    ]


def primary_metric(task_type: TaskType) -> str:
    """The metric that verdicts are about unless another is chosen: `accuracy`, or `rmse`."""
    return _PRIMARY[task_type]


def register_metric(
    name: str,
    function: Callable[[Any, Any], Any],
    *,
    task_type: TaskType,
    higher_is_better: bool | None,
    needs: Needs | None = None,
    per_row: bool = False,
    range: tuple[float | None, float | None] = (None, None),
    unit: str = "",
    source: str = "",
    interval: bool = True,
    replace: bool = False,
) -> Metric:
    """Add a metric: `function(labels, predictions) -> float`, NaN where it is undefined.

    Labels come as the classes that the user named, or as targets. Predictions come the same way; with
    `needs="probabilities"` they are P(positive) (n,) of two classes, (n, K) of more. With `per_row` the
    function gives a number for each row, and the metric is their mean, which is far faster to resample.
    `interval=False` leaves the interval out. Raises `InvalidInput` for a name that is taken (unless it is by
    a metric of a user, and `replace`), empty, or longer than 250 characters.
    """
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_LENGTH:
        raise InvalidInput(f"The name is {name!r}; it may be a text of 1 to {MAX_NAME_LENGTH} characters.")
    if name in _metrics and (_metrics[name].is_own or not replace):
        hint = None if _metrics[name].is_own else "Pass replace=True to put another there."
        raise InvalidInput(f"There is a metric {name!r} already.", hint=hint)
    if task_type not in TASK_TYPES:
        raise InvalidInput(f"task_type is {task_type!r}; it may be {' or '.join(TASK_TYPES)}.")
    needs = needs or ("labels" if task_type == "classification" else "numbers")
    if (needs == "numbers") != (task_type == "regression") or needs not in (
        "labels",
        "probabilities",
        "numbers",
    ):
        raise InvalidInput(f"needs is {needs!r}; of classes it may be 'labels' or 'probabilities'.")
    metric = Metric(
        name=name,
        task_type=task_type,
        kind="means" if per_row else "rows",
        needs=needs,
        higher_is_better=higher_is_better,
        range=range,
        unit=unit,
        source=source,
        undefined="the function gives no finite number",
        is_own=False,
        interval=("bca" if per_row else "percentile") if interval else "none",
        **(_read_rows(function, needs) if per_row else _read_value(function, needs)),
    )
    _metrics[name] = metric
    return metric


def unregister_metric(name: str) -> None:
    """Take away a metric that was registered; raises `InvalidInput` for one of ModelLab's own."""
    if find_metric(name).is_own:
        raise InvalidInput(f"{name!r} is a metric of ModelLab; it stays.")
    del _metrics[name]


def _read_rows(function: Callable[[Any, Any], Any], needs: Needs) -> dict[str, Any]:
    def give_rows(problem: Problem) -> NDArray[np.float64]:
        values = np.asarray(function(*_hand_over(problem, needs)), np.float64)
        if values.shape != (problem.n,):
            raise InvalidInput(f"The metric gave shape {values.shape}; per row it gives ({problem.n},).")
        return values

    return {"columns": (give_rows,), "of_means": lambda means: means[..., 0]}


def _read_value(function: Callable[[Any, Any], Any], needs: Needs) -> dict[str, Any]:
    def give_subset(problem: Problem, rows: NDArray[np.int64]) -> float:
        return float(function(*(values[rows] for values in _hand_over(problem, needs))))

    def give_value(tally: Tally) -> float:
        return float(function(*_hand_over(tally.problem, needs)))

    return {"value": give_value, "subset": give_subset}


def _hand_over(problem: Problem, needs: Needs) -> tuple[NDArray[Any], NDArray[Any]]:
    """Labels and predictions as the user knows them."""
    if not isinstance(problem, Classification):
        return problem.targets, problem.predictions
    names = np.array(problem.classes)
    predictions = problem.probabilities if problem.scores is None else problem.scores
    if needs == "labels" or predictions is None:
        predictions = names[problem.predicted]
    return names[problem.labels], predictions
