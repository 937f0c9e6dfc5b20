"""Runs in groups, by fields that they share or alike in everything but the seed; each with its means."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from modellab.comparison.differences import flatten
from modellab.comparison.seed_groups import Draw, identify, name_group, read_draw, strip_draws
from modellab.errors import InvalidInput
from modellab.query import Field
from modellab.records import RunFilter
from modellab.records.run_groups import (
    MAX_BY,
    MAX_GROUPED,
    MAX_GROUPS,
    MAX_METRICS,
    MetricOfGroup,
    RunConfiguration,
    RunGroup,
    RunGroups,
    Summary,
)
from modellab.statistics.means import estimate_mean, standard_deviation
from modellab.store import Store
from modellab.store.run_table import RunColumns, read_columns

BY_SEED = "seed"
SHOWN_RUNS = 100
"""Runs of a group that are named."""

_TEXT_SHOWN = 300
_REPEATED = "Some runs have the same seed, so that the interval may be too narrow."
_FOLDS = "Folds of a cross-validation share training rows, so that the interval may be too narrow."


class _Members(NamedTuple):
    """A group before anything is worked out: places of its runs in the columns."""

    group_id: str
    key: Mapping[str, Any]
    places: list[int]
    notes: list[str]


def group_runs(
    store: Store,
    wanted: RunFilter,
    *,
    by: Sequence[str],
    metrics: Sequence[str] = (),
    summary: Summary = "final",
    ascending: bool = False,
    limit: int = 100,
) -> RunGroups:
    """The runs that match, in groups; those with the largest mean of the first metric first.

    `by` is fields of the query language, or only `seed`: runs that are alike in params, config, code, data,
    function and project but for seeds and folds, as in comparisons. Without a metric the largest group comes
    first. Raises `InvalidInput` for fields that there are not, and for `seed` among others.
    """
    _check_counts(by, metrics, limit)
    is_by_seed = list(by) == [BY_SEED]
    fields = [] if is_by_seed else _read_fields(by)
    names = [str(Field("metrics", name, summary)) for name in metrics]
    runs = store.table.read_columns(wanted, columns=[*fields, *names], at_most=MAX_GROUPED)
    found = _group_by_seed(store, runs) if is_by_seed else _group_by_fields(fields, runs)
    columns = list(zip(metrics, runs.values[len(fields) :], strict=True))
    first = columns[0][1] if columns else None
    found.sort(key=lambda members: _rank(members.places, first, ascending=ascending))
    return RunGroups(
        by=[BY_SEED] if is_by_seed else fields,
        summary=summary,
        total=len(found),
        n_runs=len(runs.run_ids) + runs.n_left_out,
        n_ungrouped=len(runs.run_ids) - sum(len(members.places) for members in found),
        n_left_out=runs.n_left_out,
        groups=[_describe(members, runs, columns) for members in found[:limit]],
    )


def _check_counts(by: Sequence[str], metrics: Sequence[str], limit: int) -> None:
    if not 1 <= len(by) <= MAX_BY:
        raise InvalidInput(f"There are {len(by)} fields to group by; it may be 1 to {MAX_BY}.")
    if len(metrics) > MAX_METRICS:
        raise InvalidInput(f"There are {len(metrics)} metrics; at most {MAX_METRICS} are allowed.")
    if not 1 <= limit <= MAX_GROUPS:
        raise InvalidInput(f"limit is {limit}; it may be 1 to {MAX_GROUPS}.")


def _read_fields(by: Sequence[str]) -> list[str]:
    if BY_SEED in by:
        raise InvalidInput(
            "seed stands beside other fields; it stands alone.",
            hint="By seed, runs are grouped that are alike in everything else.",
        )
    fields = read_columns(by, "by")
    for field in fields:
        if field.kind == "metrics" or field.type == "time":
            raise InvalidInput(f"Runs are not grouped by {field}, whose values hardly repeat.")
    return list(dict.fromkeys(map(str, fields)))


def _group_by_fields(fields: Sequence[str], runs: RunColumns) -> list[_Members]:
    found: dict[tuple[Any, ...], list[int]] = {}
    for place, values in enumerate(zip(*runs.values[: len(fields)], strict=True)):
        found.setdefault(values, []).append(place)
    return [
        _Members(
            group_id=name_group(hashlib.sha256(orjson.dumps(values)).hexdigest()),
            key=dict(zip(fields, values, strict=True)),
            places=places,
            notes=[],
        )
        for values, places in found.items()
    ]


def _group_by_seed(store: Store, runs: RunColumns) -> list[_Members]:
    configurations = store.configurations.read(runs.run_ids)
    found: dict[str, list[int]] = {}
    for place, run_id in enumerate(runs.run_ids):
        run = configurations.get(run_id)
        key = None if run is None else identify(run, run.git_diff_digest)
        if key is not None:
            found.setdefault(key, []).append(place)
    facts = [_list_facts(configurations[runs.run_ids[places[0]]]) for places in found.values()]
    keys = _keep_differing(facts)
    return [
        _Members(
            group_id=name_group(key),
            key=told,
            places=places,
            notes=_doubt([read_draw(configurations[runs.run_ids[place]]) for place in places]),
        )
        for told, (key, places) in zip(keys, found.items(), strict=True)
    ]


def _list_facts(run: RunConfiguration) -> dict[str, Any]:
    """What a configuration is told by: params as fields of the query language, then the rest."""
    params = {str(Field("params", name)): value for name, value in strip_draws(run.params).items()}
    config = {f"config.{name}": value for name, value in flatten(strip_draws(run.config)).items()}
    rest = {
        "dataset_id": run.dataset_id,
        "datasets.name": ", ".join(sorted({f"{use.name} v{use.version}" for use in run.datasets})) or None,
        "git_hash": run.git_hash,
        "git_diff": run.git_diff_digest[:12] if run.git_diff_digest else None,
        "function": run.function,
        "project_id": run.project_id,
    }
    facts = {**params, **config, **{name: value for name, value in rest.items() if value is not None}}
    return {name: _plain(value) for name, value in facts.items()}


def _keep_differing(facts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of what groups are told by, only what is not the same in all of them; one that lacks it has `None`."""
    names = dict.fromkeys(name for one in facts for name in one)
    differing = [name for name in names if len({repr(one.get(name)) for one in facts}) > 1]
    return [{name: one.get(name) for name in differing} for one in facts]


