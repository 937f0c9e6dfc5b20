"""Metrics of any rows of a problem, and what they would be without one of them."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics import Metric, compute_metric
from modellab.evaluation.problem import Classification, Problem
from modellab.records.estimates import Interval
from modellab.statistics.auc import delong_interval
from modellab.statistics.confusion import count_cells, leave_one_out_confusion
from modellab.statistics.curves import score_metrics
from modellab.statistics.jackknife import (
    leave_one_out_auc,
    leave_one_out_average_precision,
    leave_one_out_means,
)
from modellab.statistics.studentized import studentize

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


MAX_RECOMPUTED = 2000
"""Rows up to which a metric is computed once for each of them."""


class SliceMetric(Protocol):
    """One metric of one problem with n rows; masks have the shape (n,)."""

    metric: Metric

    def leave_out(self) -> Values:
        """The metric of all rows without each of them, shape (n,); NaN where it is undefined."""
        ...

    def estimate(self, rows: Mask) -> Interval:
        """The metric of these rows, at least one, with an interval."""
        ...


class Cells:
    """A metric of the confusion matrix."""

    def __init__(self, problem: Classification, metric: Metric) -> None:
        if metric.confusion is None:
            raise TypeError(f"The metric {metric.name} is not one of a confusion matrix.")
        self.metric = metric
        self._statistic = metric.confusion
        self._n_classes = len(problem.classes)
        self._cells = problem.labels * self._n_classes + problem.predicted

    def leave_out(self) -> Values:
        """See `SliceMetric`."""
        confusion = count_cells(self._cells, self._n_classes)
        by_cell = np.full(confusion.size, np.nan)
        by_cell[np.flatnonzero(confusion)] = leave_one_out_confusion(confusion, self._statistic)[0]
        without: Values = by_cell[self._cells]
        return without

    def estimate(self, rows: Mask) -> Interval:
        """See `SliceMetric`."""
        confusion = count_cells(self._cells[rows], self._n_classes)
        without, counts = leave_one_out_confusion(confusion, self._statistic)
        return make_jackknife(self.metric, float(self._statistic(confusion)), without, counts)


class Areas:
    """The area under the ROC curve, or average precision; of more than two classes the mean over them."""

    def __init__(self, problem: Classification, metric: Metric) -> None:
        if problem.probabilities is None:
            raise TypeError(f"The metric {metric.name} needs probabilities.")
        self.metric = metric
        classes = [1] if problem.is_binary else range(len(problem.classes))
        self._ranked = [_Ranked(problem.probabilities[:, k], problem.labels == k) for k in classes]
        self._n = problem.n

    def leave_out(self) -> Values:
        """See `SliceMetric`."""
        return self._leave_out(np.ones(self._n, np.bool_))

    def estimate(self, rows: Mask) -> Interval:
        """See `SliceMetric`."""
        if len(self._ranked) == 1 and self.metric.name == "roc_auc":
            return delong_interval(*self._ranked[0].take(rows)[:2])
        values = [score_metrics(*ranked.take(rows)[:2])[self.metric.name] for ranked in self._ranked]
        known = [value for value in values if math.isfinite(value)]
        if not known:
            return make_undefined(self.metric)
        return make_jackknife(self.metric, float(np.mean(known)), self._leave_out(rows)[rows])

    def _leave_out(self, rows: Mask) -> Values:
        """The metric of `rows` without each, shape (n,), over the classes that have rows on both sides."""
        leave = leave_one_out_auc if self.metric.name == "roc_auc" else leave_one_out_average_precision
        total, n_classes = np.zeros(self._n), 0
        for ranked in self._ranked:
            labels, scores, places = ranked.take(rows)
            if labels.any() and not labels.all():
                total[places] += leave(labels, scores)
                n_classes += 1
        return total / n_classes if n_classes else np.full(self._n, np.nan)


class _Ranked:
    """Rows in order of a score, falling: what is sorted is sorted faster again."""

    def __init__(self, scores: Values, labels: Mask) -> None:
        self._order = np.argsort(-scores, kind="stable")
        self._scores, self._labels = scores[self._order], labels[self._order]

    def take(self, rows: Mask) -> tuple[Mask, Values, NDArray[np.int64]]:
        """Labels, scores and places of some rows (n,), in order."""
        ordered = rows[self._order]
        return self._labels[ordered], self._scores[ordered], self._order[ordered]


class Means:
    """A metric that is a function of means of numbers of rows."""

    def __init__(self, problem: Problem, metric: Metric) -> None:
        if metric.of_means is None:
            raise TypeError(f"The metric {metric.name} is not one of means.")
        self.metric = metric
        self._function = metric.of_means
        # What is centred is so at the mean of all rows; a variance of some is the same wherever that lies.
        self._columns = [column(problem) for column in metric.columns]

    def leave_out(self) -> Values:
        """See `SliceMetric`."""
        return self._leave_out(self._columns)

    def estimate(self, rows: Mask) -> Interval:
        """See `SliceMetric`."""
        columns = [column[rows] for column in self._columns]
        with np.errstate(all="ignore"):
            value = float(self._function(np.array([column.mean() for column in columns])))
        return make_jackknife(self.metric, value, self._leave_out(columns))

    def _leave_out(self, columns: list[Values]) -> Values:
        with np.errstate(all="ignore"):
            return leave_one_out_means(np.column_stack(columns), self._function)


class Recomputed:
    """Any metric, computed anew without each row where that is quick enough; it has no interval."""

    def __init__(self, problem: Problem, metric: Metric) -> None:
        self.metric = metric
        self._problem = problem

    def leave_out(self) -> Values:
        """See `SliceMetric`; NaN for more than 2000 rows."""
        n = self._problem.n
        if not 1 < n <= MAX_RECOMPUTED:
            return np.full(n, np.nan)
        others = ~np.eye(n, dtype=np.bool_)
        return np.array([self._compute(rows) for rows in others])

    def estimate(self, rows: Mask) -> Interval:
        """See `SliceMetric`."""
        value = self._compute(rows)
        if not math.isfinite(value):
            return make_undefined(self.metric)
        return Interval(
            estimate=value, low=None, high=None, method="none", note="no interval for this metric"
        )

    def _compute(self, rows: Mask) -> float:
        value = compute_metric(self._problem.take(rows), self.metric.name).value
        return math.nan if value is None else value


def make_jackknife(
    metric: Metric, value: float, without: Values, counts: NDArray[np.int64] | None = None
) -> Interval:
    """The t interval with the jackknife's standard error, from values without one row (Miller 1974).

    `counts` says how many rows each value stands for; `None` is one.
    """
    if not math.isfinite(value):
        return make_undefined(metric)
    n = len(without) if counts is None else int(counts.sum())
    variance = np.average((without - np.average(without, weights=counts)) ** 2, weights=counts)
    error = math.sqrt((n - 1) * float(variance))
    found = studentize("jackknife_t", value, error, df=max(1, n - 1), n=n).interval
    least, most = metric.limits
    low = None if found.low is None else max(found.low, least)
    high = None if found.high is None else min(found.high, most)
    return Interval(estimate=value, low=low, high=high, method="jackknife_t", note=found.note)


def make_undefined(metric: Metric) -> Interval:
    """The interval of a metric that is undefined, with the reason."""
    return Interval(estimate=None, low=None, high=None, method="none", note=metric.undefined)
