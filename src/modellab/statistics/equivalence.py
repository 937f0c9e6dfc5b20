"""How small a difference could have been seen, and whether two models differ by less than a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL
from modellab.statistics.distributions import critical_value, quantile, share_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """The answer of two one-sided tests: whether a difference lies within plus or minus `margin`.

    `low` and `high` are the interval of `level`, 0.90 where a test has the threshold 0.05; the difference
    is equivalent to none exactly where that interval lies inside the margin.
    """

    p_value: float
    low: float
    high: float
    level: float
    margin: float
    is_equivalent: bool


def assess_equivalence(
    estimate: float, standard_error: float, margin: float, df: float | None = None, level: float = LEVEL
) -> Equivalence:
    """Two one-sided tests against -margin and +margin (TOST, Schuirmann 1987).

    `df` are the degrees of freedom of a t statistic; `None` is the normal. The interval has the level
    1 - 2 (1 - level).
    """
    if not (margin > 0 and math.isfinite(margin)):
        raise InvalidInput(f"margin is {margin!r}; it is a positive number in the unit of the metric.")
    _check_error(standard_error)
    narrow = 2 * level - 1
    reach = critical_value(narrow, df) * standard_error
    low, high = estimate - reach, estimate + reach
    nearest = margin - abs(estimate)
    if standard_error == 0:
        p_value = 0.0 if nearest > 0 else 1.0
    else:
        p_value = share_below(-nearest / standard_error, df)
    return Equivalence(
        p_value=p_value,
        low=low,
        high=high,
        level=narrow,
        margin=margin,
        is_equivalent=-margin < low and high < margin,
    )


def minimum_detectable_effect(
    standard_error: float, power: float = 0.8, level: float = LEVEL, df: float | None = None
) -> float:
    """The smallest difference found with a chance of `power`: 2.80 standard errors at 80 % and 0.95."""
    _check_error(standard_error)
    if not 0 < power < 1:
        raise InvalidInput(f"power is {power!r}; it lies between 0 and 1, as 0.8 does.")
    return (critical_value(level, df) + quantile(power, df)) * standard_error


def _check_error(standard_error: float) -> None:
    if not (standard_error >= 0 and math.isfinite(standard_error)):
        raise InvalidInput(f"standard_error is {standard_error!r}; it is a number, at least 0.")