def _plain(value: Any) -> Any:
    """A number, truth value or text, as the table shows it; anything else is its JSON."""
    if value is None or isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else orjson.dumps(value, default=repr).decode()
    return text if len(text) <= _TEXT_SHOWN else f"{text[:_TEXT_SHOWN]}…"


def _doubt(draws: Sequence[Draw]) -> list[str]:
    known = [draw for draw in draws if draw != (None, None)]
    notes = [_REPEATED] if len(set(known)) < len(draws) else []
    folds = {fold for _, fold in known if fold is not None}
    return [*notes, _FOLDS] if len(folds) > 1 else notes


def _describe(
    members: _Members, runs: RunColumns, columns: Sequence[tuple[str, Sequence[float | None]]]
) -> RunGroup:
    places = members.places
    return RunGroup(
        group_id=members.group_id,
        key=members.key,
        n=len(places),
        n_unfinished=sum(runs.statuses[place] in ("pending", "running") for place in places),
        run_ids=[runs.run_ids[place] for place in places[:SHOWN_RUNS]],
        seeds=[runs.seeds[place] for place in places[:SHOWN_RUNS]],
        metrics=[_summarise(name, [column[place] for place in places]) for name, column in columns],
        notes=members.notes,
    )


def _summarise(name: str, values: Sequence[float | None]) -> MetricOfGroup:
    there = [value for value in values if value is not None]
    finite = np.array([value for value in there if math.isfinite(value)], dtype=np.float64)
    mean = estimate_mean(finite)
    sd = standard_deviation(finite) if mean.estimate is not None else None
    return MetricOfGroup(
        metric=name,
        n=len(there),
        n_finite=len(finite),
        mean=mean,
        sd=sd,
        min=float(finite.min()) if len(finite) else None,
        max=float(finite.max()) if len(finite) else None,
    )


def _rank(
    places: Sequence[int], column: Sequence[float | None] | None, *, ascending: bool
) -> tuple[bool, float, int]:
    """What groups are sorted by: those without a mean last, equal ones by their size."""
    if column is None:
        return (False, 0.0, -len(places))
    values = [value for place in places if (value := column[place]) is not None and math.isfinite(value)]
    mean = sum(values) / len(values) if values else math.nan
    is_missing = math.isnan(mean)
    return (is_missing, 0.0 if is_missing else mean if ascending else -mean, -len(places))
