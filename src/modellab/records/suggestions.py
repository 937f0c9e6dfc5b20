"""Hyperparameters worth trying next, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

ParamKind = Literal["number", "integer", "choice"]
SuggestionKind = Literal["promising", "exploring"]

MAX_SUGGESTIONS = 20
"""Suggestions in one answer."""
FEWEST_RUNS = 8
"""Runs below which nothing is suggested."""
MAX_LEARNED = 300
"""Runs that are learned from, the newest."""
MAX_VARIED = 12
"""Params that are varied: those that go with the metric most clearly."""
MAX_CHOICES = 20
"""Values of a param that is no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariedParam:
    """A param that differs between the runs, and within what it is suggested.

    Of a number `low` and `high` are the smallest and largest that was tried, `is_log` says that they are
    compared by their logarithms; of a choice `values` are those that were tried.
    """

    name: str
    kind: ParamKind
    is_log: bool
    low: float | None
    high: float | None
    values: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRun:
    """The best run so far."""

    run_id: str
    value: float
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Params to try. `expected` is what the model expects of a run, 90 of 100 times between `low` and `high`.

    A promising one is likely to be better than the best; an exploring one is where least is known.
    """

    kind: SuggestionKind
    params: Mapping[str, Any]
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What to try next for a metric. `n_runs` runs were learned from; `n_left_out` older ones match too.

    `explained` is the share of the metric's variance that the model tells of runs it has not seen
    (leave-one-out), at most 1; 0 or less is no better than the mean. `fixed` are params that all runs share.
    Without `items`, `sentences` say why.
    """

    metric: str
    higher_is_better: bool
    is_direction_assumed: bool
    n_runs: int
    n_left_out: int
    varied: Sequence[VariedParam]
    fixed: Mapping[str, Any]
    best: ObservedRun | None
    explained: float | None
    items: Sequence[Suggestion]
    sentences: Sequence[str]
