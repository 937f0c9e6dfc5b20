"""The curves of a regression: predicted against actual, and what is left over."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.problem import Regression
from modellab.statistics.distributions import critical_value

_MAX_POINTS = 2000
_N_EXTREMES = 200
_N_GROUPS = 10  # of at least ten rows each
_MAX_QUANTILES = 500
_MAX_BINS = 60
_FAR = 8.0  # robust standard deviations: what lies further off is counted beside the histogram


def build_residual_curves(problem: Regression) -> dict[str, Any]:
    """The curves of a regression, ready for JSON; residual = prediction minus target, in the unit of both."""
    chosen = _choose_rows(problem)
    targets, predictions = problem.targets[chosen], problem.predictions[chosen]
    notes: dict[str, str] = {}
    if len(chosen) < problem.n:
        notes["predicted_actual"] = notes["residuals_by_prediction"] = (
            f"{len(chosen)} of {problem.n} rows: the {_N_EXTREMES} with the largest errors, "
            "the others evenly by rank"
        )
    return {
        "n": problem.n,
        "predicted_actual": {
            "target": targets.tolist(),
            "prediction": predictions.tolist(),
            "n": problem.n,
        },
        "residuals_by_prediction": {
            "prediction": predictions.tolist(),
            "residual": (predictions - targets).tolist(),
            "n": problem.n,
        },
        "residual_histogram": _build_histogram(problem.errors),
        "quantile_quantile": _build_quantiles(problem.errors, notes),
        "error_by_quantile": _group_errors(problem),
        "notes": notes,
    }


def _choose_rows(problem: Regression) -> NDArray[np.int64]:
    """At most 2000 rows, whatever their order: the largest errors, the ends, and the rest evenly by rank."""
    by_target = np.lexsort((problem.predictions, problem.targets))
    if problem.n <= _MAX_POINTS:
        return by_target
    by_prediction = np.lexsort((problem.targets, problem.predictions))
    by_error = np.lexsort((problem.predictions, problem.targets, -np.abs(problem.errors)))
    ends = [by_target[0], by_target[-1], by_prediction[0], by_prediction[-1]]
    kept = np.zeros(problem.n, np.bool_)
    kept[by_error[:_N_EXTREMES]] = kept[ends] = True
    others = by_target[~kept[by_target]]
    room = _MAX_POINTS - int(kept.sum())
    kept[others[np.linspace(0, len(others) - 1, room).round().astype(np.int64)]] = True
    return by_target[kept[by_target]]


def _build_histogram(errors: NDArray[np.float64]) -> dict[str, Any]:
    """Counts in equal bins; errors further off than 8 robust standard deviations are `below` and `above`.

    The width of a bin is that of Freedman and Diaconis (1981), within at most 60 bins.
    """
    middle = float(np.median(errors))
    q1, q3 = np.quantile(errors, [0.25, 0.75])
    reach = _FAR * (q3 - q1) / 1.349
    low, high = float(errors.min()), float(errors.max())
    if reach > 0:
        low, high = max(low, middle - reach), min(high, middle + reach)
    if low == high:
        low, high = low - 0.5 * max(1.0, abs(low)), high + 0.5 * max(1.0, abs(high))
    width = 2 * (q3 - q1) / len(errors) ** (1 / 3)
    n_bins = int(np.clip(np.ceil((high - low) / width), 1, _MAX_BINS)) if width > 0 else 11
    edges = np.linspace(low, high, n_bins + 1)
    return {
        "edges": edges.tolist(),
        "counts": np.histogram(errors, edges)[0].tolist(),
        "below": int((errors < edges[0]).sum()),
        "above": int((errors > edges[-1]).sum()),
    }


def _build_quantiles(errors: NDArray[np.float64], notes: dict[str, str]) -> dict[str, Any] | None:
    """Sorted residuals against normal quantiles, with the range in which 95 of 100 normal ones would lie.

    The line goes through both quartiles; the range is pointwise, that of the order statistics (beta).
    """
    from scipy.special import betaincinv, ndtri

    n = len(errors)
    spread = float(np.diff(np.quantile(errors, [0.25, 0.75]))[0]) / 1.349
    if n < 3 or spread == 0:
        notes["quantile_quantile"] = "fewer than three rows, or half of the residuals are equal"
        return None
    ranks = _choose_ranks(n)
    middle = float(np.quantile(errors, [0.25, 0.75]).mean())
    low, high = (betaincinv(ranks, n - ranks + 1, share) for share in (0.025, 0.975))
    return {
        "theoretical": ndtri((ranks - 0.5) / n).tolist(),
        "observed": np.sort(errors)[ranks - 1].tolist(),
        "low": (middle + spread * ndtri(low)).tolist(),
        "high": (middle + spread * ndtri(high)).tolist(),
        "line": {"intercept": middle, "slope": spread},
    }


def _choose_ranks(n: int) -> NDArray[np.int64]:
    """At most 500 of the ranks 1 to n: the 50 at both ends, where the tails are, and others evenly."""
    if n <= _MAX_QUANTILES:
        return np.arange(1, n + 1)
    inner = np.linspace(1, n, _MAX_QUANTILES - 100).round().astype(np.int64)
    return np.unique(np.concatenate([np.arange(1, 51), inner, np.arange(n - 49, n + 1)]))


def _group_errors(problem: Regression) -> list[dict[str, Any]]:
    """At most ten equal groups by prediction, equal predictions together: mean error with its t interval."""
    order = np.lexsort((problem.targets, problem.predictions))
    predictions, errors = problem.predictions[order], problem.errors[order]
    n_groups = min(_N_GROUPS, max(1, problem.n // 10))
    cuts = np.linspace(0, problem.n, n_groups + 1).round().astype(np.int64)
    starts = np.searchsorted(predictions, predictions[np.minimum(cuts[:-1], problem.n - 1)], side="left")
    bounds = np.unique(np.append(starts, problem.n))
    groups = []
    for start, stop in itertools.pairwise(bounds):
        part, n = errors[start:stop], int(stop - start)
        mean = float(part.mean())
        reach = float(critical_value(df=n - 1) * part.std(ddof=1) / np.sqrt(n)) if n > 1 else None
        groups.append(
            {
                "low": float(predictions[start]),
                "high": float(predictions[stop - 1]),
                "n": n,
                "mean_prediction": float(predictions[start:stop].mean()),
                "mean_error": mean,
                "mean_error_low": None if reach is None else mean - reach,
                "mean_error_high": None if reach is None else mean + reach,
                "mean_absolute_error": float(np.abs(part).mean()),
            }
        )
    return groups
