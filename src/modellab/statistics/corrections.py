"""P-values of a family of tests, adjusted for how many there are.

An entry that is `None` or NaN is no test: it stays where it is and does not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted so that any false finding has at most the stated chance (Holm 1979); any dependence."""

    def step_down(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1))

    return _adjust(p_values, step_down)


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted so that the expected share of false findings stays small (Benjamini & Hochberg 1995)."""

    def step_up(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = ordered * (len(ordered) / np.arange(1, len(ordered) + 1))
        return np.minimum.accumulate(scaled[::-1])[::-1]

    return _adjust(p_values, step_up)


def _adjust(
    p_values: Sequence[float | None], step: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> list[float | None]:
    adjusted = list(p_values)
    tests = [i for i, p in enumerate(p_values) if p is not None and not math.isnan(p)]
    p = np.array([p_values[i] for i in tests], dtype=np.float64)
    if ((p < 0) | (p > 1)).any():
        raise InvalidInput(f"A p-value is {p[(p < 0) | (p > 1)][0]:g}; it lies in 0 to 1.")
    order = np.argsort(p, kind="stable")
    for place, value in zip(order.tolist(), np.minimum(1.0, step(p[order])).tolist(), strict=True):
        adjusted[tests[place]] = value
    return adjusted
