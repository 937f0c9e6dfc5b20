from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from modellab.records import Run

if TYPE_CHECKING:
    from tests.cli.conftest import Project

DIFF = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n"
CONTEXT = {
    "command": "python train.py --lr 0.1",
    "git_hash": "c0ffee" * 6,
    "git_branch": "main",
    "git_dirty": True,
    "git_diff": DIFF,
    "pip_freeze": "numpy==2.0\ntorch==2.5",
    "python_version": "3.11.7",
    "hostname": "lab-3",
    "user": "ada",
    "device_info": '{"os":"Linux","cpu":"EPYC","cores":8,"memory_gb":32.0,'
    '"gpus":[{"name":"H200","memory_gb":139.0,"driver":"570"}]}',
}


def record_failure(project: Project) -> str:
    """A run with a bit of everything."""
    (project.folder / "model.pt").touch()
    return project.record(
        {"accuracy": 0.5},
        name="attempt",
        function="train.main",
        seed=7,
        dataset_id="digits",
        params={"lr": 0.1, "layers": [1, 2]},
        tags={"team": "vision"},
        series={"loss": [4.0, 1.0, 2.0, float("nan")], "system/cpu": [10.0]},
        events=[
            ("context", CONTEXT),
            ("note", {"note": "too fast\nsee step 3"}),
            ("artifact", {"path": "model.pt"}),
            ("artifact", {"path": "gone.pt"}),
            ("artifact", {"path": "s3://bucket/m.pt"}),
            ("artifact", {"path": f"{'long' * 100}.pt"}),
            ("console", {"stream": "out", "text": "epoch 1 \x1b[32mdone\x1b[0m"}),
        ],
        end={
            "status": "failed",
            "error": "ValueError: bad",
            "traceback": "Traceback (most recent call last):\nValueError: bad",
            "dropped": 3,
        },
    )


def test_a_page_says_everything_of_a_run(project: Project) -> None:
    run_id = record_failure(project)
    outcome = project.call("show", "latest")
    assert (outcome.code, outcome.err) == (0, "")
    lines = [" ".join(line.split()) for line in outcome.out.splitlines()]
    for expected in (
        f"run {run_id}",
        "name attempt",
        "dataset digits",
        "tags team=vision",
        "dropped 3 points could not be logged",
        "too fast",
        "see step 3",
        "lr 0.1",
        "layers [1,2]",
        "Metrics and 1 metric of the machine (system/…)",
        "final min max first last points not finite",
        "accuracy 0.5 - - - - - -",
        "loss nan 1 4 4 nan 4 1",
        "exists model.pt",
        "missing gone.pt",
        "elsewhere s3://bucket/m.pt",
        f"missing {'long' * 100}.pt",
        "command python train.py --lr 0.1",
        "function train.main",
        f"commit {'c0ffee' * 6}",
        "branch main",
        "changes 6 lines of uncommitted changes; --diff shows them",
        "Python 3.11.7",
        "packages 2; --packages lists them",
        "seed 7",
        "user ada@lab-3",
        "CPU EPYC",
        "memory 32.0 GB",
        "GPU H200, 139.0 GB, driver 570",
        "ValueError: bad",
    ):
        assert expected in lines, expected
    assert next(line for line in lines if line.startswith("status")).startswith("status failed after")
    assert lines.count("ValueError: bad") == 1


def test_a_run_of_which_little_is_known_is_a_short_page(project: Project) -> None:
    run_id = project.record()
    outcome = project.call("show", run_id)
    assert outcome.code == 0
    assert "Params" not in outcome.out
    assert "Error" not in outcome.out
    assert "none" in outcome.out.partition("Metrics")[2]


def test_artifacts_are_looked_for_from_the_projects_root(project: Project) -> None:
    record_failure(project)
    (project.folder / "below").mkdir()
    outcome = project.start("show", "latest", subfolder="below")
    assert re.search(r"^  exists +model\.pt$", outcome.stdout, re.MULTILINE)


