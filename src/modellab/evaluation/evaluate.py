"""Evaluates predictions against labels: the one function in which everything comes together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.baseline import compare_with_baseline
from modellab.evaluation.config import EvaluationConfig, read_config
from modellab.evaluation.curves import build_curves
from modellab.evaluation.examples import Examples
from modellab.evaluation.failures import find_failures
from modellab.evaluation.inputs import read_clusters, read_problem, read_row_ids
from modellab.evaluation.intervals import Intervals, build_intervals
from modellab.evaluation.metrics import (
    MetricValue,
    Tally,
    compute_metrics,
    find_metric,
    primary_metric,
    why_not,
)
from modellab.evaluation.metrics.by_class import compute_by_class
from modellab.evaluation.output import check_folder
from modellab.evaluation.problem import Classification, Problem
from modellab.evaluation.report import EvaluationReport
from modellab.evaluation.slice_cuts import Cut, cut_rows
from modellab.evaluation.slices import assign_slices, find_slices
from modellab.evaluation.stress import StressReport, run_stress_tests
from modellab.evaluation.table import DataTable
from modellab.evaluation.tables import read_table
from modellab.evaluation.takeaway import Findings, write_takeaway
from modellab.statistics.calibration import CalibrationNull, calibration_null
from modellab.statistics.streams import Stream

Progress = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and what comes next."""

_STEPS = ("metrics", "intervals", "slices", "failures", "stress tests", "curves", "plots", "done")


def evaluate(
    *,
    predictions: Any,
    labels: Any,
    task_type: str = "classification",
    data: Any = None,
    output_dir: str | os.PathLike[str] | None = None,
    config: Mapping[str, Any] | None = None,
    predict: Callable[[Any], Any] | None = None,
    row_ids: Any = None,
    clusters: Any = None,
    seed: int = 0,
    progress: Progress | None = None,
    **aliases: Any,
) -> EvaluationReport:
    """Metrics with intervals, slices, failures, stress tests, curves and a takeaway of five sentences.

    `predictions` are P(positive) (n,), a column a class (n, K), or hard labels (n,); of a regression,
    numbers (n,). `labels` (n,) are classes or numbers, `data` n rows of features in any kind of table.
    `predict` takes such data and gives predictions; without it no stress tests are run. `row_ids` (n,), all
    different, let two evaluations be paired; they are 0 to n - 1 if not given. Rows that belong together have
    equal `clusters` (n,). With `output_dir` the files are written there. The settings in `config` are the
    fields of `EvaluationConfig`, of which `task_type` and `seed` may also be given directly; `taskType` and
    `outputDir` stand for `task_type` and `output_dir`. Same input, same bytes.

    Raises `InvalidInput` for what cannot be evaluated, with counts and the first bad row.
    """
    settings = read_config(config, task_type=task_type, seed=seed, **_take_aliases(aliases))
    folder = output_dir if output_dir is not None else aliases.get("outputDir")
    if folder is not None:
        check_folder(folder)
    problem = read_problem(predictions, labels, task_type=settings.task_type, classes=settings.classes)
    table = read_table(data, problem.n)
    cuts = cut_rows(problem, table, settings.slice_attributes)
    examples = Examples(
        problem=problem,
        row_ids=read_row_ids(row_ids, problem.n),
        clusters=read_clusters(clusters, problem.n),
        slices=assign_slices(cuts),
    )
    report = _evaluate(settings, examples, table, cuts, data, predict, _Steps(progress))
    if folder is not None:
        report.write(folder)
    if progress is not None:
        progress(len(_STEPS) - 1, len(_STEPS) - 1, "done")
    return report


