"""A run in progress: every verb is a line in its journal."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import orjson

from modellab.capture import ConsoleCapture, capture_context
from modellab.errors import InvalidInput, InvalidMetric
from modellab.journal.line import clean_unicode, encode_points
from modellab.journal.writer import JournalWriter
from modellab.notice import tell
from modellab.records import MAX_STEP, SYSTEM_PREFIX
from modellab.records.datasets import LoggedDataset
from modellab.records.evaluations import DEFAULT_EVALUATION, check_evaluation_name
from modellab.settings import Settings
from modellab.tracking import current
from modellab.tracking.artifacts import ArtifactLog, check_artifact
from modellab.tracking.outcome import describe_outcome
from modellab.tracking.pulse import keep_pulse, stop_pulse
from modellab.tracking.start import describe_start, find_code
from modellab.tracking.values import PlainParams, Returned, check_note, plain_tags
from modellab.tracking.wandb_mirror import WandbMirror, open_mirror

if TYPE_CHECKING:
    from modellab.evaluation import EvaluationReport
    from modellab.evaluation.evaluate import Progress
    from modellab.evaluation.problem import TaskType
    from modellab.latency import LatencyProfile
    from modellab.tracking.evaluations import Report

Deliver = Callable[[Settings, str, str], None]
"""Brings the journal of a run's writer that has ended into the store."""

_PLAIN = frozenset({float, int})
_NEWLINE = orjson.OPT_APPEND_NEWLINE
_dumps, _write, _now_ns = orjson.dumps, os.write, time.time_ns


