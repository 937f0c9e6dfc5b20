"""Replicates of metrics under resampled rows: one draw for all of a kind, made when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics import METRICS, Metric, MetricValue, Tally
from modellab.evaluation.metrics.metric import RowValues
from modellab.evaluation.metrics.scores import binned
from modellab.records.estimates import Interval
from modellab.statistics import jackknife, resampling
from modellab.statistics.calibration_interval import calibration_interval
from modellab.statistics.confusion import (
    ConfusionStatistic,
    leave_one_out_confusion,
    resample_confusion_statistics,
)
from modellab.statistics.streams import Stream

MANY_ROWS = 50_000
"""Rows from which on means are so close to normal that they are not resampled."""
MOST_CALLS = 20_000_000
"""Rows times resamples that a function of a user is called on; beyond, there are fewer resamples."""
MOST_LEFT_OUT = 20_000_000
"""Numbers up to which metrics are worked out without each row; beyond, there is no acceleration for BCa."""
MOST_CELLS = 200_000_000
"""Cells of confusion matrices that are drawn; beyond, of very many classes, there are fewer resamples."""

Left = tuple[NDArray[np.float64], NDArray[np.int64]]
Values = NDArray[np.float64]


class Resamples:
    """The resamples of one problem. Streams go by the kind of metric, so one more metric changes no other."""

    def __init__(
        self,
        tally: Tally,
        values: Mapping[str, MetricValue],
        *,
        n_resamples: int,
        stream: Stream,
        clusters: NDArray[np.int64] | None,
    ) -> None:
        self.clusters = clusters
        self.seed = stream.seed
        self._tally = tally
        self._n_resamples = n_resamples
        self._stream = stream
        self._metrics = [METRICS[name] for name, value in values.items() if value.value is not None]

    def of(self, metric: Metric) -> Values:
        """The replicates of a metric, shape (R,)."""
        if metric.kind == "confusion":
            return self._confusion[metric.name]
        if metric.kind == "means" and metric.of_means is not None:
            with np.errstate(all="ignore"):
                return metric.of_means(self._resample_means(metric))
        if metric.kind == "rows":
            return self._resample_rows(metric)
        problem = self._tally.classification
        if problem.is_binary:
            return self._scores[metric.name]
        return self._average(metric)

    def invert(self, metric: Metric, note: str) -> Interval:
        """The interval of a calibration error, whose replicates would be biased like itself."""
        tally = self._tally
        is_top = metric.name.endswith("_top_label")
        probabilities, hits = (tally.confidences, tally.classification.correct) if is_top else binned(tally)
        return calibration_interval(
            probabilities,
            hits,
            n_resamples=self._n_resamples,
            stream=self._stream.child("calibration"),
            clusters=self.clusters,
            note=note,
        )

    def leave_one_out(self, metric: Metric) -> Left | None:
        """The metric without each row (or cell, or cluster), and how many rows each value stands for."""
        if metric.kind == "confusion" and metric.confusion is not None:
            return self._leave_row_out(metric.confusion)
        if metric.kind == "means" and metric.of_means is not None:
            with np.errstate(all="ignore"):
                return self._count_ones(jackknife.leave_one_out_means(self._stack(metric), metric.of_means))
        return self._leave_area_out(metric)

    @cached_property
    def _confusion(self) -> dict[str, Values]:
        functions = {m.name: m.confusion for m in self._metrics if m.confusion is not None}
        stream, problem = self._stream.child("confusion"), self._tally.classification
        n_resamples = min(self._n_resamples, max(200, MOST_CELLS // self._tally.confusion.size))
        if self.clusters is None:
            return resample_confusion_statistics(
                self._tally.confusion, functions, n_resamples=n_resamples, stream=stream
            )
        return resampling.resample_label_statistics(
            problem.labels,
            problem.predicted,
            len(problem.classes),
            functions,
            n_resamples=n_resamples,
            stream=stream,
            clusters=self.clusters,
        )

    @cached_property
    def _columns(self) -> dict[RowValues, Values]:
        columns = dict.fromkeys(column for metric in self._metrics for column in metric.columns)
        return {column: column(self._tally.problem) for column in columns}

    @cached_property
    def _own_means(self) -> dict[RowValues, Values]:
        columns = list(dict.fromkeys(column for m in self._metrics if m.is_own for column in m.columns))
        table = np.column_stack([self._columns[column] for column in columns])
        return dict(zip(columns, self._draw_means(table, "means").T, strict=True))

    def _resample_means(self, metric: Metric) -> Values:
        """The means of a metric's row values, shape (R, m): drawn once for all of ours, else for it alone."""
        if metric.is_own:
            return np.column_stack([self._own_means[column] for column in metric.columns])
        return self._draw_means(self._stack(metric), "means", metric.name)

    def _draw_means(self, table: Values, *names: str) -> Values:
        stream = self._stream.child(*names)
        return resampling.resample_means(
            table, n_resamples=self._n_resamples, stream=stream, clusters=self.clusters
        )

    def _stack(self, metric: Metric) -> Values:
        return np.column_stack([self._columns[column] for column in metric.columns])

    @cached_property
    def _scores(self) -> dict[str, Values]:
        return resampling.resample_scores(
            *self._positives,
            metrics=("roc_auc", "pr_auc"),
            n_resamples=self._n_resamples,
            stream=self._stream.child("scores"),
            clusters=self.clusters,
        )

    @property
    def _positives(self) -> tuple[NDArray[np.bool_], Values]:
        """Of two classes, which rows are positive and P(positive); as they came only with clusters."""
        if self.clusters is None:
            return self._tally.ordered
        return self._tally.classification.labels == 1, self._tally.probabilities[:, 1]

    @cached_property
    def _areas(self) -> dict[str, Values]:
        return resampling.resample_one_vs_rest(
            self._tally.classification.labels,
            self._tally.probabilities,
            n_resamples=self._n_resamples,
            stream=self._stream.child("areas"),
            clusters=self.clusters,
        )

    def _average(self, metric: Metric) -> Values:
        """The average over classes, of each resample over those that have both sides in it."""
        is_precision = metric.name == "pr_auc"
        areas = self._areas["pr_auc" if is_precision else "roc_auc"]
        weights = self._weigh(metric)
        known = ~np.isnan(areas)
        total = np.where(known, areas * weights, 0.0).sum(1)
        below = (known * weights).sum(1)
        return np.where(below > 0, total / np.maximum(below, 1e-300), np.nan)

    def _weigh(self, metric: Metric) -> NDArray[np.int64]:
        rows = self._tally.confusion.sum(1)
        return rows if metric.name == "roc_auc_weighted" else np.ones_like(rows)

    def _leave_row_out(self, statistic: ConfusionStatistic) -> Left | None:
        counts = self._tally.confusion
        if self.clusters is not None or np.count_nonzero(counts) * counts.size > MOST_LEFT_OUT:
            return None
        return leave_one_out_confusion(counts, statistic)

    def _leave_area_out(self, metric: Metric) -> Left | None:
        problem, table = self._tally.classification, self._tally.probabilities
        if table.size > MOST_LEFT_OUT:
            return None
        is_precision = metric.name == "pr_auc"
        leave = jackknife.leave_one_out_average_precision if is_precision else jackknife.leave_one_out_auc
        if problem.is_binary:
            return self._count_ones(leave(*self._positives))
        weights = self._weigh(metric)
        known = np.flatnonzero(~np.isnan(self._tally.areas["roc_auc"]))
        total = np.zeros(problem.n)
        for k in known:
            left = leave(problem.labels == k, table[:, k])
            area = self._tally.areas[metric.name if is_precision else "roc_auc"][k]
            total += weights[k] * np.where(np.isnan(left), area, left)
        return self._count_ones(total / weights[known].sum())

    def _resample_rows(self, metric: Metric) -> Values:
        problem = self._tally.problem

        def measure(rows: NDArray[np.int64]) -> float:
            try:
                if metric.subset is not None:
                    return metric.subset(problem, rows)
                return np.nan if metric.value is None else metric.value(Tally(problem.take(rows)))
            except Exception:  # a function of a user, which some resamples do not suit
                return np.nan

        with np.errstate(all="ignore"):
            return resampling.resample_rows(
                measure,
                problem.n,
                n_resamples=max(100, min(self._n_resamples, MOST_CALLS // problem.n)),
                stream=self._stream.child("rows", metric.name),
                clusters=self.clusters,
            )

    def _count_ones(self, left: Values) -> Left:
        if self.clusters is not None:
            left = jackknife.leave_clusters_out(left, self.clusters)
        return left, np.ones(len(left), np.int64)
