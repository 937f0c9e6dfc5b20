"""What `log_dataset` takes, what it records, and that it never costs the training."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

import modellab
from modellab import ActiveRun, InvalidInput, log_dataset, new_run_id, start_run
from modellab.records import Run
from modellab.records.datasets import Dataset
from modellab.settings import load_settings
from modellab.store import Store, open_store

CSV = "sepal,species\n5.1,setosa\n7.0,versicolor\n"


@pytest.fixture
def iris(project: Any) -> Path:
    path: Path = project.root / "iris.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def opened(project: Any) -> Iterator[Store]:
    with open_store(load_settings(start=project.root)) as store:
        yield store


def only_run() -> Run:
    [found] = modellab.list_runs()
    return modellab.get_run(found.run_id)


def only_dataset(opened: Store) -> Dataset:
    [use] = only_run().datasets
    return opened.datasets.get(use.dataset_id)


def test_a_file_is_recorded_by_its_content_and_kept(iris: Path, opened: Store) -> None:
    with start_run() as run:
        logged = log_dataset(iris, split="test")
        iris.write_text("overwritten\n")

    [use] = only_run().datasets
    assert (use.run_id, use.name, use.version, use.split) == (run.run_id, "iris", 1, "test")
    assert use.sha256 == logged.sha256 == hashlib.sha256(CSV.encode()).hexdigest()
    assert use.dataset_id == logged.dataset_id == only_run().dataset_id
    dataset = only_dataset(opened)
    assert (dataset.n_rows, dataset.n_columns, dataset.filename) == (2, 2, "iris.csv")
    assert dataset.is_stored
    assert b"".join(opened.files.read(dataset.sha256)) == CSV.encode()


def test_a_run_in_a_project_logs_its_data_there(iris: Path, opened: Store) -> None:
    with start_run(project_id="flowers") as run:
        run.log_dataset(str(iris), name="measurements")
    dataset = only_dataset(opened)
    assert (dataset.project_id, dataset.name) == ("flowers", "measurements")


def test_the_same_file_in_two_runs_is_one_version_and_another_the_next(iris: Path, opened: Store) -> None:
    for text in (CSV, CSV, CSV + "6.3,virginica\n"):
        iris.write_text(text)
        with start_run():
            log_dataset(iris)
    [newest] = opened.datasets.list().items
    assert (newest.version, newest.n_runs) == (2, 1)
    assert newest.changes is not None
    assert newest.changes.n_rows == 1


def test_without_keep_only_checksum_and_columns_are_recorded(iris: Path, opened: Store) -> None:
    with start_run():
        assert not log_dataset(iris, keep=False).is_kept
    dataset = only_dataset(opened)
    assert (dataset.is_stored, dataset.n_rows, dataset.n_columns) == (False, 2, 2)


PANDAS = pd.DataFrame(
    {
        "i": [1, 2],
        "f": [1.5, np.nan],
        "s": ["a", None],
        "c": pd.Categorical(["x", "y"]),
        "I": pd.array([1, None], dtype="Int64"),
        "d": pd.to_datetime(["2020-01-01", None]),
        "z": pd.to_datetime(["2020-01-01", "2021-01-01"]).tz_localize("Europe/Berlin"),
        "o": [[1], {"a": 1}],
    }
)


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        (
            PANDAS,
            "i integer 0, f number 1, s text 1, c text 0, I integer 1, d datetime 1, z datetime 0, o text 0",
        ),
        (pd.DataFrame({"a": [1, 2]}, index=["x", "y"]), "index text 0, a integer 0"),
        (pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]), "a integer 0, a_2 integer 0"),
        (pd.Series([1.0, 2.0], name="target"), "target number 0"),
        (pl.DataFrame({"a": [1, None], "b": [[1], [2]]}), "a integer 1, b list 0"),
        (pl.LazyFrame({"a": [True, False]}), "a boolean 0"),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), "column_0 number 0, column_1 number 0"),
        (np.array([1, 2]), "value integer 0"),
        (np.zeros((2, 1, 2)), "column_0_0 number 0, column_0_1 number 0"),
        (np.array([(1, 2.0), (2, 3.0)], dtype=[("x", "i4"), ("y", "f8")]), "x integer 0, y number 0"),
        ([{"a": 1, "b": "x"}, {"a": np.float32(2)}], "a number 0, b text 1"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_tables_in_memory_are_kept_as_parquet(project: Any, opened: Store, data: Any, columns: str) -> None:
    with start_run():
        first = log_dataset(data, name="table")
        assert log_dataset(data, name="table") == first  # the same values, the same bytes
    dataset = only_dataset(opened)
    assert (dataset.format, dataset.n_rows, dataset.is_stored) == ("parquet", 2, True)
    assert dataset.columns is not None
    assert ", ".join(f"{c.name} {c.type} {c.n_missing}" for c in dataset.columns) == columns


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("nowhere.csv", "is not there"),
        (".", "is a folder"),
        ("a\0b", "is not there"),
        ("x" * 5000, "can be no path"),
        ([1, 2], "all its items are dicts"),
        (3, "int is no table"),
        ([], "The table has no rows and no columns"),
        ({"a": [1]}, "dict is no table"),
        (np.array(3), "shape"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_data_is_refused_at_once_and_not_recorded(project: Any, data: Any, message: str) -> None:
    with start_run(), pytest.raises(InvalidInput, match=message):
        log_dataset(data, name="table")
    assert only_run().datasets == []


def test_an_empty_file_is_refused(project: Any) -> None:
    (project.root / "empty.csv").touch()
    with start_run(), pytest.raises(InvalidInput, match="empty"):
        log_dataset("empty.csv")


def test_a_table_needs_a_name(project: Any) -> None:
    with start_run(), pytest.raises(InvalidInput, match="no name") as caught:
        log_dataset(np.zeros(3))
    assert caught.value.hint == 'Give one: name="iris".'
    with start_run(), pytest.raises(InvalidInput, match="split"):
        log_dataset(np.zeros(3), name="x", split="")


def test_a_file_that_only_the_training_can_read_is_kept_and_a_warning_says_so(
    project: Any, opened: Store
) -> None:
    (project.root / "ragged.csv").write_text("a,b\n1,2,3\n")
    with start_run(), pytest.warns(RuntimeWarning, match="Line 2 has 3 values"):
        log_dataset("ragged.csv")
    dataset = only_dataset(opened)
    assert (dataset.is_stored, dataset.columns) == (True, None)
    assert dataset.unread == "Line 2 has 3 values, but there are 2 columns."


def test_a_file_of_another_format_is_kept_as_it_is(project: Any, opened: Store) -> None:
    (project.root / "model.bin").write_bytes(os.urandom(100))
    with start_run():
        log_dataset("model.bin")
    assert (only_dataset(opened).format, only_dataset(opened).is_stored) == ("other", True)


@pytest.mark.parametrize("data", ["iris.csv", [{"a": 1}]], ids=["file", "table"])
def test_a_spool_that_cannot_be_written_costs_the_copy_and_not_the_training(
    iris: Path, opened: Store, data: Any
) -> None:
    settings = load_settings(start=iris.parent)
    settings.home.mkdir(exist_ok=True)
    settings.spool.write_text("a file stands where the folder should be")
    with start_run(), pytest.warns(RuntimeWarning, match="not kept"):
        assert not log_dataset(data, name="x").is_kept
    settings.spool.unlink()
    [use] = only_run().datasets
    assert (use.name, opened.datasets.get(use.dataset_id).is_stored) == ("x", False)


def test_outside_a_run_there_is_nothing_to_log_to(iris: Path) -> None:
    with pytest.raises(InvalidInput, match="No run"):
        log_dataset(iris)


def test_without_polars_the_checksum_is_recorded(project: Any) -> None:
    (project.root / "iris.csv").write_text(CSV)
    script = """
import sys
sys.modules["polars"] = None
import importlib.util
import modellab
with modellab.start_run() as run:
    print(run.log_dataset("iris.csv").sha256)
    print(run.log_dataset([{"a": 1}], name="rows").size)
"""
    done = project.run(script, options=["-W", "always"])
    assert hashlib.sha256(CSV.encode()).hexdigest() in done.stdout
    assert "polars is not installed" in done.stderr
    assert {(use.name, use.version) for use in only_run().datasets} == {("iris", 1), ("rows", 1)}


def test_a_run_on_a_server_leaves_event_and_bytes_in_the_outbox(
    iris: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLAB_API_URL", "http://127.0.0.1:9")
    settings = load_settings(start=iris.parent)
    run = ActiveRun(settings, new_run_id(), {})  # nobody brings its journal anywhere
    logged = run.log_dataset(iris)
    run.finish()
    assert (settings.spool / logged.sha256).read_text() == CSV
    [journal] = (settings.journals / run.run_id).iterdir()
    assert logged.sha256 in journal.read_text()
