"""How long does the runs table of the web app take with 10 000 runs: rows, fields, groups?

Ours goes from the question to the bytes of the answer. The floor of the rows is one SQL statement written by
hand, with a join for each column, decoded to the same cells.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from statistics import median

import orjson

from benchmarks.fill import fill_ours, fill_raw
from benchmarks.project import temporary_project
from benchmarks.table import Row
from benchmarks.timing import alternate, percentile, time_once
from modellab.comparison.run_groups import group_runs
from modellab.records import RunFilter
from modellab.server.bodies.run_table import encode_table
from modellab.server.bodies.values import reply
from modellab.store import Store, open_store

PAGE = 200

_METRICS = ("accuracy", *(f"metric_{i}" for i in range(5)))
_PARAMS = ("optimizer", "model", "param_0", "param_1")
_COLUMNS = [*(f"metrics.{name}" for name in _METRICS), *(f"params.{name}" for name in _PARAMS)]
_WHERE = "metrics.metric_1 > 0.5 and params.optimizer = 'adam'"


def measure(quick: bool) -> list[Row]:
    """A page of rows in several orders, the list of fields, and two ways to group."""
    size, rounds = (1_000, 3) if quick else (10_000, 40)
    with temporary_project() as settings:
        open_store(settings).close()
        raw = settings.root / "raw.db"
        fill_ours(settings.db_path, 0, size)
        fill_raw(raw, 0, size)
        with open_store(settings) as store, closing(sqlite3.connect(raw)) as connection:
            rows = _measure_page(store, connection, size, rounds)
            return rows + _measure_others(store, size, max(3, rounds // 4))


def _measure_page(store: Store, connection: sqlite3.Connection, size: int, rounds: int) -> list[Row]:
    def read(query: str | None, *sort: str) -> bytes:
        table = store.table.read(RunFilter(query=query), columns=_COLUMNS, sort=sort, limit=PAGE)
        return orjson.dumps(encode_table(table))

    statement = _write_sql()

    def read_raw() -> bytes:
        return orjson.dumps(connection.execute(statement).fetchall())

    best = [row["run_id"] for row in orjson.loads(read(None, "-metrics.accuracy"))["rows"]]
    if best != [row[0] for row in orjson.loads(read_raw())]:
        raise RuntimeError("The rows of the table differ from those of SQL.")
    ours, bare, newest, found = alternate(
        rounds,
        lambda: time_once(lambda: read(None, "-metrics.accuracy")),
        lambda: time_once(read_raw),
        lambda: time_once(lambda: read(None)),
        lambda: time_once(lambda: read(_WHERE, "params.model", "-metrics.accuracy")),
    )
    what = f"table of {size:,} runs, {len(_COLUMNS)} columns, {PAGE} rows"
    return [
        _as_row(f"{what}: by a metric, p50 (p99)", ours, 0.060, bare),
        _as_row(f"{what}: the newest", newest, 0.060),
        _as_row(f"{what}: two conditions, by a param and a metric", found, 0.060),
    ]


def _measure_others(store: Store, size: int, rounds: int) -> list[Row]:
    def group(*by: str) -> Callable[[], object]:
        return lambda: reply(group_runs(store, RunFilter(), by=by, metrics=["accuracy"]))

    fields, by_param, by_seed = alternate(
        rounds,
        lambda: time_once(lambda: reply(store.fields.list())),
        lambda: time_once(group("params.model", "params.optimizer")),
        lambda: time_once(group("seed")),
    )
    return [
        _as_row(f"fields of {size:,} runs: p50 (p99)", fields, 0.100),
        _as_row(f"{size:,} runs in groups by two params", by_param, 0.500),
        _as_row(f"{size:,} runs in groups by seed, each its own", by_seed, 1.500),
    ]


def _write_sql() -> str:
    metrics = [f"m{i}.value" for i in range(len(_METRICS))]
    params = [f"p{i}.text" for i in range(len(_PARAMS))]
    joins = [
        f"LEFT JOIN metrics m{i} ON m{i}.run = r.id AND m{i}.key = '{name}'"
        for i, name in enumerate(_METRICS)
    ]
    joins += [
        f"LEFT JOIN params p{i} ON p{i}.run = r.id AND p{i}.key = '{name}'" for i, name in enumerate(_PARAMS)
    ]
    columns = ", ".join(["r.run_id", "(SELECT count(*) FROM runs)", *metrics, *params])
    return f"SELECT {columns} FROM runs r {' '.join(joins)} ORDER BY m0.value DESC, r.id DESC LIMIT {PAGE}"


def _as_row(question: str, taken: list[float], target_s: float, floor: list[float] | None = None) -> Row:
    middle = median(taken)
    return Row(
        question,
        f"{middle * 1000:.1f} ms ({percentile(taken, 99) * 1000:.1f})",
        "" if floor is None else f"{median(floor) * 1000:.1f} ms (SQL by hand)",
        None if floor is None else middle / median(floor),
        f"≤ {target_s * 1000:.0f} ms",
        middle <= target_s,
    )
