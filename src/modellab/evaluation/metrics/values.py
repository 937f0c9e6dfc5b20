"""What metrics are worth on a problem; where one is undefined, why."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.metrics.metric import Metric, MetricValue, Tally
from modellab.evaluation.metrics.registry import find_metric, list_metrics
from modellab.evaluation.problem import Classification, Problem

HARD_LABELS = "the predictions are hard labels, without probabilities"


def compute_metric(problem: Problem, name: str) -> MetricValue:
    """One metric of a problem; raises `InvalidInput` for one that is not there, or is of the other task."""
    metric = find_metric(name)
    task_type = "classification" if isinstance(problem, Classification) else "regression"
    if metric.task_type != task_type:
        raise InvalidInput(f"{name} is a metric of {metric.task_type}; this is a {task_type}.")
    return _compute(metric, Tally(problem))


def compute_metrics(
    problem: Problem, names: Iterable[str] | None = None, *, tally: Tally | None = None
) -> dict[str, MetricValue]:
    """The metrics of those names, or all made for such a problem; what they share is computed once."""
    if isinstance(problem, Classification):
        chosen = list_metrics("classification", len(problem.classes))
    else:
        chosen = list_metrics("regression")
    if names is not None:
        chosen = [find_metric(name) for name in names]
    tally = tally or Tally(problem)
    return {metric.name: _compute(metric, tally) for metric in chosen}


def per_row_loss(problem: Problem, name: str) -> NDArray[np.float64] | None:
    """Of a metric that is the mean of a number a row, or a function of one, those numbers, shape (n,).

    `rmse` gives squared errors. `None` for other metrics, and where the problem lacks what it needs.
    """
    metric = find_metric(name)
    if len(metric.columns) != 1 or why_not(metric, problem) is not None:
        return None
    with np.errstate(all="ignore"):
        values = metric.columns[0](problem)
    return values if np.isfinite(values).all() else None


def why_not(metric: Metric, problem: Problem) -> str | None:
    """Why a metric cannot be asked for of this problem; `None` if it can."""
    if not isinstance(problem, Classification):
        return None
    if metric.classes == "two" and not problem.is_binary:
        return "it is defined for two classes"
    if metric.classes == "more" and problem.is_binary:
        return "it is defined for three classes or more"
    if metric.needs == "probabilities" and problem.probabilities is None:
        return HARD_LABELS
    return None


def _compute(metric: Metric, tally: Tally) -> MetricValue:
    reason = why_not(metric, tally.problem)
    if reason is not None:
        return MetricValue(name=metric.name, value=None, note=reason)
    try:
        with np.errstate(all="ignore"):
            value = _evaluate(metric, tally)
    except Exception as error:
        if metric.is_own:
            raise
        said = str(error).strip().split("\n")[0][:200]
        return MetricValue(name=metric.name, value=None, note=f"{type(error).__name__}: {said}")
    if not math.isfinite(value):
        return MetricValue(name=metric.name, value=None, note=metric.undefined)
    return MetricValue(name=metric.name, value=value, note=metric.caveat(tally) if metric.caveat else None)


def _evaluate(metric: Metric, tally: Tally) -> float:
    if metric.confusion is not None:
        return float(metric.confusion(tally.confusion))
    if metric.of_means is not None:
        means = np.array([column(tally.problem).mean() for column in metric.columns])
        return float(metric.of_means(means))
    if metric.value is not None:
        return metric.value(tally)
    raise TypeError(f"The metric {metric.name} has no function.")
