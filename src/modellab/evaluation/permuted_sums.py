"""The permutation test of a slice against the rest, by the moments of what permutations would give.

A slice of k of n rows has a sum of values. Over all ways to choose k rows, the mean, variance and skewness of
that sum are known in closed form, and a Pearson III (shifted gamma) distribution with these three stands in
for the permutations (Berry, Johnston & Mielke 2011). It costs no draws, so it reaches the small p-values
that a correction for many slices needs; t tests do not serve, since errors are skewed and slices small.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_SYMMETRIC = 1e-4  # below this skewness it is a normal distribution


class PermutedSums:
    """Values of rows (n,), all finite, of which slices are compared with the rest."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self._centred = values - values.mean()
        squares = self._centred * self._centred
        self._second = float(squares.mean())
        self._third = float((squares * self._centred).mean())
        largest = float(np.abs(values).max())
        self._all_alike = len(values) < 3 or self._second <= (1e-14 * largest) ** 2

    def test(self, inside: NDArray[np.bool_]) -> tuple[float, float | None]:
        """How far the sum of a slice (n,) is from what permutations give on average, and the p-value of that.

        It is two-sided, and that of mean(inside) - mean(outside) as well. `None` where all values are the
        same, or one side has no rows. The order of rows does not matter.
        """
        n, k = len(self._centred), int(np.count_nonzero(inside))
        if self._all_alike or not 0 < k < n:
            return 0.0, None
        total = float(self._centred[inside].sum())
        variance = k * (n - k) / (n - 1) * self._second
        third = k * (n - k) * (n - 2 * k) / ((n - 1) * (n - 2)) * self._third
        size, skewness = abs(total) / math.sqrt(variance), third / variance**1.5
        return total, min(1.0, _above(size, skewness) + _above(size, -skewness))


def _above(z: float, skewness: float) -> float:
    """The chance of more than `z` under a standardised Pearson III distribution."""
    from scipy.special import gammainc, gammaincc, ndtr

    if abs(skewness) < _SYMMETRIC:
        return float(ndtr(-z))
    shape = 4 / skewness**2
    at = max(0.0, shape + math.copysign(math.sqrt(shape) * z, z * skewness))
    return float(gammaincc(shape, at) if skewness > 0 else gammainc(shape, at))
