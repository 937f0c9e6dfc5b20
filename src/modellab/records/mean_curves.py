"""A metric over steps in several runs at once: the mean curve of a seed group with its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanCurve:
    """At each step: how many runs have a value, their mean, its 95 % t interval, the least and the greatest.

    `stretch` is 1 where steps are single ones; otherwise each stands for so many, in which a run counts with
    the mean of its points, and `steps` are where they begin. `run_ids` are the runs that have the metric.
    `count` and `n_nonfinite` speak of all points in the range; NaN and ±inf are in no mean. `reduced` says
    whether steps were left out. An interval is NaN where fewer than two runs, or only equal ones, are.
    """

    metric: str
    run_ids: Sequence[str]
    count: int
    n_nonfinite: int
    reduced: bool
    stretch: int
    steps: Sequence[int]
    n: Sequence[int]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    min: Sequence[float]
    max: Sequence[float]
