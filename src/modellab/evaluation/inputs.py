"""Reads predictions and labels into a problem, and refuses what cannot be one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.class_names import encode_classes, find_classes, read_classes
from modellab.evaluation.probabilities import complete_binary, order_columns, read_probabilities
from modellab.evaluation.problem import (
    TASK_TYPES,
    Classification,
    ClassName,
    Problem,
    Regression,
    TaskType,
)
from modellab.evaluation.vectors import Vector, name_row, read_vector

MAX_NUMBER = 1e70
"""The largest target or prediction of a regression; the variance of its square is still a float."""


def read_problem(
    predictions: Any, labels: Any, *, task_type: TaskType, classes: Sequence[ClassName] | None = None
) -> Problem:
    """The problem that predictions and labels make.

    Of a classification, 1-D text, booleans and numbers that are all whole (or all classes) are hard labels,
    other 1-D numbers P(positive); 2-D numbers are probabilities, a column a class. `classes` gives their
    order; without it they are sorted. Where classes are text, whole numbers are places in them, counted
    from 0. Raises `InvalidInput` with counts and the first bad row.
    """
    if task_type not in TASK_TYPES:
        raise InvalidInput(f"task_type is {task_type!r}; it may be {' or '.join(TASK_TYPES)}.")
    given = read_vector("labels", labels)
    predicted = read_vector("predictions", predictions)
    _check_lengths(given, predicted)
    if task_type == "regression":
        return Regression(targets=_read_numbers(given), predictions=_read_numbers(predicted))
    if given.values.ndim == 2:
        raise InvalidInput(
            f"The labels have shape {given.values.shape}; they are one class a row.",
            hint="Of one-hot labels, pass labels.argmax(axis=1).",
        )
    named = None if classes is None else read_classes(classes)
    known = named or find_classes(given, predicted)
    codes = encode_classes(given, known, are_places=named is not None)
    if predicted.values.ndim == 1 and _are_hard(predicted, known):
        hard = encode_classes(predicted, known, are_places=named is not None)
        return Classification(classes=known, labels=codes, predicted=hard, probabilities=None)
    return _with_probabilities(known, codes, order_columns(predictions, predicted.values, known))


def replace_predictions(problem: Problem, predictions: Any) -> Problem:
    """The same rows with other predictions, in any shape that `read_problem` takes.

    Of two classes with probabilities, 1-D numbers stay P(positive) even if all are whole.
    """
    predicted = read_vector("predictions", predictions)
    if predicted.n != problem.n:
        raise InvalidInput(f"There are {predicted.n} predictions for {problem.n} rows.")
    if not isinstance(problem, Classification):
        return Regression(targets=problem.targets, predictions=_read_numbers(predicted))
    is_binary_score = problem.scores is not None and predicted.kind == "number" and predicted.values.ndim == 1
    if predicted.values.ndim == 2 or is_binary_score or not (predicted.kind == "text" or predicted.is_whole):
        values = order_columns(predictions, predicted.values, problem.classes)
        return _with_probabilities(problem.classes, problem.labels, values)
    hard = encode_classes(predicted, problem.classes, are_places=True)
    return Classification(classes=problem.classes, labels=problem.labels, predicted=hard, probabilities=None)


def predict_classes(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Of two classes the second where it has at least 0.5; of more the largest, of equals the first."""
    is_binary = probabilities.shape[1] == 2
    codes = probabilities[:, 1] >= 0.5 if is_binary else probabilities.argmax(1)
    return codes.astype(np.int64, copy=False)


def read_row_ids(given: Any, n: int) -> NDArray[np.int64] | tuple[str, ...]:
    """The ids of `n` rows: whole numbers or texts, all different; 0 to n - 1 if none are given."""
    if given is None:
        return np.arange(n)
    vector = _read_column("row ids", given, n)
    if vector.kind == "boolean" or not (vector.kind == "text" or vector.is_whole):
        raise InvalidInput(
            f"The row ids are {vector.kind}s, first {vector.values[0]}; they are text or whole numbers."
        )
    if vector.kind == "number":
        vector.check_size()
    values = vector.values.tolist()
    if len(set(values)) < n:
        first: dict[Any, int] = {}
        for row, value in enumerate(values):
            if value in first:
                raise InvalidInput(
                    f"The row id {value!r} stands in row {first[value]} and again in {name_row(row)}; "
                    f"{n - len(set(values))} of {n} are repeated.",
                    hint="If such rows belong together, pass them as clusters.",
                )
            first[value] = row
    return tuple(map(str, values)) if vector.kind == "text" else vector.values.astype(np.int64)


def read_clusters(given: Any, n: int) -> NDArray[np.int64] | None:
    """The cluster of each of `n` rows as a code from 0; equal values are one cluster."""
    if given is None:
        return None
    values = _read_column("clusters", given, n).values
    codes: NDArray[np.int64] = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return codes


def _read_column(name: str, given: Any, n: int) -> Vector:
    vector = read_vector(name, given)
    if vector.n != n or vector.values.ndim > 1:
        raise InvalidInput(
            f"The {name} are of shape {vector.values.shape}; there is one for each of {n} rows."
        )
    return vector


def _are_hard(predicted: Vector, classes: tuple[ClassName, ...]) -> bool:
    """Whether a column is class names (or places) rather than P(positive)."""
    if predicted.kind == "text" or predicted.is_whole:
        return True
    return not isinstance(classes[0], str) and bool(np.isin(predicted.values, np.array(classes)).all())


def _with_probabilities(
    classes: tuple[ClassName, ...], labels: NDArray[np.int64], values: NDArray[Any]
) -> Classification:
    if values.ndim == 1:
        probabilities = complete_binary(values, classes)
    else:
        probabilities = read_probabilities(values, classes)
    return Classification(
        classes=classes,
        labels=labels,
        predicted=predict_classes(probabilities),
        probabilities=probabilities,
    )


def _check_lengths(labels: Vector, predictions: Vector) -> None:
    if labels.n != predictions.n:
        raise InvalidInput(
            f"There are {predictions.n} predictions for {labels.n} labels; each label has one."
        )


def _read_numbers(vector: Vector) -> NDArray[np.float64]:
    if vector.kind != "number":
        found = "text" if vector.kind == "text" else "booleans"
        raise InvalidInput(
            f"The {vector.name} are {found}, the first is {vector.values[:1].tolist()[0]!r}; "
            "a regression is of numbers.",
            hint="Of classes, pass task_type='classification'.",
        )
    if vector.values.ndim == 2:
        raise InvalidInput(
            f"The {vector.name} have {vector.values.shape[1]} columns; a regression has one.",
            hint="Evaluate several targets one by one.",
        )
    values = vector.values.astype(np.float64)
    large = np.abs(values) > MAX_NUMBER
    if large.any():
        row = int(large.argmax())
        raise InvalidInput(
            f"The {vector.name} are beyond ±{MAX_NUMBER} in {int(large.sum())} of {vector.n} rows, first "
            f"{values[row]} in {name_row(row)}; no float holds the spread of their squares."
        )
    return values