class ActiveRun:
    """A run that is being recorded; `with` ends it, and so does `finish`.

    Logging never raises because of the disk or the network: what cannot be written is counted in
    `dropped` and told once. Wrong use (a metric that is no number, an empty name) raises at once.
    All methods may be called from several threads. A forked child goes on in a journal of its own.
    """

    def __init__(
        self,
        settings: Settings,
        run_id: str,
        fields: Mapping[str, Any],
        *,
        deliver: Deliver | None = None,
        next_steps: Mapping[str, int] | None = None,
    ) -> None:
        self.run_id = run_id
        self.settings = settings
        self.project_id: str | None = fields.get("project_id")
        self.wandb_url: str | None = None
        self._deliver = deliver
        self._pid = os.getpid()
        self._finished = False
        self._finish_lock = threading.Lock()
        self._step_lock = threading.Lock()
        self._group: tuple[str, ...] = ()  # the metrics of the last call without a step
        self._group_step = 0  # where they go on
        self._names: set[str] = set()
        self._next_steps = dict(next_steps or {})
        self._after_explicit = 0
        self._system_step = _next_system_step(self._next_steps)
        self.outer = current.innermost()
        params = PlainParams(fields.get("params") or {})
        self._writer = JournalWriter(settings.journals, run_id, fork_fields={"parent_pid": self._pid})
        self._artifacts = ArtifactLog(settings, self._writer)
        self._event("start", describe_start(self._writer, {**fields, "params": params.values}))
        self._event("context", capture_context(find_code(settings.root)).as_event())
        self._writer.sync()
        self._tell_about(params)
        self._mirror: WandbMirror | None = open_mirror(settings, run_id, fields.get("name"), params.values)
        if self._mirror is not None and self._mirror.url:
            self.wandb_url = self._mirror.url
            self._event("wandb", {"url": self.wandb_url})
        self._console = ConsoleCapture(self._record_console) if settings.capture_console else None
        if self._console is not None:
            self._console.start()
        current.enter(self)
        keep_pulse(self)

    @property
    def id(self) -> str:
        """The run's id."""
        return self.run_id

    @property
    def dropped(self) -> int:
        """How many values and events could not be written."""
        return self._writer.dropped

    def log_metrics(self, metrics: Mapping[str, Any], *, step: int | None = None) -> None:
        """Record numbers by name at a step; they are safe from `kill -9` when the call returns.

        Without `step`, each metric continues one after its own last call or after the run's largest
        explicit step, whichever is larger, beginning at 0. Steps may come in any order and repeat. NaN
        and ±inf are values. Raises `InvalidMetric` if a value is no number, a name is empty or longer
        than 250 characters, or the step is no integer; nothing of the call is recorded then.
        """
        explicit = step is not None
        if step is None:
            step = self._take_step(metrics)
            if step is None:
                return
        try:
            # The common case, in as little Python as possible: plain numbers under names seen before.
            # Steps that are counted here are integers, and belong to names seen before.
            if (
                step <= MAX_STEP
                and _PLAIN.issuperset(map(type, metrics.values()))
                and (
                    not explicit
                    or (step.__class__ is int and step >= -MAX_STEP and self._names.issuperset(metrics))
                )
            ):
                line = _dumps((step, _now_ns() // 1_000_000, metrics), None, _NEWLINE)
                if b"null" not in line:  # JSON has no word for NaN and inf
                    if explicit and step >= self._after_explicit:
                        self._after_explicit = step + 1
                    written = _write(self._writer.fd, line)
                    if written != len(line):
                        self._writer.finish_partial(line, written, weight=len(metrics))
                    if self._mirror is not None:
                        self._mirror.log(metrics, step)
                    return
        except OSError:
            self._writer.append(line, weight=len(metrics))
            return
        except (AttributeError, TypeError):
            pass  # said properly below
        self._log_checked(metrics, step, explicit=explicit)

    def log_metric(self, name: str, value: Any, *, step: int | None = None) -> None:
        """Record one number; see `log_metrics`."""
        self.log_metrics({name: value}, step=step)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Record params; one given again is replaced.

        What cannot be JSON is recorded by its `repr`, and what is longer than 65 536 characters
        shortened; a warning says so.
        """
        if not isinstance(params, Mapping):
            raise InvalidInput(f"Params must be a dict of names and values, not {type(params).__name__}.")
        plain = PlainParams(params)
        self._event("params", {"params": plain.values})
        self._tell_about(plain)
        if self._mirror is not None:
            self._mirror.log_params(plain.values)

    def log_artifact(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        """Record a file or folder that the run made, and keep a copy of it as it is now.

        Its path within the run is `name`, such as `checkpoints/best.pt` (one that ends with a slash is a
        folder to put it in), else its place in the project, else its own name. A file that is logged
        again under the same path replaces the one before. Raises `InvalidInput` if there is nothing at
        `path`, or for a name that cannot be one. With MODELLAB_KEEP_ARTIFACTS=0 only the path is recorded.
        """
        check_artifact(path, name)
        self._add_artifact(os.fsdecode(path), name)

    def log_dataset(
        self, data: Any, *, name: str | None = None, split: str | None = None, keep: bool = True
    ) -> LoggedDataset:
        """Record the data that the run works on, and keep a copy; its version is found by its content.

        `data` is a file's path, a pandas, polars or pyarrow table, a NumPy array, or a list of dicts; what
        is no file needs a `name`. `split` says what it is used for, such as `train` or `test`. With
        `keep=False` only checksum and columns are recorded. Raises `InvalidInput` for what is no data.
        """
        from modellab.tracking.datasets import read_data  # late: many runs log none

        logged, fields, trouble = read_data(
            data, name=name, split=split, keep=keep, project_id=self.project_id, spool=self.settings.spool
        )
        self._event("dataset", fields)
        if trouble is not None:
            tell(f"Run {self.run_id}: {trouble}")
        return logged

    def log_evaluation(
        self,
        *,
        predictions: Any,
        labels: Any,
        data: Any = None,
        split: str = DEFAULT_EVALUATION,
        task_type: TaskType | None = None,
        config: Mapping[str, Any] | None = None,
        predict: Callable[[Any], Any] | None = None,
        row_ids: Any = None,
        clusters: Any = None,
        seed: int | None = None,
        progress: Progress | None = None,
    ) -> EvaluationReport:
        """Evaluate predictions as `modellab.evaluate` does, and record the report as that of `split`.

        Another one of the same name replaces it. Its files are artifacts below `evaluations/<split>/`, its
        headline metrics final metrics such as `test/accuracy`. With MODELLAB_KEEP_ARTIFACTS=0 the headline
        alone is recorded. Raises `InvalidInput`, before anything is recorded, for what cannot be evaluated.
        """
        from modellab.tracking.evaluations import describe_evaluation, evaluate

        check_evaluation_name(split)
        report = evaluate(
            predictions=predictions,
            labels=labels,
            data=data,
            task_type=task_type,
            config=config,
            predict=predict,
            row_ids=row_ids,
            clusters=clusters,
            seed=seed,
            progress=progress,
        )
        self._add_report(lambda: describe_evaluation(split, report))
        return report

    def log_latency(self, profile: LatencyProfile, *, name: str | None = None) -> None:
        """Record what `modellab.profile_latency` measured, under its own name or another one.

        Another one of the same name is replaced. Final metrics are called `latency/default/p95_ms`.
        """
        from modellab.tracking.evaluations import check_latency, describe_latency

        checked = check_latency(profile, name)
        self._add_report(lambda: describe_latency(checked, profile))

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags (text by name); one set again is replaced."""
        self._event("tags", {"tags": plain_tags(tags)})

    def set_note(self, note: str) -> None:
        """Replace the run's note (at most 100 000 characters)."""
        self._event("note", {"note": check_note(note)})

    def record_result(self, value: Any) -> None:
        """Take final metrics and artifacts from what a training function returned; see `log_run`."""
        try:
            result = Returned(value)
        except Exception as problem:  # an object of the user's that cannot be looked into
            kind = type(problem).__name__
            tell(f"Run {self.run_id}: what was returned could not be read as a result: {kind}.")
            return
        if result.metrics:
            self._event("final", {"metrics": result.metrics}, weight=len(result.metrics))
            if self._mirror is not None:
                self._mirror.log_final(result.metrics)
        for path in result.artifacts:
            self._add_artifact(path)
        missing = [path for path in result.artifacts if not os.path.exists(path)]
        if missing:
            tell(f"Run {self.run_id}: returned artifacts that do not exist: {', '.join(missing)}.")
        if result.ignored:
            tell(f"Run {self.run_id}: returned values that are no numbers: {', '.join(result.ignored)}.")

    def finish(self, *, error: BaseException | None = None) -> None:
        """End the run, as completed, or as failed with `error`; a second call does nothing.

        The journal is synced and brought into the store. In a forked child this ends the child's own
        journal only.
        """
        outcome = describe_outcome(error)
        with self._finish_lock:
            if self._finished:
                return
            self._finished = True
        stop_pulse(self)
        if self._console is not None:
            self._console.stop()
        self._event("end", {**outcome, "dropped": self._writer.dropped})
        self._writer.close()
        current.leave(self)
        if self.dropped:
            tell(f"Run {self.run_id}: {self.dropped} values or events could not be written and are lost.")
        if self._deliver is not None and os.getpid() == self._pid:
            try:
                self._deliver(self.settings, self.run_id, self._writer.writer_id)
            except Exception as problem:
                kept = "as far as it could be written " if self.dropped else ""
                tell(
                    f"Run {self.run_id} is {kept}in its journal, but not in the store yet; "
                    f"the next `modellab` command or server takes it in. {problem}"
                )
        if self._mirror is not None:  # last: it may have much to send
            self._mirror.finish(failed=outcome["status"] == "failed")

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.finish(error=error)

    def __repr__(self) -> str:
        return f"<ActiveRun {self.run_id}{' finished' if self._finished else ''}>"

    def sync(self) -> None:
        """Have what was logged put on disk; done every few seconds and at the end anyway."""
        self._writer.sync()

    def record_load(self, sample: Mapping[str, float]) -> None:
        """Record a sample of the machine's load, under `system/…`."""
        metrics = {SYSTEM_PREFIX + name: value for name, value in sample.items()}
        with self._finish_lock:  # a sample that comes while the run ends is not for it any more
            if not self._finished:
                self._writer.append(encode_points(self._system_step, _now_ns() // 1_000_000, metrics))
                self._system_step += 1

    def _take_step(self, metrics: Mapping[str, Any]) -> int | None:
        """The next step of these metrics; `None` if they were at different ones and are logged now."""
        # The same metrics as last time, as in nearly every loop, go on together.
        if metrics.__class__ is dict and (*metrics,) == self._group:
            with self._step_lock:
                step = self._group_step
                if step < self._after_explicit:
                    step = self._after_explicit
                self._group_step = step + 1
            return step
        encode_points(0, 0, metrics)  # all or nothing: what is wrong raises before the first line
        by_step = self._take_steps(metrics)
        for step, part in by_step.items():
            self._log_checked(part, step, explicit=False)
        return None

    def _take_steps(self, metrics: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
        """Metrics that are not those of the last call, by their next steps."""
        by_step: dict[int, dict[str, Any]] = {}
        with self._step_lock:
            floor, known = self._after_explicit, self._next_steps
            known.update(dict.fromkeys(self._group, self._group_step))
            for name, value in metrics.items():
                by_step.setdefault(max(known.get(name, 0), floor), {})[name] = value
            for step, part in by_step.items():
                known.update(dict.fromkeys(part, step + 1))
            self._group = tuple(metrics) if len(by_step) == 1 else ()
            self._group_step = max(by_step, default=-1) + 1
        return by_step

    def _log_checked(self, metrics: Any, step: Any, *, explicit: bool) -> None:
        try:
            line = encode_points(step, _now_ns() // 1_000_000, metrics)
        except InvalidMetric:
            if not explicit:
                self._group_step = step  # not used
            raise
        if explicit and step >= self._after_explicit:
            self._after_explicit = int(step) + 1
        self._names.update(metrics)
        self._writer.append(line, weight=len(metrics))
        if self._mirror is not None:
            self._mirror.log(metrics, int(step))

    def _add_artifact(self, path: str, name: str | None = None) -> None:
        self._event("artifact", self._artifacts.describe(path, name))

    def _add_report(self, describe: Callable[[], Report]) -> None:
        if (headline := self._artifacts.add_report(describe)) and self._mirror is not None:
            self._mirror.log_final(headline)

    def _record_console(self, stream: str, text: str) -> None:
        self._event("console", {"stream": stream, "text": clean_unicode(text)})

    def _event(self, event: str, fields: Mapping[str, Any], *, weight: int = 1) -> None:
        self._writer.append_event(event, fields, weight=weight)

    def _tell_about(self, params: PlainParams) -> None:
        if notice := params.notice():
            tell(f"Run {self.run_id}: {notice}", stacklevel=5)


def _next_system_step(next_steps: Mapping[str, int]) -> int:
    """Where the samples of the load go on in a run that is taken up again."""
    return max((step for name, step in next_steps.items() if name.startswith(SYSTEM_PREFIX)), default=0)


# A fork copies the locks as they are; a child made while another thread held one would wait for ever.
def _renew_locks() -> None:
    for run in current.active_runs():
        run._finish_lock, run._step_lock = threading.Lock(), threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)
