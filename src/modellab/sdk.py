"""What a user of the package calls: runs bound to the project's store, and reading back without a server.

A training script that starts up does not wait for what it does not need yet: what a run is made of is
imported when the first one starts, and the store when one ends or something is read.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from modellab.client.opening import close_all, configure, deliver, open_local, open_to_read, settle
from modellab.errors import InvalidInput, NotFound, Unreachable
from modellab.ids import RUN_ID_PATTERN, new_run_id
from modellab.notice import tell
from modellab.tracking.current import active_runs, current_run, innermost
from modellab.tracking.log_run import record_calls

if TYPE_CHECKING:
    from modellab.client.frames import FrameKind
    from modellab.evaluation import EvaluationReport
    from modellab.latency import LatencyProfile
    from modellab.records import MetricPoint, Run, RunSummary
    from modellab.records.datasets import LoggedDataset
    from modellab.settings import Settings
    from modellab.tracking.run import ActiveRun

__all__ = [
    "configure",
    "current_run",
    "get_metric_history",
    "get_run",
    "list_runs",
    "log_artifact",
    "log_dataset",
    "log_evaluation",
    "log_latency",
    "log_metric",
    "log_metrics",
    "log_params",
    "log_run",
    "set_note",
    "set_tags",
    "start_run",
]

Function = TypeVar("Function", bound=Callable[..., Any])


@overload
def log_run(function: Function, /) -> Function: ...
@overload
def log_run(
    *,
    name: str | None = None,
    dataset_id: str | None = None,
    project_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
) -> Callable[[Function], Function]: ...


def log_run(
    function: Function | None = None,
    /,
    *,
    name: str | None = None,
    dataset_id: str | None = None,
    project_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
) -> Function | Callable[[Function], Function]:
    """Record every call of a function as a run: `@log_run` or `@log_run(...)`.

    All arguments become params, by name, with defaults applied; arguments named `seed` and
    `dataset_id` are the run's seed and data set too. What is returned is handed on unchanged and read
    as the result: `{"final_metrics": {...}, "artifacts": [...]}`, `{"metrics": ...}`, a tuple of
    metrics and artifacts, or a flat dict of numbers. An exception is recorded and raised again.
    """
    fixed = _check_fields(name=name, project_id=project_id, dataset_id=dataset_id, tags=tags)

    def start(function: str, arguments: Mapping[str, Any]) -> ActiveRun:
        fields = {**fixed, "function": function, "params": arguments, "seed": _as_seed(arguments.get("seed"))}
        if fields["dataset_id"] is None:
            fields["dataset_id"] = _as_dataset_id(arguments.get("dataset_id"))
        return _start(settle(settings), fields)

    if function is None:
        return lambda decorated: record_calls(decorated, start)
    return record_calls(function, start)


def start_run(
    name: str | None = None,
    *,
    project_id: str | None = None,
    seed: int | None = None,
    dataset_id: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    note: str | None = None,
    description: str | None = None,
    config: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    settings: Settings | None = None,
) -> ActiveRun:
    """Start a run: `with start_run("baseline") as run: ...`, or plainly, and then `run.finish()`.

    Started inside another run it is nested in it. With `run_id`, a run that is there is taken up again
    (its steps continue), and a new one gets that id: several processes log to one run by giving the
    same id, made with `modellab.new_run_id()`. A run that is left unfinished ends with the process.
    `config` is one JSON object, kept beside the params and not searched.
    """
    fields = _check_fields(name=name, project_id=project_id, dataset_id=dataset_id, tags=tags, note=note)
    if seed is not None and _as_seed(seed) is None:
        raise InvalidInput(f"A seed is an integer of at most 64 bits, not {type(seed).__name__}: {seed!r}.")
    if params is not None and not isinstance(params, Mapping):
        raise InvalidInput(f"Params must be a dict of names and values, not {type(params).__name__}.")
    fields |= {"seed": _as_seed(seed), "params": params}
    if description is not None or config is not None:
        from modellab.tracking.values import check_description, plain_config

        fields["description"] = check_description(description)
        fields["config"] = None if config is None else plain_config(config)
    settings = settle(settings)
    next_steps: Mapping[str, int] = {}
    if run_id is not None:
        next_steps = _find_next_steps(settings, run_id)
    return _start(settings, fields, run_id=run_id, next_steps=next_steps)


def log_metrics(metrics: Mapping[str, Any], *, step: int | None = None) -> None:
    """Record numbers in the current run; see `ActiveRun.log_metrics`."""
    _require_run().log_metrics(metrics, step=step)


def log_metric(name: str, value: Any, *, step: int | None = None) -> None:
    """Record one number in the current run."""
    _require_run().log_metrics({name: value}, step=step)


def log_params(params: Mapping[str, Any]) -> None:
    """Record params in the current run; see `ActiveRun.log_params`."""
    _require_run().log_params(params)


def log_artifact(path: str | os.PathLike[str], name: str | None = None) -> None:
    """Record a file or folder that the current run made, and keep a copy; see `ActiveRun.log_artifact`."""
    _require_run().log_artifact(path, name)


def log_dataset(
    data: Any, *, name: str | None = None, split: str | None = None, keep: bool = True
) -> LoggedDataset:
    """Record the data that the current run works on, and keep a copy; see `ActiveRun.log_dataset`."""
    return _require_run().log_dataset(data, name=name, split=split, keep=keep)


def log_evaluation(*, predictions: Any, labels: Any, data: Any = None, **options: Any) -> EvaluationReport:
    """Evaluate predictions and record the report with the current run; see `ActiveRun.log_evaluation`."""
    return _require_run().log_evaluation(predictions=predictions, labels=labels, data=data, **options)


def log_latency(profile: LatencyProfile, *, name: str | None = None) -> None:
    """Record a latency report with the current run; see `ActiveRun.log_latency`."""
    _require_run().log_latency(profile, name=name)


def set_tags(tags: Mapping[str, Any]) -> None:
    """Set tags of the current run."""
    _require_run().set_tags(tags)


def set_note(note: str) -> None:
    """Replace the note of the current run."""
    _require_run().set_note(note)


def get_run(run_id: str, *, settings: Settings | None = None) -> Run:
    """A run, whole, by its id or a unique beginning or ending of it; raises `NotFound`."""
    store = open_to_read(settings)
    return store.runs.get(store.runs.find(str(run_id)))


@overload
def list_runs(
    query: str | None = None,
    *,
    limit: int = 1000,
    frame: None = None,
    settings: Settings | None = None,
    **filters: Any,
) -> Sequence[RunSummary]: ...
@overload
def list_runs(
    query: str | None = None,
    *,
    limit: int = 1000,
    frame: FrameKind,
    settings: Settings | None = None,
    **filters: Any,
) -> Any: ...


def list_runs(
    query: str | None = None,
    *,
    limit: int = 1000,
    frame: FrameKind | None = None,
    settings: Settings | None = None,
    **filters: Any,
) -> Any:
    """The newest runs that match, at most `limit` (1 to 10 000), as records or as a data frame.

    `query` is text of the query language, `filters` are the fields of `RunFilter`; all must hold. `frame`
    may be `"pandas"` or `"polars"`: a row a run, with its fields and columns such as `params.lr`,
    `metrics.accuracy` and `tags.team`.

    >>> list_runs("metrics.accuracy > 0.9 and params.model = 'svm'")  # doctest: +SKIP
    """
    from modellab.records import RunFilter

    known = [name for name in RunFilter.__dataclass_fields__ if name != "visible"]  # the server's own
    unknown = sorted(set(filters) - set(known))
    if unknown:
        raise InvalidInput(f"There is no filter {', '.join(unknown)}.", hint=f"Filters: {', '.join(known)}.")
    if frame is not None:
        from modellab.client.frames import check_frame_kind, make_frame

        check_frame_kind(frame)
    found = open_to_read(settings).runs.list(RunFilter(query=query, **filters), limit=limit).items
    return found if frame is None else make_frame(found, frame)


def get_metric_history(run_id: str, name: str, *, settings: Settings | None = None) -> Sequence[MetricPoint]:
    """All points of a metric in order of step: `step`, `value`, `time` (seconds since 1970).

    Raises `NotFound` for an unknown run or metric.
    """
    store = open_to_read(settings)
    series = store.series.read(store.runs.find(str(run_id)), name)
    if series is None:
        raise NotFound(f"Run {run_id} has no metric {name!r}.")
    return series.points()


def _start(
    settings: Settings,
    fields: Mapping[str, Any],
    *,
    run_id: str | None = None,
    next_steps: Mapping[str, int] | None = None,
) -> ActiveRun:
    outer = innermost() if run_id is None else None
    defaults = {
        "dataset_id": fields.get("dataset_id") or settings.dataset_id,
        "parent_id": outer.run_id if outer is not None else None,
    }
    from modellab.tracking.run import ActiveRun

    run = ActiveRun(
        settings, run_id or new_run_id(), {**fields, **defaults}, deliver=deliver, next_steps=next_steps
    )
    if settings.api_url is not None:
        from modellab.client.shipping import ship

        ship(settings, run.run_id)
    return run


def _check_fields(
    *,
    name: str | None,
    project_id: str | None,
    dataset_id: str | None,
    tags: Mapping[str, Any] | None,
    note: str | None = None,
) -> dict[str, Any]:
    """What a run is given to start with, if all of it can be recorded; else `InvalidInput`."""
    fields = {"name": name, "project_id": project_id, "dataset_id": dataset_id, "tags": tags, "note": note}
    if any(value is not None for value in fields.values()):
        from modellab.tracking.values import check_label, check_note, check_project_id, plain_tags

        if project_id is not None:
            fields["project_id"] = check_project_id(project_id)
        for field, what in (("name", "run"), ("dataset_id", "data set")):
            if fields[field] is not None:
                fields[field] = check_label(fields[field], what)
        fields["tags"] = plain_tags(tags) if tags else None
        fields["note"] = None if note is None else check_note(note)
    return fields


def _as_seed(value: Any) -> int | None:
    """An argument named `seed` as an integer that every database can keep; `None` if it is none."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return None
    try:
        seed = int(value.__index__())
    except TypeError:  # an array
        return None
    return seed if -(2**63) <= seed < 2**63 else None


