from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from modellab.records import RunSummary

if TYPE_CHECKING:
    from tests.cli.conftest import Project


def test_an_empty_store_teaches_the_next_step_and_is_not_made_by_looking(project: Project) -> None:
    outcome = project.call("runs")
    assert (outcome.code, outcome.out) == (0, "")
    assert f"There are no runs yet in {project.database}." in outcome.err
    assert "@log_run()" in outcome.err
    assert "modellab demo" in outcome.err
    assert project.call("runs", "--json").json() == []
    assert [path.name for path in project.folder.iterdir()] == [".env"]


def test_a_store_without_runs_says_so_too(project: Project) -> None:
    project.collect()
    outcome = project.call("runs")
    assert (outcome.code, outcome.out) == (0, "")
    assert "There are no runs yet" in outcome.err


def test_runs_are_listed_newest_first_with_whole_ids_where_nobody_looks(project: Project) -> None:
    older = project.record({"accuracy": 0.5}, name="first", series={"train_loss": [2.0, 1.0]})
    newer = project.record({"accuracy": 0.75}, name="second", end={"status": "failed", "error": "E: x"})
    rows = project.call("runs").rows()
    assert [row["run_id"] for row in rows] == [newer, older]
    assert [row["status"] for row in rows] == ["failed", "completed"]
    assert [row["accuracy"] for row in rows] == ["0.75", "0.5"]
    assert [row["train_loss"] for row in rows] == ["-", "1"]
    assert [row["name"] for row in rows] == ["second", "first"]
    assert list(rows[0])[:4] == ["run_id", "timestamp", "status", "duration_s"]


def test_a_run_that_a_crash_left_is_collected_and_failed(project: Project) -> None:
    writer = project.write(series={"loss": [0.25]})
    assert project.call("runs").rows()[0]["status"] == "running"
    writer.close()  # lets go of the lock without an end, as a killed process does
    outcome = project.call("runs")
    assert outcome.rows()[0]["status"] == "failed"
    assert outcome.err == ""


def test_lines_that_cannot_be_read_are_one_line_on_stderr(project: Project) -> None:
    run_id = project.record({"accuracy": 0.5}, raw=b"no journal line\n")
    outcome = project.call("runs")
    assert [row["run_id"] for row in outcome.rows()] == [run_id]
    assert outcome.err.startswith(f"warning: Run {run_id}: some lines of its journal could not be read")
    assert outcome.err.count("\n") == 1


def test_json_has_the_fields_of_the_record_and_numbers_that_json_cannot_say(project: Project) -> None:
    series = {"a": [math.nan], "b": [math.inf], "c": [-math.inf], "d": [0.5]}
    run_id = project.record(series=series, params={"lr": 0.1, "größe": [1, None]})
    (run,) = project.call("runs", "--json").json()
    assert list(run) == [field.name for field in fields(RunSummary)]
    assert run["run_id"] == run_id
    assert run["final_metrics"] == {"a": "nan", "b": "inf", "c": "-inf", "d": 0.5}
    assert run["params"] == {"lr": 0.1, "größe": [1, None]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--dataset", "digits"), ["b", "a"]),
        (("--command", "TRAIN.py"), ["a"]),
        (("--note", "Good"), ["b"]),
        (("--metric", "accuracy"), ["b", "a"]),
        (("--metric", "accuracy", "--min", "0.6"), ["b"]),
        (("--metric", "accuracy", "--max", "0.6"), ["a"]),
        (("--param", "lr=0.10"), ["a"]),
        (("--param", "model=svm=2"), ["b"]),
        (("--param", "lr"), ["b", "a"]),
        (("--status", "failed"), ["c"]),
        (("--with-artifacts",), ["a"]),
        (("--without-artifacts",), ["c", "b"]),
        (("--since", "1h"), ["c", "b", "a"]),
        (("--until", "1h"), []),
        (("--since", "2001-01-01", "--until", "2001-01-02"), []),
        (("--dataset", "digits", "--metric", "accuracy", "--min", "0.6", "--param", "lr=1"), ["b"]),
    ],
)
def test_every_filter_narrows_the_list(
    project: Project, options: tuple[str, ...], expected: list[str]
) -> None:
    project.record(
        {"accuracy": 0.5},
        name="a",
        dataset_id="digits",
        params={"lr": 0.1},
        events=[("context", {"command": "python train.py"}), ("artifact", {"path": "m.pt"})],
    )
    note = [("note", {"note": "a good one"})]
    project.record(
        {"accuracy": 0.9}, name="b", dataset_id="digits", params={"lr": 1, "model": "svm=2"}, events=note
    )
    project.record(name="c", end={"status": "failed"})
    listed = project.call("runs", "--json", *options).json()
    assert [run["name"] for run in listed] == expected


