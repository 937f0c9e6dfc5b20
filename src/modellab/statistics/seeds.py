"""Tests of one number a run, over seeds or splits: B - A."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL, Test
from modellab.statistics.columns import is_constant, read_pairs, read_values
from modellab.statistics.distributions import quantile
from modellab.statistics.streams import Stream
from modellab.statistics.studentized import IDENTICAL, error_of_mean, studentize

FEWEST = 3  # seeds
T_FROM = 10  # seeds from which the t test is used
_EXACT_UPTO = 20  # seeds whose 2^n sign flips are all looked at
_FEWEST_ORDERED = 5
_SAME = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class StochasticOrder:
    """How far B is from being better than A at every quantile: 0 it is, 1 A is better at every one.

    `eps` is the share of the squared distance between the quantiles at which A is ahead. `eps_min` is its
    upper confidence limit, `None` with fewer than 5 runs on a side: below 0.2 B is almost stochastically
    better than A (below 0.5, the weaker claim of the paper, equal models come in one of six comparisons).
    """

    eps: float
    eps_min: float | None
    level: float
    n_resamples: int
    note: str | None = None


def compare_seeds(values_a: ArrayLike, values_b: ArrayLike, level: float = LEVEL) -> Test:
    """The mean difference of runs of A and B with the same seeds or splits, shape (n,) each.

    A paired t test from 10 seeds, exact sign flips below; the interval is that of t. No test below 3.
    """
    a, b = read_pairs(values_a, values_b)
    is_few = len(a) < T_FROM or is_constant(b - a)
    return _compare_few(b - a, level) if is_few else _studentize(b - a, level)


def flip_signs(differences: ArrayLike, level: float = LEVEL) -> Test:
    """The mean of differences (n,) against 0 by all 2^n flips of their signs (Fisher 1935); n up to 20.

    The note names the smallest p that n can reach where that is above 1 - `level`. The interval is t's.
    """
    column = read_values("differences", differences)
    if len(column) > _EXACT_UPTO:
        raise InvalidInput(
            f"There are {len(column)} differences; all sign flips are looked at up to {_EXACT_UPTO}.",
            hint="compare_seeds uses a paired t test for so many.",
        )
    return _compare_few(column, level)


def compare_splits(
    differences: ArrayLike, n_train: int, n_test: int, level: float = LEVEL, *, repeats: int = 1
) -> Test:
    """The mean difference over the splits of a cross-validation, (n,), whose training sets overlap.

    The variance is 1/n + n_test/n_train times that of the differences (Nadeau & Bengio 2003); of repeated
    cross-validation n counts all folds of all repeats (Bouckaert & Frank 2004).
    """
    column = read_values("differences", differences)
    n = len(column)
    if n_train < 1 or n_test < 1 or repeats < 1 or n % repeats:
        raise InvalidInput(
            f"{n} splits in {repeats} repeats, {n_train} rows to train and {n_test} to test with: "
            "all are positive, and each repeat has as many splits."
        )
    name = "bouckaert_frank" if repeats > 1 else "nadeau_bengio"
    note = IDENTICAL if not column.any() else None
    error = math.sqrt((1 / n + n_test / n_train) * float(np.var(column, ddof=1))) if n > 1 else None
    return studentize(name, float(np.mean(column)), error, df=n - 1, n=n, level=level, note=note)


def almost_stochastic_order(
    values_a: ArrayLike,
    values_b: ArrayLike,
    *,
    stream: Stream,
    n_resamples: int = 1000,
    level: float = LEVEL,
) -> StochasticOrder:
    """Whether B (n_b,) is almost stochastically greater than A (n_a,), higher being better.

    The violation ratio of del Barrio et al. 2018 with its bootstrap limit, as Dror et al. 2019 use it.
    """
    a, b = read_values("values_a", values_a), read_values("values_b", values_b)
    n_a, n_b = len(a), len(b)
    seen = _violate(np.sort(a)[None], np.sort(b)[None])[0]
    if np.isnan(seen):
        return StochasticOrder(eps=0.5, eps_min=0.5, level=level, n_resamples=0, note=IDENTICAL)
    if min(n_a, n_b) < _FEWEST_ORDERED:
        note = f"{min(n_a, n_b)} runs on a side are too few for a limit; {_FEWEST_ORDERED} is the least"
        return StochasticOrder(eps=float(seen), eps_min=None, level=level, n_resamples=0, note=note)
    drawn_a = np.sort(a[stream.child("a").integers(n_a, n_resamples * n_a)].reshape(-1, n_a), axis=1)
    drawn_b = np.sort(b[stream.child("b").integers(n_b, n_resamples * n_b)].reshape(-1, n_b), axis=1)
    spread = float(np.nanstd(_violate(drawn_a, drawn_b)))
    eps_min = min(1.0, float(seen) + quantile(level) * spread)
    return StochasticOrder(eps=float(seen), eps_min=eps_min, level=level, n_resamples=n_resamples)


def _violate(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the squared distance of quantiles where A is ahead, (R,); of sorted (R, n_a), (R, n_b)."""
    n_a, n_b = a.shape[1], b.shape[1]
    steps = np.union1d(np.arange(n_a + 1) * n_b, np.arange(n_b + 1) * n_a)  # in units of 1 / (n_a n_b)
    lead = a[:, steps[:-1] // n_b] - b[:, steps[:-1] // n_a]
    squares = lead**2 * np.diff(steps)
    total = squares.sum(axis=1)
    ahead = np.where(lead > 0, squares, 0.0).sum(axis=1)
    return np.asarray(np.divide(ahead, total, out=np.full(len(total), np.nan), where=total > 0))


def _studentize(differences: NDArray[np.float64], level: float) -> Test:
    n = len(differences)
    error = error_of_mean(differences)
    note = None if differences.any() else IDENTICAL
    return studentize("paired_t", float(np.mean(differences)), error, df=n - 1, n=n, level=level, note=note)


def _compare_few(differences: NDArray[np.float64], level: float) -> Test:
    """The interval of t, and the p-value of sign flips."""
    n = len(differences)
    of_t = _studentize(differences, level)
    p_value, note = of_t.p_value, of_t.note
    if note != IDENTICAL:
        p_value, note = _share_of_flips(differences), None
        if n < FEWEST:
            p_value, note = None, f"{n} seeds cannot tell a difference from chance; {FEWEST} is the least"
        elif 2.0 ** (1 - n) > 1 - level:
            note = f"{n} seeds can reach only p = {2.0 ** (1 - n):.4g}"
    return Test(
        name="sign_flip",
        p_value=p_value,
        n=n,
        interval=of_t.interval,
        standard_error=of_t.standard_error,
        note=note,
    )


def _share_of_flips(differences: NDArray[np.float64]) -> float:
    """The share of flips whose sum is at least as far from 0; the first sign stays, as p is two-sided."""
    if is_constant(differences):
        return 2.0 ** (1 - len(differences))
    sums = differences[:1]
    for difference in differences[1:].tolist():
        sums = np.concatenate([sums + difference, sums - difference])
    far = abs(float(sums[0])) - _SAME * float(np.sum(np.abs(differences)))
    return float(np.count_nonzero(np.abs(sums) >= far)) / len(sums)
