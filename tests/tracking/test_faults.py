"""A full disk, a broken database, a place that cannot be written: training goes on."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import modellab
from modellab import log_run, start_run
from modellab.errors import InvalidSetting

FULL_DISK = """
import json, resource, modellab
run = modellab.start_run()
run.log_metrics({"loss": 0.0}, step=0)
[journal] = modellab.load_settings().journals.glob("*/*.jsonl")
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size + 5_000, hard))
for step in range(1, 1_000):
    run.log_metrics({"loss": 0.5}, step=step)
dropped = run.dropped
LIFT
run.log_metrics({"loss": 0.25}, step=1_000)
run.finish()
print(json.dumps([dropped, run.dropped]))
"""
ROOM_AGAIN = "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))"


@pytest.fixture
def _no_console(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The warning itself is a line of the console, which would be lost and counted too."""
    monkeypatch.setenv("MODELLAB_CONSOLE", "0")


@pytest.mark.usefixtures("_no_console")
@pytest.mark.parametrize("options", [(), ("-W", "error")], ids=["warnings", "warnings are errors"])
def test_with_a_full_disk_training_goes_on_and_what_is_lost_is_counted(project: Any, options: Any) -> None:
    done = project.run(FULL_DISK.replace("LIFT", ROOM_AGAIN), options=options)
    dropped, dropped_at_end = json.loads(done.stdout)
    assert 0 < dropped == dropped_at_end < 999
    assert done.stderr.count("cannot be written") == 1
    assert done.stderr.count(f"{dropped} values or events could not be written and are lost") == 1
    [found] = modellab.list_runs()
    run = modellab.get_run(found.run_id)
    assert (run.status, run.n_dropped) == ("completed", dropped)
    assert run.metrics["loss"].count == 1_001 - dropped
    assert run.final_metrics == {"loss": 0.25}


@pytest.mark.usefixtures("_no_console")
@pytest.mark.filterwarnings("ignore:.*some lines of its journal could not be read:RuntimeWarning")
@pytest.mark.parametrize("options", [(), ("-W", "error")], ids=["warnings", "warnings are errors"])
def test_with_a_disk_that_stays_full_the_process_ends_well_and_nothing_written_is_lost(
    project: Any, options: Any
) -> None:
    done = project.run(FULL_DISK.replace("LIFT", ""), options=options)
    _, dropped = json.loads(done.stdout)
    assert "in its journal, but not in the store yet" in done.stderr
    [found] = modellab.list_runs()  # now there is room
    lost_points = dropped - 1  # the end was not written either
    assert modellab.get_run(found.run_id).metrics["loss"].count == 1_001 - lost_points


UNREADABLE = """
import pathlib, modellab
run = modellab.start_run()
run.log_metrics({"loss": 0.5}, step=0)
pathlib.Path("manifests/manifests.db").write_bytes(b"this is no database " * 1000)
run.finish()
print("trained")
"""


@pytest.mark.parametrize("options", [(), ("-W", "error")], ids=["warnings", "warnings are errors"])
def test_a_broken_database_costs_nothing_but_a_warning(project: Any, options: Any) -> None:
    done = project.run(UNREADABLE, options=options)
    assert done.stdout == "trained\n"
    assert "in its journal, but not in the store yet" in done.stderr
    assert "is not a SQLite database; it is left as it is" in done.stderr
    database = project.root / "manifests" / "manifests.db"
    assert database.read_bytes().startswith(b"this is no database")
    database.unlink()
    [run] = modellab.list_runs()
    assert (run.status, run.final_metrics) == ("completed", {"loss": 0.5})


