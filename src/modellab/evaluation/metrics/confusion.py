"""Metrics that follow from the confusion matrix alone, of one matrix or of thousands at once.

Every function takes counts of shape (..., K, K), rows = labels, and gives values of shape (...). Of two
classes the second is positive. A class that occurs neither in labels nor in predictions counts nowhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[Any]
Values = NDArray[np.float64]


def accuracy(counts: Counts) -> Values:
    """The share of rows that are right."""
    return divide(_hits(counts).sum(-1), _actual(counts).sum(-1))


def balanced_accuracy(counts: Counts) -> Values:
    """The mean recall of the classes that occur in the labels (Brodersen 2010)."""
    return _mean(divide(_hits(counts), _actual(counts)))


def precisions(counts: Counts) -> Values:
    """Precision of each class, shape (..., K): 0 if it is never predicted, NaN if it occurs nowhere."""
    return _divide_or_zero(_hits(counts), _predicted(counts), counts)


def recalls(counts: Counts) -> Values:
    """Recall of each class, shape (..., K): 0 if it is only predicted, NaN if it occurs nowhere."""
    return _divide_or_zero(_hits(counts), _actual(counts), counts)


def f1s(counts: Counts) -> Values:
    """F1 of each class, shape (..., K): NaN if it occurs nowhere."""
    return divide(2 * _hits(counts), _actual(counts) + _predicted(counts))


def specificities(counts: Counts) -> Values:
    """Of each class, the share of the other rows not taken for it, shape (..., K); NaN without other rows."""
    others = _actual(counts).sum(-1)[..., None] - _actual(counts)
    return divide(others - _predicted(counts) + _hits(counts), others)


def precision(counts: Counts) -> Values:
    """Of two classes the positive one's, of more the mean."""
    return precisions(counts)[..., 1] if counts.shape[-1] == 2 else precision_macro(counts)


def recall(counts: Counts) -> Values:
    """Of two classes the positive one's (undefined if no label is positive), of more the mean."""
    if counts.shape[-1] == 2:
        return divide(counts[..., 1, 1], counts[..., 1, :].sum(-1))
    return recall_macro(counts)


def f1(counts: Counts) -> Values:
    """Of two classes the positive one's, of more the mean."""
    return f1s(counts)[..., 1] if counts.shape[-1] == 2 else f1_macro(counts)


def specificity(counts: Counts) -> Values:
    """Of two classes the recall of the negative one, of more the mean."""
    if counts.shape[-1] == 2:
        return specificities(counts)[..., 1]
    return _mean(specificities(counts))


def precision_macro(counts: Counts) -> Values:
    """The mean over classes."""
    return _mean(precisions(counts))


def recall_macro(counts: Counts) -> Values:
    """The mean over classes."""
    return _mean(recalls(counts))


def f1_macro(counts: Counts) -> Values:
    """The mean over classes."""
    return _mean(f1s(counts))


def precision_weighted(counts: Counts) -> Values:
    """The mean over rows of the precision of their class."""
    return _weigh(precisions(counts), counts)


def recall_weighted(counts: Counts) -> Values:
    """The mean over rows of the recall of their class, which is the accuracy."""
    return _weigh(recalls(counts), counts)


def f1_weighted(counts: Counts) -> Values:
    """The mean over rows of the F1 of their class."""
    return _weigh(f1s(counts), counts)


def mcc(counts: Counts) -> Values:
    """The correlation of labels and predictions (Matthews 1975; Gorodkin 2004 for more classes)."""
    actual, predicted = _actual(counts), _predicted(counts)
    n = actual.sum(-1)
    covariance = _hits(counts).sum(-1) * n - (actual * predicted).sum(-1)
    spread = (n * n - (actual * actual).sum(-1)) * (n * n - (predicted * predicted).sum(-1))
    return divide(covariance, np.sqrt(spread))


def cohen_kappa(counts: Counts) -> Values:
    """The agreement beyond that of chance (Cohen 1960)."""
    actual, predicted = _actual(counts), _predicted(counts)
    n = actual.sum(-1)
    by_chance = (actual * predicted).sum(-1)
    return divide(_hits(counts).sum(-1) * n - by_chance, n * n - by_chance)


def _hits(counts: Counts) -> Values:
    return np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)


def _actual(counts: Counts) -> Values:
    sums: Values = counts.sum(-1).astype(np.float64)
    return sums


def _predicted(counts: Counts) -> Values:
    sums: Values = counts.sum(-2).astype(np.float64)
    return sums


def divide(above: Values, below: Values) -> Values:
    """The quotient where what is below is more than 0, NaN elsewhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Values = np.where(below > 0, above / below, np.nan)
    return quotient


def _divide_or_zero(above: Values, below: Values, counts: Counts) -> Values:
    occurs = (_actual(counts) + _predicted(counts)) > 0
    return np.where(occurs & (below == 0), 0.0, divide(above, below))


def _mean(values: Values) -> Values:
    """The mean over the last axis of what is not NaN; NaN if nothing is left."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0.0).sum(-1), known.sum(-1))


def _weigh(values: Values, counts: Counts) -> Values:
    actual = _actual(counts)
    return divide(np.where(actual > 0, values * actual, 0.0).sum(-1), actual.sum(-1))