def test_texts_come_alone_and_as_they_were_recorded(project: Project) -> None:
    record_failure(project)
    assert project.call("show", "latest", "--diff").out == DIFF
    assert project.call("show", "latest", "--packages").out == "numpy==2.0\ntorch==2.5\n"
    assert project.call("show", "latest", "--console").out == "epoch 1 \x1b[32mdone\x1b[0m\n"
    both = project.call("show", "latest", "--diff", "--packages")
    assert both.out == f"{DIFF}numpy==2.0\ntorch==2.5\n"
    assert both.err == "uncommitted changes:\npackages:\n"


def test_a_diff_can_be_applied(project: Project) -> None:
    record_failure(project)
    (project.folder / "x").write_text("old\n")
    patch = project.start("show", "latest", "--diff").stdout
    subprocess.run(["git", "apply"], input=patch, text=True, cwd=project.folder, check=True)
    assert (project.folder / "x").read_text() == "new\n"


def test_a_text_that_was_not_recorded_is_said_so(project: Project) -> None:
    project.record()
    outcome = project.call("show", "latest", "--console")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "No console output recorded.\n")


def test_json_has_the_fields_of_the_record(project: Project) -> None:
    run_id = record_failure(project)
    run = project.call("show", run_id, "--json").json()
    assert list(run) == [field.name for field in fields(Run)]
    assert run["git_diff"] == DIFF
    assert run["artifacts"] == ["model.pt", "gone.pt", "s3://bucket/m.pt", f"{'long' * 100}.pt"]
    assert run["metrics"]["loss"]["final"] == "nan"
    assert run["metrics"]["loss"]["min"] == 1.0
    with_console = project.call("show", run_id, "--json", "--console").json()
    assert with_console == run | {"console": "epoch 1 \x1b[32mdone\x1b[0m\n"}


def test_a_run_is_named_by_its_id_or_an_end_of_it_or_by_its_age(project: Project) -> None:
    older, newer = project.record(name="older"), project.record(name="newer")
    for reference, run_id in {
        newer: newer,
        newer[-8:]: newer,
        older[:16]: older,
        "latest": newer,
        "latest~0": newer,
        "latest~1": older,
    }.items():
        assert project.call("show", reference, "--json").json()["run_id"] == run_id


@pytest.mark.parametrize(
    ("reference", "code", "message"),
    [
        ("deadbeef", 1, "There is no run deadbeef."),
        ("latest~2", 1, "There is no latest~2: the store has 2 runs."),
        ("latest~-1", 1, "There is no run latest~-1."),
        ("1", 2, "More than one run id fits '1'."),
        ("%", 1, "There is no run %."),
        ("", 2, "A run id has at least one character."),
    ],
)
def test_a_run_that_is_not_there_or_not_the_only_one_is_refused(
    project: Project, reference: str, code: int, message: str
) -> None:
    project.record()
    project.record()
    for command in (("show", reference), ("note", reference, "x"), ("compare", "latest", reference)):
        outcome = project.call(*command)
        assert (outcome.code, outcome.out) == (code, "")
        assert outcome.err.startswith(f"error: {message}\n")


@pytest.mark.parametrize(
    "command",
    [("show", "latest"), ("compare", "latest", "latest~1"), ("leaderboard", "a"), ("note", "latest", "x")],
)
def test_without_a_store_nothing_is_there_and_nothing_is_made(
    project: Project, command: tuple[str, ...]
) -> None:
    outcome = project.call(*command)
    assert (outcome.code, outcome.out) == (1, "")
    assert (
        f"There are no runs yet: {project.database} is not there.\nhint: Try `modellab demo`." in outcome.err
    )
    assert not project.database.parent.exists()


def test_a_note_is_written_replaced_and_taken_away(project: Project) -> None:
    run_id = project.record()
    for text in ("first", "second größe", ""):
        outcome = project.call("note", "latest", text)
        assert (outcome.code, outcome.out) == (0, "")
        assert run_id in outcome.err
        assert project.call("show", run_id, "--json").json()["note"] == text
    assert project.call("note", "latest", "x" * 100_001).code == 2
    assert project.call("note", "latest").code == 2
