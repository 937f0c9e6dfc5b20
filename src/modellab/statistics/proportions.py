"""Intervals of a proportion and of the difference of two, good for few rows and for 0 and n of n."""

from __future__ import annotations

import math

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL, Interval
from modellab.statistics.distributions import critical_value


def wilson_interval(k: int, n: int, level: float = LEVEL) -> Interval:
    """The proportion k / n with Wilson's score interval (Wilson 1927); within 0 to 1."""
    _check_count(k, n)
    if n == 0:
        return _undefined("wilson", level, "no rows")
    low, high = _wilson(k, n, level)
    return Interval(estimate=k / n, low=low, high=high, level=level, method="wilson")


def newcombe_difference(k_a: int, n_a: int, k_b: int, n_b: int, level: float = LEVEL) -> Interval:
    """The difference k_b / n_b - k_a / n_a of different rows (Newcombe 1998, unpaired, method 10)."""
    _check_count(k_a, n_a)
    _check_count(k_b, n_b)
    if n_a == 0 or n_b == 0:
        return _undefined("newcombe", level, "no rows on one side")
    return _join("newcombe", (k_a, n_a), (k_b, n_b), 0.0, level)


def newcombe_paired(both: int, only_a: int, only_b: int, neither: int, level: float = LEVEL) -> Interval:
    """The difference (only_b - only_a) / n on the same rows (Newcombe 1998, paired, method 10).

    The four numbers count the rows on which both, A only, B only or neither was right.
    """
    n = both + only_a + only_b + neither
    for count in (both, only_a, only_b, neither):
        _check_count(count, n)
    if n == 0:
        return _undefined("newcombe_paired", level, "no rows")
    correlation = _correlate(both, only_a, only_b, neither)
    return _join("newcombe_paired", (both + only_a, n), (both + only_b, n), correlation, level)


def _join(
    method: str, counts_a: tuple[int, int], counts_b: tuple[int, int], correlation: float, level: float
) -> Interval:
    """Square and add: the distances to the two Wilson limits make that to the limit of the difference."""
    p_a, p_b = counts_a[0] / counts_a[1], counts_b[0] / counts_b[1]
    (low_a, high_a), (low_b, high_b) = _wilson(*counts_a, level), _wilson(*counts_b, level)
    difference = p_b - p_a
    down = _add(p_b - low_b, high_a - p_a, correlation)
    up = _add(high_b - p_b, p_a - low_a, correlation)
    return Interval(
        estimate=difference,
        low=max(-1.0, difference - down),
        high=min(1.0, difference + up),
        level=level,
        method=method,
    )


def _add(x: float, y: float, correlation: float) -> float:
    return math.sqrt(max(0.0, (x * x + y * y) - 2 * correlation * (x * y)))


def _correlate(both: int, only_a: int, only_b: int, neither: int) -> float:
    """The phi coefficient of the pairs, its numerator corrected for continuity where it is positive."""
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    excess: float = both * neither - only_a * only_b
    if excess > 0:
        excess = max(0.0, excess - (both + only_a + only_b + neither) / 2)
    return excess / math.sqrt(margins)


def _wilson(k: int, n: int, level: float) -> tuple[float, float]:
    z = critical_value(level)
    middle = (k + z * z / 2) / (n + z * z)
    reach = z / (n + z * z) * math.sqrt(k / n * (n - k) + z * z / 4)
    return (0.0 if k == 0 else middle - reach), (1.0 if k == n else middle + reach)


def _check_count(k: int, n: int) -> None:
    if not (0 <= k <= n and k == int(k) and n == int(n)):
        raise InvalidInput(f"{k} of {n} is no count; whole numbers with 0 <= k <= n are.")


def _undefined(method: str, level: float, why: str) -> Interval:
    return Interval(estimate=None, low=None, high=None, level=level, method=method, note=why)
