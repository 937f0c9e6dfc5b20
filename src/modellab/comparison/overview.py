"""What a comparison shows beside its verdicts: runs, their seed groups, and all metrics with intervals."""

from __future__ import annotations

import math
import os.path
from collections.abc import Mapping, Sequence
from typing import Any

from modellab.comparison.evidence import Evidence
from modellab.comparison.group_tests import summarize
from modellab.comparison.questions import Asked
from modellab.comparison.seed_groups import Group, strip_draws
from modellab.records.comparisons import ComparedRun, MetricRow, SeedGroup
from modellab.records.estimates import Interval

_MOST_PARAMS = 3
_SHORTEST_NAME = 3


def describe_runs(
    evidence: Sequence[Evidence], groups: Sequence[Group], asked: Asked | None, split: str
) -> list[ComparedRun]:
    """The runs as they are listed."""
    group_of = {run_id: group.group_id for group in groups for run_id in group.run_ids}
    return [
        ComparedRun(
            run_id=one.run_id,
            label=one.label,
            name=one.run.name,
            project_id=one.run.project_id,
            status=one.run.status,
            timestamp=one.run.timestamp,
            seed=one.run.seed,
            group=group_of.get(one.run_id),
            n=None if one.evaluation is None else one.evaluation.n,
            rows_sha256=None if one.evaluation is None else one.evaluation.rows_sha256,
            primary=None if asked is None else _finite(asked.read(one, split)),
        )
        for one in evidence
    ]


def describe_groups(
    groups: Sequence[Group], labels: Mapping[str, str], values: Mapping[str, float]
) -> list[SeedGroup]:
    """The seed groups, with the values of the primary metric that are known."""
    return [
        SeedGroup(
            group_id=group.group_id,
            label=labels[group.group_id],
            run_ids=group.run_ids,
            seeds=[run.seed for run in group.runs],
            values={run_id: values[run_id] for run_id in group.run_ids if run_id in values},
            mean=summarize([values[run_id] for run_id in group.run_ids if run_id in values]),
        )
        for group in groups
    ]


def list_metrics(
    evidence: Sequence[Evidence], primary: Asked | None, others: Sequence[Asked], split: str
) -> list[MetricRow]:
    """The metrics that were asked about, of every run that has them; the primary one first."""
    asked = ([] if primary is None else [primary]) + list(others)
    return [
        MetricRow(
            metric=one.name,
            higher_is_better=None if one.assumed else one.higher_is_better,
            is_primary=one is primary,
            values={
                item.run_id: found for item in evidence if (found := _read(item, one, split)) is not None
            },
        )
        for one in asked
    ]


def read_values(evidence: Sequence[Evidence], asked: Asked, split: str) -> dict[str, float]:
    """The finite values of a metric, by run."""
    found = {one.run_id: _finite(asked.read(one, split)) for one in evidence}
    return {run_id: value for run_id, value in found.items() if value is not None}


def name_groups(groups: Sequence[Group]) -> dict[str, str]:
    """What sentences call each group: what its runs' names share, or the params that tell it apart."""
    shared = [_find_shared_name(group) for group in groups]
    params = _find_params(groups)
    labels = {}
    for group, name, told in zip(groups, shared, params, strict=True):
        if len(name) < _SHORTEST_NAME or shared.count(name) > 1:
            name = told if told and params.count(told) == 1 else group.group_id
        labels[group.group_id] = f"{name} ({len(group.runs)} {'folds' if group.has_folds else 'seeds'})"
    return labels


def _find_shared_name(group: Group) -> str:
    names = [" ".join((run.name or "").split()) for run in group.runs]
    shared = os.path.commonprefix(names)  # noqa: RUF071 - these are no paths
    if all(name == shared for name in names):
        return shared
    shared = shared.rstrip("0123456789").rstrip(" -_/:=,.([#")
    for word in ("seed", "random_state", "fold", "run"):
        shared = shared.removesuffix(word).rstrip(" -_/:=,.([#")
    return shared


def _find_params(groups: Sequence[Group]) -> list[str]:
    """The params that differ between the groups, with their values, for each group."""
    found: list[Mapping[str, Any]] = [strip_draws(group.runs[0].params) for group in groups]
    names = sorted({name for params in found for name in params})
    differing = [name for name in names if len({repr(params.get(name)) for params in found}) > 1]
    return [
        ", ".join(f"{name}={params[name]}" for name in differing[:_MOST_PARAMS] if name in params)
        for params in found
    ]


def _read(evidence: Evidence, asked: Asked, split: str) -> Interval | None:
    """The value of a run with the interval that its evaluation gave it, or without one."""
    value = _finite(asked.read(evidence, split))
    if value is None:
        return None
    if asked.is_evaluated and evidence.evaluation is not None:
        found = evidence.evaluation.intervals.get(asked.name)
        if found is not None:
            return found
    return Interval(estimate=value, low=None, high=None, method="none", note="a single value")


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
