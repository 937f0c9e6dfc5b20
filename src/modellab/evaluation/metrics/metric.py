"""What a metric is: its name, which way is better, how it is computed and how its interval is made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.problem import Classification, Problem, TaskType
from modellab.statistics.calibration import BrierDecomposition, brier_decomposition
from modellab.statistics.confusion import ConfusionStatistic, count_confusion
from modellab.statistics.curves import score_metrics, sort_scores

Kind = Literal["confusion", "scores", "means", "rows"]
Needs = Literal["labels", "probabilities", "numbers"]
Method = Literal["bca", "percentile", "inversion", "order_statistic", "fisher_z", "none"]

RowValues = Callable[[Problem], NDArray[np.float64]]
"""A number for each row, shape (n,)."""
OfMeans = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Means of a metric's row values (..., m) to values (...); NaN where undefined."""


class Tally:
    """A problem with what several metrics look at, each computed once and when first asked for."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    @property
    def classification(self) -> Classification:
        """The problem, of a metric for classes."""
        if not isinstance(self.problem, Classification):
            raise TypeError("This metric is one of classes.")
        return self.problem

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The probabilities, of a metric that needs them, shape (n, K)."""
        if self.classification.probabilities is None:
            raise TypeError("This metric needs probabilities.")
        return self.classification.probabilities

    @cached_property
    def confidences(self) -> NDArray[np.float64]:
        """The probability of the predicted class, shape (n,)."""
        rows = np.arange(self.problem.n)
        chosen: NDArray[np.float64] = self.probabilities[rows, self.classification.predicted]
        return chosen

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """How many rows of each class are predicted as each, shape (K, K), rows = labels."""
        problem = self.classification
        return count_confusion(problem.labels, problem.predicted, len(problem.classes))

    @cached_property
    def areas(self) -> dict[str, NDArray[np.float64]]:
        """Of each class against the rest: `roc_auc` and `pr_auc`, shape (K,); NaN where one side is empty."""
        labels, probabilities = self.classification.labels, self.probabilities
        names = ("roc_auc", "pr_auc")
        each = [score_metrics(labels == k, probabilities[:, k]) for k in range(probabilities.shape[1])]
        return {name: np.array([values[name] for values in each]) for name in names}

    @cached_property
    def brier_parts(self) -> BrierDecomposition:
        """Of two classes, the parts of the Brier score."""
        return brier_decomposition(self.probabilities[:, 1], self.classification.labels == 1)

    @cached_property
    def ordered(self) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Of two classes, which rows are positive and P(positive), (n,) each; sorted once for all."""
        return sort_scores(self.classification.labels == 1, self.probabilities[:, 1])

    @cached_property
    def scored(self) -> dict[str, float]:
        """Of two classes, the metrics of the positive one's probability."""
        return score_metrics(*self.ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. Which of the functions it has depends on `kind`.

    `confusion`: `confusion`. `means`: `columns` and `of_means`. `scores` and `rows`: `value`. `range` is that
    of its values, for the axes of a chart; `None` is without bound. `unit` is `""` for a pure number,
    `target` for one in the unit of the target, `nats`. `undefined` says when there is no value. `interval` is
    the method of its interval. Of those that users add, which are not `is_own`, `subset` is the value on some
    rows.
    """

    name: str
    task_type: TaskType
    kind: Kind
    needs: Needs
    higher_is_better: bool | None
    range: tuple[float | None, float | None]
    undefined: str
    source: str
    unit: str = ""
    classes: Literal["any", "two", "more"] = "any"
    interval: Method = "bca"
    is_own: bool = True
    confusion: ConfusionStatistic | None = None
    columns: tuple[RowValues, ...] = ()
    of_means: OfMeans | None = None
    value: Callable[[Tally], float] | None = None
    subset: Callable[[Problem, NDArray[np.int64]], float] | None = None
    caveat: Callable[[Tally], str | None] | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The range, infinite where it has no bound."""
        low, high = self.range
        return -math.inf if low is None else low, math.inf if high is None else high


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValue:
    """The value of a metric; `None` where it is undefined. `note` says why, or what it leaves out."""

    name: str
    value: float | None
    note: str | None = None