class _Steps:
    """Tells the caller which step begins."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def begin(self, step: str, detail: str = "") -> None:
        if self._progress is not None:
            self._progress(_STEPS.index(step), len(_STEPS) - 1, f"{step}{detail}")

    def begin_part(self, done: int, total: int, what: str) -> None:
        self.begin("stress tests", f": {what} ({done} of {total})")


def _evaluate(
    settings: EvaluationConfig,
    examples: Examples,
    table: DataTable | None,
    cuts: Sequence[Cut],
    data: Any,
    predict: Callable[[Any], Any] | None,
    steps: _Steps,
) -> EvaluationReport:
    problem, clusters = examples.problem, examples.clusters
    primary = _choose_metric(settings, problem)
    stream = Stream(settings.seed, "evaluate")
    steps.begin("metrics")
    tally = Tally(problem)
    values = compute_metrics(problem, tally=tally)
    null = _find_null(tally, values, stream.child("calibration_null"))
    baseline = compare_with_baseline(problem, settings.baseline, clusters)
    steps.begin("intervals")
    intervals, others = _build_intervals(settings, tally, values, stream.child("intervals"), clusters)
    steps.begin("slices")
    slices = find_slices(problem, table, attributes=settings.slice_attributes, metric=primary, cuts=cuts)
    steps.begin("failures")
    failures = find_failures(
        problem, table, n_failures_per_type=settings.n_failures_per_type, row_ids=examples.row_ids
    )
    steps.begin("stress tests")
    stress = _run_stress_tests(settings, predict, problem, table, data, primary, stream, steps)
    steps.begin("curves")
    curves = build_curves(problem, null=null, intervals=intervals)
    findings = Findings(
        problem=problem,
        primary_metric=primary,
        values=values,
        intervals=intervals,
        baseline=baseline,
        null=null,
        slices=slices,
        failures=failures,
    )
    steps.begin("plots")
    return EvaluationReport(
        task_type=settings.task_type,
        n=problem.n,
        classes=problem.classes if isinstance(problem, Classification) else None,
        primary_metric=primary,
        metrics={name: value.value for name, value in values.items()},
        notes={name: value.note for name, value in values.items() if value.note is not None},
        intervals=intervals,
        other_intervals=others,
        per_class=compute_by_class(tally) if isinstance(problem, Classification) else [],
        majority_baseline=baseline,
        calibration_null=null,
        slices=slices,
        failures=failures,
        stress=stress,
        curves=curves,
        takeaway=write_takeaway(findings),
        examples=examples,
        seed=settings.seed,
    )


def _take_aliases(aliases: dict[str, Any]) -> dict[str, Any]:
    """What is among the arguments under a name in camelCase; raises `InvalidInput` for any other name."""
    for name in aliases:
        if name not in ("taskType", "outputDir"):
            raise InvalidInput(
                f"evaluate has no argument {name!r}.",
                hint="Settings such as classes or compute_cis go in config={...}.",
            )
    return {"taskType": aliases["taskType"]} if "taskType" in aliases else {}


def _choose_metric(settings: EvaluationConfig, problem: Problem) -> str:
    if settings.primary_metric is None:
        return primary_metric(settings.task_type)
    metric = find_metric(settings.primary_metric)
    reason = why_not(metric, problem)
    if metric.task_type != settings.task_type:
        reason = f"it is one of {metric.task_type}"
    if reason is not None:
        raise InvalidInput(f"primary_metric is {metric.name!r}, which cannot be had here: {reason}.")
    return metric.name


def _find_null(tally: Tally, values: Mapping[str, MetricValue], stream: Stream) -> CalibrationNull | None:
    """What calibration error chance alone gives; `None` where there are no probabilities."""
    observed = values.get("expected_calibration_error")
    if observed is None or observed.value is None:
        return None
    of_positive = tally.probabilities[:, 1] if tally.classification.is_binary else tally.confidences
    return calibration_null(of_positive, stream=stream, observed=observed.value)


def _build_intervals(
    settings: EvaluationConfig,
    tally: Tally,
    values: Mapping[str, MetricValue],
    stream: Stream,
    clusters: NDArray[np.int64] | None,
) -> tuple[Intervals, Intervals]:
    if not settings.compute_cis:
        return {}, {}
    return build_intervals(tally, values, n_resamples=settings.n_resamples, stream=stream, clusters=clusters)


def _run_stress_tests(
    settings: EvaluationConfig,
    predict: Callable[[Any], Any] | None,
    problem: Problem,
    table: DataTable | None,
    data: Any,
    metric: str,
    stream: Stream,
    steps: _Steps,
) -> StressReport:
    if not settings.run_stress_tests:
        return StressReport(ran=False, reason="not run: run_stress_tests is false")
    return run_stress_tests(
        predict,
        problem,
        table,
        data,
        metric=metric,
        stream=stream.child("stress"),
        progress=steps.begin_part,
    )
