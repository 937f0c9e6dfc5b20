"""What a user of the package calls: runs bound to the project's store, and reading back without a server.

A training script that starts up does not wait for what it does not need yet: what a run is made of is
imported when the first one starts, and the store when one ends or something is read.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from modellab.errors import InvalidInput, NotFound
from modellab.ids import RUN_ID_PATTERN, new_run_id
from modellab.tracking.current import active_runs, current_run, innermost
from modellab.tracking.log_run import record_calls

if TYPE_CHECKING:
    from pathlib import Path

    from modellab.records import MetricPoint, Run, RunSummary
    from modellab.settings import Settings
    from modellab.store import Store
    from modellab.tracking.run import ActiveRun

__all__ = [
    "current_run",
    "get_metric_history",
    "get_run",
    "list_runs",
    "log_artifact",
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
        return _start(_settle(settings), fields)

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
    run_id: str | None = None,
    settings: Settings | None = None,
) -> ActiveRun:
    """Start a run: `with start_run("baseline") as run: ...`, or plainly, and then `run.finish()`.

    Started inside another run it is nested in it. With `run_id`, a run that is there is taken up again
    (its steps continue), and a new one gets that id: several processes log to one run by giving the
    same id, made with `modellab.new_run_id()`. A run that is left unfinished ends with the process.
    """
    fields = _check_fields(name=name, project_id=project_id, dataset_id=dataset_id, tags=tags, note=note)
    if seed is not None and _as_seed(seed) is None:
        raise InvalidInput(f"A seed is an integer of at most 64 bits, not {type(seed).__name__}: {seed!r}.")
    if params is not None and not isinstance(params, Mapping):
        raise InvalidInput(f"Params must be a dict of names and values, not {type(params).__name__}.")
    fields |= {"seed": _as_seed(seed), "params": params}
    settings = _settle(settings)
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


def log_artifact(path: str | os.PathLike[str]) -> None:
    """Record a file or folder that the current run made."""
    _require_run().log_artifact(path)


def set_tags(tags: Mapping[str, Any]) -> None:
    """Set tags of the current run."""
    _require_run().set_tags(tags)


def set_note(note: str) -> None:
    """Replace the note of the current run."""
    _require_run().set_note(note)


def get_run(run_id: str, *, settings: Settings | None = None) -> Run:
    """A run, whole, by its id or a unique beginning or ending of it; raises `NotFound`."""
    store = _fresh_store(settings)
    return store.runs.get(store.runs.find(str(run_id)))


def list_runs(*, limit: int = 1000, settings: Settings | None = None, **filters: Any) -> Sequence[RunSummary]:
    """The newest runs that match, at most `limit` (1 to 10 000); `filters` are the fields of `RunFilter`.

    >>> list_runs(metric_name="accuracy", metric_min=0.9)  # doctest: +SKIP
    """
    from modellab.records import RunFilter

    unknown = sorted(set(filters) - set(RunFilter.__dataclass_fields__))
    if unknown:
        raise InvalidInput(
            f"There is no filter {', '.join(unknown)}.",
            hint=f"Filters: {', '.join(RunFilter.__dataclass_fields__)}.",
        )
    return _fresh_store(settings).runs.list(RunFilter(**filters), limit=limit).items


def get_metric_history(run_id: str, name: str, *, settings: Settings | None = None) -> Sequence[MetricPoint]:
    """All points of a metric in order of step: `step`, `value`, `time` (seconds since 1970).

    Raises `NotFound` for an unknown run or metric.
    """
    store = _fresh_store(settings)
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

    return ActiveRun(
        settings, run_id or new_run_id(), {**fields, **defaults}, deliver=_deliver, next_steps=next_steps
    )


def _settle(settings: Settings | None) -> Settings:
    """The settings given, or those of the current folder."""
    from modellab.settings import load_settings

    return settings or load_settings()


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
        from modellab.tracking.values import check_label, check_note, plain_tags

        for field, what in (("name", "run"), ("project_id", "project"), ("dataset_id", "data set")):
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
    if not has_journal and not settings.db_path.exists() and settings.database_url is None:
        found = None
    else:
        store = _fresh_store(settings)
        try:
            found = store.runs.get(run_id)
        except NotFound:
            found = None
    if found is None:
        if not RUN_ID_PATTERN.fullmatch(run_id):
            raise NotFound(
                f"There is no run {run_id!r} to take up.",
                hint="For a new one, give no run_id, or a new_run_id().",
            )
        return {}
    return {
        name: metric.last_step + 1 for name, metric in found.metrics.items() if metric.last_step is not None
    }


class _OpenStore:
    """A store that stays open for the process: opening one costs more than a short run does."""

    def __init__(self, settings: Settings) -> None:
        from modellab.store import open_store  # late: SQLAlchemy is not needed while training

        self.store: Store = open_store(settings)
        self._path = settings.db_path if settings.database_url is None else None
        self._identity = self._look()

    def is_good(self) -> bool:
        """Whether the file is still the one that was opened."""
        return self._look() == self._identity

    def _look(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = os.stat(self._path)
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)


_open: dict[tuple[Path, str | None, Path], _OpenStore] = {}
_open_lock = threading.Lock()
_inherited: list[_OpenStore] = []


def _open_store(settings: Settings) -> Store:
    key = (settings.db_path, settings.database_url, settings.home)
    with _open_lock:
        known = _open.get(key)
        if known is not None and not known.is_good():
            _open.pop(key).store.close()
            known = None
        if known is None:
            known = _open[key] = _OpenStore(settings)
        return known.store


def _fresh_store(settings: Settings | None) -> Store:
    """The project's store, after it took in what journals have to say."""
    store = _open_store(_settle(settings))
    store.collector.collect_open()
    return store


def _deliver(settings: Settings, run_id: str, writer_id: str) -> None:
    _open_store(settings).collector.collect_ended(run_id, writer_id)


def _finish_all() -> None:
    """End runs that are still open when the process ends; as failed if it ends by an exception."""
    # At a prompt or in a notebook the last exception may be hours old.
    error = None if hasattr(sys, "ps1") else getattr(sys, "last_value", None)
    for run in reversed(active_runs()):
        run.finish(error=error)
    for known in _open.values():
        known.store.close()
    _open.clear()


atexit.register(_finish_all)


def _forget_stores() -> None:
    # Database connections must not be shared with the parent, nor closed here: kept, and not used again.
    global _open_lock
    _open_lock = threading.Lock()
    _inherited.extend(_open.values())
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_stores)
