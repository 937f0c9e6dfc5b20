"""How long does a search take with 10 000 runs, and what does being found cost a run that is recorded?

The floor of a search is what FTS5 takes to rank the same rows, in one statement written by hand and with no
text to show.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from statistics import median

from benchmarks.fill import fill_ours
from benchmarks.project import temporary_project
from benchmarks.table import Row
from benchmarks.timing import alternate, percentile, time_once
from modellab.comparison.similar import find_similar
from modellab.comparison.suggestion import suggest_params
from modellab.records import RunFilter
from modellab.retrieval.find import find
from modellab.store import Store, open_store

_RAW = (
    "SELECT rowid, bm25(search_index, 8.0, 4.0, 2.0, 1.0) AS score FROM search_index "
    "WHERE search_index MATCH ? ORDER BY score LIMIT 20"
)
_SEARCHES = (
    ("a word of one run in 30", "resnet3 adamw", '"resnet3" AND "adamw"*', None),
    ("a word of half of them", "adam", '"adam"*', None),
    ("a word of all", "optimizer", '"optimizer"*', None),
    ("a word of half, and a query", "adam", '"adam"*', "metrics.accuracy > 0.9"),
)
TARGET_S = 0.030


def measure(quick: bool) -> list[Row]:
    """Searches of few and of many, similar runs, suggestions, and the index itself."""
    size, rounds = (500, 3) if quick else (10_000, 20)
    with temporary_project() as settings:
        open_store(settings).close()
        fill_ours(settings.db_path, 0, size)
        with open_store(settings) as store, closing(sqlite3.connect(settings.db_path)) as connection:
            began = time.perf_counter()
            store.search.rebuild()
            built = (time.perf_counter() - began) / size
            rows = [_measure_search(store, connection, size, rounds, *asked) for asked in _SEARCHES]
            rows += _measure_others(store, size, rounds)
    row = Row(f"index of {size:,} runs, each", f"{built * 1e6:.0f} µs", "", None, "≤ 500 µs", built <= 500e-6)
    return [*rows, row]


def _measure_search(
    store: Store,
    connection: sqlite3.Connection,
    size: int,
    rounds: int,
    what: str,
    text: str,
    terms: str,
    query: str | None,
) -> Row:
    wanted = RunFilter(query=query)
    ours, bare = alternate(
        rounds,
        lambda: time_once(lambda: find(store, text, wanted)),
        lambda: time_once(lambda: connection.execute(_RAW, [terms]).fetchall()),
    )
    middle = median(ours)
    return Row(
        f"search of {size:,} runs: {what}, p50 (p99)",
        f"{middle * 1000:.1f} ms ({percentile(ours, 99) * 1000:.1f})",
        f"{median(bare) * 1000:.1f} ms (FTS5 alone)",
        middle / median(bare),
        f"≤ {TARGET_S * 1000:.0f} ms",
        middle <= TARGET_S,
    )


def _measure_others(store: Store, size: int, rounds: int) -> list[Row]:
    run_id = store.runs.list(limit=1).items[0].run_id
    similar, suggested = alternate(
        max(3, rounds // 5),
        lambda: time_once(lambda: find_similar(store, run_id)),
        lambda: time_once(lambda: suggest_params(store, RunFilter(), metric="accuracy")),
    )
    return [
        _as_row(f"runs like one of {size:,}", similar, 0.300),
        _as_row(f"suggestions from {size:,} runs", suggested, 2.0),
    ]


def _as_row(question: str, taken: list[float], target_s: float) -> Row:
    middle = median(taken)
    target = f"≤ {target_s * 1000:.0f} ms"
    return Row(question, f"{middle * 1000:.0f} ms", "", None, target, middle <= target_s)
