"""Evaluations and latency reports on their way into a journal: measured, described, their files spooled.

What measures is imported when it is called: it needs NumPy and more, which recording a run does not.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson

from modellab.errors import InvalidInput
from modellab.journal.line import encode_event
from modellab.records.estimates import Interval
from modellab.records.evaluations import (
    EVALUATIONS_FOLDER,
    EXAMPLES_FILE,
    LATENCY_FOLDER,
    REPORT_FILE,
    SAMPLES_FILE,
    check_latency_name,
    name_headline,
    name_latencies,
)
from modellab.records.latency import LatencyReport
from modellab.settings import Settings
from modellab.tracking.progress import ProgressLine
from modellab.tracking.spool import Copied, list_file, spool_bytes

if TYPE_CHECKING:
    from modellab.evaluation import EvaluationReport
    from modellab.evaluation.evaluate import Progress
    from modellab.evaluation.problem import TaskType
    from modellab.latency import LatencyProfile

INSTALL_HINT = "pip install 'modellab[evaluation]'"
"""How to install what evaluations need."""

_PACKAGES = ("matplotlib", "narwhals", "numpy", "scipy", "sklearn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An evaluation or a latency report that is to be recorded.

    `fields` are those of its event, `headline` the metrics that it gives its run; `contents` are its files,
    names and bytes, made as they are asked for. `key_file` is the one whose checksum the event has too.
    """

    event: Literal["evaluation", "latency"]
    name: str
    folder: str
    fields: Mapping[str, Any]
    headline: Mapping[str, float]
    contents: Callable[[], Iterator[tuple[str, bytes]]]
    key_file: str


def evaluate(
    *,
    predictions: Any,
    labels: Any,
    data: Any = None,
    task_type: TaskType | None = None,
    output_dir: str | os.PathLike[str] | None = None,
    config: Mapping[str, Any] | None = None,
    predict: Callable[[Any], Any] | None = None,
    row_ids: Any = None,
    clusters: Any = None,
    seed: int | None = None,
    progress: Progress | None = None,
    **aliases: Any,
) -> EvaluationReport:
    """Evaluate predictions against labels: metrics with intervals, slices, failures, plots, a takeaway.

    Records nothing; `log_evaluation` does. `predictions` are the probabilities of the positive class (n,),
    of each class (n, K), hard labels (n,), or numbers for `task_type="regression"`. `data`, columns beside
    them, give slices. See the guide "Evaluate a model" for `config`, and `modellab.evaluation.evaluate`
    for the rest. One that takes long says on the terminal how far it is, unless `progress` is told instead.
    Needs the extra `evaluation`. Raises `InvalidInput`.
    """
    require_packages()
    from modellab.evaluation import evaluate as measure

    line = ProgressLine("Evaluating")
    given = {
        "data": data,
        "task_type": task_type,
        "output_dir": output_dir,
        "config": config,
        "predict": predict,
        "row_ids": row_ids,
        "clusters": clusters,
        "seed": seed,
        "progress": progress or line,
    }
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        return measure(predictions=predictions, labels=labels, **known, **aliases)
    finally:
        line.close()


def profile_latency(fn: Callable[[Any], Any], inputs: Iterable[Any], **options: Any) -> LatencyProfile:
    """How long `fn(input)` takes, over `inputs` in turn: percentiles with intervals, after a warm-up.

    Records nothing; `log_latency` does. `options` are those of `modellab.latency.profile_latency`: `warmup`,
    `n_calls`, `duration_s`, `concurrency`, `rate`, `expected_interval`, `timeout`, `name`, `progress`. The
    report says on which machine, unless `machine` says something else. Needs the extra `evaluation`. Raises
    `InvalidInput`.
    """
    require_packages()
    from modellab.capture.machine import describe_devices
    from modellab.latency import profile_latency as measure

    options.setdefault("machine", {"hostname": socket.gethostname(), **describe_devices()})
    return measure(fn, inputs, **options)


def summarise_latencies(durations_s: Sequence[float], **options: Any) -> LatencyProfile:
    """A latency report of times that were measured elsewhere; see `modellab.latency.summarise_samples`."""
    import numpy as np

    from modellab.latency import LatencyProfile, summarise_samples

    report = summarise_samples(durations_s, **options)
    return LatencyProfile(report, (np.asarray(durations_s, np.float64),))


