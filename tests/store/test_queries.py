"""Queries against both databases: as users of MLflow write them, the largest, and attacks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modellab.errors import InvalidQuery
from modellab.journal.line import encode_event
from modellab.query.parser import MAX_CONDITIONS, MAX_DEPTH
from modellab.records import RunFilter
from modellab.store import Store

AddRun = Callable[..., str]
START_US = 1_700_000_000_123_456


@pytest.fixture
def names(store: Store, add_run: AddRun) -> Callable[[str], list[str]]:
    """A function that says which of three runs a query finds."""
    add_run(
        name="svm-1",
        started_us=START_US,
        params={"model": "svm", "lr": 0.1, "batch size": 32},
        tags={"team": "vision-a", "mlflow.source": "a'b"},
        note="fine",
        final={"accuracy": 0.95, "loss": 0.2, "f1.max": 1},
        curves={"loss": [0.9, 0.1, 0.2]},
    )
    add_run(
        name="svm-2",
        started_us=START_US + 60_000_000,
        params={"model": "SVM", "lr": "0.1"},
        tags={"team": "nlp"},
        note="BAD run",
        final={"accuracy": 0.92},
        end="failed",
    )
    add_run(name="tree", started_us=START_US + 3_600_000_000, params={"model": "tree"}, end=None)

    for name, letter in (("svm-1", "a"), ("svm-2", "b")):
        (found,) = store.runs.list(RunFilter(query=f"name = '{name}'")).items
        said = {"name": "iris", "sha256": letter * 64, "size": 1, "format": "csv", "split": "train"}
        store.ingest(found.run_id, "data", 0, encode_event("dataset", START_US // 1000, said))

    def find(query: str) -> list[str]:
        return sorted(str(run.name) for run in store.runs.list(RunFilter(query=query)).items)

    return find


MLFLOW = [
    ("", ["svm-1", "svm-2", "tree"]),
    ("metrics.accuracy > 0.92", ["svm-1"]),
    ("metric.accuracy >= 0.92 AND parameters.model = 'SVM'", ["svm-2"]),
    ('metrics."accuracy" > 0.9 and params.model ILIKE "svm"', ["svm-1", "svm-2"]),
    ("metrics.`f1.max` = 1", ["svm-1"]),
    ('params."batch size" = "32"', ["svm-1"]),
    ("param.model LIKE 'S%'", ["svm-2"]),
    ("params.lr = '0.1'", ["svm-1", "svm-2"]),
    ("params.model != 'svm'", ["svm-2", "tree"]),
    ("tags.team = 'nlp' and attributes.status = 'FAILED'", ["svm-2"]),
    ('tags."mlflow.source" = "a\'b"', ["svm-1"]),
    ("tag.mlflow.source != 'x'", ["svm-1"]),
    ("attributes.status = 'FINISHED'", ["svm-1"]),
    ("status IN ('RUNNING', 'SCHEDULED')", ["tree"]),
    ("attribute.run_name = 'tree'", ["tree"]),
    ("run.run_name LIKE 'svm%' and attr.status != 'FAILED'", ["svm-1"]),
    ("attributes.`Run name` = 'tree'", ["tree"]),
    ("attributes.run_id IN ('x', 'y')", []),
    ("attributes.start_time > 1700000000123", ["svm-2", "tree"]),
    ("start_time = 1700000000123", ["svm-1"]),
    ("start_time <= 1700000060123 and end_time is not null", ["svm-1", "svm-2"]),
    ("created < 1700000060000", ["svm-1"]),
    ("params.lr IS NULL", ["tree"]),
    ("tags.team IS NOT NULL", ["svm-1", "svm-2"]),
    ("dataset.name = 'iris' and dataset.context = 'train'", ["svm-1", "svm-2"]),
    ("datasets.digest LIKE 'aa%'", ["svm-1"]),
    ("dataset.name IN ('iris', 'wine') AND metrics.accuracy > 0.92", ["svm-1"]),
]


def test_what_users_of_mlflow_write_means_what_it_means_there(names: Callable[[str], list[str]]) -> None:
    for query, found in MLFLOW:
        assert names(query) == found, query


def test_a_query_is_one_filter_among_others(store: Store, names: Callable[[str], list[str]]) -> None:
    assert names("metrics.accuracy > 0.9") == ["svm-1", "svm-2"]
    both = RunFilter(query="metrics.accuracy > 0.9", param_name="lr", param_value="0.1", note_substring="bad")
    assert [run.name for run in store.runs.list(both).items] == ["svm-2"]
    ranked = store.runs.rank("accuracy", query="params.model ilike 'svm' and not note like '%BAD%'")
    assert [run.name for run in ranked] == ["svm-1"]
    seen = store.runs.list(RunFilter(query="exists params.model", visible=frozenset(["p1"]))).items
    assert list(seen) == []


def test_pages_of_a_query_are_cut_from_one_list(store: Store, add_run: AddRun) -> None:
    ids = [add_run(started_us=START_US + i // 2, params={"i": i}, final={"acc": i / 40}) for i in range(40)]
    for query in ("params.i >= 10 and metrics.acc < 0.9", "params.i in (11, 12, 13, 30) or params.i = 31"):
        whole = [run.run_id for run in store.runs.list(RunFilter(query=query)).items]
        assert set(whole) < set(ids)
        found: list[str] = []
        cursor = None
        while len(found) < len(ids):
            page = store.runs.list(RunFilter(query=query), limit=3, cursor=cursor)
            found += [run.run_id for run in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        assert found == whole


@pytest.mark.parametrize(
    "attack", ["x' OR '1'='1", "'; DROP TABLE runs; --", "%", "\\", "$1", ":a", "?", "%(a)s"]
)
def test_sql_in_a_query_is_only_text(store: Store, add_run: AddRun, attack: str) -> None:
    plain, odd = (
        add_run(name=text, note=text, params={text: text}, tags={text: text}, final={text: 1.0})
        for text in ("plain", attack)
    )
    quoted = "'" + attack.replace("'", "''") + "'"
    for query in (
        f"name = {quoted}",
        f"note in ({quoted})",
        f"params.{quoted} = {quoted}",
        f"tags.{quoted} between {quoted} and {quoted}",
        f"metrics.{quoted} > 0.5",
        f"not name != {quoted}",
    ):
        assert [run.run_id for run in store.runs.list(RunFilter(query=query)).items] == [odd], query
    escaped = quoted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    for query in (f"name like {escaped}", f"params.{quoted} ilike {escaped}"):
        assert [run.run_id for run in store.runs.list(RunFilter(query=query)).items] == [odd], query
    assert {run.run_id for run in store.runs.list().items} == {plain, odd}


def test_of_a_long_param_or_tag_the_first_300_characters_are_compared(store: Store, add_run: AddRun) -> None:
    run_id = add_run(params={"x": "a" * 299 + "bcd"}, tags={"x": "a" * 299 + "bcd"}, note="a" * 299 + "bcd")
    for field in ("params.x", "tags.x"):
        for test in (f"= '{'a' * 299}bXX'", "like '%b'", f"<= '{'a' * 299}bXX'"):
            assert [run.run_id for run in store.runs.list(RunFilter(query=f"{field} {test}")).items] == [
                run_id
            ]
    assert not store.runs.list(RunFilter(query="note like '%b'")).items


LARGE = [
    " and ".join(["metrics.acc > 0.5"] * MAX_CONDITIONS),
    " or ".join(f"params.i = {i}" for i in range(MAX_CONDITIONS)),
    " and ".join("not tags.t = 'x'" for _ in range(MAX_CONDITIONS // 2)),
    " and ".join(f"note != '{i}'" for i in range(MAX_CONDITIONS)),
    "not (" * (MAX_DEPTH // 2 - 1) + "not metrics.acc <= 0.5 and params.i = 3" + ")" * (MAX_DEPTH // 2 - 1),
    "params.i in (" + ", ".join(map(str, range(1500))) + ")",
    "note not like '" + "%a" * 4900 + "'",
]


@pytest.mark.parametrize("query", LARGE, ids=[query[:20] for query in LARGE])
def test_the_largest_queries_are_answered(store: Store, add_run: AddRun, query: str) -> None:
    ids = [add_run(params={"i": i}, final={"acc": 0.75}, note=f"run {i}") for i in range(5)]
    found = {run.run_id for run in store.runs.list(RunFilter(query=query)).items}
    assert found == (set(ids) if "not (" not in query else {ids[3]})


def test_a_query_that_cannot_be_read_changes_nothing_and_says_where(store: Store, add_run: AddRun) -> None:
    add_run()
    for ask in (
        lambda: store.runs.list(RunFilter(query="metrics.a > ")),
        lambda: store.runs.rank("a", query="metrics.a > "),
    ):
        with pytest.raises(InvalidQuery) as caught:
            ask()
        assert caught.value.position == 12
