"""Runs as a table: columns, order, and stretches of rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from modellab.errors import InvalidInput
from modellab.journal.line import encode_event, encode_points
from modellab.records import RunFilter
from modellab.store import Store

AddRun = Callable[..., str]

START_MS = 1_700_000_000_000


@pytest.fixture
def named(store: Store, add_run: AddRun) -> Any:
    """A function that adds a run with a name, each a second after the one before."""
    seconds = iter(range(1000))

    def add(name: str, **contents: Any) -> str:
        started_us = (START_MS + next(seconds) * 1000) * 1000
        return add_run(name=name, started_us=started_us, **contents)

    return add


def names(store: Store, *sort: str, **options: Any) -> list[str | None]:
    return [row.name for row in store.table.read(sort=sort, **options).rows]


def values(store: Store, *columns: str) -> list[list[Any]]:
    return [list(row.values) for row in store.table.read(columns=columns).rows]


def test_a_table_without_columns_has_the_newest_run_first(store: Store, named: Any) -> None:
    for name in ("old", "new"):
        named(name, seed=7, tags={"team": "vision"}, note="n", dataset_id="d", project_id="p")
    table = store.table.read()
    assert table.total == 2
    assert table.columns == []
    row = table.rows[0]
    assert (row.name, row.seed, row.tags, row.note) == ("new", 7, {"team": "vision"}, "n")
    assert (row.dataset_id, row.project_id, row.status, row.values) == ("d", "p", "completed", [])
    assert row.duration_s == 1


def test_a_row_counts_the_runs_nested_directly_in_it(store: Store, named: Any) -> None:
    parent = named("parent")
    child, deleted = (named(name, parent_id=parent) for name in ("child", "deleted"))
    named("grandchild", parent_id=child)
    store.trash.put_run(deleted)
    found = {row.name: row.n_nested for row in store.table.read().rows}
    assert found == {"parent": 1, "child": 1, "grandchild": 0}


def test_any_field_of_the_query_language_can_be_a_column(store: Store, named: Any) -> None:
    named("a", params={"lr": 0.5, "epochs": 3, "model": "svm", "on": True}, curves={"loss": [3.0, 1.0, 2.0]})
    columns = ["metrics.loss", "metrics.loss.min", "metrics.loss.min_step", "params.lr", "params.epochs"]
    columns += ["params.model", "params.on", "tags.team", "name", "duration_s", "started_at", "git_dirty"]
    assert values(store, *columns) == [
        [2.0, 1.0, 1, 0.5, 3, "svm", "true", None, "a", 1.0, "2023-11-14T22:13:20.000000+00:00", None]
    ]
    kinds = [column.kind for column in store.table.read(columns=columns).columns]
    assert kinds == ["number"] * 3 + ["any"] * 4 + ["text"] * 2 + ["number", "time", "bool"]


def test_what_a_run_does_not_have_is_nothing_and_nan_is_nan(store: Store, named: Any) -> None:
    named("bare")
    named("lost", curves={"loss": [math.nan]})
    (lost,), (bare,) = values(store, "metrics.loss")
    assert bare is None
    assert math.isnan(lost)
    assert values(store, "metrics.loss.min", "metrics.nobody", "datasets.name") == [[None] * 3] * 2


def test_a_column_is_told_in_its_shortest_form(store: Store) -> None:
    columns = ["metric.loss.final", "parameters.'lr'", 'params."learning rate"', "attributes.run_name"]
    told = [column.field for column in store.table.read(columns=columns).columns]
    assert told == ["metrics.loss", "params.lr", 'params."learning rate"', "name"]


def test_several_datasets_are_joined(store: Store, named: Any) -> None:
    run_id = named("a", end=None)
    for split, name in (("train", "iris"), ("test", "iris"), ("extra", "wine")):
        event = {"name": name, "split": split, "sha256": "0" * 63 + str(len(name)), "size": 1}
        store.record(run_id, [encode_event("dataset", START_MS, {**event, "format": "csv"})])
    (cells,) = values(store, "datasets.name", "datasets.split")
    assert cells == ["wine, iris", "extra, test, train"]


def test_missing_values_come_last_and_nan_before_them_in_both_directions(store: Store, named: Any) -> None:
    for name, loss in (("low", 1.0), ("nan", math.nan), ("high", 2.0), ("inf", math.inf)):
        named(name, curves={"loss": [loss]})
    named("missing")
    assert names(store, "metrics.loss") == ["low", "high", "inf", "nan", "missing"]
    assert names(store, "-metrics.loss") == ["inf", "high", "low", "nan", "missing"]
    # A minimum is over finite values: there is none of `nan` and `inf`.
    assert names(store, "-metrics.loss.min") == ["high", "low", "missing", "inf", "nan"]


def test_numbers_of_a_param_come_before_its_texts_in_both_directions(store: Store, named: Any) -> None:
    for name, value in (("ten", 10), ("nine", 9), ("auto", "auto"), ("Zero", "Zero")):
        named(name, params={"depth": value})
    assert names(store, "params.depth") == ["nine", "ten", "Zero", "auto"]
    assert names(store, "-params.depth") == ["ten", "nine", "auto", "Zero"]


def test_equal_ones_are_sorted_by_the_next_field_and_then_newest_first(store: Store, named: Any) -> None:
    for name, team, acc in (("a", "x", 1.0), ("b", "x", 2.0), ("c", "x", 2.0), ("d", "w", 0.0)):
        named(name, tags={"team": team}, final={"acc": acc})
    assert names(store, "tags.team", "-metrics.acc", "tags.team") == ["d", "c", "b", "a"]
    assert names(store, "-tags.team", "metrics.acc") == ["a", "c", "b", "d"]
    assert names(store, "status") == ["d", "c", "b", "a"]
    assert names(store, "started_at") == ["a", "b", "c", "d"]
    assert names(store, "-name") == ["d", "c", "b", "a"]


def test_runs_are_sorted_by_their_data(store: Store, named: Any) -> None:
    for name, data in (("a", "wine"), ("b", "iris"), ("c", None)):
        run_id = named(name, end=None)
        event = {"name": data, "split": "train", "sha256": "0" * 64, "size": 1, "format": "csv"}
        if data:
            store.record(run_id, [encode_event("dataset", START_MS, event)])
    assert names(store, "datasets.name") == ["b", "a", "c"]


def test_stretches_of_rows_join_without_gap_or_double(store: Store, named: Any) -> None:
    for number in range(23):
        named(f"{number}", final={"acc": number % 3})
    whole = names(store, "-metrics.acc")
    parts = [names(store, "-metrics.acc", limit=5, offset=offset) for offset in range(0, 25, 5)]
    assert [name for part in parts for name in part] == whole
    assert len(whole) == len(set(whole)) == 23
    assert store.table.read(limit=1, offset=100).total == 23


def test_total_counts_what_matches_whatever_is_shown(store: Store, named: Any) -> None:
    for number in range(10):
        named(f"{number}", params={"n": number}, project_id="p" if number % 2 else "q")
    wanted = RunFilter(query="params.n >= 4", project_id="p")
    table = store.table.read(wanted, sort=["params.n"], limit=2)
    assert (table.total, [row.name for row in table.rows]) == (3, ["5", "7"])
    assert store.table.read(RunFilter(visible=frozenset({"q"}))).total == 5
    assert store.table.read(RunFilter(visible=frozenset())).total == 0


def test_a_table_of_given_runs_has_those_of_them_that_match(store: Store, named: Any) -> None:
    ids = [named(name) for name in "abc"]
    assert names(store, run_ids=[ids[0], ids[2], ids[0], "nobody"]) == ["c", "a"]
    assert names(store, run_ids=[]) == []
    assert names(store, run_ids=ids, wanted=RunFilter(query="name = 'b'")) == ["b"]


def test_what_is_in_the_trash_is_in_no_table(store: Store, named: Any) -> None:
    gone = named("gone")
    named("there")
    store.trash.put_run(gone)
    assert names(store) == ["there"]
    assert names(store, run_ids=[gone]) == []
    assert store.table.read().total == 1


def test_a_running_run_tells_how_far_it_is(store: Store, named: Any) -> None:
    run_id = named("live", end=None, curves={"loss": [1.0] * 5})
    store.record(run_id, [encode_points(900, START_MS, {"system/cpu": 1.0})])
    row = store.table.read().rows[0]
    assert (row.status, row.last_step, row.duration_s) == ("running", 4, None)
    assert row.last_at is not None
    assert row.last_at.startswith("2023-11-14T22:13:20.004")
    named("done", curves={"loss": [1.0]})
    assert store.table.read().rows[0].last_step is None


def test_long_texts_are_cut_in_a_table_and_whole_when_all_is_read(store: Store, named: Any) -> None:
    named("a", note="x" * 301)
    named("b", note="y" * 300)
    short, cut = (row.note for row in store.table.read(columns=["note"]).rows)
    assert short == "y" * 300
    assert cut == "x" * 300 + "…"
    ((_, whole),) = [[row.values[0] for row in rows] for rows in store.table.iterate(columns=["note"])]
    assert whole == "x" * 301


def test_reading_all_gives_the_rows_of_the_table(store: Store, named: Any) -> None:
    for number in range(7):
        named(f"{number}", final={"acc": number * 7 % 5})
    parts = store.table.iterate(sort=["-metrics.acc"], columns=["metrics.acc"])
    rows = [row for part in parts for row in part]
    assert rows == store.table.read(sort=["-metrics.acc"], columns=["metrics.acc"]).rows
    assert list(store.table.iterate(RunFilter(query="name = 'nobody'"))) == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"columns": ["acuracy"]}, "columns: There is no field 'acuracy'"),
        ({"columns": ["metrics.a b"]}, "columns: `b` stands here"),
        ({"columns": [""]}, "columns: The query ends here"),
        ({"columns": ["name"] * 201}, "201 columns; at most 200"),
        ({"sort": ["-durations"]}, "Did you mean duration_s"),
        ({"sort": ["--name"]}, "sort: There is no place for '-'"),
        ({"sort": [f"params.p{n}" for n in range(9)]}, "9 fields to sort by; at most 8"),
        ({"run_ids": ["x"] * 501}, "501 run_ids; at most 500"),
        ({"limit": 1001}, "limit is 1001; it may be 1 to 1000"),
        ({"limit": 0}, "limit is 0"),
        ({"columns": ["metrics." + "x" * 600]}, "608 characters; at most 600"),
    ],
)
def test_what_cannot_be_meant_is_refused(sqlite_store: Store, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told.replace("(", r"\(")):
        sqlite_store.table.read(**asked)


def test_names_of_any_kind_are_columns_and_never_sql(store: Store, named: Any) -> None:
    strange = ["__proto__", "a/b/c", "x' OR 1=1 --", 'say "hi"', "ü—🚀", "%"]
    for number, name in enumerate(strange):
        named(name, params={name: number})
    columns = ['params."' + name.replace('"', '""') + '"' for name in strange]
    rows = values(store, *columns)
    assert [[cell for cell in row if cell is not None] for row in rows] == [[n] for n in (5, 4, 3, 2, 1, 0)]
    assert names(store, columns[2])[0] == strange[2]


def test_many_runs_are_read_column_by_column(store: Store, named: Any) -> None:
    ids = [named(f"{n}", seed=n, params={"n": n}, final={"acc": n / 4}) for n in range(4)]
    found = store.table.read_columns(columns=["metrics.acc", "params.n", "name"], at_most=3)
    assert found.run_ids == ids[:0:-1]
    assert found.values == [[0.75, 0.5, 0.25], [3, 2, 1], ["3", "2", "1"]]
    assert (found.seeds, set(found.statuses), found.n_left_out) == ([3, 2, 1], {"completed"}, 1)


def test_configurations_of_many_runs_are_read_at_once(store: Store, named: Any) -> None:
    ids = [
        named("a", params={"lr": [1, {"x": None}]}, config={"depth": 3}, seed=2),
        named("b", project_id="p"),
    ]
    found = store.configurations.read([*ids, "nobody"])
    assert list(found) == sorted(found, key=ids.index)
    assert (found[ids[0]].params, found[ids[0]].config, found[ids[0]].seed) == (
        {"lr": [1, {"x": None}]},
        {"depth": 3},
        2,
    )
    assert (found[ids[1]].params, found[ids[1]].project_id, found[ids[1]].datasets) == ({}, "p", [])
