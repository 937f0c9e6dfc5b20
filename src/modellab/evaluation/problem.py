"""What is evaluated, once it has been checked: labels and predictions as codes and numbers, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TaskType = Literal["classification", "regression"]
TASK_TYPES: tuple[TaskType, ...] = ("classification", "regression")

ClassName = str | int | float | bool
"""A class as the user names it; in one problem all are text, or none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """`n` rows of a classification.

    `classes` (K >= 2) are in the order of the columns; of two, the last one is positive. `labels` and
    `predicted` (both int64, shape (n,)) are places in it. `probabilities` (float64, shape (n, K), rows sum to
    1) are `None` for hard labels. `predicted` follows from them: of two classes, the positive one where its
    probability is at least 0.5; of more, the largest, of equals the first.
    """

    classes: tuple[ClassName, ...]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64] | None

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.labels)

    @property
    def is_binary(self) -> bool:
        """Whether there are two classes."""
        return len(self.classes) == 2

    @property
    def scores(self) -> NDArray[np.float64] | None:
        """Of two classes, the probability of the positive one, shape (n,); else `None`."""
        return self.probabilities[:, 1] if self.is_binary and self.probabilities is not None else None

    @property
    def confidences(self) -> NDArray[np.float64] | None:
        """The probability of the predicted class, shape (n,); `None` for hard labels."""
        if self.probabilities is None:
            return None
        chosen: NDArray[np.float64] = self.probabilities[np.arange(self.n), self.predicted]
        return chosen

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which rows are predicted right, shape (n,)."""
        right: NDArray[np.bool_] = self.labels == self.predicted
        return right

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Classification:
        """These rows alone, by their places or by a mask."""
        kept = None if self.probabilities is None else self.probabilities[rows]
        return Classification(
            classes=self.classes,
            labels=self.labels[rows],
            predicted=self.predicted[rows],
            probabilities=kept,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """`n` rows of a regression: `targets` and `predictions`, float64, shape (n,), all finite."""

    targets: NDArray[np.float64]
    predictions: NDArray[np.float64]

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.targets)

    @property
    def errors(self) -> NDArray[np.float64]:
        """Prediction minus target, shape (n,)."""
        return self.predictions - self.targets

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Regression:
        """These rows alone, by their places or by a mask."""
        return Regression(targets=self.targets[rows], predictions=self.predictions[rows])


Problem = Classification | Regression
