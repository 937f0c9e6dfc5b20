"""Metrics that rank or bin probabilities: areas under curves and calibration errors."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics.metric import Tally
from modellab.statistics import calibration
from modellab.statistics.curves import score_metrics

MOST_PAIRED_CLASSES = 50
"""Classes up to which every pair is compared."""


def roc_auc(tally: Tally) -> float:
    """Of two classes the area, of more the mean of each class against the rest (Hanley & McNeil 1982)."""
    return _area(tally, "roc_auc")


def pr_auc(tally: Tally) -> float:
    """Average precision, the step sum without interpolation (Boyd 2013); of more classes the mean."""
    return _area(tally, "pr_auc")


def roc_auc_weighted(tally: Tally) -> float:
    """The mean of each class against the rest, by the classes' rows."""
    rows = tally.confusion.sum(1)
    areas = tally.areas["roc_auc"]
    known = ~np.isnan(areas)
    return float(np.average(areas[known], weights=rows[known])) if known.any() else np.nan


def roc_auc_ovo(tally: Tally) -> float:
    """The mean over all pairs of classes (Hand & Till 2001)."""
    labels, probabilities = tally.classification.labels, tally.probabilities
    present = np.flatnonzero(tally.confusion.sum(1))
    if not 2 <= len(present) <= MOST_PAIRED_CLASSES or len(present) < probabilities.shape[1]:
        return np.nan
    areas = []
    for first, second in itertools.combinations(present, 2):
        rows = (labels == first) | (labels == second)
        for positive in (first, second):
            scores = probabilities[rows, positive]
            areas.append(score_metrics(labels[rows] == positive, scores)["roc_auc"])
    return float(np.mean(areas))


def expected_calibration_error(tally: Tally) -> float:
    """Of two classes P(positive) against its frequency, of more the top label's (Naeini 2015, Guo 2017)."""
    if tally.classification.is_binary:
        return calibration.expected_calibration_error(*binned(tally))
    return expected_calibration_error_top_label(tally)


def expected_calibration_error_top_label(tally: Tally) -> float:
    """The confidence of the prediction against how often it is right."""
    return calibration.expected_calibration_error(tally.confidences, tally.classification.correct)


def ece_equal_mass(tally: Tally) -> float:
    """The same with bins of equal counts, which never split equal probabilities (Nixon 2019)."""
    return calibration.ece_equal_mass(*binned(tally))


def ece_debiased(tally: Tally) -> float:
    """The root mean square error with its bias taken off (Kumar 2019)."""
    return calibration.ece_debiased(*binned(tally))


def max_calibration_error(tally: Tally) -> float:
    """The error of the worst bin."""
    return calibration.max_calibration_error(*binned(tally))


def name_left_out(tally: Tally) -> str | None:
    """Which classes an average over classes leaves out, since one of their sides is empty."""
    areas = tally.areas["roc_auc"]
    left_out = [str(tally.classification.classes[k]) for k in np.flatnonzero(np.isnan(areas))]
    if tally.classification.is_binary or not left_out:
        return None
    return (
        f"the mean over {len(areas) - len(left_out)} of {len(areas)} classes; "
        f"no rows, or no others, of {list_names(left_out)}"
    )


def list_names(names: list[str], most: int = 5) -> str:
    """The first names, quoted, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"'{name}'" for name in names[:most]) + more


def _area(tally: Tally, name: str) -> float:
    if tally.classification.is_binary:
        return tally.scored[name]
    areas = tally.areas[name]
    known = ~np.isnan(areas)
    return float(areas[known].mean()) if known.any() else np.nan


def binned(tally: Tally) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What calibration is measured on: of two classes P(positive) and labels, else confidence and hits."""
    problem = tally.classification
    if problem.is_binary:
        return tally.probabilities[:, 1], problem.labels == 1
    return tally.confidences, problem.correct
