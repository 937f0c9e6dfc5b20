"""Stress tests: what a model does on corrupted copies of the data, beside what it does on the data itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from modellab.errors import InvalidInput
from modellab.evaluation.corruptions import FAMILIES, MAX_SINGLE_COLUMNS, Corruption, Corruptor, Family
from modellab.evaluation.data_quality import robust_scale
from modellab.evaluation.inputs import replace_predictions
from modellab.evaluation.metrics import compute_metric, find_metric
from modellab.evaluation.native_tables import can_change, change_table, take_rows_of
from modellab.evaluation.problem import Classification, Problem, Regression
from modellab.evaluation.table import DataTable
from modellab.records.estimates import Test
from modellab.statistics.corrections import holm
from modellab.statistics.paired import compare_correctness, compare_means
from modellab.statistics.streams import Stream

Predict = Callable[[Any], Any]
Progress = Callable[[int, int, str], None]
"""Called with how many corruptions are done, of how many, and which comes next."""

_FALLBACK = {"classification": "accuracy", "regression": "mae"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StressPoint:
    """A model on one corruption, over the `n` rows that it has.

    `severity` is 1 (mild) to 5, of the given `amount`; or `column` the one that was corrupted. `value` is the
    metric, and `relative_drop` how much worse it is than on the same rows uncorrupted, as a share of that; it
    is below 0 where it is better. `flip_rate` is the share of rows with another predicted class; of a
    regression, of those that moved by more than a robust sd of the clean errors. `test` is the paired one of
    clean against corrupted correctness, or absolute errors. `error` says what the model did instead.
    """

    severity: int | None
    column: str | None
    amount: float | None
    n: int
    value: float | None = None
    relative_drop: float | None = None
    flip_rate: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    test: str | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "severity": self.severity,
            "column": self.column,
            "amount": self.amount,
            "n": self.n,
            "value": self.value,
            "relative_drop": self.relative_drop,
            "flip_rate": self.flip_rate,
            "p_value": self.p_value,
            "adjusted_p": self.adjusted_p,
            "test": self.test,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StressFamily:
    """The corruptions of one family; `reason` says why there are none."""

    family: str
    unit: str
    severities: Sequence[StressPoint]
    reason: str | None = None

    @property
    def mean_relative_drop(self) -> float | None:
        """The mean of the relative drops that are known."""
        drops = [point.relative_drop for point in self.severities if point.relative_drop is not None]
        return float(np.mean(drops)) if drops else None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "family": self.family,
            "unit": self.unit,
            "mean_relative_drop": self.mean_relative_drop,
            "severities": [point.as_dict() for point in self.severities],
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StressReport:
    """All families; if nothing `ran`, `reason` says why. `clean` is the metric on the data as it is."""

    ran: bool
    reason: str | None = None
    metric: str | None = None
    higher_is_better: bool | None = None
    clean: float | None = None
    families: Sequence[StressFamily] = ()
    notes: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "ran": self.ran,
            "reason": self.reason,
            "metric": self.metric,
            "higher_is_better": self.higher_is_better,
            "clean": self.clean,
            "families": [family.as_dict() for family in self.families],
            "notes": list(self.notes),
        }


def run_stress_tests(
    predict: Predict | None,
    problem: Problem,
    table: DataTable | None,
    data: Any,
    *,
    metric: str,
    stream: Stream,
    progress: Progress | None = None,
) -> StressReport:
    """Let `predict` answer corrupted copies of `data`, and compare with what it answers on the data itself.

    `predict` gets a table of the kind that `data` is, a copy each time, and gives predictions in any shape
    that an evaluation takes. Where it raises on corrupted data, that is what the report says of it. `table`
    is `data` as it was read; of `problem` the labels are used.
    """
    reason = _say_why_not(predict, table, data)
    if predict is None or table is None or reason is not None:
        return StressReport(ran=False, reason=f"not run: {reason}")
    clean = _answer(predict, problem, take_rows_of(data, np.arange(problem.n)))
    if isinstance(clean, str):
        return StressReport(ran=False, reason=f"not run: on the data as it is, {clean}")
    notes = list(_compare_with_given(problem, clean))
    value = compute_metric(clean, metric).value
    if value is None:
        other = _FALLBACK["classification" if isinstance(clean, Classification) else "regression"]
        notes.append(f"{metric} is undefined for what predict gives, so the metric is {other}")
        metric, value = other, compute_metric(clean, other).value
    corruptor = Corruptor(table, data, stream)
    tests = _Tests(predict, data, clean, metric)
    families = _run_families(tests, corruptor, progress)
    if len(table.columns) > MAX_SINGLE_COLUMNS:
        notes.append(f"of {len(table.columns)} columns, {MAX_SINGLE_COLUMNS} are corrupted one at a time")
    return StressReport(
        ran=True,
        metric=metric,
        higher_is_better=find_metric(metric).higher_is_better,
        clean=value,
        families=_adjust(families),
        notes=notes,
    )


class _Tests:
    """Runs single corruptions against the clean predictions."""

    def __init__(self, predict: Predict, data: Any, clean: Problem, metric: str) -> None:
        self._predict, self._data, self._clean, self._metric = predict, data, clean, metric
        self._scale = 0.0 if isinstance(clean, Classification) else robust_scale(clean.errors)[1]

    def run(self, corruption: Corruption) -> StressPoint:
        clean, rows = self._clean, corruption.rows
        if rows is not None:
            clean = clean.take(rows)
        point = StressPoint(
            severity=corruption.severity, column=corruption.column, amount=corruption.amount, n=clean.n
        )
        changed = (
            change_table(self._data, corruption.changes) if rows is None else take_rows_of(self._data, rows)
        )
        corrupted = _answer(self._predict, clean, changed)
        if isinstance(corrupted, str):
            return replace(point, error=corrupted)
        value = compute_metric(corrupted, self._metric).value
        test = _test(clean, corrupted)
        return replace(
            point,
            value=value,
            relative_drop=self._find_drop(compute_metric(clean, self._metric).value, value),
            flip_rate=self._find_flips(clean, corrupted),
            p_value=test.p_value,
            test=test.name,
        )

    def _find_drop(self, clean: float | None, value: float | None) -> float | None:
        higher_is_better = find_metric(self._metric).higher_is_better
        if not clean or value is None or higher_is_better is None:
            return None
        return (clean - value if higher_is_better else value - clean) / abs(clean)

    def _find_flips(self, clean: Problem, corrupted: Problem) -> float:
        if isinstance(clean, Classification) and isinstance(corrupted, Classification):
            return float(np.mean(clean.predicted != corrupted.predicted))
        return float(np.mean(_move(clean, corrupted) > self._scale))


def _run_families(tests: _Tests, corruptor: Corruptor, progress: Progress | None) -> list[StressFamily]:
    total = sum(corruptor.count(family) for family in FAMILIES)
    done = 0
    families = []
    for family in FAMILIES:
        points = []
        for corruption in corruptor.make(family):
            if progress is not None:
                progress(done, total, corruption.name)
            points.append(tests.run(corruption))
            done += 1
        families.append(_make_family(family, points, corruptor.say_why_not(family)))
    return families


def _make_family(family: Family, points: Sequence[StressPoint], reason: str | None) -> StressFamily:
    return StressFamily(
        family=family.name,
        unit=family.unit,
        severities=points,
        reason=None if reason is None else f"not run: {reason}",
    )


def _adjust(families: Sequence[StressFamily]) -> list[StressFamily]:
    """With p-values adjusted for how many corruptions were tried, all families together (Holm)."""
    adjusted = iter(holm([point.p_value for family in families for point in family.severities]))
    return [
        replace(family, severities=[replace(point, adjusted_p=next(adjusted)) for point in family.severities])
        for family in families
    ]


def _say_why_not(predict: Predict | None, table: DataTable | None, data: Any) -> str | None:
    if predict is None:
        return "no model handed over"
    if not callable(predict):
        raise InvalidInput(f"predict is of type {type(predict).__name__}; it may be a function of data.")
    if table is None:
        return "no data handed over for the model to predict"
    if not can_change(data):
        return f"data of type {type(data).__name__} cannot be corrupted and handed back as the same type"
    return None


def _answer(predict: Predict, problem: Problem, data: Any) -> Problem | str:
    """The problem with what the model predicts on `data`, or what went wrong."""
    try:
        predictions = predict(data)
    except Exception as error:
        said = str(error).strip().split("\n")[0][:200]
        return f"predict failed: {type(error).__name__}{': ' if said else ''}{said}"
    if isinstance(predictions, np.ndarray):
        predictions = predictions.copy()  # a model may write into the same array again
    try:
        return replace_predictions(problem, predictions)
    except InvalidInput as error:
        return f"what predict gives cannot be used: {error.message}"


def _compare_with_given(given: Problem, clean: Problem) -> Sequence[str]:
    """A note if the model does not repeat the predictions that are evaluated."""
    if isinstance(given, Classification) and isinstance(clean, Classification):
        differ = given.predicted != clean.predicted
    else:
        sizes = np.abs(clean.predictions) if isinstance(clean, Regression) else 0.0
        differ = _move(given, clean) > 1e-6 * np.maximum(1.0, sizes)
    if not differ.any():
        return ()
    return (
        f"predict does not repeat the predictions handed over in {int(differ.sum())} of {given.n} rows; "
        "stress tests compare with what predict gives on the data as it is",
    )


def _move(a: Problem, b: Problem) -> Any:
    """How far predictions of a regression are from each other, shape (n,)."""
    if not isinstance(a, Regression) or not isinstance(b, Regression):
        raise TypeError("Both problems are regressions.")
    return np.abs(a.predictions - b.predictions)


def _test(clean: Problem, corrupted: Problem) -> Test:
    if isinstance(clean, Regression) and isinstance(corrupted, Regression):
        return compare_means(np.abs(clean.errors), np.abs(corrupted.errors))
    if isinstance(clean, Classification) and isinstance(corrupted, Classification):
        return compare_correctness(clean.correct, corrupted.correct)
    raise TypeError("Both problems are of one kind.")
