"""Reduces a curve to few points and keeps its extremes.

The range of steps is cut into equal stretches, and of each the lowest and the highest finite point
stay. They are true points, the answer depends on the data alone, and no peak is lost.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

Extreme = tuple[int, int, float]
"""A point that is kept: step, time, value."""

Stretch = tuple[int, float, int, int, float, int, int]
"""What is known of some points: first step; lowest value, its step and time; highest, its step and time."""


def keep_extremes(stretches: Sequence[Stretch], max_points: int) -> list[Extreme]:
    """The extremes of stretches in order of step, merged until at most `max_points` (≥ 2) points remain."""
    if not stretches:
        return []
    buckets = max(1, max_points // 2)
    start = stretches[0][0]
    width = max(1, math.ceil((stretches[-1][0] - start + 1) / buckets))
    kept: list[Extreme] = []
    current = -1
    low: Extreme = (0, 0, math.inf)
    high: Extreme = (0, 0, -math.inf)
    for first, vmin, vmin_step, vmin_time, vmax, vmax_step, vmax_time in stretches:
        bucket = (first - start) // width
        if bucket != current:
            if current >= 0:
                _put(kept, low, high)
            current = bucket
            low, high = (vmin_step, vmin_time, vmin), (vmax_step, vmax_time, vmax)
            continue
        if vmin < low[2]:
            low = (vmin_step, vmin_time, vmin)
        if vmax > high[2]:
            high = (vmax_step, vmax_time, vmax)
    _put(kept, low, high)
    kept.sort(key=_step)
    return kept


def keep_extremes_of_points(
    steps: Sequence[int], times: Sequence[int], values: Sequence[float], max_points: int
) -> list[Extreme]:
    """The extremes of finite points in order of step; at most `max_points` (≥ 2) of them."""
    if not steps:
        return []
    buckets = max(1, max_points // 2)
    start = steps[0]
    width = max(1, math.ceil((steps[-1] - start + 1) / buckets))
    kept: list[Extreme] = []
    begin = 0
    n = len(steps)
    while begin < n:
        end = bisect_left(steps, start + ((steps[begin] - start) // width + 1) * width, lo=begin)
        part = values[begin:end]
        if math.isfinite(sum(part)):
            low, high = begin + part.index(min(part)), begin + part.index(max(part))
        else:
            finite = [i for i in range(begin, end) if math.isfinite(values[i])]
            if not finite:
                begin = end
                continue
            low, high = min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)
        _put(kept, (steps[low], times[low], values[low]), (steps[high], times[high], values[high]))
        begin = end
    return kept


def _put(kept: list[Extreme], low: Extreme, high: Extreme) -> None:
    if low == high:
        kept.append(low)
    elif low[0] <= high[0]:
        kept += (low, high)
    else:
        kept += (high, low)


def _step(point: Extreme) -> int:
    return point[0]
