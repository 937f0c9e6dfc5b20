"""Where a model fails: six categories of rows with their counts, and the worst rows of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.data_quality import find_doubts
from modellab.evaluation.failure_categories import CATEGORIES, Sorting, Thresholds, sort_failures
from modellab.evaluation.failure_reasons import Explanation
from modellab.evaluation.problem import Classification, Problem, Regression
from modellab.evaluation.table import DataColumn, DataTable, NumberColumn

__all__ = ["CATEGORIES", "FailureCategory", "FailureReport", "find_failures"]

MAX_FEATURES = 20
MAX_PAIRS = 50

_TITLES = {
    "label_suspect": "The label may be wrong",
    "high_confidence_error": "Sure and wrong",
    "near_boundary": "Near the boundary",
    "rare_or_unseen": "Rare or unseen",
    "data_quality": "Doubtful data",
    "systematic": "Ordinary errors",
}
_TITLES_OF_REGRESSION = {
    "label_suspect": "The target may be wrong",
    "high_confidence_error": "Looked ordinary, was far off",
    "near_boundary": "Near the edge of a target quartile",
    "rare_or_unseen": "In the tails of the target",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCategory:
    """One category.

    `count` rows, of them `n_errors` wrong; `share` is that of `n_errors` among all errors. All three are
    `None` where the category cannot be looked for, and `reason` says why. `examples` are its worst rows,
    ready for JSON. `pairs` says of ordinary errors which (label, prediction) they are, or on which side.
    """

    id: str
    title: str
    count: int | None
    n_errors: int | None
    share: float | None
    reason: str | None
    thresholds: Thresholds
    examples: Sequence[Mapping[str, Any]]
    pairs: Sequence[Mapping[str, Any]] = ()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "count": self.count,
            "n_errors": self.n_errors,
            "share": self.share,
            "reason": self.reason,
            "thresholds": dict(self.thresholds),
            "examples": [dict(example) for example in self.examples],
            "pairs": [dict(pair) for pair in self.pairs],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureReport:
    """All six categories, empty ones too.

    `n_errors` rows are wrong; of a regression, off by more than `scale`, the robust standard deviation of the
    errors. The `n_errors` of the categories add up to it.
    """

    n: int
    n_errors: int
    scale: float | None
    categories: Sequence[FailureCategory]

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "n": self.n,
            "n_errors": self.n_errors,
            "scale": self.scale,
            "categories": [category.as_dict() for category in self.categories],
        }


def find_failures(
    problem: Problem,
    table: DataTable | None,
    *,
    n_failures_per_type: int = 10,
    row_ids: Sequence[Any] | NDArray[Any] | None = None,
) -> FailureReport:
    """Sort the errors of `problem` into the six categories and show the worst rows of each.

    `n_failures_per_type` (0 or more) rows of a category are shown, by log loss or absolute error, then by
    index; counts are always full. `row_ids` (n,) name the rows; `None` is their index.
    """
    if n_failures_per_type < 0:
        raise InvalidInput(f"n_failures_per_type is {n_failures_per_type}; it has to be 0 or more.")
    doubts = None if table is None else find_doubts(table)
    sorting = sort_failures(problem, doubts)
    explanation = Explanation(problem, sorting, doubts or [])
    columns = () if table is None else table.columns[:MAX_FEATURES]
    categories = []
    for place, name in enumerate(CATEGORIES):
        rows = np.flatnonzero(sorting.categories == place)
        worst = _find_worst(rows, sorting.severity, n_failures_per_type)
        examples = [
            _show_row(problem, sorting, int(row), row_ids, columns, explanation.say(name, int(row)))
            for row in worst
        ]
        categories.append(_make_category(problem, sorting, name, rows, examples))
    return FailureReport(
        n=problem.n,
        n_errors=int(np.count_nonzero(sorting.errors)),
        scale=sorting.scale,
        categories=categories,
    )


def _make_category(
    problem: Problem,
    sorting: Sorting,
    name: str,
    rows: NDArray[np.int64],
    examples: Sequence[Mapping[str, Any]],
) -> FailureCategory:
    reason = sorting.unavailable.get(name)
    wrong = int(np.count_nonzero(sorting.errors[rows]))
    total = int(np.count_nonzero(sorting.errors))
    titles = _TITLES if isinstance(problem, Classification) else _TITLES | _TITLES_OF_REGRESSION
    return FailureCategory(
        id=name,
        title=titles[name],
        count=None if reason else len(rows),
        n_errors=None if reason else wrong,
        share=None if reason else wrong / total if total else 0.0,
        reason=reason,
        thresholds=sorting.thresholds[name],
        examples=examples,
        pairs=_count_pairs(problem, rows) if name == "systematic" else (),
    )


def _find_worst(
    rows: NDArray[np.int64], severity: NDArray[np.float64] | None, limit: int
) -> NDArray[np.int64]:
    """Of rows in order, those with the highest severity; of equals the first."""
    if severity is None or not limit:
        return rows[:limit]
    values = severity[rows]
    if len(rows) > limit:
        smallest = np.partition(values, -limit)[-limit]
        rows = rows[values >= smallest]
    return rows[np.argsort(-severity[rows], kind="stable")][:limit]


def _show_row(
    problem: Problem,
    sorting: Sorting,
    row: int,
    row_ids: Sequence[Any] | NDArray[Any] | None,
    columns: Sequence[DataColumn],
    reason: str,
) -> dict[str, Any]:
    return {
        "index": row,
        "row_id": row if row_ids is None else _plain(row_ids[row]),
        **_show_answer(problem, row),
        "correct": not sorting.errors[row],
        "severity": None if sorting.severity is None else float(sorting.severity[row]),
        "reason": reason,
        "features": {column.name: _show_cell(column, row) for column in columns},
    }


def _show_answer(problem: Problem, row: int) -> dict[str, Any]:
    if isinstance(problem, Regression):
        target, prediction = float(problem.targets[row]), float(problem.predictions[row])
        return {"label": target, "prediction": prediction, "confidence": None}
    label, predicted = problem.labels[row], problem.predicted[row]
    return {
        "label": _plain(problem.classes[label]),
        "prediction": _plain(problem.classes[predicted]),
        "confidence": None if problem.probabilities is None else float(problem.probabilities[row, predicted]),
    }


def _show_cell(column: DataColumn, row: int) -> float | str | None:
    if column.missing[row]:
        return None
    if isinstance(column, NumberColumn):
        return float(column.values[row])
    return column.levels[int(column.codes[row])]


def _plain(value: Any) -> Any:
    """A value of numpy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


def _count_pairs(problem: Problem, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
    """How many of the rows are which confusion, most first, or how many are over and under."""
    if isinstance(problem, Regression):
        over = int(np.count_nonzero(problem.errors[rows] > 0))
        return [{"side": "over", "count": over}, {"side": "under", "count": len(rows) - over}]
    k = len(problem.classes)
    cells, counts = np.unique(problem.labels[rows] * k + problem.predicted[rows], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MAX_PAIRS]
    return [
        {
            "label": _plain(problem.classes[cells[place] // k]),
            "prediction": _plain(problem.classes[cells[place] % k]),
            "count": int(counts[place]),
        }
        for place in order
    ]
