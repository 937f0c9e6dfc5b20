"""Curves for an answer: of one run, as both families of routes show them, and of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modellab.errors import NotFound
from modellab.records import Series
from modellab.server.bodies.curves import CurvesQuery
from modellab.server.bodies.runs import MAX_SERIES, CurveQuery, SeriesQuery, encode_series
from modellab.store import Store


def read_curves(store: Store, run_id: str, query: SeriesQuery) -> dict[str, Any]:
    """The curves asked for, as `SeriesBody` describes them; raises `NotFound`."""
    names = list(dict.fromkeys(query.metric)) or _names_with_points(store, run_id)
    found = [_reduce(store, run_id, name, query) for name in names]
    return {"run_id": run_id, "series": [encode_series(series) for series in found]}


def read_curves_of_runs(store: Store, run_ids: Sequence[str], query: CurvesQuery) -> list[dict[str, Any]]:
    """The curves that these runs have of those asked for, as `RunCurvesBody` describes them."""
    names = list(dict.fromkeys(query.metric))
    items = []
    for run_id in run_ids:
        found = [series for name in names if (series := _find(store, run_id, name, query)) is not None]
        items.append({"run_id": run_id, "series": [encode_series(series) for series in found]})
    return items


def _names_with_points(store: Store, run_id: str) -> Sequence[str]:
    metrics = store.runs.get(run_id).metrics
    return sorted(name for name, summary in metrics.items() if summary.count)[:MAX_SERIES]


def _reduce(store: Store, run_id: str, name: str, query: SeriesQuery) -> Series:
    series = _find(store, run_id, name, query)
    if series is None:
        there = sorted(store.runs.get(run_id).metrics)
        listed = ", ".join(there[:20]) + (", …" if len(there) > 20 else "")
        raise NotFound(
            f"Run {run_id} has no metric {name!r}.",
            hint=f"It has: {listed}." if there else "It has no metrics.",
        )
    return series


def _find(store: Store, run_id: str, name: str, query: CurveQuery) -> Series | None:
    return store.series.reduce(
        run_id, name, max_points=query.max_points, from_step=query.from_step, to_step=query.to_step
    )
