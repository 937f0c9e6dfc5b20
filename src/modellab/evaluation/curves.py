"""The curves of an evaluation as plain lists: what plots, the web app and JSON show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.problem import Classification, ClassName, Problem
from modellab.evaluation.residuals import build_residual_curves
from modellab.records.estimates import Interval
from modellab.statistics.calibration import CalibrationNull, calibration_bins, expected_calibration_error
from modellab.statistics.confusion import count_confusion
from modellab.statistics.curves import pr_curve_points, roc_curve_points, score_metrics
from modellab.statistics.proportions import wilson_interval

MAX_CLASSES_SHOWN = 50
"""A confusion matrix of more classes shows those with the most errors; one row and column sum the others."""

_MAX_CURVES = 12
_MAX_VERTICES = 2000
_N_BINS = 10
_N_CONFIDENCE_BINS = 20


def build_curves(
    problem: Problem,
    *,
    null: CalibrationNull | None = None,
    intervals: Mapping[str, Interval] | None = None,
) -> dict[str, Any]:
    """The curves of a problem: text, whole numbers, floats and `None` in lists and dicts, ready for JSON.

    `null` is what calibrated predictions would show by chance. `intervals` by metric are shown beside the
    values of curves (`roc_auc`, `pr_auc`, `expected_calibration_error`). What there is no curve of is `None`
    or an empty list, and `notes` says why, by the name of the curve. All curves of
    one kind have at most 2000 vertices together.
    """
    if isinstance(problem, Classification):
        return _build_classification(problem, null, intervals or {})
    return build_residual_curves(problem)


def fold_confusion(
    classes: Sequence[ClassName], counts: NDArray[np.int64], limit: int
) -> tuple[list[ClassName], NDArray[np.int64]]:
    """The same matrix with at most `limit` rows and columns: the last of both sums the classes left out.

    Those with the most errors (to or from them) stay, in the order they had; of equals the first. `counts`
    may have such a last row and column already, which `classes` does not name.
    """
    if len(counts) <= limit:
        return list(classes), counts
    errors = counts.sum(0) + counts.sum(1) - 2 * np.diag(counts)
    errors[len(classes) :] = -1
    kept = np.sort(np.argsort(-errors, kind="stable")[: limit - 1])
    places = np.full(len(counts), limit - 1)
    places[kept] = np.arange(limit - 1)
    folded = np.zeros((limit, limit), np.int64)
    np.add.at(folded, (places[:, None], places[None, :]), counts)
    return [classes[place] for place in kept], folded


def _build_classification(
    problem: Classification, null: CalibrationNull | None, intervals: Mapping[str, Interval]
) -> dict[str, Any]:
    notes: dict[str, str] = {}
    curves: dict[str, Any] = {
        "n": problem.n,
        "confusion_matrix": _build_confusion(problem, notes),
        "roc": [],
        "pr": [],
        "calibration": None,
        "confidence_histogram": None,
        "notes": notes,
    }
    if problem.probabilities is None:
        for name in ("roc", "pr", "calibration", "confidence_histogram"):
            notes[name] = "needs probabilities; the predictions are hard labels"
        return curves
    curves["roc"], curves["pr"] = _build_score_curves(problem, problem.probabilities, intervals, notes)
    curves["calibration"] = _build_calibration(problem, null, intervals)
    curves["confidence_histogram"] = _build_histogram(problem)
    return curves


def _build_confusion(problem: Classification, notes: dict[str, str]) -> dict[str, Any]:
    """Rows are labels, columns predictions; `n_folded` classes are summed in the last of both."""
    counts = count_confusion(problem.labels, problem.predicted, len(problem.classes))
    classes, counts = fold_confusion(problem.classes, counts, MAX_CLASSES_SHOWN)
    n_folded = len(problem.classes) - len(classes)
    if n_folded:
        notes["confusion_matrix"] = (
            f"of {len(problem.classes)} classes the {len(classes)} with the most errors; "
            f"{n_folded} others are summed"
        )
    return {"classes": classes, "counts": counts.tolist(), "n_folded": n_folded}


def _build_score_curves(
    problem: Classification,
    probabilities: NDArray[np.float64],
    intervals: Mapping[str, Interval],
    notes: dict[str, str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Of two classes one curve, that of the positive; else one for each class against the rest."""
    shown = _choose_classes(problem, notes)
    n_vertices = _MAX_VERTICES // max(1, len(shown))
    roc, pr = [], []
    for place in shown:
        hits, scores = problem.labels == place, probabilities[:, place]
        values = score_metrics(hits, scores)
        fpr, tpr, _ = roc_curve_points(hits, scores, n_vertices)
        recall, precision, _ = pr_curve_points(hits, scores, n_vertices)
        shared = {"class": problem.classes[place], "n_positive": int(hits.sum())}
        roc.append({**shared, "fpr": fpr.tolist(), "tpr": tpr.tolist(), "auc": values["roc_auc"]})
        pr.append(
            {
                **shared,
                "recall": recall.tolist(),
                "precision": precision.tolist(),
                "average_precision": values["pr_auc"],
            }
        )
    if problem.is_binary and roc:
        roc[0]["interval"] = _show_interval(intervals.get("roc_auc"))
        pr[0]["interval"] = _show_interval(intervals.get("pr_auc"))
    return roc, pr


