"""How SQLite answers: from the indexes meant for it, with many runs too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from modellab.ids import new_run_id
from modellab.journal.line import encode_points
from modellab.records import RunFilter
from modellab.store import Store

COUNT = 5000
"""More than `RARE` runs meet a common condition."""


@pytest.fixture
def crowded(sqlite_store: Store) -> Store:
    """A store of 5000 runs that plain SQL put there; every 1000th is special."""
    with sqlite_store.database.write() as connection:
        connection.execute(
            text("""
            WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < :last)
            INSERT INTO manifests (run_id, timestamp, command, params_json, final_metrics_json)
            SELECT 'r' || i, strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i, 'unixepoch'), 'train ' || (i % 3),
                   json_object('model', 'm' || (i % 2), 'special', i % 1000 = 0, 'i', i),
                   json_object('acc', i * 7 % :count, 'f1', i % 10)
            FROM numbers
            """),
            {"last": COUNT - 1, "count": COUNT},
        )
    return sqlite_store


@contextmanager
def plans_of(store: Store) -> Iterator[list[str]]:
    """How the statements of the block were answered, one text each."""
    statements: list[tuple[str, Any]] = []
    plans: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    event.listen(store.database.engine, "before_cursor_execute", keep)
    yield plans
    event.remove(store.database.engine, "before_cursor_execute", keep)
    with closing(sqlite3.connect(store.settings.db_path)) as connection:
        for statement, parameters in statements:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.append("\n".join(row[3] for row in rows))


def explain(store: Store, ask: Callable[[], object]) -> str:
    with plans_of(store) as plans:
        ask()
    print("\n".join(plans))  # noqa: T201 - shown when the test fails
    return "\n".join(plans)


def test_the_leaderboard_walks_its_index_from_the_best(crowded: Store) -> None:
    for ask in (lambda: crowded.runs.rank("acc"), lambda: crowded.runs.rank("acc", ascending=True)):
        plan = explain(crowded, ask)
        assert "metrics USING COVERING INDEX metrics_by_final" in plan
        assert "TEMP B-TREE" not in plan
        assert "SCAN" not in plan


def test_a_chart_of_many_points_is_drawn_from_the_index_alone(sqlite_store: Store) -> None:
    run_id = new_run_id()
    lines = [encode_points(step, step, {"loss": step % 77}) for step in range(30_000)]
    sqlite_store.ingest(run_id, "w", 0, b"".join(lines))
    plan = explain(sqlite_store, lambda: sqlite_store.series.reduce(run_id, "loss", max_points=10))
    assert "metric_chunks USING COVERING INDEX metric_chunks_chart" in plan
    assert plan.count("metric_chunks") == 2  # its own name, and the index's
    assert "TEMP B-TREE" not in plan
    assert "SCAN" not in plan


def test_the_newest_runs_are_read_in_order_of_the_index(crowded: Store) -> None:
    page = crowded.runs.list(limit=50)
    for ask in (lambda: crowded.runs.list(limit=50), lambda: crowded.runs.list(limit=50, cursor=page.cursor)):
        plan = explain(crowded, ask)
        assert "INDEX runs_newest" in plan
        assert "TEMP B-TREE" not in plan


def test_one_run_is_found_without_a_scan(crowded: Store) -> None:
    plan = explain(crowded, lambda: crowded.runs.get("r77"))
    assert "SCAN" not in plan


def test_a_small_write_touches_no_more_than_its_own_rows(crowded: Store) -> None:
    crowded.ingest("r0", "w", 0, encode_points(0, 1, {"loss": 1}))
    offset = crowded.read_offset("r0", "w")
    plan = explain(crowded, lambda: crowded.ingest("r0", "w", offset, encode_points(1, 2, {"loss": 1})))
    assert "SCAN" not in plan


CONDITIONS: dict[str, tuple[RunFilter, Callable[[int], bool]]] = {
    "two common": (
        RunFilter(metric_name="f1", metric_min=1, param_name="model", param_value="m1"),
        lambda i: i % 10 >= 1 and i % 2 == 1,
    ),
    "common metric, rare param": (
        RunFilter(metric_name="f1", metric_min=0, param_name="special", param_value="1"),
        lambda i: i % 1000 == 0,
    ),
    "rare metric, common param": (
        RunFilter(metric_name="acc", metric_min=4990, param_name="model", param_value="m0"),
        lambda i: i * 7 % COUNT >= 4990 and i % 2 == 0,
    ),
    "two rare": (
        RunFilter(metric_name="acc", metric_max=20, param_name="i", param_value="1000"),
        lambda i: i * 7 % COUNT <= 20 and i == 1000,
    ),
    "common metric, common text": (
        RunFilter(metric_name="f1", metric_max=4, command_substring="TRAIN 2"),
        lambda i: i % 10 <= 4 and i % 3 == 2,
    ),
}


def test_rare_and_common_conditions_find_the_same_as_a_plain_check(crowded: Store) -> None:
    for what, (wanted, holds) in CONDITIONS.items():
        expected = [f"r{i}" for i in reversed(range(COUNT)) if holds(i)]
        found: list[str] = []
        cursor = None
        while True:
            page = crowded.runs.list(wanted, limit=700, cursor=cursor)
            found += [run.run_id for run in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        assert found == expected, what


def test_a_page_of_a_filtered_list_needs_no_sort_of_all_runs(crowded: Store) -> None:
    plan = explain(crowded, lambda: crowded.runs.list(CONDITIONS["two common"][0], limit=50))
    assert "INDEX runs_newest" in plan
    assert "TEMP B-TREE" not in plan


QUERIES: dict[str, Callable[[int], bool]] = {
    "metrics.f1 >= 1 and params.model = 'm1' and command like '%2'": (
        lambda i: i % 10 >= 1 and i % 2 == 1 and i % 3 == 2
    ),
    "metrics.f1 >= 0 and params.special = 1": lambda i: i % 1000 == 0,
    "metrics.acc >= 4990 and params.model = 'm0' and not note = 'x'": (
        lambda i: i * 7 % COUNT >= 4990 and i % 2 == 0
    ),
    "params.i in (7, 8, 4000) or params.i between 10 and 12": lambda i: i in (7, 8, 4000, 10, 11, 12),
    "metrics.f1 > 1 and (params.i = 1000 or params.i between 1005 and 1009)": lambda i: 1005 <= i <= 1009,
    "metrics.f1.max > 5 and params.i < 100": lambda i: i % 10 > 5 and i < 100,
    "metrics.f1.min > 100": lambda i: i < 0,
    "exists metrics.f1.count and not params.i >= 3": lambda i: i < 3,
}


def test_queries_of_rare_and_common_conditions_find_the_same_as_a_plain_check(crowded: Store) -> None:
    for query, holds in QUERIES.items():
        expected = [f"r{i}" for i in reversed(range(COUNT)) if holds(i)]
        assert [
            run.run_id for run in crowded.runs.list(RunFilter(query=query), limit=COUNT).items
        ] == expected
        ranked = crowded.runs.rank("acc", top_k=1000, query=query)
        best = sorted((i for i in range(COUNT) if holds(i)), key=lambda i: i * 7 % COUNT, reverse=True)
        assert [run.run_id for run in ranked] == [f"r{i}" for i in best[:1000]]


def test_a_rare_condition_of_a_query_is_looked_up_and_common_ones_are_checked(crowded: Store) -> None:
    rare = RunFilter(query="metrics.f1 >= 0 and params.i = 77 and tags.t = 'x' and note like '%x%'")
    for ask in (lambda: crowded.runs.list(rare), lambda: crowded.runs.rank("acc", query=rare.query)):
        plan = explain(crowded, ask)
        assert "SCAN runs" not in plan
        assert "SCAN metrics" not in plan
        assert "INDEX runs_newest" not in plan
    common = RunFilter(query="metrics.f1 >= 1 and params.model = 'm1' and not params.special = 1")
    plan = explain(crowded, lambda: crowded.runs.list(common, limit=50))
    assert "INDEX runs_newest" in plan
    assert "TEMP B-TREE" not in plan


def test_a_page_of_a_query_with_very_many_conditions_needs_no_sort_of_all_runs(crowded: Store) -> None:
    query = " and ".join(f"metrics.f1 > -{number}" for number in range(1, 201))
    plan = explain(crowded, lambda: crowded.runs.list(RunFilter(query=query), limit=50))
    assert "INDEX runs_newest" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("project_id", [None, "p"])
def test_an_overview_counts_all_runs_in_an_index(crowded: Store, project_id: str | None) -> None:
    crowded.projects.create("p", "p")
    plan = explain(crowded, lambda: crowded.overview.read(lambda _: True, project_id=project_id))
    assert "SCAN runs USING COVERING INDEX runs_overview" in plan
    scans = [line for line in plan.splitlines() if line.startswith("SCAN runs")]
    assert all("INDEX" in line for line in scans), scans


def test_a_table_is_sorted_by_looking_each_run_up_once(crowded: Store) -> None:
    plan = explain(crowded, lambda: crowded.table.read(sort=["-metrics.acc"], limit=10))
    assert "SEARCH sort_0 USING PRIMARY KEY (run=? AND key=?) LEFT-JOIN" in plan
    assert "SCAN metrics" not in plan


def test_the_newest_rows_of_a_table_need_no_sort_and_their_number_no_row(crowded: Store) -> None:
    with plans_of(crowded) as plans:
        table = crowded.table.read(limit=10, columns=["metrics.acc", "params.model"])
    count, newest, *cells = plans
    assert table.total == COUNT
    assert "SCAN runs USING COVERING INDEX" in count
    assert "runs_newest" in newest
    assert "TEMP B-TREE" not in newest
    assert not [plan for plan in cells if "SCAN" in plan]


def test_a_rare_condition_of_a_table_is_looked_up_first(crowded: Store) -> None:
    wanted = RunFilter(query="params.special = 1 and metrics.f1 >= 0")
    plan = explain(crowded, lambda: crowded.table.read(wanted, sort=["metrics.acc"]))
    assert "SCAN runs" not in plan
    assert crowded.table.read(wanted).total == COUNT // 1000


def test_all_rows_of_a_table_are_read_a_thousand_at_a_time(crowded: Store) -> None:
    parts = list(crowded.table.iterate(sort=["-metrics.acc"], columns=["metrics.acc"]))
    assert [len(part) for part in parts] == [1000] * 5
    assert [row.values[0] for part in parts for row in part] == list(range(COUNT - 1, -1, -1))


def test_fields_are_counted_in_their_indexes(crowded: Store) -> None:
    plan = explain(crowded, crowded.fields.list)
    assert "USING COVERING INDEX params_by_text" in plan
    assert "USING COVERING INDEX params_by_number" in plan
    assert "USING COVERING INDEX metrics_by_final" in plan
