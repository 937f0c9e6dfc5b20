"""Why a row is in its category, in one clause."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modellab.evaluation.data_quality import DoubtfulColumn
from modellab.evaluation.failure_categories import Sorting, find_rare_classes
from modellab.evaluation.problem import Classification, Problem, Regression


class Explanation:
    """Says of single rows why they are where they are."""

    def __init__(self, problem: Problem, sorting: Sorting, doubts: Sequence[DoubtfulColumn]) -> None:
        self._problem = problem
        self._sorting = sorting
        self._doubts = doubts
        if isinstance(problem, Classification):
            self._counts = np.bincount(problem.labels, minlength=len(problem.classes))
            self._unseen = find_rare_classes(problem)[1]
            k = len(problem.classes)
            wrong = np.flatnonzero(~problem.correct)
            cells, counts = np.unique(
                problem.labels[wrong] * k + problem.predicted[wrong], return_counts=True
            )
            self._confused = dict(zip(cells.tolist(), counts.tolist(), strict=True))

    def say(self, category: str, row: int) -> str:
        """Why `row` is in `category`."""
        if category == "data_quality":
            found = [said for doubt in self._doubts if (said := doubt.say(row)) is not None]
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            return ", ".join(found[:3]) + more
        if isinstance(self._problem, Regression):
            return self._say_of_number(self._problem, category, row)
        return self._say_of_class(self._problem, category, row)

    def _say_of_class(self, problem: Classification, category: str, row: int) -> str:
        code, predicted = int(problem.labels[row]), int(problem.predicted[row])
        label, answer = problem.classes[code], problem.classes[predicted]
        if category == "rare_or_unseen":
            if self._unseen[code]:
                return f"{label!r} is never predicted"
            return f"{label!r} is the label of {self._counts[code]} of {problem.n} rows only"
        if category == "systematic" or problem.probabilities is None:
            times = self._confused[code * len(problem.classes) + predicted]
            return f"{label!r} taken for {answer!r}, one of {times} such errors"
        sure, of_label = problem.probabilities[row, predicted], problem.probabilities[row, code]
        if category == "near_boundary":
            second, first = np.sort(problem.probabilities[row])[-2:]
            return f"the two most probable classes are {first - second:.3g} apart"
        if category == "label_suspect":
            return f"{answer!r} is almost certain ({sure:.4g}), the label {label!r} has {of_label:.2g}"
        return f"wrong with confidence {sure:.3g}"

    def _say_of_number(self, problem: Regression, category: str, row: int) -> str:
        error = float(problem.predictions[row] - problem.targets[row])
        times = abs(error) / (self._sorting.scale or 1.0)
        side = "above" if error > 0 else "below"
        off = f"{times:.3g} robust sd {side} the target"
        if category == "high_confidence_error":
            return f"{off}, though the prediction is an ordinary one"
        if category == "near_boundary":
            return f"{off}, which lies near the edge of a quartile"
        if category == "rare_or_unseen":
            return f"{off}, which lies in the outer 1 % of the targets"
        return f"{off}: beyond plausible noise" if category == "label_suspect" else off