def list_missing_packages() -> Sequence[str]:
    """What evaluations need and is not installed, by the names it is imported by."""
    return [name for name in _PACKAGES if importlib.util.find_spec(name) is None]


def require_packages() -> None:
    """Raise `InvalidInput`, which says how to install it, if something that evaluations need is missing."""
    missing = list_missing_packages()
    if missing:
        raise InvalidInput(f"Evaluations need {', '.join(missing)}, not installed here.", hint=INSTALL_HINT)


def describe_evaluation(name: str, report: EvaluationReport) -> Report:
    """An evaluation as it is recorded; `name` is checked already."""
    from modellab.evaluation.examples import digest_rows

    metrics = {key: _number_or_none(value) for key, value in report.metrics.items()}
    fields = {
        "name": name,
        "task_type": report.task_type,
        "n": int(report.n),
        "classes": None if report.classes is None else list(report.classes),
        "primary_metric": report.primary_metric,
        "metrics": metrics,
        "notes": dict(report.notes),
        "intervals": {key: _plain_interval(item) for key, item in report.intervals.items()},
        "takeaway": report.get_takeaway(),
        "rows_sha256": digest_rows(report.examples),
    }
    return Report(
        event="evaluation",
        name=name,
        folder=f"{EVALUATIONS_FOLDER}/{name}",
        fields=fields,
        headline=name_headline(name, report.primary_metric, metrics),
        contents=lambda: _write_evaluation(report),
        key_file=EXAMPLES_FILE,
    )


def check_latency(profile: object, name: object = None) -> str:
    """What a latency report with its samples is to be called: `name`, else its own; else `InvalidInput`."""
    report = getattr(profile, "report", None)
    if not isinstance(report, LatencyReport):
        raise InvalidInput(
            f"A latency report is what `profile_latency` returns, not {type(profile).__name__}."
        )
    return check_latency_name(report.name if name is None else name)


def describe_latency(name: str, profile: LatencyProfile) -> Report:
    """A latency report as it is recorded; `name` is checked already."""
    report = {**profile.report.as_dict(), "name": name}
    return Report(
        event="latency",
        name=name,
        folder=f"{LATENCY_FOLDER}/{name}",
        fields={"name": name, "report": report},
        headline=name_latencies(name, report),
        contents=lambda: _write_latency(report, profile),
        key_file=SAMPLES_FILE,
    )


def spool_report(report: Report, settings: Settings) -> Copied:
    """Put the files of a report into the spool; none if no files are to be kept."""
    copied = Copied()
    if not settings.keep_artifacts:
        return copied
    path = report.folder
    try:
        for name, data in report.contents():
            path = f"{report.folder}/{name}"
            copied.files.append(list_file(path, *spool_bytes(data, settings.spool)))
    except Exception as problem:  # no room, or a plot that cannot be drawn
        copied.fail(path, problem)
    return copied


def encode_report(report: Report, files: Sequence[Mapping[str, Any]]) -> bytes:
    """The lines of a journal that record a report of which these files are kept."""
    now_ms = time.time_ns() // 1_000_000
    sums = {file["path"]: file["sha256"] for file in files}
    key = f"{report.key_file.partition('.')[0]}_sha256"
    more = {"files": list(sums), key: sums.get(f"{report.folder}/{report.key_file}")}
    own = encode_event(report.event, now_ms, {**report.fields, **more})
    if not files:
        return own
    # In one piece: whoever sees the report has its files, and what those files are of.
    return encode_event("artifact", now_ms, {"path": report.folder, "files": list(files)}) + own


def _write_evaluation(report: EvaluationReport) -> Iterator[tuple[str, bytes]]:
    from modellab.evaluation.examples import encode_examples
    from modellab.evaluation.output import encode_json

    yield REPORT_FILE, encode_json(report.as_dict())
    yield EXAMPLES_FILE, encode_examples(report.examples)
    yield from report.files()


def _write_latency(report: Mapping[str, Any], profile: LatencyProfile) -> Iterator[tuple[str, bytes]]:
    from modellab.latency import encode_samples

    yield REPORT_FILE, orjson.dumps(report, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    yield SAMPLES_FILE, encode_samples(profile.samples_s)


def _plain_interval(interval: Interval) -> dict[str, Any]:
    found = {field.name: getattr(interval, field.name) for field in dataclasses.fields(interval)}
    return {k: _number_or_none(v) if isinstance(v, float) else v for k, v in found.items()}


def _number_or_none(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
