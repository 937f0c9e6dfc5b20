"""A database that somebody made with the documented `CREATE TABLE manifests` and filled."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from modellab.errors import StoreError
from modellab.ids import new_run_id
from modellab.journal.line import encode_event
from modellab.records import MANIFEST_COLUMNS, RunFilter
from modellab.settings import Settings
from modellab.store import Store, open_store

DOCUMENTED = """
CREATE TABLE manifests (
    run_id TEXT PRIMARY KEY, timestamp TEXT, git_hash TEXT, git_diff TEXT, command TEXT, python_version TEXT,
    pip_freeze TEXT, device_info TEXT, dataset_id TEXT, params_json TEXT, final_metrics_json TEXT,
    artifacts_json TEXT, wandb_url TEXT, note TEXT
)
"""


def make_row(i: int) -> tuple[Any, ...]:
    return (
        f"run-{i}",
        f"2025-12-{1 + i * 7 % 28:02}T10:00:00.{i:06}",
        "abc",
        f"diff {i}" if i % 2 else None,
        "python train.py",
        "3.10",
        f"numpy==1.{i}",
        "cpu",
        "iris" if i % 3 else None,
        json.dumps({"model_name": "svm", "seed": i}),
        json.dumps({"accuracy": i / 100, "loss": float("nan")}),
        json.dumps([f"ckpt/{i}.bin"] if i % 2 else []),
        None,
        f"note {i}",
    )


def make_old_file(path: Path, rows: list[tuple[Any, ...]], create: str = DOCUMENTED) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(create)
        if rows:
            connection.executemany(f"INSERT INTO manifests VALUES ({','.join('?' * len(rows[0]))})", rows)


def query(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def test_every_row_is_kept_and_found(settings: Settings) -> None:
    rows = [make_row(i) for i in range(40)]
    make_old_file(settings.db_path, rows)
    with open_store(settings) as store:
        assert store.runs.count() == 40
        listed = store.runs.list().items
        assert [run.timestamp for run in listed] == sorted((row[1] for row in rows), reverse=True)
        assert query(settings.db_path, "SELECT * FROM manifests ORDER BY note") == sorted(
            rows, key=lambda r: r[-1]
        )
        run = store.runs.get("run-7")
        assert (run.params["seed"], run.final_metrics["accuracy"], run.git_diff) == (7, 0.07, "diff 7")
        assert run.artifacts == ["ckpt/7.bin"]
        assert [run.run_id for run in store.runs.rank("accuracy", top_k=2)] == ["run-39", "run-38"]
        wanted = RunFilter(metric_name="accuracy", metric_min=0.1, dataset_id="iris", has_artifacts=True)
        assert len(store.runs.list(wanted).items) == sum(i % 3 > 0 and i % 2 > 0 for i in range(10, 40))
        assert store.runs.set_note("run-7", "PUBLISH").note == "PUBLISH"


def test_the_old_table_and_a_copy_of_the_file_are_kept(settings: Settings) -> None:
    rows = [make_row(i) for i in range(5)]
    make_old_file(settings.db_path, rows)
    open_store(settings).close()
    assert query(settings.db_path, "SELECT * FROM manifests_adopted") == rows
    (backup,) = settings.db_path.parent.glob("manifests.db.backup-*")
    assert query(backup, "SELECT * FROM manifests") == rows
    assert query(backup, "SELECT type FROM sqlite_master WHERE name = 'manifests'") == [("table",)]


def test_opening_again_does_nothing_more(settings: Settings) -> None:
    make_old_file(settings.db_path, [make_row(i) for i in range(5)])
    for _ in range(3):
        with open_store(settings) as store:
            assert store.runs.count() == 5
    assert len(list(settings.db_path.parent.glob("*backup*"))) == 1
    assert query(settings.db_path, "SELECT count(*) FROM manifests_adopted") == [(5,)]


def test_old_and_new_runs_live_side_by_side(settings: Settings) -> None:
    make_old_file(settings.db_path, [make_row(0)])
    with open_store(settings) as store:
        run_id = new_run_id()
        store.ingest(run_id, "w", 0, encode_event("start", 1_800_000_000_000, {"params": {"seed": 1}}))
        assert [run.run_id for run in store.runs.list().items] == [run_id, "run-0"]
        with closing(sqlite3.connect(settings.db_path)) as connection, connection:
            connection.execute(
                "INSERT INTO manifests (run_id, params_json) VALUES ('third', '{\"seed\": 2}')"
            )
        assert len(store.runs.list(RunFilter(param_name="seed")).items) == 3


def test_a_table_with_columns_missing_or_added_is_adopted_as_far_as_it_goes(settings: Settings) -> None:
    create = "CREATE TABLE manifests (note TEXT, extra REAL, run_id TEXT PRIMARY KEY, timestamp TEXT)"
    make_old_file(settings.db_path, [("n", 1.5, "r1", "2025-12-01"), (None, None, "r2", None)], create)
    with open_store(settings) as store:
        assert {run.run_id for run in store.runs.list().items} == {"r1", "r2"}
        assert store.runs.get("r1").note == "n"
        assert query(settings.db_path, "SELECT extra FROM manifests_adopted") == [(1.5,), (None,)]


def test_rows_as_untidy_as_sqlite_allows_are_kept(settings: Settings) -> None:
    nothing = [None] * (len(MANIFEST_COLUMNS) - 1)
    rows: list[tuple[Any, ...]] = [
        (None, *nothing),
        (None, *nothing),
        ("", *nothing),
        (5, 1733000000, *nothing[1:]),
        ("a/b c?", "2025", b"\x00\xff", *nothing[2:]),
        ("blob", None, None, None, None, None, None, None, None, b"\xff", b"{}", b"[1", None, b"note"),
    ]
    make_old_file(settings.db_path, rows)
    with open_store(settings) as store:
        assert store.runs.count() == len(rows)
        for run in store.runs.list().items:
            assert store.runs.get(run.run_id).run_id == run.run_id
        assert len(query(settings.db_path, "SELECT * FROM manifests")) == len(rows)


def test_an_empty_table_is_adopted_too(settings: Settings) -> None:
    make_old_file(settings.db_path, [])
    with open_store(settings) as store:
        assert store.runs.count() == 0


def test_a_table_without_run_ids_is_somebody_elses(settings: Settings) -> None:
    make_old_file(settings.db_path, [("ship", 5)], "CREATE TABLE manifests (vessel TEXT, containers INTEGER)")
    before = settings.db_path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_store(settings)
    assert settings.db_path.read_bytes() == before


ODD_ROWS = {
    "twice": ("2025-01-01", '{"a": 1, "a": 2}', '{"acc": 0.1, "acc": 0.2}'),
    "nan": ("2025-01-02", "{}", '{"acc":NaN,"loss":Infinity,"low":-Infinity}'),
    "surrogate": ("2025-01-03", '{"a": "\\ud800"}', '{"acc": 0.3, "\\ud800": 1}'),
    "bytes": ("2025-01-04", b'{"a": 3}', b'{"acc": 0.4}'),
    "no-json": ("2025-01-05", "[1", "text"),
    "no-time": (None, '{"a": 5}', '{"acc": 0.5}'),
}


def test_odd_rows_of_other_hands_are_all_kept_and_can_all_be_read(settings: Settings) -> None:
    make_old_file(settings.db_path, [])
    with sqlite3.connect(settings.db_path) as connection:
        for run_id, (timestamp, params, metrics) in ODD_ROWS.items():
            connection.execute(
                "INSERT INTO manifests (run_id, timestamp, params_json, final_metrics_json, git_hash) "
                "VALUES (?, ?, ?, ?, ?)",
                (run_id, timestamp, params, metrics, b"\xff\xfe"),
            )
    connection.close()
    with open_store(settings) as store:
        found = {run.run_id: run for run in store.runs.list().items}
        assert set(found) == set(ODD_ROWS)
        assert {run_id: store.runs.get(run_id).metrics.keys() for run_id in found} == {
            "twice": {"acc"},
            "nan": {"acc", "loss", "low"},
            "surrogate": {"acc", "?"},
            "bytes": {"acc"},
            "no-json": set(),
            "no-time": {"acc"},
        }
        assert found["twice"].params == {"a": 2}
        assert (found["no-time"].timestamp, store.runs.list().items[-1].run_id) == ("", "no-time")
        ranked = [run.run_id for run in store.runs.rank("acc")]
        assert ranked == ["no-time", "bytes", "surrogate", "twice"]


def test_odd_rows_written_into_the_view_do_not_hide_the_others(sqlite_store: Store) -> None:
    with sqlite3.connect(sqlite_store.settings.db_path) as connection:
        for run_id, (timestamp, params, metrics) in ODD_ROWS.items():
            connection.execute(
                "INSERT INTO manifests (run_id, timestamp, params_json, final_metrics_json, note) "
                "VALUES (?, ?, ?, ?, ?)",
                (run_id, timestamp, params, metrics, b"\xff"),
            )
    connection.close()
    found = {run.run_id: run for run in sqlite_store.runs.list().items}
    assert set(found) == set(ODD_ROWS)
    assert sqlite_store.runs.get("nan").metrics["loss"].final == math.inf
    assert [run.run_id for run in sqlite_store.runs.rank("acc", top_k=2)] == ["no-time", "bytes"]


def test_a_run_of_python_s_own_json_that_is_taken_up_again_keeps_what_it_had(settings: Settings) -> None:
    make_old_file(settings.db_path, [make_row(1)])
    with open_store(settings) as store:
        store.ingest("run-1", "w", 0, encode_event("final", 1, {"metrics": {"f1": 0.5}}))
        assert store.runs.get("run-1").final_metrics.keys() == {"accuracy", "loss", "f1"}
