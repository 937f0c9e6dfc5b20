"""Finds the classes of a classification, and turns class names into their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.problem import ClassName
from modellab.evaluation.vectors import Vector, is_missing, name_row, read_vector

MAX_CLASSES = 2000
"""Classes of one problem; their confusion matrix grows with the square."""

_LARGEST_GUESS = 10  # a class that no label has is at most so far from labels that are 0 and 1


def read_classes(given: Sequence[ClassName]) -> tuple[ClassName, ...]:
    """The classes that a user names, in their order: two or more, all text or none, none twice."""
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise InvalidInput(f"classes is {given!r}; it may be a list of at least two classes.")
    names = [_plain(name) for name in given]
    if len(names) < 2:
        raise InvalidInput(f"classes is {names!r}; at least two are needed.")
    if any(is_missing(name) for name in names):
        raise InvalidInput("classes has a missing value.")
    if read_vector("classes", names).values.ndim > 1 or any(isinstance(name, list) for name in names):
        raise InvalidInput(f"classes has {names[0]!r}; each of them is one text, number or boolean.")
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise InvalidInput(f"classes has {twice!r} twice.")
    return _limit(tuple(names))


def find_classes(labels: Vector, predictions: Vector) -> tuple[ClassName, ...]:
    """The classes that occur, sorted: those of the labels, and of the predictions if they are hard labels."""
    n_columns = predictions.values.shape[1] if predictions.values.ndim == 2 else None
    found = _list_values(labels)
    if n_columns is None and (predictions.kind == "text" or predictions.is_whole):
        _refuse_scores(found, labels, predictions)
        if (labels.kind == "text") != (predictions.kind == "text"):
            raise InvalidInput(
                f"The labels are {_describe(labels)}, and the predictions {_describe(predictions)}; "
                "they are of one kind.",
                hint="Name config['classes'] if whole numbers are places in it, counted from 0.",
            )
        found = sorted({*found, *_list_values(predictions)})
    if n_columns in (None, 2) and labels.kind != "text" and set(found) < {0, 1}:
        found = [False, True] if labels.kind == "boolean" else [0, 1]  # one of the two is absent
    if len(found) < 2:
        raise InvalidInput(
            f"There is one class, {found[0]!r}, in all {labels.n} labels; what the others are is not known.",
            hint="Name them all in config['classes'].",
        )
    if n_columns is not None and n_columns != len(found):
        raise InvalidInput(
            f"The predictions have {n_columns} columns, and the labels {len(found)} classes: {_show(found)}.",
            hint="Name the class of each column in config['classes'], in the columns' order.",
        )
    return _limit(tuple(found))


def encode_classes(vector: Vector, classes: tuple[ClassName, ...], *, are_places: bool) -> NDArray[np.int64]:
    """The place of each row's class, shape (n,).

    With `are_places`, whole numbers are themselves places where the classes are text.
    """
    is_text = isinstance(classes[0], str)
    if is_text and vector.kind != "text" and are_places and vector.is_whole:
        return _check_places(vector, classes)
    places = {name: place for place, name in enumerate(classes)}
    if vector.kind == "text":
        codes = np.array([places.get(name, -1) for name in vector.values], np.int64)
    else:
        found, where = np.unique(vector.values, return_inverse=True)
        of_found = np.array([places.get(name, -1) for name in found.tolist()], np.int64)
        codes = of_found[where]
    if (codes < 0).any():
        _refuse_unknown(vector, codes < 0, classes)
    return codes


def _refuse_scores(found: Sequence[Any], labels: Vector, predictions: Vector) -> None:
    """Refuse whole numbers far from labels that are 0 and 1: percentages or scores, not further classes."""
    if predictions.kind != "number" or labels.kind == "text" or not set(found) <= {0, 1}:
        return
    low, high = predictions.values.min().item(), predictions.values.max().item()
    if low < 0 or high > _LARGEST_GUESS:
        raise InvalidInput(
            f"The predictions are whole numbers from {low:g} to {high:g}, and the labels 0 and 1 alone.",
            hint="Divide percentages by 100, and apply sigmoid to logits. "
            "Of classes, name them all in config['classes'].",
        )


def _list_values(vector: Vector) -> list[Any]:
    """The values that occur, sorted."""
    if vector.kind == "text":
        return sorted(dict.fromkeys(str(name) for name in vector.values))
    found = np.unique(vector.values)
    if found.dtype.kind == "f":
        if not vector.is_whole:
            row = int((np.trunc(vector.values) != vector.values).argmax())
            raise InvalidInput(
                f"The {vector.name} have numbers with a fraction, {vector.values[row]} in {name_row(row)}.",
                hint="To predict numbers is task_type='regression'; real classes go in config['classes'].",
            )
        vector.check_size()
        found = found.astype(np.int64)
    return list(found.tolist())


def _check_places(vector: Vector, classes: tuple[ClassName, ...]) -> NDArray[np.int64]:
    vector.check_size()
    codes = vector.values.astype(np.int64)
    bad = (codes < 0) | (codes >= len(classes))
    if bad.any():
        row = int(bad.argmax())
        raise InvalidInput(
            f"The {vector.name} are places in classes, 0 to {len(classes) - 1}, but not in "
            f"{int(bad.sum())} of {vector.n} rows, first {vector.values[row]} in {name_row(row)}."
        )
    return codes


def _refuse_unknown(vector: Vector, bad: NDArray[np.bool_], classes: tuple[ClassName, ...]) -> None:
    row = int(bad.argmax())
    value = vector.values[row : row + 1].tolist()[0]
    hint = None
    if isinstance(value, str) != isinstance(classes[0], str):
        hint = "Text and numbers are different classes: 1 is not '1'."
    raise InvalidInput(
        f"The {vector.name} are none of the classes in {int(bad.sum())} of {vector.n} rows, first {value!r} "
        f"in {name_row(row)}; the classes are {_show(classes)}.",
        hint=hint,
    )


def _limit(classes: tuple[ClassName, ...]) -> tuple[ClassName, ...]:
    if len(classes) > MAX_CLASSES:
        raise InvalidInput(
            f"There are {len(classes)} classes; at most {MAX_CLASSES} can be evaluated.",
            hint="If these are numbers to predict, pass task_type='regression'.",
        )
    return classes


def _plain(name: Any) -> Any:
    return name.item() if isinstance(name, np.generic) else name


def _describe(vector: Vector) -> str:
    kind = vector.kind if vector.kind == "text" else f"{vector.kind}s"
    return f"{kind} such as {vector.values[:1].tolist()[0]!r}"


def _show(classes: Sequence[Any], most: int = 8) -> str:
    more = f" and {len(classes) - most} more" if len(classes) > most else ""
    return ", ".join(repr(name) for name in classes[:most]) + more
