"""What an evaluation found: metrics with intervals, slices, failures, curves, and five sentences."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modellab.evaluation.baseline import Baseline
from modellab.evaluation.examples import Examples
from modellab.evaluation.failures import FailureReport
from modellab.evaluation.output import encode_json, round_floats, write_folder
from modellab.evaluation.plots import draw_plots
from modellab.evaluation.problem import ClassName, TaskType
from modellab.evaluation.slices import SliceReport
from modellab.evaluation.stress import StressReport
from modellab.records.estimates import Interval
from modellab.statistics.calibration import CalibrationNull


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """An evaluation.

    `metrics` by name are `None` where they are undefined; `notes` say why, and what a value leaves out.
    `intervals` are those of the metrics, empty if none were asked for; `other_intervals` stand beside them,
    such as `accuracy_wilson`. `per_class` has the metrics of each class, `calibration_null` the calibration
    error that chance alone gives. `curves` are ready for JSON. `examples` are the rows themselves.
    """

    task_type: TaskType
    n: int
    classes: tuple[ClassName, ...] | None
    primary_metric: str
    metrics: Mapping[str, float | None]
    notes: Mapping[str, str]
    intervals: Mapping[str, Interval]
    other_intervals: Mapping[str, Interval]
    per_class: Sequence[Mapping[str, Any]]
    majority_baseline: Baseline
    calibration_null: CalibrationNull | None
    slices: SliceReport
    failures: FailureReport
    stress: StressReport
    curves: Mapping[str, Any]
    takeaway: str
    examples: Examples
    seed: int

    def get_takeaway(self) -> str:
        """The evaluation in exactly five sentences."""
        return self.takeaway

    def as_dict(self) -> dict[str, Any]:
        """All of it but the rows, ready for JSON, floats to 10 significant digits."""
        whole: dict[str, Any] = round_floats(
            {
                **self._summarise(),
                "intervals": _list_intervals(self.intervals),
                "other_intervals": _list_intervals(self.other_intervals),
                "slices": self.slices.as_dict(),
                "failures": self.failures.as_dict(),
                "curves": self.curves,
                "takeaway": self.takeaway,
            }
        )
        return whole

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The name and the bytes of each file of the output folder; equal reports give equal bytes."""
        yield "metrics.json", encode_json(self._summarise())
        yield (
            "confidence_intervals.json",
            encode_json(_list_intervals({**self.intervals, **self.other_intervals})),
        )
        yield "slices.json", encode_json(self.slices.as_dict())
        yield "failure_examples.json", encode_json(self.failures.as_dict())
        yield "takeaway.txt", f"{self.takeaway}\n".encode("utf-8", "backslashreplace")
        for name, data in draw_plots(self.curves, task_type=self.task_type):
            yield f"plots/{name}", data

    def write(self, output_dir: str | os.PathLike[str]) -> Path:
        """Put the files into a folder, in place of those of an earlier evaluation; other files in it stay."""
        return write_folder(self.files(), output_dir)

    def _summarise(self) -> dict[str, Any]:
        return {
            "task_type": self.task_type,
            "n": self.n,
            "classes": self.classes,
            "primary_metric": self.primary_metric,
            "metrics": self.metrics,
            "notes": self.notes,
            "per_class": self.per_class,
            "majority_baseline": self.majority_baseline.as_dict(),
            "calibration_null": None if self.calibration_null is None else asdict(self.calibration_null),
            "stress": self.stress.as_dict(),
            "seed": self.seed,
        }


def _list_intervals(intervals: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: asdict(found) for name, found in intervals.items()}