def _choose_classes(problem: Classification, notes: dict[str, str]) -> list[int]:
    """The classes with a curve: both sides present, at most 12 by count, in their order."""
    counts = np.bincount(problem.labels, minlength=len(problem.classes))
    two_sided = np.flatnonzero((counts > 0) & (counts < problem.n))
    if problem.is_binary:
        two_sided = two_sided[two_sided == 1]
    shown = np.sort(two_sided[np.argsort(-counts[two_sided], kind="stable")[:_MAX_CURVES]])
    if not len(shown):
        notes["roc"] = notes["pr"] = "the labels have one class only"
    elif not problem.is_binary and len(shown) < len(problem.classes):
        notes["roc"] = notes["pr"] = (
            f"{len(shown)} of {len(problem.classes)} classes: the most frequent of those in the labels"
        )
    return [int(place) for place in shown]


def _build_calibration(
    problem: Classification, null: CalibrationNull | None, intervals: Mapping[str, Interval]
) -> dict[str, Any] | None:
    """The reliability diagram: of two classes that of the positive one, of more that of the top label."""
    chances, hits = (
        (problem.scores, problem.labels == 1) if problem.is_binary else (problem.confidences, problem.correct)
    )
    if chances is None:
        return None
    bins = calibration_bins(chances, hits, _N_BINS)
    rows = []
    for place in range(_N_BINS):
        n, mean, frequency = int(bins.n[place]), bins.mean_probability[place], bins.frequency[place]
        wilson = wilson_interval(0 if frequency is None else round(frequency * n), n)
        rows.append(
            {
                "low": place / _N_BINS,
                "high": (place + 1) / _N_BINS,
                "n": n,
                "mean_probability": mean,
                "frequency": frequency,
                "wilson_low": wilson.low,
                "wilson_high": wilson.high,
            }
        )
    return {
        "of": str(problem.classes[1]) if problem.is_binary else None,
        "bins": rows,
        "expected_calibration_error": expected_calibration_error(chances, hits, _N_BINS),
        "interval": _show_interval(intervals.get("expected_calibration_error")),
        "null": _describe_null(rows, null),
    }


def _describe_null(rows: Sequence[Mapping[str, Any]], null: CalibrationNull | None) -> dict[str, Any]:
    """Where the frequency of a bin lies in 95 of 100 samples when the predictions are calibrated.

    Limits of the binomial at the mean probability of the bin: never narrower than the sum of unequal chances
    that it stands for (Hoeffding 1956).
    """
    from scipy.special import bdtrik

    limits: dict[str, list[float | None]] = {}
    for name, share in (("low", 0.025), ("high", 0.975)):
        limits[name] = [
            float(np.ceil(bdtrik(share, row["n"], min(max(row["mean_probability"], 1e-9), 1 - 1e-9))))
            / row["n"]
            if row["n"]
            else None
            for row in rows
        ]
    return {
        **limits,
        "mean": null.mean if null else None,
        "percentile_95": null.percentile_95 if null else None,
        "p_value": null.p_value if null else None,
    }


def _build_histogram(problem: Classification) -> dict[str, Any] | None:
    """How confident the predictions are, right ones and wrong ones."""
    confidences = problem.confidences
    if confidences is None:
        return None
    edges = np.linspace(0.5 if problem.is_binary else 0.0, 1.0, _N_CONFIDENCE_BINS + 1)
    inside = np.clip(confidences, edges[0], 1.0)
    return {
        "edges": edges.tolist(),
        "correct": np.histogram(inside[problem.correct], edges)[0].tolist(),
        "wrong": np.histogram(inside[~problem.correct], edges)[0].tolist(),
    }


def _show_interval(interval: Interval | None) -> dict[str, float] | None:
    if interval is None or interval.low is None or interval.high is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level}
