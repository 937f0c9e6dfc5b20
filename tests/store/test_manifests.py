"""`manifests`: the 14 documented columns, one row a run, open to plain SQL."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from modellab.records import MANIFEST_COLUMNS, RunFilter
from modellab.store import Store

AddRun = Callable[..., str]

FULL = {
    "run_id": "run-1",
    "timestamp": "2025-12-01T10:00:00.123456",
    "git_hash": "abc123",
    "git_diff": "diff --git a b",
    "command": "python train.py",
    "python_version": "3.11.4",
    "pip_freeze": "numpy==2.0",
    "device_info": "cpu",
    "dataset_id": "iris",
    "params_json": '{"model_name": "svm", "lr": 0.1, "n": 30, "deep": true, "none": null, "list": [1, 2]}',
    "final_metrics_json": '{"accuracy": 0.95, "loss": "nan", "best": "inf", "worst": "-inf", "epochs": 30}',
    "artifacts_json": '["a/model.ckpt", "a/metrics.csv"]',
    "wandb_url": "https://wandb.ai/x",
    "note": "first",
}


def insert(store: Store, *rows: Mapping[str, Any], verb: str = "INSERT") -> None:
    columns = list(rows[0])
    statement = f"{verb} INTO manifests ({', '.join(columns)}) VALUES ({', '.join(f':{c}' for c in columns)})"
    with store.database.write() as connection:
        for row in rows:
            connection.execute(text(statement), row)


def run_sql(store: Store, statement: str, **values: Any) -> None:
    with store.database.write() as connection:
        connection.execute(text(statement), values)


def read(store: Store) -> list[dict[str, Any]]:
    with store.database.read() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM manifests")).mappings()]


def listed(store: Store, **wanted: Any) -> list[str]:
    return [run.run_id for run in store.runs.list(RunFilter(**wanted)).items]


def test_it_has_exactly_the_documented_columns_in_order(store: Store, add_run: AddRun) -> None:
    run_id = add_run(
        params={"lr": 0.1},
        final={"acc": 0.5, "loss": "nan"},
        artifacts=["m.bin"],
        note="n",
        dataset_id="iris",
        context={
            "git_hash": "abc",
            "git_diff": "+",
            "pip_freeze": "x==1",
            "command": "c",
            "python_version": "3",
            "device_info": "d",
        },
    )
    (row,) = read(store)
    assert tuple(row) == MANIFEST_COLUMNS
    assert [column["name"] for column in inspect(store.database.engine).get_columns("manifests")] == list(row)
    assert row == {
        "run_id": run_id,
        "timestamp": "2023-11-14T22:13:20.000000+00:00",
        "git_hash": "abc",
        "git_diff": "+",
        "command": "c",
        "python_version": "3",
        "pip_freeze": "x==1",
        "device_info": "d",
        "dataset_id": "iris",
        "params_json": '{"lr":0.1}',
        "final_metrics_json": '{"acc":0.5,"loss":"nan"}',
        "artifacts_json": '["m.bin"]',
        "wandb_url": None,
        "note": "n",
    }


def test_a_full_row_is_a_run_like_any_other(store: Store) -> None:
    insert(store, FULL)
    assert read(store) == [FULL]
    run = store.runs.get("run-1")
    assert (run.status, run.timestamp, run.note) == ("completed", FULL["timestamp"], "first")
    assert (run.git_diff, run.pip_freeze, run.git_hash) == ("diff --git a b", "numpy==2.0", "abc123")
    assert run.params == json.loads(FULL["params_json"])
    assert repr(run.final_metrics) == (
        "{'accuracy': 0.95, 'loss': nan, 'best': inf, 'worst': -inf, 'epochs': 30}"
    )
    assert (run.artifacts, run.n_artifacts) == (["a/model.ckpt", "a/metrics.csv"], 2)
    accuracy, best, loss = run.metrics["accuracy"], run.metrics["best"], run.metrics["loss"]
    assert (accuracy.final, accuracy.min, accuracy.count) == (0.95, 0.95, 0)
    assert (best.final, best.max) == (math.inf, None)
    assert math.isnan(loss.final)
    assert [run.run_id for run in store.runs.rank("accuracy")] == ["run-1"]
    assert store.runs.rank("loss") == []
    for wanted in (
        {"metric_name": "accuracy", "metric_min": 0.95, "metric_max": 0.95},
        {"param_name": "model_name", "param_value": "svm"},
        {"param_name": "lr", "param_value": "1e-1"},
        {"param_name": "n", "param_value": "30"},
        {"param_name": "deep", "param_value": "true"},
        {"param_name": "none", "param_value": "null"},
        {"param_name": "list"},
        {"has_artifacts": True},
        {"command_substring": "TRAIN"},
        {"dataset_id": "iris"},
        {"from_timestamp": "2025-12-01T10:00:00.123456", "to_timestamp": "2025-12-01T10:00:00.123456"},
    ):
        assert listed(store, **wanted) == ["run-1"], wanted
    assert listed(store, metric_name="accuracy", metric_min=0.96) == []
    assert listed(store, param_name="deep", param_value="1") == []


def test_a_note_is_updated_in_place(store: Store, add_run: AddRun) -> None:
    insert(store, FULL)
    run_id = add_run(note="before")
    run_sql(store, "UPDATE manifests SET note = 'PUBLISH' WHERE run_id = :run_id", run_id=run_id)
    assert store.runs.get(run_id).note == "PUBLISH"
    assert store.runs.get("run-1").note == "first"
    run_sql(store, "UPDATE manifests SET note = NULL")
    assert [row["note"] for row in read(store)] == [None, None]


def test_nothing_but_the_note_can_be_changed(store: Store) -> None:
    insert(store, FULL)
    for change in ("command = 'x'", "run_id = 'x'", "note = 'x', params_json = '{}'"):
        with pytest.raises(DBAPIError):
            run_sql(store, f"UPDATE manifests SET {change}")
    assert read(store) == [FULL]


TIMESTAMPS = {
    "2025-12-01T10:00:00": "2025-12-01T10:00:00",
    "2025-12-01T10:00:00Z": "2025-12-01T10:00:00",
    "2025-12-01T10:00:00+00:00": "2025-12-01T10:00:00",
    "2025-12-01T12:00:00+02:00": "2025-12-01T10:00:00",
    "2025-12-01T04:30:00-05:30": "2025-12-01T10:00:00",
    "2025-12-01 10:00:00": "2025-12-01T10:00:00",
    "2025-12-01T10:00": "2025-12-01T10:00:00",
    "2025-12-01": "2025-12-01T00:00:00",
    "2025-12-01T10:00:00.5": "2025-12-01T10:00:00.500000",
    "2025-12-01T10:00:00.999999": "2025-12-01T10:00:00.999999",
    "2025-12-01T23:59:59.999999Z": "2025-12-01T23:59:59.999999",
    "2025-12-01T12:00:00.000123+02:00": "2025-12-01T10:00:00.000123",
    "soon": "1970-01-01T00:00:00",
    "": "1970-01-01T00:00:00",
    "2025-13-45T99:00:00": "1970-01-01T00:00:00",
}


def test_a_timestamp_is_found_to_the_microsecond_and_shown_as_written(store: Store) -> None:
    insert(store, *({"run_id": f"r{i}", "timestamp": written} for i, written in enumerate(TIMESTAMPS)))
    assert [row["timestamp"] for row in read(store)] == list(TIMESTAMPS)
    for moment in set(TIMESTAMPS.values()):
        expected = {f"r{i}" for i, utc in enumerate(TIMESTAMPS.values()) if utc == moment}
        assert set(listed(store, from_timestamp=moment, to_timestamp=moment)) == expected, moment


def test_a_row_without_a_timestamp_is_of_now(store: Store, add_run: AddRun) -> None:
    add_run()
    insert(store, {"run_id": "r", "timestamp": None})
    assert listed(store)[0] == "r"
    assert store.runs.get("r").timestamp.startswith("20")


def test_a_row_of_nulls_is_a_run_with_a_name_made_up(store: Store) -> None:
    for _ in range(2):
        insert(store, dict.fromkeys(FULL, None))
    names = listed(store)
    assert len(set(names)) == 2
    assert all(name.startswith("unnamed-") for name in names)
    run = store.runs.get(names[0])
    assert (run.params, run.final_metrics, run.artifacts) == ({}, {}, [])


BAD_JSON = [
    "",
    "{",
    "nonsense",
    "[1, 2]",
    '"text"',
    "5",
    "null",
    '{"a": {"b": 1}}',
    '{"a": "text"}',
    '{"a": null}',
]


def test_bad_json_costs_the_json_and_not_the_row(store: Store) -> None:
    for i, bad in enumerate(BAD_JSON):
        insert(
            store, {"run_id": f"r{i}", "params_json": bad, "final_metrics_json": bad, "artifacts_json": bad}
        )
        run = store.runs.get(f"r{i}")
        assert run.final_metrics == {}
        assert (run.metrics, run.n_artifacts) == ({}, 2 if bad == "[1, 2]" else 0)
    assert [row["params_json"] for row in read(store)] == BAD_JSON


def test_numbers_as_python_writes_them_are_read(store: Store) -> None:
    numbers = {"nan": math.nan, "inf": math.inf, "neg": -math.inf, "acc": 0.5}
    insert(
        store, {"run_id": "r", "final_metrics_json": json.dumps(numbers), "params_json": json.dumps(numbers)}
    )
    run = store.runs.get("r")
    assert repr(run.final_metrics) == "{'nan': nan, 'inf': inf, 'neg': -inf, 'acc': 0.5}"
    assert run.params == {"nan": "nan", "inf": "inf", "neg": "-inf", "acc": 0.5}
    assert [run.run_id for run in store.runs.rank("acc")] == ["r"]
    assert listed(store, metric_name="inf", metric_min=1) == ["r"]
    assert listed(store, param_name="acc", param_value="0.5") == ["r"]
    assert math.isnan(run.metrics["nan"].final)


def test_rows_of_one_statement_keep_their_own_params_metrics_and_texts(store: Store) -> None:
    run_sql(store, "CREATE TABLE source AS SELECT * FROM manifests WHERE 1 = 0")
    for i in range(30):
        row = FULL | {
            "run_id": f"r{i}",
            "git_diff": f"diff {i}" if i % 3 else None,
            "pip_freeze": f"freeze {i}" if i % 2 else None,
            "params_json": json.dumps({"i": i, "same": 1}),
            "final_metrics_json": json.dumps({"m": i / 10}),
            "artifacts_json": json.dumps([str(i)] * (i % 4)),
        }
        columns = ", ".join(row)
        run_sql(store, f"INSERT INTO source ({columns}) VALUES ({', '.join(f':{c}' for c in row)})", **row)
    run_sql(store, "INSERT INTO manifests SELECT * FROM source")
    assert len(read(store)) == 30
    for i in range(30):
        run = store.runs.get(f"r{i}")
        assert (run.params, run.final_metrics, run.n_artifacts) == ({"i": i, "same": 1}, {"m": i / 10}, i % 4)
        assert run.git_diff == (f"diff {i}" if i % 3 else None)
        assert run.pip_freeze == (f"freeze {i}" if i % 2 else None)
        assert listed(store, param_name="i", param_value=str(i)) == [f"r{i}"]
    assert [run.run_id for run in store.runs.rank("m", top_k=3)] == ["r29", "r28", "r27"]


def test_a_second_row_of_one_run_is_refused_and_harms_none(store: Store, add_run: AddRun) -> None:
    run_id = add_run(params={"lr": 1}, curves={"acc": [0.1, 0.2]})
    insert(store, FULL)
    last = add_run(params={"last": 1}, final={"other": 1})
    before = [store.runs.get(name) for name in (run_id, "run-1", last)]
    again = {"final_metrics_json": '{"acc": 9, "new": 1}'}
    verbs = ["INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE", "INSERT OR FAIL", "REPLACE"]
    for verb in verbs if store.database.is_sqlite else verbs[:1]:
        for name in (run_id, "run-1"):
            with pytest.raises(DBAPIError):
                insert(store, FULL | again | {"run_id": name}, verb=verb)
    assert [store.runs.get(name) for name in (run_id, "run-1", last)] == before
    assert store.runs.count() == 3
    assert store.runs.metric_names() == sorted(
        {"acc", "accuracy", "loss", "best", "worst", "epochs", "other"}
    )
    assert listed(store, param_name="model_name") == ["run-1"]


def test_a_long_name_or_text_is_no_obstacle(store: Store) -> None:
    long = "".join(chr(97 + i * i % 26) for i in range(20_000))
    params = {long: 1, "text": long, "many": list(range(5000))}
    insert(
        store,
        {
            "run_id": "r",
            "params_json": json.dumps(params),
            "final_metrics_json": json.dumps({long: 1, "m": 2}),
        },
    )
    assert store.runs.get("r").params == params
    assert store.runs.get("r").final_metrics["m"] == 2
    assert listed(store, param_name="text", param_value=long) == ["r"]
