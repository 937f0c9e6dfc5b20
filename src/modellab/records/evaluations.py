"""What an evaluation and a latency report of a run are, as they are kept, and what they may be called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modellab.errors import InvalidInput
from modellab.records import MAX_NAME_LENGTH
from modellab.records.artifacts import check_path
from modellab.records.estimates import Interval

DEFAULT_EVALUATION = "test"
"""What an evaluation is called unless it is said: the split that it was made on."""
DEFAULT_LATENCY = "default"
"""What a latency report is called unless it is said."""

EVALUATIONS_FOLDER = "evaluations"
"""The folder of a run's artifacts in which its evaluations lie, each in one of its own name."""
LATENCY_FOLDER = "latency"
"""The folder of a run's artifacts in which its latency reports lie, each in one of its own name."""
REPORT_FILE = "report.json"
"""The whole report in JSON, among the files of an evaluation or a latency report."""
EXAMPLES_FILE = "examples.npz"
"""Labels and predictions row by row, among the files of an evaluation."""
SAMPLES_FILE = "samples.npy"
"""The measured times, among the files of a latency report."""

HEADLINE_METRICS = (
    *("accuracy", "f1", "roc_auc", "pr_auc", "log_loss", "brier", "expected_calibration_error"),
    *("rmse", "mae", "r2"),
)
"""What of an evaluation becomes metrics of its run, besides the primary metric, where it is defined."""
HEADLINE_LATENCIES = ("p50_ms", "p95_ms", "p99_ms", "throughput_per_s")
"""What of a latency report becomes metrics of its run, where it is defined."""

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_NAME = re.compile(NAME_PATTERN)
_TAKEN = ("system", "latency")  # metrics of the machine, and of latency reports, are called so


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The headline of an evaluation; the whole of it lies in the files of `folder`.

    `metrics` are `None` where they are undefined, and `notes` say why, by metric. `rows_sha256` is over the
    row ids and labels: two evaluations that have the same were made on the same rows. `examples_path` is the
    artifact with labels and predictions row by row, `None` if it was not kept.
    """

    run_id: str
    name: str
    task_type: str
    n: int
    classes: Sequence[Any] | None
    primary_metric: str
    metrics: Mapping[str, float | None]
    notes: Mapping[str, str]
    intervals: Mapping[str, Interval]
    takeaway: str
    rows_sha256: str
    examples_path: str | None
    examples_sha256: str | None
    folder: str
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """A latency report of a run. `report` is the whole of it without the measured times.

    Those lie in the artifact `samples_path`, `None` if it was not kept.
    """

    run_id: str
    name: str
    report: Mapping[str, Any]
    samples_path: str | None
    samples_sha256: str | None
    folder: str
    created_at: str


def check_evaluation_name(name: object) -> str:
    """`name`, if it can name an evaluation; else `InvalidInput`.

    It has 1 to 100 letters (a-z, A-Z), digits, dots, hyphens and underscores, a letter or digit first, and
    can name a folder on every system. `system` and `latency` stand before other metrics of a run.
    """
    checked = _check_name(name, "an evaluation")
    if checked.lower() in _TAKEN:
        raise InvalidInput(f"An evaluation may not be called {name!r}: other metrics of a run begin so.")
    return checked


def check_latency_name(name: object) -> str:
    """`name`, if it can name a latency report, by the same rule; else `InvalidInput`."""
    return _check_name(name, "a latency report")


def name_headline(name: str, primary_metric: str, metrics: Mapping[str, float | None]) -> dict[str, float]:
    """The metrics that an evaluation gives its run, such as `test/accuracy`: those that are defined."""
    wanted = dict.fromkeys((primary_metric, *HEADLINE_METRICS))
    found = {f"{name}/{metric}": metrics.get(metric) for metric in wanted}
    return {key: value for key, value in found.items() if value is not None and len(key) <= MAX_NAME_LENGTH}


def name_latencies(name: str, report: Mapping[str, Any]) -> dict[str, float]:
    """The metrics that a latency report gives its run, such as `latency/default/p95_ms`."""
    found = {key: report.get(key) for key in HEADLINE_LATENCIES}
    return {
        f"{LATENCY_FOLDER}/{name}/{key}": float(value)
        for key, value in found.items()
        if isinstance(value, (int, float))
    }


def _check_name(name: object, what: str) -> str:
    if not isinstance(name, str):
        raise InvalidInput(f"The name of {what} is text, not {type(name).__name__}: {str(name)[:80]!r}.")
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"The name of {what} may not be {name[:120]!r}: it has 1 to 100 letters (a-z, A-Z), digits, "
            "dots, hyphens and underscores, a letter or digit first.",
            hint="For example test, validation or test-2026.",
        )
    check_path(name)
    return str.__str__(name)
