"""What a report is about: the runs that match, put in order and compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from modellab.comparison import overview
from modellab.comparison.compare import compare
from modellab.comparison.evidence import Evidence, name_runs
from modellab.comparison.questions import Asked, list_logged, list_secondary, settle
from modellab.errors import InvalidInput, NotFound
from modellab.records import SYSTEM_PREFIX, Run, RunFilter, Series
from modellab.records.comparisons import MAX_COMPARED, Comparison, MetricRow
from modellab.records.evaluations import DEFAULT_EVALUATION, check_evaluation_name
from modellab.store import Store

MAX_CHARTS = 4
"""Metrics whose curves are drawn."""
MAX_CURVES = 8
"""Runs in one chart."""
MAX_POINTS = 200
"""Points of one curve; its extremes are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which runs to report on, and by what."""

    query: str | None = None
    metric: str | None = None
    baseline: str | None = None
    split: str = DEFAULT_EVALUATION
    visible: frozenset[str] | None = None
    """The projects that the reader may see; `None` for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known. `runs` are the best first where there is a metric, else the newest; `n_matching` is all.

    `comparison` is `None` for a single run.
    """

    request: Request
    n_matching: int
    runs: Sequence[Run]
    labels: dict[str, str]
    asked: Asked | None
    metrics: Sequence[MetricRow]
    comparison: Comparison | None
    curves: Sequence[tuple[str, Sequence[tuple[str, Series]]]]
    """Metrics, each with the runs and points that are drawn."""
    n_curves_left_out: int


def find_facts(store: Store, request: Request) -> Facts:
    """Read and compare the runs, at most `MAX_COMPARED`: all that match, or the best by the metric.

    Raises `NotFound` where none matches, and `InvalidInput`.
    """
    check_evaluation_name(request.split)
    wanted = RunFilter(query=request.query, visible=request.visible)
    table = store.table.read(wanted, limit=MAX_COMPARED)
    if not table.rows:
        raise NotFound("No run matches, so there is nothing to report.", hint="Try another filter, or none.")
    found = _gather(store, [row.run_id for row in table.rows], request.split)
    asked = settle(found, request.metric, request.split, None)
    if asked is not None and table.total > len(found):
        found = _gather(store, _pick_best(store, request, asked, found), request.split)
    if asked is not None:
        found = sorted(found, key=lambda one: _rank(one, asked, request.split))
    ids = [one.run_id for one in found]
    baseline = _find_baseline(request.baseline, ids)
    others = [] if asked is None else list_secondary(found, asked)
    others += [] if asked is None else list_logged(found, [asked, *others], request.split)
    charts, n_left_out = _read_curves(store, found, asked)
    return Facts(
        request=request,
        n_matching=table.total,
        runs=[one.run for one in found],
        labels={one.run_id: one.label for one in found},
        asked=asked,
        metrics=overview.list_metrics(found, asked, others, request.split),
        comparison=None
        if len(ids) < 2
        else compare(
            store,
            ids,
            baseline=baseline,
            metric=None if asked is None else asked.name,
            split=request.split,
            secondary=False,
            n_examples=0,
        ),
        curves=charts,
        n_curves_left_out=n_left_out,
    )


def _gather(store: Store, run_ids: Sequence[str], split: str) -> list[Evidence]:
    """The runs with their evaluations, but without predictions, which only the comparison needs."""
    runs = store.runs.get_many(run_ids)
    evaluations = store.evaluations.list_of_runs(run_ids, split)
    labels = name_runs(runs)
    return [
        Evidence(run=run, label=labels[run.run_id], evaluation=evaluations.get(run.run_id)) for run in runs
    ]


def _pick_best(store: Store, request: Request, asked: Asked, newest: Sequence[Evidence]) -> list[str]:
    """The best of all that match; where fewer have the metric, the newest of the others too."""
    name = f"{request.split}/{asked.name}" if asked.is_evaluated else asked.name
    ranked = store.runs.rank(
        name,
        top_k=MAX_COMPARED,
        ascending=not asked.higher_is_better,
        query=request.query,
        visible=request.visible,
    )
    ids = [run.run_id for run in ranked] + [one.run_id for one in newest]
    return list(dict.fromkeys(ids))[:MAX_COMPARED]


def _rank(one: Evidence, asked: Asked, split: str) -> tuple[float, str, str]:
    """Best first; of equal ones the older first; those without a value last."""
    value = asked.read(one, split)
    if value is None or math.isnan(value):
        return math.inf, one.run.timestamp, one.run_id
    return (-value if asked.higher_is_better else value), one.run.timestamp, one.run_id


def _find_baseline(given: str | None, run_ids: Sequence[str]) -> str:
    """The run that the others are compared with: the named one, by its id or a part of it, or the first."""
    if given is None:
        return run_ids[0]
    meant = [run_id for run_id in run_ids if run_id.startswith(given) or run_id.endswith(given)]
    if len(meant) != 1:
        how_many = "more than one" if meant else "none"
        raise InvalidInput(
            f"The baseline {given[:100]} is {how_many} of the runs in the report.",
            hint="Give the id of a run that the filter finds; at most 50 are in a report.",
        )
    return meant[0]


def _read_curves(
    store: Store, found: Sequence[Evidence], asked: Asked | None
) -> tuple[list[tuple[str, list[tuple[str, Series]]]], int]:
    """The curves that most runs have, that of the metric itself first, and how many metrics are left out."""
    counts: dict[str, int] = {}
    for one in found:
        for name, metric in one.run.metrics.items():
            if metric.count > 1 and not name.startswith(SYSTEM_PREFIX):
                counts[name] = counts.get(name, 0) + 1
    primary = None if asked is None else asked.name
    names = sorted(counts, key=lambda name: (name != primary, -counts[name], name))
    charts = []
    for name in names[:MAX_CHARTS]:
        owners = [one for one in found if name in one.run.metrics and one.run.metrics[name].count > 1]
        read = [
            (one.run_id, store.series.reduce(one.run_id, name, max_points=MAX_POINTS))
            for one in owners[:MAX_CURVES]
        ]
        charts.append((name, [(run_id, series) for run_id, series in read if series is not None]))
    return charts, max(0, len(names) - MAX_CHARTS)
