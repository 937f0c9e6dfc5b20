"""Many models on many data sets: their mean ranks, and which of them differ (Demsar 2006)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL
from modellab.statistics.corrections import holm
from modellab.statistics.distributions import two_sided_p


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedModels:
    """The mean ranks (k,) of models, 1 the best, and the tests of their differences.

    `p_value` and `statistic` are those of Friedman's test that all are alike. `p_values[i][j]` is that of
    models i and j: Nemenyi's; or, with a baseline, of each model against it, Holm-adjusted, as
    `p_values[i]`, and `None` for the baseline itself. `critical_difference` is the difference of mean ranks
    from which two models differ by Nemenyi's test; `None` with a baseline.
    """

    mean_ranks: list[float]
    statistic: float
    p_value: float
    method: str
    critical_difference: float | None
    p_values: list[list[float]] | list[float | None]
    n_datasets: int


def rank_models(
    scores: ArrayLike, *, higher_is_better: bool = True, level: float = LEVEL, baseline: int | None = None
) -> RankedModels:
    """Rank models by scores (data sets, models), at least 3 models and 2 data sets; ties share a mean rank.

    Friedman's test with the correction for ties; then Nemenyi's test of all pairs, or the test of each
    model against the `baseline` (a column) with Holm's correction.
    """
    ranks = _rank_rows(scores, higher_is_better)
    n, k = ranks.shape
    if baseline is not None and not 0 <= baseline < k:
        raise InvalidInput(f"baseline is {baseline}; it is a column, 0 to {k - 1}.")
    means = ranks.mean(axis=0)
    statistic, p_value = _friedman(ranks)
    error = math.sqrt(k * (k + 1) / (6 * n))
    return RankedModels(
        mean_ranks=means.tolist(),
        statistic=statistic,
        p_value=p_value,
        method="nemenyi" if baseline is None else "holm",
        critical_difference=_critical_difference(k, error, level) if baseline is None else None,
        p_values=_compare_pairs(means, error) if baseline is None else _compare_with(means, error, baseline),
        n_datasets=n,
    )


def _rank_rows(scores: ArrayLike, higher_is_better: bool) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < 3:
        raise InvalidInput(
            f"scores has the shape {values.shape}; it is (data sets, models), at least 2 and 3.",
            hint="Two models are compared by compare_seeds.",
        )
    if not np.isfinite(values).all():
        raise InvalidInput(
            "scores has values that are not finite; every model needs a score on every data set."
        )
    ranks: NDArray[np.float64] = rankdata(-values if higher_is_better else values, axis=1)
    return ranks


def _friedman(ranks: NDArray[np.float64]) -> tuple[float, float]:
    """The statistic corrected for ties, and its p-value; 0 and 1 where all models tie everywhere."""
    from scipy.special import chdtrc

    n, k = ranks.shape
    spread = float(((ranks - (k + 1) / 2) ** 2).sum())
    if spread == 0:
        return 0.0, 1.0
    between = float(((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2).sum())
    statistic = (k - 1) * between / spread
    return statistic, float(chdtrc(k - 1, statistic))


def _critical_difference(k: int, error: float, level: float) -> float:
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(level, k, np.inf)) / math.sqrt(2) * error


def _compare_pairs(means: NDArray[np.float64], error: float) -> list[list[float]]:
    from scipy.stats import studentized_range

    distances = np.abs(means[:, None] - means) / error * math.sqrt(2)
    return np.minimum(1.0, studentized_range.sf(distances, len(means), np.inf)).tolist()  # type: ignore[no-any-return]


def _compare_with(means: NDArray[np.float64], error: float, baseline: int) -> list[float | None]:
    distances = ((means - means[baseline]) / error).tolist()
    return holm([None if i == baseline else two_sided_p(z) for i, z in enumerate(distances)])
