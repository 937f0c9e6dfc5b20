"""Curves of a run for an answer; both families of routes show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modellab.errors import NotFound
from modellab.records import Series
from modellab.server.bodies.runs import MAX_SERIES, SeriesQuery, encode_series
from modellab.store import Store


def read_curves(store: Store, run_id: str, query: SeriesQuery) -> dict[str, Any]:
    """The curves asked for, as `SeriesBody` describes them; raises `NotFound`."""
    names = list(dict.fromkeys(query.metric)) or _names_with_points(store, run_id)
    found = [_reduce(store, run_id, name, query) for name in names]
    return {"run_id": run_id, "series": [encode_series(series) for series in found]}


def _names_with_points(store: Store, run_id: str) -> Sequence[str]:
    metrics = store.runs.get(run_id).metrics
    return sorted(name for name, summary in metrics.items() if summary.count)[:MAX_SERIES]


def _reduce(store: Store, run_id: str, name: str, query: SeriesQuery) -> Series:
    series = store.series.reduce(
        run_id, name, max_points=query.max_points, from_step=query.from_step, to_step=query.to_step
    )
    if series is None:
        there = sorted(store.runs.get(run_id).metrics)
        listed = ", ".join(there[:20]) + (", …" if len(there) > 20 else "")
        raise NotFound(
            f"Run {run_id} has no metric {name!r}.",
            hint=f"It has: {listed}." if there else "It has no metrics.",
        )
    return series
