"""A number for each row, of whose means many metrics are functions; and those functions.

Means stand in the last axis of what the functions take, so that one mean or thousands are read at once.
Squares are of what is left after subtracting a mean of the rows, so that nothing cancels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics.confusion import divide
from modellab.evaluation.problem import Classification, Problem, Regression

SMALLEST_PROBABILITY = 2.220446049250313e-16
"""What a probability is raised to before its logarithm is taken, as scikit-learn does it."""

Values = NDArray[np.float64]


def log_losses(problem: Problem) -> Values:
    """-ln of the probability of the true class, in nats."""
    labels, probabilities = _read(problem)
    true: Values = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.maximum(true, SMALLEST_PROBABILITY))


def brier_scores(problem: Problem) -> Values:
    """Squared errors of probabilities: of two classes of the positive one's, of more summed (Brier 1950)."""
    labels, probabilities = _read(problem)
    if probabilities.shape[1] == 2:
        binary: Values = np.square(probabilities[:, 1] - labels)
        return binary
    off = probabilities.copy()
    off[np.arange(len(labels)), labels] -= 1
    summed: Values = np.square(off).sum(1)
    return summed


def errors(problem: Problem) -> Values:
    """Prediction minus target."""
    return _numbers(problem).errors


def absolute_errors(problem: Problem) -> Values:
    """The size of the errors."""
    return np.abs(errors(problem))


def squared_errors(problem: Problem) -> Values:
    """The squares of the errors."""
    return np.square(errors(problem))


def relative_errors(problem: Problem) -> Values:
    """The size of the errors as a share of that of the target; NaN where a target is 0."""
    targets = np.abs(_numbers(problem).targets)
    return absolute_errors(problem) / np.where(targets > 0, targets, np.nan)


def centred_errors(problem: Problem) -> Values:
    """Errors minus their mean."""
    return _centre(errors(problem))


def squared_centred_errors(problem: Problem) -> Values:
    """The squares of errors minus their mean."""
    return np.square(centred_errors(problem))


def centred_targets(problem: Problem) -> Values:
    """Targets minus their mean."""
    return _centre(_numbers(problem).targets)


def squared_centred_targets(problem: Problem) -> Values:
    """The squares of targets minus their mean."""
    return np.square(centred_targets(problem))


def centred_predictions(problem: Problem) -> Values:
    """Predictions minus their mean."""
    return _centre(_numbers(problem).predictions)


def squared_centred_predictions(problem: Problem) -> Values:
    """The squares of predictions minus their mean."""
    return np.square(centred_predictions(problem))


def products(problem: Problem) -> Values:
    """Targets times predictions, each minus its mean."""
    return centred_targets(problem) * centred_predictions(problem)


def take_mean(means: Values) -> Values:
    """The mean itself."""
    return means[..., 0]


def take_root(means: Values) -> Values:
    """The root of the mean."""
    return np.sqrt(means[..., 0])


def deviation(means: Values) -> Values:
    """The standard deviation, of the means of values and of their squares."""
    return np.sqrt(_variance(means[..., 0], means[..., 1]))


def unexplained(means: Values) -> Values:
    """1 - mean squared error / variance of the targets; of squared errors, targets, squared targets."""
    return 1 - divide(means[..., 0], _variance(means[..., 1], means[..., 2]))


def unexplained_variance(means: Values) -> Values:
    """1 - variance of the errors / variance of the targets; of errors, squares, targets, squares."""
    error = _variance(means[..., 0], means[..., 1])
    return 1 - divide(error, _variance(means[..., 2], means[..., 3]))


def correlation(means: Values) -> Values:
    """Pearson's, of targets, squares, predictions, squares, products."""
    x, xx, y, yy, xy = (means[..., place] for place in range(5))
    below = np.sqrt(_variance(x, xx)) * np.sqrt(_variance(y, yy))
    found = divide(xy - x * y, below)
    inside: Values = np.clip(found, -1, 1)
    return inside


def _read(problem: Problem) -> tuple[NDArray[np.int64], Values]:
    if not isinstance(problem, Classification) or problem.probabilities is None:
        raise TypeError("These are values of probabilities.")
    return problem.labels, problem.probabilities


def _numbers(problem: Problem) -> Regression:
    if not isinstance(problem, Regression):
        raise TypeError("These are values of a regression.")
    return problem


def _centre(values: Values) -> Values:
    """Values minus their mean; exact zeros if all are equal."""
    middle: float = values[0] if (values == values[0]).all() else values.mean()
    return values - middle


def _variance(mean: Values, of_squares: Values) -> Values:
    variance: Values = np.maximum(of_squares - np.square(mean), 0)
    return variance
