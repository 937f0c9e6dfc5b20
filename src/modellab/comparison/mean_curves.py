"""The mean of a metric over steps in several runs, with the interval of the mean.

Runs are aligned by step, and by nothing else: at a step the runs count that have a finite value at just that
step, the one logged last if there are several, and `n` says how many they are. Nothing is interpolated: runs
that log at other steps share only those they have in common. Where runs end early, the mean goes on over
those that are left, and `n` falls.

Up to 200,000 points in all are looked at one by one. Beyond that, steps are taken together in equal
stretches, in which a run counts with the mean of the blocks of points whose middle lies there; at the ends of
a range only blocks that lie wholly in it count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.records import Series
from modellab.records.mean_curves import MeanCurve
from modellab.series.extremes import keep_extremes_of_points
from modellab.statistics.means import estimate_means
from modellab.store import Store
from modellab.store.points import BlockMean

MAX_EXACT = 200_000
"""Points that are looked at one by one."""

_STEPS_AT_ONCE = 20_000
_BLOCKS_A_STRETCH = 2

Floats = NDArray[np.float64]
Steps = NDArray[np.int64]


class _Column(NamedTuple):
    """The finite values of one run at its steps, each step once, in order."""

    steps: Steps
    values: Floats


def draw_mean(
    store: Store,
    run_ids: Sequence[str],
    metric: str,
    *,
    max_points: int = 1000,
    from_step: int | None = None,
    to_step: int | None = None,
) -> MeanCurve:
    """The mean curve of the runs that have the metric, at most `max_points` (≥ 2) steps of it.

    If there are more, the lowest and the highest mean of each stretch of steps stay, with all that belongs to
    them. The rule of alignment is that of this module.
    """
    if max_points < 2:
        raise InvalidInput(f"max_points is {max_points}; it may be 2 or more.")
    within = {"from_step": from_step, "to_step": to_step}
    found = {run_id: store.series.reduce(run_id, metric, max_points=2, **within) for run_id in run_ids}
    drawn = {run_id: series for run_id, series in found.items() if series is not None}
    count = sum(series.count for series in drawn.values())
    if count <= MAX_EXACT:
        read = [store.series.read(run_id, metric, **within) for run_id in drawn]
        columns, stretch = [_as_column(series) for series in read if series is not None], 1
    else:
        blocks = [store.series.read_block_means(run_id, metric, **within) for run_id in drawn]
        columns, stretch = _average(blocks, max_points)
    return _draw(columns, metric, list(drawn), list(drawn.values()), stretch=stretch, max_points=max_points)


def _as_column(series: Series) -> _Column:
    steps, values = np.asarray(series.steps, dtype=np.int64), np.asarray(series.values, dtype=np.float64)
    is_last = np.append(steps[1:] != steps[:-1], True)[: len(steps)]
    kept = is_last & np.isfinite(values)
    return _Column(steps[kept], values[kept])


def _average(blocks: Sequence[Sequence[BlockMean]], max_points: int) -> tuple[list[_Column], int]:
    """Each run's means over equal stretches that hold two blocks or more of the run with the fewest."""
    some = [of_run for of_run in blocks if of_run]
    if not some:
        return [], 1
    start, stop = (
        min(one.lo for of_run in some for one in of_run),
        max(one.hi for of_run in some for one in of_run),
    )
    fewest = min(len(of_run) for of_run in some)
    n_stretches = max(1, min(max_points, fewest // _BLOCKS_A_STRETCH))
    width = (stop - start) // n_stretches + 1
    return [_average_run(of_run, start, width) for of_run in some], width


def _average_run(blocks: Sequence[BlockMean], start: int, width: int) -> _Column:
    places = np.array([((one.lo + one.hi) // 2 - start) // width for one in blocks], dtype=np.int64)
    n = np.bincount(places, weights=[one.n_finite for one in blocks])
    total = np.bincount(places, weights=[one.total for one in blocks])
    there = np.flatnonzero(n)
    return _Column(start + there * width, total[there] / n[there])


def _draw(
    columns: Sequence[_Column],
    metric: str,
    run_ids: Sequence[str],
    series: Sequence[Series],
    *,
    stretch: int,
    max_points: int,
) -> MeanCurve:
    every = [column.steps for column in columns] or [np.empty(0, dtype=np.int64)]
    steps = np.unique(np.concatenate(every))
    parts = [
        _summarise(columns, steps[start : start + _STEPS_AT_ONCE])
        for start in range(0, len(steps), _STEPS_AT_ONCE)
    ]
    n, mean, low, high, least, greatest = (
        (np.concatenate(each) for each in zip(*parts, strict=True)) if parts else [np.empty(0)] * 6
    )
    kept = _choose(steps, mean, max_points)
    return MeanCurve(
        metric=metric,
        run_ids=run_ids,
        count=sum(one.count for one in series),
        n_nonfinite=sum(one.n_nonfinite for one in series),
        reduced=len(kept) < len(steps),
        stretch=stretch,
        steps=steps[kept].tolist(),
        n=n[kept].astype(np.int64).tolist(),
        mean=mean[kept].tolist(),
        low=low[kept].tolist(),
        high=high[kept].tolist(),
        min=least[kept].tolist(),
        max=greatest[kept].tolist(),
    )


def _summarise(columns: Sequence[_Column], steps: Steps) -> tuple[Floats, ...]:
    """All that is told of these steps."""
    values = np.full((len(columns), len(steps)), np.nan)
    for row, column in zip(values, columns, strict=True):
        first, last = (
            np.searchsorted(column.steps, steps[0]),
            np.searchsorted(column.steps, steps[-1], "right"),
        )
        row[np.searchsorted(steps, column.steps[first:last])] = column.values[first:last]
    n = (~np.isnan(values)).sum(axis=0)
    mean, low, high = estimate_means(values)
    return n, mean, low, high, np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)


def _choose(steps: Steps, mean: Floats, max_points: int) -> NDArray[np.int64]:
    """The places that are shown: all, or the extremes of each stretch."""
    places = np.arange(len(steps))
    if len(steps) <= max_points:
        return places
    kept = keep_extremes_of_points(steps.tolist(), places.tolist(), mean.tolist(), max_points)
    return np.array([place for _, place, _ in kept], dtype=np.int64)
