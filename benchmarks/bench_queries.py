"""How long do lists, filters, leaderboards and single runs take over HTTP, with 1 000 to 100 000 runs?

Both servers hold the same runs and are asked in turn, on connections that stay open. The floor is the bare
app of `raw_app.py`: rows for params and metrics, the best indexes, joins in the best order for each case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.fill import OPTIMIZERS, fill_ours, fill_raw, make_run_id
from benchmarks.project import temporary_project
from benchmarks.servers import Connection, serve_both
from benchmarks.table import Row
from benchmarks.timing import percentile
from modellab.store import open_store


class _Query(NamedTuple):
    """One question, as a path for each server."""

    what: str
    ours: str
    raw: str


class _Times(NamedTuple):
    """Seconds of single requests."""

    ours: Sequence[float]
    raw: Sequence[float]


def measure(quick: bool) -> list[Row]:
    """Every query at every size, and how ours grew from the smallest to the largest."""
    sizes = (200, 400) if quick else (1_000, 10_000, 100_000)
    requests = 10 if quick else 400
    found: dict[int, Mapping[str, _Times]] = {}
    with temporary_project() as settings:
        open_store(settings).close()
        raw = settings.root / "raw.db"
        filled = 0
        for size in sizes:
            fill_ours(settings.db_path, filled, size)
            fill_raw(raw, filled, size)
            filled = size
            found[size] = _measure_size(settings.root, raw, size, requests)
    rows = [_as_row(size, query, found[size][query.what]) for size in sizes for query in _make_queries(size)]
    return [*rows, *_growth(found, sizes[0], sizes[-1])]


def _make_queries(size: int) -> list[_Query]:
    def make_filter(what: str, minimum: float, *, rare: bool) -> _Query:
        metric, param = f"metric_name=accuracy&metric_min={minimum}", f"param_value={OPTIMIZERS[1]}"
        asked = f"{metric}&param_name=optimizer&{param}&limit=50"
        return _Query(what, f"/runs?{asked}", f"/runs/filter?{asked}&rare={rare}")

    best, one = "/runs/leaderboard?metric_name=accuracy&top_k=10", f"/runs/{make_run_id(size // 2)}"
    return [
        _Query("newest 50", "/runs?limit=50", "/runs?limit=50"),
        make_filter("filter, 1 run in 40 matches", 0.9, rare=False),
        make_filter("filter, at most 8 match", 1 - 32 / size, rare=True),
        _Query("leaderboard top 10", best, best),
        _Query("one run", one, one),
    ]


def _measure_size(folder: Path, raw: Path, size: int, requests: int) -> Mapping[str, _Times]:
    with serve_both(folder, raw) as (ours, bare):
        return {
            query.what: _ask(query, ours.connection, bare.connection, requests)
            for query in _make_queries(size)
        }


def _ask(query: _Query, ours: Connection, raw: Connection, requests: int) -> _Times:
    """Ask both in turn, after making sure that they say the same."""
    mine, bare = ours.get_json(query.ours), raw.get_json(query.raw)
    if _identify(mine) != _identify(bare):
        raise RuntimeError(f"The answers to {query.ours!r} differ.")
    for _ in range(max(3, requests // 10)):
        ours.get(query.ours)
        raw.get(query.raw)
    times = [(ours.time_get(query.ours), raw.time_get(query.raw)) for _ in range(requests)]
    return _Times([mine for mine, _ in times], [bare for _, bare in times])


def _identify(answer: Any) -> list[Any]:
    runs = answer if isinstance(answer, list) else [answer]
    # The floor's leaderboard and lists are the same runs; their order among equals may differ.
    return sorted(((run["run_id"], sorted(run["final_metrics"].items())) for run in runs), key=str)


def _as_row(size: int, query: _Query, times: _Times) -> Row:
    ratio = median(times.ours) / median(times.raw)
    return Row(
        f"{size:,} runs, {query.what}: p50 (p99)",
        _show(times.ours),
        f"{_show(times.raw)} (bare app)",
        ratio,
        "≤ 3x bare app",
        ratio <= 3,
    )


def _show(seconds: Sequence[float]) -> str:
    return f"{median(seconds) * 1000:.2f} ms ({percentile(seconds, 99) * 1000:.2f})"


def _growth(found: Mapping[int, Mapping[str, _Times]], smallest: int, largest: int) -> list[Row]:
    """How each query's median changed, as a multiple."""
    rows = []
    for query in _make_queries(smallest):
        before, after = found[smallest][query.what], found[largest][query.what]
        ours = median(after.ours) / median(before.ours)
        raw = median(after.raw) / median(before.raw)
        rows.append(
            Row(
                f"{query.what}: growth from {smallest:,} to {largest:,} runs",
                f"x{ours:.2f}",
                f"x{raw:.2f} (bare app)",
                ours / raw,
                "stated",
                None,
            )
        )
    return rows
