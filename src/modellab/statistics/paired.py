"""Tests of two models on the same rows, row by row: B - A."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL, Test
from modellab.statistics.columns import read_clusters, read_flags, read_pairs, read_values, sum_by_cluster
from modellab.statistics.proportions import newcombe_paired
from modellab.statistics.signed_ranks import compare_ranks
from modellab.statistics.studentized import IDENTICAL, error_of_mean, studentize

EXACT_BELOW = 25  # discordant pairs
NORMAL_FROM = 30  # pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredMean:
    """A mean over rows that come in clusters.

    `design_effect` is how many times larger the variance is than rows without clusters would give. Both
    are `None` with one cluster; it alone where all values are the same.
    """

    mean: float
    standard_error: float | None
    design_effect: float | None
    n_clusters: int


def clustered_mean(values: ArrayLike, clusters: ArrayLike) -> ClusteredMean:
    """The mean with its clustered standard error (Miller 2024; with the factor G / (G - 1) of CR1).

    With every row a cluster of its own it is the usual standard error.
    """
    column = read_values("values", values)
    codes, n_clusters = read_clusters(clusters, len(column))
    mean = float(np.mean(column))
    if n_clusters < 2:
        return ClusteredMean(mean=mean, standard_error=None, design_effect=None, n_clusters=n_clusters)
    sums = sum_by_cluster(column - mean, codes, n_clusters)
    variance = n_clusters / (n_clusters - 1) * float(np.sum(sums**2)) / len(column) ** 2
    naive = float(np.var(column, ddof=1)) / len(column)
    return ClusteredMean(
        mean=mean,
        standard_error=math.sqrt(variance),
        design_effect=variance / naive if naive > 0 else None,
        n_clusters=n_clusters,
    )


def compare_correctness(
    correct_a: ArrayLike, correct_b: ArrayLike, level: float = LEVEL, clusters: ArrayLike | None = None
) -> Test:
    """The difference of two accuracies (or any 0/1 measure) on the same rows, shape (n,) each.

    McNemar's test: exact below 25 discordant rows, mid-p from there (Fagerland 2013); the interval is
    Newcombe's paired method 10. With `clusters` (n,), a t test with the clustered standard error.
    """
    a, b = read_flags("correct_a", correct_a), read_flags("correct_b", correct_b)
    if len(a) != len(b):
        raise InvalidInput(f"correct_a has {len(a)} rows and correct_b {len(b)}; pairs need the same rows.")
    if clusters is not None:
        return compare_means(a, b, level, clusters)
    n, both = len(a), int(np.count_nonzero(a & b))
    only_a, only_b = int(np.count_nonzero(a & ~b)), int(np.count_nonzero(b & ~a))
    discordant = only_a + only_b
    variance = (discordant - (only_b - only_a) ** 2 / n) / (n - 1) if n > 1 else None
    return Test(
        name="mcnemar_exact" if discordant < EXACT_BELOW else "mcnemar_mid_p",
        p_value=mcnemar_p(only_a, only_b),
        n=n,
        interval=newcombe_paired(both, only_a, only_b, n - both - discordant, level),
        standard_error=None if variance is None else math.sqrt(variance / n),
        note=IDENTICAL if discordant == 0 else None,
    )


def mcnemar_p(only_a: int, only_b: int) -> float:
    """The p-value from the discordant rows: exact below 25 of them, else mid-p; 1 where they balance."""
    from scipy.special import bdtr

    fewer, n = min(only_a, only_b), only_a + only_b
    if n == 0:
        return 1.0
    upto = float(bdtr(fewer, n, 0.5))
    if n < EXACT_BELOW:
        return min(1.0, 2 * upto)
    below = float(bdtr(fewer - 1, n, 0.5)) if fewer else 0.0
    return min(1.0, upto + below)  # 2 P(X <= k) - P(X = k)


def compare_means(
    values_a: ArrayLike, values_b: ArrayLike, level: float = LEVEL, clusters: ArrayLike | None = None
) -> Test:
    """The difference of two means of values on the same rows (losses, errors), shape (n,) each.

    A paired t test on the differences of at least 30 rows, Wilcoxon's signed ranks with the interval of
    Hodges and Lehmann below. With `clusters` (n,), a t test with the clustered standard error.
    """
    a, b = read_pairs(values_a, values_b)
    differences = b - a
    if clusters is not None:
        return _compare_clustered(differences, clusters, level)
    n = len(differences)
    error = error_of_mean(differences)
    if n < NORMAL_FROM or not error:
        return compare_ranks(differences, level, standard_error=error)
    return studentize("paired_t", float(np.mean(differences)), error, df=n - 1, n=n, level=level)


def _compare_clustered(differences: NDArray[np.float64], clusters: ArrayLike, level: float) -> Test:
    found = clustered_mean(differences, clusters)
    note = None if found.n_clusters > 1 else "one cluster only; clusters are what the test counts"
    if not differences.any():
        note = IDENTICAL
    return studentize(
        "paired_clustered_t",
        found.mean,
        found.standard_error,
        df=found.n_clusters - 1,
        n=len(differences),
        level=level,
        note=note,
    )
