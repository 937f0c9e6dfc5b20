"""Runs a template: one split, three models, three recorded and evaluated runs, and who beats the baseline."""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.templates.models import Model, check_packages, make_models
from modellab.templates.split import Split, split_rows
from modellab.templates.table import Task, TrainingTable, read_table, table_file

if TYPE_CHECKING:
    from modellab.evaluation.report import EvaluationReport
    from modellab.records.comparisons import Comparison
    from modellab.settings import Settings
    from modellab.tracking.run import ActiveRun

TASKS: tuple[Task, ...] = ("classification", "regression")
TEST_SIZE = 0.25
"""The share of rows that a template tests on, unless something else is said."""
SPLIT = "test"
"""What the evaluations of the runs are called."""

Tell = Callable[[str, int, int], None]
"""Told before each step: what comes, how many steps are done, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """One of the three: its run, and what it reached on the test rows. `fit_s` is in seconds."""

    name: str
    run_id: str
    report: EvaluationReport
    fit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateResult:
    """What a template did. The first of `models` is the baseline; `comparison` holds the others against it.

    `primary_metric` decided; `best` is the model with the best value of it, whether or not the difference
    is more than chance. `notes` say what was left out of the table and why.
    """

    task: Task
    target: str
    n_training: int
    n_test: int
    n_columns: int
    primary_metric: str
    models: Sequence[TrainedModel]
    best: str
    comparison: Comparison
    notes: Sequence[str]


def run_template(
    task: Task,
    data: Any,
    *,
    target: str,
    project_id: str | None = None,
    seed: int = 42,
    test_size: float = TEST_SIZE,
    metric: str | None = None,
    positive: str | None = None,
    leave_out: Sequence[str] = (),
    keep: Sequence[str] = (),
    stress: bool = False,
    settings: Settings | None = None,
    tell: Tell | None = None,
) -> TemplateResult:
    """Train a baseline, a linear model and XGBoost on one table, record each as a run, and compare them.

    `data` is the path of a CSV, JSON, JSON-lines or Parquet file, or a data frame; `target` the column to
    predict. All three see the same training rows and are evaluated on the same test rows, a share of
    `test_size`. `metric` decides who is better (by default the evaluation's primary metric), `positive` names
    the positive one of two classes, `leave_out` and `keep` columns. With `stress` the models are also
    evaluated on damaged data. The same table, seed and packages give the same numbers.

    Raises `InvalidInput` for what cannot be learnt, before the first run begins, and `NotFound` where
    packages are missing (`pip install 'modellab[templates]'`).
    """
    if task not in TASKS:
        raise InvalidInput(f"There is no template {task!r}.", hint=f"Templates: {', '.join(TASKS)}.")
    if not 0 <= seed < 2**32:
        raise InvalidInput(f"The seed is {seed}; it may be 0 to {2**32 - 1}.")
    check_packages()
    if metric is not None:
        _check_metric(task, metric)
    with table_file(data) as path:
        table = read_table(path, task, target=target, positive=positive, leave_out=leave_out, keep=keep)
        ground = _Ground(
            path=path,
            dataset=path.stem if isinstance(data, (str, os.PathLike)) else target,
            task=task,
            target=target,
            table=table,
            split=split_rows(table, test_size=test_size, seed=seed),
            project_id=project_id,
            seed=seed,
            stress=stress,
            metric=metric,
            settings=settings,
        )
        models = make_models(task, table.columns, seed=seed)
        trained = []
        for place, model in enumerate(models):
            if tell is not None:
                tell(model.name, place, len(models))
            trained.append(_record(ground, model))
    primary = metric or trained[0].report.primary_metric
    return TemplateResult(
        task=task,
        target=target,
        n_training=len(ground.split.training),
        n_test=len(ground.split.test),
        n_columns=len(table.columns.roles),
        primary_metric=primary,
        models=trained,
        best=_find_best(trained, primary),
        comparison=_compare(trained, primary, settings),
        notes=[*table.notes, *ground.split.notes],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What is the same for all three models."""

    path: Path
    dataset: str
    task: Task
    target: str
    table: TrainingTable
    split: Split
    project_id: str | None
    seed: int
    stress: bool
    metric: str | None
    settings: Settings | None


def _record(ground: _Ground, model: Model) -> TrainedModel:
    """Train one model within a run of its own, and evaluate it there."""
    from modellab.sdk import start_run

    params = {
        **model.params,
        "template": f"tabular {ground.task}",
        "target": ground.target,
        "n_training": len(ground.split.training),
        "n_test": len(ground.split.test),
        "columns": list(ground.table.columns.roles),
    }
    run = start_run(
        f"{ground.dataset} {model.name}",
        project_id=ground.project_id,
        seed=ground.seed,
        params=params,
        tags={"template": f"tabular-{ground.task}", "model": model.name},
        settings=ground.settings,
    )
    with run:
        run.log_dataset(ground.path, name=ground.dataset)
        started = time.perf_counter()
        _fit(model, ground.table, ground.split)
        fit_s = time.perf_counter() - started
        run.log_metrics({"fit_s": fit_s}, step=0)
        report = _evaluate(run, ground, model)
        _keep_model(run, model)
    return TrainedModel(name=model.name, run_id=run.run_id, report=report, fit_s=fit_s)


def _fit(model: Model, table: TrainingTable, split: Split) -> None:
    with warnings.catch_warnings():
        # A linear model that has not come to its end within `max_iter` is told by its scores.
        warnings.filterwarnings("ignore", message=".*lbfgs failed to converge.*")
        model.pipeline.fit(_as_rows(table.features[split.training]), table.target[split.training])


def _evaluate(run: ActiveRun, ground: _Ground, model: Model) -> EvaluationReport:
    table, test = ground.table, ground.split.test
    predict = _make_predict(model, ground.task)
    config: dict[str, Any] = {"run_stress_tests": ground.stress}
    labels: Any = table.target[test]
    if table.classes is not None:
        config["classes"] = list(table.classes)
        labels = [table.classes[place] for place in labels]
    if ground.metric is not None:
        config["primary_metric"] = ground.metric
    features = table.features[test]
    return run.log_evaluation(
        predictions=predict(features),
        labels=labels,
        data=features,
        split=SPLIT,
        task_type=ground.task,
        config=config,
        predict=predict if ground.stress else None,
        row_ids=table.row_ids[test],
        clusters=ground.split.clusters,
    )


def _make_predict(model: Model, task: Task) -> Callable[[Any], NDArray[np.float64]]:
    method = model.pipeline.predict_proba if task == "classification" else model.pipeline.predict

    def predict(features: Any) -> NDArray[np.float64]:
        return np.asarray(method(_as_rows(features)), np.float64)

    return predict


def _as_rows(features: Any) -> NDArray[Any]:
    """A table as an array of mixed values, shape (n, columns): what the saved model takes too."""
    rows: NDArray[Any] = features.to_numpy().astype(object)
    return rows


def _keep_model(run: ActiveRun, model: Model) -> None:
    import joblib

    with tempfile.TemporaryDirectory(prefix="modellab-model-") as folder:
        path = Path(folder) / "model.joblib"
        joblib.dump(model.pipeline, path)
        run.log_artifact(path, "checkpoints/model.joblib")


def _check_metric(task: Task, metric: str) -> None:
    from modellab.evaluation.metrics.registry import find_metric

    if find_metric(metric).task_type != task:
        raise InvalidInput(f"The metric {metric!r} is not one of {task}.")


def _find_best(trained: Sequence[TrainedModel], metric: str) -> str:
    from modellab.evaluation.metrics.registry import find_metric

    known = [model for model in trained if model.report.metrics.get(metric) is not None]
    if not known:
        return trained[0].name
    sign = -1.0 if find_metric(metric).higher_is_better is False else 1.0
    # Of equals the simpler one, which stands before the other.
    return max(known, key=lambda model: sign * (model.report.metrics[metric] or 0.0)).name


def _compare(trained: Sequence[TrainedModel], metric: str, settings: Settings | None) -> Comparison:
    from modellab.client.comparisons import compare

    ids = [model.run_id for model in trained]
    return compare(*ids, baseline=ids[0], metric=metric, split=SPLIT, settings=settings)
