"""A difference that is watched while it comes in: limits that hold at every look, not only at the last."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL
from modellab.statistics.columns import read_values

_FIRST = 10  # values before which the variance is not trusted, and the limits are infinite


def watch_difference(
    differences: ArrayLike, level: float = LEVEL, *, tightest_at: int = 100
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Limits (n,) low and high of the mean of differences B - A (n,), after each of them.

    All n hold together with a chance of about `level`, so one may look at any time and stop: the confidence
    sequence of Howard et al. 2021 (two-sided normal mixture) with the running variance, as Waudby-Smith et
    al. 2024 show for means of any independent values. It is narrowest, beside the interval of a single look,
    after about `tightest_at` values. Watch the differences; not the levels of A and B.
    """
    column = read_values("differences", differences)
    if not (0 < level < 1 and tightest_at >= 1):
        raise InvalidInput(f"level is {level!r} and tightest_at {tightest_at!r}; 0.95 and 100 are usual.")
    alpha = 1 - level
    # The width at n = tightest_at is least for this mixing variance (Howard et al. 2021, section 3.5).
    mixing = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tightest_at
    n = np.arange(1, len(column) + 1)
    mean = np.cumsum(column) / n
    centred = column - column[0]  # so that a large common level costs no digits
    variance = np.maximum(0.0, np.cumsum(centred**2) / n - (np.cumsum(centred) / n) ** 2)
    grown = n * mixing + 1
    reach = np.sqrt(variance * 2 * grown / (n**2 * mixing) * np.log(np.sqrt(grown) / alpha))
    reach[: _FIRST - 1] = np.inf
    return mean - reach, mean + reach