def test_times_are_local_unless_they_name_a_zone(project: Project) -> None:
    # 2026-01-15T00:30 in Tokyo is still the 14th in UTC.
    run_id = project.record(started_us=1_768_404_600_000_000)
    for options in (
        ("--since", "2026-01-15"),
        ("--until", "2026-01-14T15:30:00Z"),
        ("--until", "2026-01-15"),
    ):
        outcome = project.start("runs", *options, TZ="Asia/Tokyo")
        assert run_id in outcome.stdout, options
    for options in (("--until", "2026-01-14"), ("--since", "2026-01-14T15:30:01Z")):
        outcome = project.start("runs", *options, TZ="Asia/Tokyo")
        assert (outcome.returncode, outcome.stdout) == (0, ""), options
        assert "None of 1 run matches." in outcome.stderr


def test_a_full_page_says_that_there_are_more(project: Project) -> None:
    for _ in range(3):
        project.record(params={"lr": 0.1})
    outcome = project.call("runs", "--limit", 2)
    assert len(outcome.rows()) == 2
    assert "The newest 2 of 3; --limit 10 shows more." in outcome.err
    assert "The newest 2; --limit 10" in project.call("runs", "--limit", 2, "--param", "lr").err
    assert project.call("runs", "--limit", 3).err == ""


def test_a_metric_that_no_run_has_is_told_with_those_that_there_are(project: Project) -> None:
    project.record({"val_loss": 0.5, "accuracy": 0.9})
    outcome = project.call("runs", "--metric", "acuracy")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "No run has a metric 'acuracy'. There are: accuracy, val_loss.\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--limit", "0"), "0 is not in the range"),
        (("--limit", "x"), "'x' is not a valid integer"),
        (("--min", "0.5"), "--min and --max need --metric."),
        (("--metric", "a", "--min", "nan"), "nan"),
        (("--metric", "a", "--min", "2", "--max", "1"), "greater than"),
        (("--param", "=3"), "--param is '=3'"),
        (("--since", "soon"), "'soon' is no time."),
        (("--since", "2026-01-02", "--until", "2026-01-01"), "later than"),
        (("--status", "done"), "'done' is not one of"),
        (("--nope",), "No such option"),
    ],
)
def test_a_wrong_option_exits_with_2_and_says_why(
    project: Project, options: tuple[str, ...], message: str
) -> None:
    project.record({"a": 1.0})
    outcome = project.call("runs", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_a_store_is_found_from_a_folder_below_its_project(project: Project) -> None:
    run_id = project.record()
    (project.folder / "notebooks" / "deep").mkdir(parents=True)
    outcome = project.start("runs", subfolder="notebooks/deep")
    assert run_id in outcome.stdout


def test_db_names_another_database_before_or_after_the_command(project: Project) -> None:
    run_id = project.record()
    project.collect()
    elsewhere = project.folder / "copy.db"
    project.database.rename(elsewhere)
    for arguments in (("--db", elsewhere, "runs"), ("runs", "--db", elsewhere)):
        assert [row["run_id"] for row in project.call(*arguments).rows()] == [run_id]