def test_a_database_that_is_locked_for_a_moment_is_waited_for(project: Any) -> None:
    start_run("first").finish()
    run = start_run("second")
    other = sqlite3.connect(project.root / "manifests" / "manifests.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(run.finish)
        [journal] = (project.journals / run.id).glob("*.jsonl")
        deadline = time.monotonic() + 20
        while b'"event":"end"' not in journal.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not ending.done()
        other.execute("ROLLBACK")
        other.close()
        ending.result(timeout=20)
    assert [run.status for run in modellab.list_runs()] == ["completed", "completed"]


def test_the_journals_folder_may_be_deleted_during_a_run(project: Any) -> None:
    with start_run() as run:
        run.log_metrics({"loss": 1}, step=0)
        shutil.rmtree(project.root / "manifests")
        run.log_metrics({"loss": 2}, step=1)
    assert modellab.get_run(run.id).metrics["loss"].count == 2


def test_the_database_may_be_deleted_between_two_runs(project: Any) -> None:
    start_run("first").finish()
    for file in (project.root / "manifests").glob("manifests.db*"):
        file.unlink()
    start_run("second").finish()
    start_run("third").finish()
    assert [run.name for run in modellab.list_runs()] == ["third", "second"]
    open_files = [os.readlink(link) for link in Path("/proc/self/fd").glob("*") if link.is_symlink()]
    assert not [name for name in open_files if str(project.root) in name and name.endswith("(deleted)")]


@pytest.fixture
def _unwritable(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place below a file: not even root can write there."""
    Path("occupied").touch()
    monkeypatch.setenv("DB_PATH", "occupied/manifests.db")


@pytest.mark.usefixtures("_unwritable")
def test_a_place_that_cannot_be_written_is_said_at_the_start() -> None:
    with pytest.raises(InvalidSetting, match=r"cannot be written to .*occupied/journals[^:]*: Not a dir"):
        start_run()
    assert modellab.current_run() is None


@pytest.mark.usefixtures("_unwritable")
def test_a_decorated_function_says_it_before_it_trains() -> None:
    trained = []

    @log_run
    def train() -> None:
        trained.append(1)

    with pytest.raises(InvalidSetting, match="DB_PATH"):
        train()
    assert trained == []


def test_but_within_a_run_the_call_goes_on_unrecorded(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("occupied").touch()

    @log_run
    def evaluate() -> dict[str, float]:
        modellab.log_metrics({"inner": 1}, step=0)
        return {"accuracy": 0.9}

    with start_run("outer") as outer:
        monkeypatch.setenv("DB_PATH", "occupied/manifests.db")
        with pytest.warns(RuntimeWarning, match=r"call of .*evaluate is not recorded: .*cannot be written"):
            assert evaluate() == {"accuracy": 0.9}
        assert modellab.current_run() is outer
    monkeypatch.delenv("DB_PATH")
    [run] = modellab.list_runs()
    assert (run.name, run.status, run.final_metrics) == ("outer", "completed", {"inner": 1.0})


TELLING = """
import modellab
@modellab.log_run
def train(model):
    modellab.log_params({"data": object()})
    return {"accuracy": 0.9, "history": [], "artifacts": ["lost.pt"]}
assert train(object())["accuracy"] == 0.9
run = modellab.start_run(params={"x": object()})
run.finish()
run.log_metrics({"late": 1})
print("trained")
"""


def test_where_warnings_are_errors_nothing_is_raised_into_training(project: Any) -> None:
    done = project.run(TELLING, options=("-W", "error"))
    assert done.stdout == "trained\n"
    for told in ("Params model", "Params data", "history", "lost.pt", "Params x", "the run has finished"):
        assert told in done.stderr
    assert [run.status for run in modellab.list_runs()] == ["completed", "completed"]


def test_a_users_way_to_show_warnings_that_raises_does_not_end_the_training(project: Any) -> None:
    script = "import warnings\ndef show(*_, **__): raise KeyError('mine')\nwarnings.showwarning = show\n"
    done = project.run(script + TELLING.replace('run.log_metrics({"late": 1})', ""))
    assert done.stdout == "trained\n"


def test_where_no_thread_can_be_had_a_run_does_without(project: Any) -> None:
    script = "import threading\nthreading.stack_size(1 << 46)\n" + TELLING
    assert project.run(script).stdout == "trained\n"
    assert [run.status for run in modellab.list_runs()] == ["completed", "completed"]


def test_nothing_is_left_open_at_the_end_of_the_process(project: Any) -> None:
    script = "import modellab\nmodellab.start_run().finish()\nprint(len(modellab.list_runs()))\n"
    done = project.run(script, options=("-X", "dev"))
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert not list((project.root / "manifests").glob("manifests.db-*"))
