"""Runs that are like one, and in what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_SIMILAR = 100
"""Runs in one answer."""
MAX_CONSIDERED = 500
"""Runs that are measured: those that share most params, function and data."""
MAX_NAMED = 20
"""Params and metrics of a pair that are named."""

PART_WEIGHTS: Mapping[str, float] = {"params": 0.5, "metrics": 0.2, "data": 0.15, "code": 0.15}
"""How much the parts of a distance count; of what neither run has, the others take the share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTraits:
    """What a run is measured by. `dataset_ids` are those it used or names."""

    run_id: str
    name: str | None
    project_id: str | None
    status: str
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    dataset_ids: frozenset[str]
    function: str | None
    git_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePair:
    """A param or metric of both runs; `None` stands for one that a run does not have."""

    name: str
    value: Any
    other: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarRun:
    """A run that is like another. `distance` is 0 for the same and 1 for nothing in common.

    `parts` are the distances that it is made of, `None` where there is nothing to measure. `near_metrics`
    are those that differ least; `other` is this run's.
    """

    run_id: str
    name: str | None
    project_id: str | None
    status: str
    distance: float
    parts: Mapping[str, float | None]
    shared_params: Sequence[str]
    different_params: Sequence[ValuePair]
    near_metrics: Sequence[ValuePair]
    shared_datasets: Sequence[str]
    same_function: bool
    same_commit: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarRuns:
    """The runs most like one, nearest first; `n_considered` were measured."""

    run_id: str
    n_considered: int
    items: Sequence[SimilarRun]
