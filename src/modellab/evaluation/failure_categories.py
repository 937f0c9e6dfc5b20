"""The six categories of failures: disjoint, the first that matches wins.

The thresholds are proposals for reading order, not tests: they say which rows to look at first and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.data_quality import FAR_OUT, FEW_ROWS, DoubtfulColumn, robust_scale
from modellab.evaluation.problem import Classification, Problem, Regression
from modellab.evaluation.slice_cuts import N_QUARTILES, find_edges

CATEGORIES = (
    "label_suspect",
    "high_confidence_error",
    "near_boundary",
    "rare_or_unseen",
    "data_quality",
    "systematic",
)

NEAR_CERTAIN, NEAR_IMPOSSIBLE = 0.99, 0.001
HIGH_CONFIDENCE = 0.9
SMALL_GAP = 0.1
RARE_ROWS, RARE_SHARE = 20, 0.01

BEYOND_NOISE = 10.0
LARGE_ERROR = 3.0
CENTRAL = 0.8
NEAR_EDGE = 0.05
TAIL = 0.01

_ROUNDING = 1e-9  # 0.55 - 0.45 is a gap of 0.1, though not as floats
_NEED_PROBABILITIES = "needs probabilities; the predictions are hard labels"
_NEED_DATA = "needs data; only predictions and labels were handed over"
_TINY = 1e-12

Thresholds = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """The rows of a problem by category.

    `categories`, int8, shape (n,), are places in `CATEGORIES`, -1 is none. `errors`, shape (n,), are the rows
    that count as errors; `severity`, float64, shape (n,), is log loss or absolute error, `None` for hard
    labels. `unavailable` says of categories that could not be looked for why. `scale` is the robust standard
    deviation of the errors of a regression.
    """

    categories: NDArray[np.int8]
    errors: NDArray[np.bool_]
    severity: NDArray[np.float64] | None
    thresholds: Mapping[str, Thresholds]
    unavailable: Mapping[str, str] = field(default_factory=dict)
    scale: float | None = None


def sort_failures(problem: Problem, doubts: list[DoubtfulColumn] | None) -> Sorting:
    """Sort the rows of a problem into the categories; `doubts` is `None` without data."""
    doubtful = np.zeros(problem.n, np.bool_)
    for doubt in doubts or ():
        doubtful |= doubt.missing | doubt.unusual
    unavailable = {} if doubts is not None else {"data_quality": _NEED_DATA}
    if isinstance(problem, Classification):
        return _sort_classes(problem, doubtful, unavailable)
    return _sort_numbers(problem, doubtful, unavailable)


def find_rare_classes(problem: Classification) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which classes have few rows, and which are never predicted; shape (K,) each."""
    k = len(problem.classes)
    few = np.bincount(problem.labels, minlength=k) < max(RARE_ROWS, RARE_SHARE * problem.n)
    return few, np.bincount(problem.predicted, minlength=k) == 0


def _sort_classes(
    problem: Classification, doubtful: NDArray[np.bool_], unavailable: dict[str, str]
) -> Sorting:
    wrong = ~problem.correct
    few, unseen = find_rare_classes(problem)
    rare = wrong & (few | unseen)[problem.labels]
    masks = {"rare_or_unseen": rare, "data_quality": wrong & doubtful, "systematic": wrong}
    confidences, severity = problem.confidences, None
    if problem.probabilities is None or confidences is None:
        unavailable |= dict.fromkeys(CATEGORIES[:3], _NEED_PROBABILITIES)
    else:
        of_label = problem.probabilities[np.arange(problem.n), problem.labels]
        second, first = np.partition(problem.probabilities, (-2, -1), axis=1)[:, -2:].T
        severity = -np.log(np.maximum(of_label, np.finfo(np.float64).eps))
        certain = confidences >= NEAR_CERTAIN - _ROUNDING
        masks |= {
            "label_suspect": wrong & certain & (of_label <= NEAR_IMPOSSIBLE + _ROUNDING),
            "high_confidence_error": wrong & (confidences >= HIGH_CONFIDENCE - _ROUNDING),
            "near_boundary": first - second <= SMALL_GAP + _ROUNDING,
        }
    return Sorting(
        categories=_take_first(masks, problem.n),
        errors=wrong,
        severity=severity,
        thresholds={
            "label_suspect": {"confidence_from": NEAR_CERTAIN, "label_probability_to": NEAR_IMPOSSIBLE},
            "high_confidence_error": {"confidence_from": HIGH_CONFIDENCE},
            "near_boundary": {"gap_to": SMALL_GAP},
            "rare_or_unseen": {"rows_below": max(RARE_ROWS, RARE_SHARE * problem.n)},
            "data_quality": {"robust_sd_beyond": FAR_OUT, "category_rows_below": FEW_ROWS},
            "systematic": {},
        },
        unavailable=unavailable,
    )


def _sort_numbers(problem: Regression, doubtful: NDArray[np.bool_], unavailable: dict[str, str]) -> Sorting:
    size = np.abs(problem.errors)
    # The floor grows with the targets, so that the rounding of large numbers is not an error.
    scale = max(robust_scale(problem.errors)[1], _TINY * max(1.0, float(np.abs(problem.targets).max())))
    errors, large = size > scale, size > LARGE_ERROR * scale
    low, high = _find_central(problem.predictions, CENTRAL)
    first, last = _find_central(problem.targets, 1 - 2 * TAIL)
    edges, reach = _find_target_edges(problem.targets)
    near = np.zeros(problem.n, np.bool_)
    for edge in edges:
        near |= np.abs(problem.targets - edge) <= reach
    masks = {
        "label_suspect": size > BEYOND_NOISE * scale,
        "high_confidence_error": large & (problem.predictions >= low) & (problem.predictions <= high),
        "near_boundary": errors & ~large & near,
        "rare_or_unseen": errors & ((problem.targets < first) | (problem.targets > last)),
        "data_quality": large & doubtful,
        "systematic": errors,
    }
    return Sorting(
        categories=_take_first(masks, problem.n),
        errors=errors,
        severity=size,
        thresholds={
            "label_suspect": {"error_beyond": BEYOND_NOISE * scale},
            "high_confidence_error": {
                "error_beyond": LARGE_ERROR * scale,
                "prediction_from": low,
                "prediction_to": high,
            },
            "near_boundary": {"error_beyond": scale, "error_to": LARGE_ERROR * scale, "distance_to": reach},
            "rare_or_unseen": {"error_beyond": scale, "target_below": first, "target_above": last},
            "data_quality": {
                "error_beyond": LARGE_ERROR * scale,
                "robust_sd_beyond": FAR_OUT,
                "category_rows_below": FEW_ROWS,
            },
            "systematic": {"error_beyond": scale},
        },
        unavailable=unavailable,
        scale=scale,
    )


def _find_central(values: NDArray[np.float64], share: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def _find_target_edges(targets: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The edges by which slices cut the target, and how near to one is near: 5 % of the quartiles' range."""
    low, high = _find_central(targets, 0.5)
    return find_edges(targets, N_QUARTILES), NEAR_EDGE * (high - low)


def _take_first(masks: Mapping[str, NDArray[np.bool_]], n: int) -> NDArray[np.int8]:
    """The place of the first category whose mask holds a row, shape (n,); -1 for none."""
    taken = np.full(n, -1, np.int8)
    for place in reversed(range(len(CATEGORIES))):
        if CATEGORIES[place] in masks:
            taken[masks[CATEGORIES[place]]] = place
    return taken
