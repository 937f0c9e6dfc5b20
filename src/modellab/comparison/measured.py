"""The values of a metric for A and B and the test of their difference, as the tests of rows give it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.findings import flip
from modellab.evaluation.metrics import Metric
from modellab.evaluation.problem import Classification, Problem
from modellab.records.estimates import Interval, Test
from modellab.statistics.intervals import make_interval

N_RESAMPLES = 1000
SEED = 0

Replicates = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Of A and of B, (R,) each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric of A and of B, `None` where undefined, and the test of B - A, or the `reason` for none."""

    a_value: float | None
    b_value: float | None
    test: Test | None = None
    reason: str | None = None
    is_identical: bool = False

    def flip(self) -> Measured:
        """The same with A and B exchanged."""
        return replace(
            self,
            a_value=self.b_value,
            b_value=self.a_value,
            test=None if self.test is None else flip(self.test),
        )


def predicts_alike(a: Problem, b: Problem, metric: Metric) -> bool:
    """Whether A and B give the metric the same to look at, row by row."""
    if isinstance(a, Classification) and isinstance(b, Classification):
        if metric.needs == "labels":
            return np.array_equal(a.predicted, b.predicted)
        if a.probabilities is None or b.probabilities is None:
            return False
        return np.array_equal(a.probabilities, b.probabilities)
    if isinstance(a, Classification) or isinstance(b, Classification):
        return False
    return np.array_equal(a.predictions, b.predictions)


def is_mean(metric: Metric) -> bool:
    """Whether a metric is the plain mean of one number a row."""
    if metric.of_means is None or len(metric.columns) != 1:
        return False
    probe = np.array([[0.3], [7.0]])
    return bool(np.array_equal(metric.of_means(probe), probe[:, 0]))


def make_resampled_test(
    name: str,
    difference: float,
    replicates: Replicates,
    p_value: float | None,
    n: int,
) -> Test:
    """A test whose interval is a bootstrap one of paired replicates, and whose p-value is from elsewhere.

    Percentiles, because BCa limits of a difference are too narrow: see the decision 0006.
    """
    differences = replicates[1] - replicates[0]
    interval = make_interval(difference, differences, method="percentile", seed=SEED)
    kept = differences[np.isfinite(differences)]
    has_spread = interval.low is not None and len(kept) > 1
    error = float(np.std(kept, ddof=1)) if has_spread else None
    return Test(name=name, p_value=p_value, n=n, interval=interval, standard_error=error, note=interval.note)


def make_bare_test(name: str, difference: float, p_value: float | None, n: int, why: str) -> Test:
    """A test that rests on its p-value alone."""
    interval = Interval(estimate=difference, low=None, high=None, method="none", note=why)
    return Test(name=name, p_value=p_value, n=n, interval=interval, note=why)


def draw_enough(permute: Callable[[int], float | None], n_most: int, family_size: int) -> float | None:
    """A permutation p-value with no more permutations than it takes.

    100 say enough of a difference that is far from shown; `n_most` follow for others, and more, up to
    20 000, where the smallest p-value that these can give would not survive a family of this size.
    """
    p_value = permute(100)
    if p_value is None or p_value > 0.3:
        return p_value
    p_value = permute(n_most)
    needed = min(20_000, 50 * family_size)
    if p_value is not None and needed > n_most and p_value <= 5 / (n_most + 1):
        p_value = permute(needed)
    return p_value
