"""How far runs are from one: a distance of parts that can be told, and why.

Of a param the distance is 0 if both runs have the same value, 1 if they do not or one has none, and for two
numbers their difference as a share of the range that the measured runs span (of its logarithms, if that
spans a factor of 100). Params count by their mean, and so do the final metrics that both runs have. Data is
the same (0) if they share a dataset. Code is half the function and half the commit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modellab.comparison.seed_groups import strip_draws
from modellab.errors import InvalidInput
from modellab.records.similar import (
    MAX_CONSIDERED,
    MAX_NAMED,
    MAX_SIMILAR,
    PART_WEIGHTS,
    RunTraits,
    SimilarRun,
    SimilarRuns,
    ValuePair,
)
from modellab.store import Store

_DECADES = 100.0  # a range that spans this factor is measured by its logarithms
_NEAR = 0.1  # a metric that differs by less than this share of the range is near


def find_similar(
    store: Store, run_id: str, *, limit: int = 10, visible: Collection[str] | None = None
) -> SimilarRuns:
    """The `limit` (1 to 100) runs that are most like one, nearest first, and why.

    Seeds and folds do not count. Those 500 are measured that share most params, the function and the data.
    Raises `NotFound`.
    """
    if not 1 <= limit <= MAX_SIMILAR:
        raise InvalidInput(f"limit is {limit}; it may be 1 to {MAX_SIMILAR}.")
    own, others = store.alike.read(run_id, MAX_CONSIDERED, visible=visible)
    items = measure_runs(own, others)
    return SimilarRuns(run_id=run_id, n_considered=len(others), items=items[:limit])


def measure_runs(own: RunTraits, others: Sequence[RunTraits]) -> list[SimilarRun]:
    """The others, nearest first; of equally near ones in the order given."""
    every = [own, *others]
    params = _find_scales([strip_draws(run.params) for run in every])
    metrics = _find_scales([run.metrics for run in every])
    return sorted((_measure(own, other, params, metrics) for other in others), key=lambda run: run.distance)


@dataclass(frozen=True, slots=True)
class _Scale:
    """The range that numbers span; `is_log` if by their logarithms."""

    low: float
    high: float
    is_log: bool

    def measure(self, one: float, other: float) -> float:
        if one == other:
            return 0.0
        place: Callable[[float], float] = math.log if self.is_log else float
        span = place(self.high) - place(self.low)
        return min(1.0, abs(place(one) - place(other)) / span) if span > 0 else 0.0


def _find_scales(values: Sequence[Mapping[str, Any]]) -> dict[str, _Scale]:
    numbers: dict[str, list[float]] = {}
    for one in values:
        for name, value in one.items():
            if _is_number(value):
                numbers.setdefault(name, []).append(float(value))
    scales = {}
    for name, found in numbers.items():
        low, high = min(found), max(found)
        scales[name] = _Scale(low, high, is_log=low > 0 and high >= _DECADES * low)
    return scales


def _measure(
    own: RunTraits, other: RunTraits, params: Mapping[str, _Scale], metrics: Mapping[str, _Scale]
) -> SimilarRun:
    mine, theirs = strip_draws(own.params), strip_draws(other.params)
    names = sorted({*mine, *theirs})
    by_param = {name: _measure_value(mine, theirs, name, params) for name in names}
    by_metric = {
        name: metrics[name].measure(own.metrics[name], other.metrics[name])
        for name in sorted(own.metrics.keys() & other.metrics.keys())
    }
    shared = own.dataset_ids & other.dataset_ids
    same_function = own.function is not None and own.function == other.function
    same_commit = own.git_hash is not None and own.git_hash == other.git_hash
    knows_data = bool(own.dataset_ids or other.dataset_ids)
    parts = {
        "params": _mean(by_param.values()),
        "metrics": _mean(by_metric.values()),
        "data": (0.0 if shared else 1.0) if knows_data else None,
        "code": _measure_code(own, other),
    }
    near = sorted((name for name in by_metric if by_metric[name] <= _NEAR), key=by_metric.__getitem__)
    different = [name for name in names if by_param[name] > 0]
    found = SimilarRun(
        run_id=other.run_id,
        name=other.name,
        project_id=other.project_id,
        status=other.status,
        distance=_combine(parts),
        parts=parts,
        shared_params=[name for name in names if by_param[name] == 0][:MAX_NAMED],
        different_params=[ValuePair(name=n, value=mine.get(n), other=theirs.get(n)) for n in different][
            :MAX_NAMED
        ],
        near_metrics=[
            ValuePair(name=name, value=own.metrics[name], other=other.metrics[name])
            for name in near[:MAX_NAMED]
        ],
        shared_datasets=sorted(shared)[:MAX_NAMED],
        same_function=same_function,
        same_commit=same_commit,
        why="",
    )
    return _explain(found, n_params=len(names), n_same=len(names) - len(different))


def _measure_value(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], name: str, scales: Mapping[str, _Scale]
) -> float:
    if name not in mine or name not in theirs:
        return 1.0
    one, other = mine[name], theirs[name]
    if _is_number(one) and _is_number(other):
        scale = scales[name]
        if not scale.is_log or min(one, other) > 0:
            return scale.measure(one, other)
    return 0.0 if one.__class__ is other.__class__ and one == other else 1.0


def _measure_code(own: RunTraits, other: RunTraits) -> float | None:
    pairs = [(own.function, other.function), (own.git_hash, other.git_hash)]
    known = [0.0 if one == other else 1.0 for one, other in pairs if one is not None or other is not None]
    return _mean(known)


def _combine(parts: Mapping[str, float | None]) -> float:
    known = {name: value for name, value in parts.items() if value is not None}
    total = sum(PART_WEIGHTS[name] for name in known)
    if not total:
        return 1.0
    return sum(PART_WEIGHTS[name] * value for name, value in known.items()) / total


def _explain(run: SimilarRun, *, n_params: int, n_same: int) -> SimilarRun:
    told = []
    if n_params:
        told.append(f"{n_same} of {n_params} params are the same")
    if run.shared_datasets:
        told.append("the same dataset")
    if run.same_function or run.same_commit:
        words = (("function", run.same_function), ("commit", run.same_commit))
        told.append(f"the same {' and '.join(word for word, is_same in words if is_same)}")
    if run.near_metrics:
        pair = run.near_metrics[0]
        told.append(f"{pair.name} {pair.other:.4g} beside {pair.value:.4g}")
    return replace(run, why="; ".join(told) or "Nothing in common that is measured")


def _mean(values: Collection[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
