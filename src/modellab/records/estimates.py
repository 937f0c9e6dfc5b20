"""What a statistical answer is: a value with its interval, and a test of a difference."""

from __future__ import annotations

from dataclasses import dataclass

LEVEL = 0.95
"""The level of an interval, and one minus the threshold of a test, unless something else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and the interval around it.

    `estimate`, `low` and `high` are in the unit of the metric; what is undefined is `None`, and `note` says
    why. `method` names how it was made (`bca`, `percentile`, `basic`, `wilson`, `delong_logit`, `newcombe`,
    `t`, …). `n_resamples` is 0 for a formula; `n_dropped` counts resamples in which the metric is undefined.
    """

    estimate: float | None
    low: float | None
    high: float | None
    level: float = LEVEL
    method: str
    n_resamples: int = 0
    n_dropped: int = 0
    seed: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A test of a difference B - A against zero, with the interval of that difference.

    `name` is the test's (`mcnemar_exact`, `delong`, `paired_permutation`, …), `n` how many pairs or values it
    saw. `p_value` lies in 0 to 1; it is `None` where there is no test, and `note` says why then. `interval`
    is that of the difference, in the unit of the metric, in the direction B - A. `standard_error` is that of
    the difference, `None` where the method has none.
    """

    __test__ = False  # what pytest looks at

    name: str
    p_value: float | None
    n: int
    interval: Interval
    statistic: float | None = None
    standard_error: float | None = None
    note: str | None = None
