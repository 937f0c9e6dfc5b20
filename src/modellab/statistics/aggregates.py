"""Several tasks with several runs each: what is typical, and how sure that is (Agarwal et al. 2021).

Scores have the shape (runs, tasks), higher is better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.records.estimates import LEVEL, Interval
from modellab.statistics.auc import newcombe_auc_interval
from modellab.statistics.streams import Stream

_FEWEST_RUNS = 10
_NUMBERS_AT_ONCE = 1 << 20


def interquartile_mean(scores: ArrayLike) -> NDArray[np.float64]:
    """The mean of the middle half of all runs and tasks, of scores (..., runs, tasks); shape (...).

    A quarter, rounded down, is left out at each end.
    """
    values = np.asarray(scores, dtype=np.float64)
    values = np.sort(values.reshape(*values.shape[:-2], -1), axis=-1)
    cut = values.shape[-1] // 4
    mean: NDArray[np.float64] = values[..., cut : values.shape[-1] - cut].mean(axis=-1)
    return mean


def stratified_bootstrap(
    scores: ArrayLike,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    stream: Stream,
    n_resamples: int = 1000,
) -> NDArray[np.float64]:
    """Replicates (R,) of a statistic that takes (some, runs, tasks): runs are drawn anew inside each task."""
    values = _read(scores, "scores")
    return np.concatenate([statistic(part) for part in _redraw(values, stream, n_resamples, values.size)])


def probability_of_improvement(
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    *,
    stream: Stream,
    n_resamples: int = 1000,
    level: float = LEVEL,
) -> Interval:
    """The chance that a run of B beats a run of A on a task, ties counting half; the mean over tasks.

    The two may have different numbers of runs. The interval is made of percentiles of the stratified
    bootstrap. With fewer than 10 runs on a side, whose bootstrap covers 80 to 90 % instead of 95 %, and where
    B always or never wins, it is that of Newcombe 2006 for all tasks together.
    """
    a, b = _read(scores_a, "scores_a"), _read(scores_b, "scores_b")
    if a.shape[1] != b.shape[1]:
        raise InvalidInput(f"scores_a has {a.shape[1]} tasks and scores_b {b.shape[1]}; they need the same.")
    estimate = float(_win(a[None], b[None])[0])
    if min(len(a), len(b)) < _FEWEST_RUNS or estimate in (0.0, 1.0):
        return newcombe_auc_interval(estimate, b.size, a.size, level)
    size = len(a) * b.size
    drawn = zip(
        _redraw(a, stream.child("a"), n_resamples, size),
        _redraw(b, stream.child("b"), n_resamples, size),
        strict=True,
    )
    replicates = np.sort(np.concatenate([_win(*pair) for pair in drawn]))
    outside = max(1, int((n_resamples + 1) * (1 - level) / 2 + 1e-9))
    return Interval(
        estimate=estimate,
        low=float(replicates[outside - 1]),
        high=float(replicates[n_resamples - outside]),
        level=level,
        method="percentile",
        n_resamples=n_resamples,
        seed=stream.seed,
    )


def _win(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often B wins over A, of (R, runs, tasks) each; (R,)."""
    return np.asarray(0.5 + np.sign(b[:, :, None, :] - a[:, None, :, :]).mean(axis=(1, 2, 3)) / 2)


def _redraw(
    values: NDArray[np.float64], stream: Stream, n_resamples: int, size: int
) -> Iterator[NDArray[np.float64]]:
    """Resamples (some, runs, tasks); as many at a time as keep `size` numbers for each in memory."""
    runs, tasks = values.shape
    at_once = max(1, _NUMBERS_AT_ONCE // size)
    for start in range(0, n_resamples, at_once):
        n = min(at_once, n_resamples - start)
        rows = stream.integers(runs, n * values.size).reshape(n, runs, tasks)
        yield values[rows, np.arange(tasks)]


def _read(scores: ArrayLike, name: str) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or values.size == 0:
        raise InvalidInput(f"{name} has the shape {values.shape}; it is (runs, tasks).")
    if not np.isfinite(values).all():
        run, task = np.argwhere(~np.isfinite(values))[0]
        raise InvalidInput(f"{name} has {values[run, task]} in run {run}, task {task}; numbers are needed.")
    return values
