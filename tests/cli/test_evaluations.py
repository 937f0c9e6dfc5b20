"""`modellab evaluations`, and what `modellab show` says of evaluations and latency."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from tests.cli.conftest import Project

REPORT = orjson.dumps({"takeaway": "It is good.", "curves": {}})
EVALUATION: dict[str, Any] = {
    "name": "test",
    "task_type": "classification",
    "n": 150,
    "classes": ["setosa", "\x1b[31mred"],
    "primary_metric": "f1",
    "metrics": {"accuracy": 0.9123456789, "f1": 0.8, "roc_auc": None},
    "notes": {"roc_auc": "The labels are hard."},
    "intervals": {"f1": {"estimate": 0.8, "low": 0.75, "high": 0.84, "method": "bca"}},
    "takeaway": "It is good. \x1b[2J",
    "rows_sha256": "ab" * 32,
    "files": [],
}
LATENCY = {
    "name": "default",
    "report": {"n": 200, "p50_ms": 1.5, "p95_ms": 2.25, "p99_ms": None, "throughput_per_s": 640.0},
    "files": [],
}


def record(project: Project, *evaluations: dict[str, Any]) -> str:
    """A run with evaluations whose reports are kept, and a latency report; its id."""
    events: list[tuple[str, dict[str, Any]]] = [("latency", LATENCY)]
    digest = hashlib.sha256(REPORT).hexdigest()
    for one in evaluations:
        folder = f"evaluations/{one['name']}"
        file = {"path": f"{folder}/report.json", "sha256": digest, "size": len(REPORT)}
        events.append(("artifact", {"path": folder, "files": [file]}))
        events.append(("evaluation", {**one, "files": [file["path"]], "examples_sha256": digest}))
    project.settings.spool.mkdir(parents=True, exist_ok=True)
    (project.settings.spool / digest).write_bytes(REPORT)
    return project.record({"loss": 0.5}, events=events)


def test_the_evaluations_of_a_run_are_listed_with_their_primary_metric(project: Project) -> None:
    run_id = record(project, EVALUATION, {**EVALUATION, "name": "train", "primary_metric": "accuracy"})
    rows = project.call("evaluations", run_id).rows()
    assert rows == [
        {
            "name": "test",
            "task": "classification",
            "rows": "150",
            "metric": "f1",
            "value": "0.8",
            "95 % interval": "0.75 to 0.84",
        },
        {
            "name": "train",
            "task": "classification",
            "rows": "150",
            "metric": "accuracy",
            "value": "0.9123456789",
            "95 % interval": "-",
        },
    ]
    listed = project.call("evaluations", "latest", "--json").json()
    assert [one["name"] for one in listed] == ["test", "train"]
    assert listed[0]["intervals"]["f1"]["high"] == 0.84


def test_one_is_shown_with_all_its_metrics(project: Project) -> None:
    run_id = record(project, EVALUATION)
    outcome = project.call("evaluations", run_id, "test")
    assert (outcome.code, outcome.err) == (0, "")
    lines = [" ".join(line.split()) for line in outcome.out.splitlines()]
    for expected in (
        f"run {run_id}",
        "evaluation test",
        "rows 150",
        "classes setosa, [31mred (positive)",
        "files evaluations/test",
        "It is good. [2J",
        "f1 0.8 0.75 to 0.84",
        "accuracy 0.9123456789 -",
        "roc_auc - -",
        "roc_auc The labels are hard.",
    ):
        assert expected in lines, expected
    assert "\x1b" not in outcome.out
    assert lines.index("f1 0.8 0.75 to 0.84") < lines.index("accuracy 0.9123456789 -")
    assert project.call("evaluations", run_id, "test", "--json").json() == orjson.loads(REPORT)


def test_one_that_is_not_there_is_told_with_those_that_are(project: Project) -> None:
    run_id = record(project, EVALUATION)
    outcome = project.call("evaluations", run_id, "validation")
    assert outcome.code == 1
    assert "no evaluation 'validation'" in outcome.err
    assert "It has: test." in outcome.err


def test_a_run_without_any_says_so(project: Project) -> None:
    outcome = project.call("evaluations", record(project))
    assert (outcome.code, outcome.out) == (0, "")
    assert "No evaluations." in outcome.err


def test_the_page_of_a_run_has_sections_for_both(project: Project) -> None:
    run_id = record(project, EVALUATION)
    outcome = project.call("show", run_id)
    assert (outcome.code, outcome.err) == (0, "")
    lines = [" ".join(line.split()) for line in outcome.out.splitlines()]
    for expected in (
        "Latency",
        "p50 ms p95 ms p99 ms calls/s calls",
        "default 1.5 2.25 - 640 200",
        "test classification 150 f1 0.8 0.75 to 0.84",
        "test It is good. [2J",
        "latency/default/p50_ms 1.5 - - - - -",
        "test/f1 0.8 - - - - -",
    ):
        assert expected in lines, expected
    assert any(line.startswith("Evaluations `modellab evaluations ") for line in lines)
    assert not any(line.startswith("missing") for line in lines)  # their files lie in the store alone
    assert "Evaluations" not in project.call("show", project.record()).out


def test_the_files_of_an_evaluation_are_fetched_as_a_folder(project: Project) -> None:
    run_id = record(project, EVALUATION)
    assert project.call("download", run_id, "evaluations/test", "-o", "got").code == 0
    assert [path.read_bytes() for path in (project.folder / "got").rglob("report.json")] == [REPORT]


def test_it_fits_a_narrow_terminal(project: Project) -> None:
    record(project, EVALUATION)
    project.collect()
    for arguments in (("evaluations", "latest"), ("evaluations", "latest", "test"), ("show", "latest")):
        shown = project.start_in_terminal(40, *arguments, NO_COLOR="1")
        assert "0.8" in shown


def test_each_takeaway_says_which_evaluation_it_is_of(project: Project) -> None:
    run_id = record(project, EVALUATION, {**EVALUATION, "name": "train", "takeaway": "It is too good."})
    lines = project.call("show", run_id).out.splitlines()
    assert any(line.split() == ["test", "It", "is", "good.", "[2J"] for line in lines)
    assert any(line.split() == ["train", "It", "is", "too", "good."] for line in lines)
