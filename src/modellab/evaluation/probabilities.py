"""Checks that numbers are probabilities, and says what they look like if they are not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.problem import ClassName
from modellab.evaluation.vectors import name_row

SUM_TOLERANCE = 1e-3
"""How far from 1 a row of probabilities may sum, before it is renormalised."""
_MOSTLY = 0.25
"""The share of rows out of range from which all are taken to be something else than probabilities."""
_ROUNDING = 1e-6  # what float32 leaves of 0, 1 and sums of 1; such rows stay as they are


def complete_binary(values: NDArray[Any], classes: tuple[ClassName, ...]) -> NDArray[np.float64]:
    """P(positive), shape (n,), as probabilities of both classes, shape (n, 2)."""
    if len(classes) != 2:
        raise InvalidInput(
            f"The predictions are one number a row, P(positive) of two classes; there are {len(classes)}.",
            hint="Pass a column a class, in the order of the classes, or whole predictions of class names.",
        )
    scores = _check_range(values.astype(np.float64), "sigmoid")
    return np.stack([1 - scores, scores], axis=1)


def read_probabilities(values: NDArray[Any], classes: tuple[ClassName, ...]) -> NDArray[np.float64]:
    """Probabilities, a column a class, whose rows sum to 1 within 1e-3; they are renormalised."""
    if values.shape[1] != len(classes):
        raise InvalidInput(
            f"The predictions have {values.shape[1]} columns, for {len(classes)} classes; each has one."
        )
    probabilities = _check_range(values.astype(np.float64), "softmax")
    totals = probabilities.sum(1)
    off = np.abs(totals - 1)
    if (off > SUM_TOLERANCE).any():
        bad = off > SUM_TOLERANCE
        row = int(bad.argmax())
        raise InvalidInput(
            f"The probabilities do not sum to 1 in {int(bad.sum())} of {len(values)} rows, first "
            f"{totals[row]:.6g} in {name_row(row)}; up to {SUM_TOLERANCE} is rounding.",
            hint="Scores of independent labels are no probabilities of classes; divide each row by its sum.",
        )
    rounded = off > _ROUNDING
    probabilities[rounded] /= totals[rounded, None]
    return probabilities


def order_columns(given: Any, values: NDArray[Any], classes: tuple[ClassName, ...]) -> NDArray[Any]:
    """Of a frame whose columns are named after the classes, the columns in the classes' order."""
    names = [str(name) for name in getattr(given, "columns", ())]
    wanted = [str(name) for name in classes]
    if (
        values.ndim == 2
        and names != wanted
        and sorted(names) == sorted(wanted)
        and len(set(wanted)) == len(wanted)
    ):
        return values[:, [names.index(name) for name in wanted]]
    return values


def _check_range(values: NDArray[np.float64], function: str) -> NDArray[np.float64]:
    outside = (values < -_ROUNDING) | (values > 1 + _ROUNDING)
    bad = outside.any(1) if outside.ndim == 2 else outside
    if bad.any():
        row = int(bad.argmax())
        value = values[outside][0]
        raise InvalidInput(
            f"The predictions are no probabilities (0 to 1) in {int(bad.sum())} of {len(values)} rows, "
            f"first {value:.6g} in {name_row(row)}.",
            hint=_guess(values, function) if bad.mean() >= _MOSTLY else None,
        )
    return np.clip(values, 0, 1)


def _guess(values: NDArray[np.float64], function: str) -> str:
    totals = values.sum(1) if values.ndim == 2 else None
    if values.min() >= 0 and values.max() <= 100 and (totals is None or np.allclose(totals, 100, atol=1)):
        return "These look like percentages; divide them by 100."
    if values.max() <= 0 and (totals is None or np.allclose(np.exp(values).sum(1), 1, atol=1e-2)):
        return "These look like logarithms of probabilities; apply exp."
    return f"These look like logits; apply {function} first."
