"""What a test of a difference and its interval say together, in a word."""

from __future__ import annotations

from modellab.records.comparisons import VerdictWord
from modellab.records.estimates import LEVEL, Interval

THRESHOLD = 1 - LEVEL
"""A p-value below it counts."""


def choose_word(
    *,
    higher_is_better: bool,
    interval: Interval | None,
    p_value: float | None,
    adjusted_p: float | None,
    is_identical: bool = False,
    is_equivalent: bool = False,
) -> VerdictWord:
    """The word for a difference B - A with its p-value, and that adjusted for its family.

    Without a p-value it cannot be told. Where p-value and interval lie on different sides, it is a borderline
    case, and no difference is claimed; where there is no interval the p-value decides.
    """
    if is_identical:
        return "identical"
    if p_value is None or adjusted_p is None:
        return "cannot tell"
    if is_equivalent:
        return "equivalent"
    excludes = _excludes_zero(interval)
    if excludes is not None and excludes != (p_value < THRESHOLD):
        return "borderline"
    if adjusted_p >= THRESHOLD:
        return "no difference shown"
    estimate = None if interval is None else interval.estimate
    if not estimate:
        return "borderline"
    return "better" if (estimate > 0) == higher_is_better else "worse"


def _excludes_zero(interval: Interval | None) -> bool | None:
    """Whether an interval leaves 0 out; `None` where there is none."""
    if interval is None or interval.low is None or interval.high is None:
        return None
    return interval.low > 0 or interval.high < 0