def _as_dataset_id(value: Any) -> str | None:
    """An argument named `dataset_id` as text; `None` if it is the data rather than their id."""
    if isinstance(value, bool) or not isinstance(value, (str, int, os.PathLike)):
        return None
    from modellab.tracking.values import check_label

    try:
        return check_label(os.fsdecode(value) if isinstance(value, os.PathLike) else str(value), "data set")
    except InvalidInput:
        return None


def _require_run() -> ActiveRun:
    run = current_run()
    if run is None:
        raise InvalidInput(
            "No run is being recorded here.",
            hint="Decorate the function with @log_run, or open one: with modellab.start_run() as run: ...",
        )
    return run


def _find_next_steps(settings: Settings, run_id: str) -> dict[str, int]:
    """Where the metrics of a run that is taken up again go on; empty for a new run."""
    from modellab.journal.place import check_run_id

    has_journal = (settings.journals / check_run_id(run_id)).is_dir()
    is_new = not has_journal and not settings.db_path.exists() and settings.database_url is None
    found = None
    if settings.api_url is not None or not is_new:
        try:
            found = open_to_read(settings).runs.get(run_id)
        except NotFound:
            pass
        except Unreachable as problem:  # the run must begin anyway; what is logged waits
            tell(f"Where run {run_id} was left is not known, its steps begin at 0: {problem.message}")
    if found is None:
        if not RUN_ID_PATTERN.fullmatch(run_id):
            raise NotFound(
                f"There is no run {run_id!r} to take up.",
                hint="For a new one, give no run_id, or a new_run_id().",
            )
        if settings.api_url is None and not is_new:
            open_local(settings).trash.check_free(run_id)
        return {}
    return {
        name: metric.last_step + 1 for name, metric in found.metrics.items() if metric.last_step is not None
    }


def _finish_all() -> None:
    """End runs that are still open when the process ends; as failed if it ends by an exception."""
    # At a prompt or in a notebook the last exception may be hours old.
    error = None if hasattr(sys, "ps1") else getattr(sys, "last_value", None)
    for run in reversed(active_runs()):
        run.finish(error=error)
    close_all()


atexit.register(_finish_all)
