from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from modellab.ids import derive_dataset_id

if TYPE_CHECKING:
    from tests.cli.conftest import Project

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def lines_of(output: str) -> list[str]:
    return [line.rstrip() for line in ESCAPES.sub("", output).splitlines()]


@pytest.fixture
def sweep(project: Project) -> list[str]:
    """Runs that differ in model and seed, with more metrics than fit."""
    return [
        project.record(
            {"accuracy": 0.9 + seed / 100, "macro_f1": 0.8 + seed / 100, "runtime_s": 1.5},
            params={"model_name": model, "seed": seed, "epochs": 5},
            series={"train_loss": [1.0, 0.5], "val_loss": [1.25, 0.75]},
            events=[("context", {"command": "python /home/somebody/project/train.py --all"})],
        )
        for model in ("linear_svm", "perceptron")
        for seed in (0, 1)
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 160, 240])
def test_a_list_fits_the_terminal_and_ids_stay_whole(project: Project, sweep: list[str], width: int) -> None:
    heading, *rows = lines_of(project.start_in_terminal(width, "runs"))
    assert max(map(len, (heading, *rows))) <= width
    assert [row.split()[0] for row in rows] == [run_id[-8:] for run_id in reversed(sweep)]
    assert "…" not in heading


def test_tables_leave_columns_out_rather_than_cut_them(project: Project) -> None:
    project_id, name = "a-study-with-a-rather-long-name", "measurements-of-november"
    sha256 = hashlib.sha256(b"x").hexdigest()
    dataset = {"name": name, "project_id": project_id, "sha256": sha256, "size": 1, "format": "other"}
    run_id = project.record(project_id=project_id, events=[("dataset", dataset)])
    project.record(project_id="other")
    project.record(name="a run with a name that is far too long for a table")
    project.call("delete", "latest", run_id)
    project.call("delete", "--project", "other")
    shown = {}
    for command in ("datasets", "projects", "trash"):
        heading, *rows = shown[command] = lines_of(project.start_in_terminal(80, command))
        assert max(map(len, (heading, *rows))) <= 80
        assert "…" not in heading
    assert shown["datasets"][1].startswith(derive_dataset_id(project_id, name, sha256)[:8] + " ")
    assert shown["projects"][1].startswith(f"{project_id} ")
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", shown["projects"][1])
    assert any(run_id in line for line in shown["trash"])


def test_a_list_shows_what_tells_runs_apart_and_the_metrics_that_tell_most(
    project: Project, sweep: list[str]
) -> None:
    narrow, wide = (lines_of(project.start_in_terminal(width, "runs"))[0].split() for width in (80, 200))
    assert narrow[:3] == ["run", "started", "status"]
    assert "accuracy" in narrow
    assert "train_loss" not in narrow
    assert wide == [
        "run",
        "started",
        "status",
        "name",
        "model_name",
        "seed",
        "accuracy",
        "macro_f1",
        "val_loss",
        "train_loss",
        "runtime_s",
        "duration",
    ]


def test_the_metric_asked_for_comes_first(project: Project, sweep: list[str]) -> None:
    heading = lines_of(project.start_in_terminal(80, "runs", "--metric", "train_loss"))[0].split()
    assert "train_loss" in heading


def test_short_ids_are_understood_wherever_a_run_is_asked_for(project: Project, sweep: list[str]) -> None:
    short = lines_of(project.start_in_terminal(80, "runs"))[1].split()[0]
    assert project.call("show", short, "--json").json()["run_id"] == sweep[-1]


def test_colours_are_for_terminals_and_not_for_those_who_want_none(
    project: Project, sweep: list[str]
) -> None:
    assert "\x1b[32mcompleted" in project.start_in_terminal(80, "runs")
    assert "\x1b[32m" not in project.start_in_terminal(80, "runs", NO_COLOR="1")
    assert "\x1b[" not in project.start_in_terminal(80, "show", "nope", NO_COLOR="1")
    for command in (("runs",), ("show", "latest"), ("doctor",), ("show", "nope")):
        outcome = project.start(*command, FORCE_COLOR="1")
        assert "\x1b" not in outcome.stdout + outcome.stderr


def test_names_are_shown_as_they_are_and_cannot_steer_the_terminal(project: Project) -> None:
    project.record(
        {"[bold]m[/]": 0.5}, name="[red]x[/] :smile:\x1b[2J\n\ty", params={"p": "\x1b]0;title\x07"}
    )
    for command in (("runs",), ("show", "latest")):
        output = project.start_in_terminal(120, *command)
        assert "[red]x[/] :smile:" in output
        assert "\x1b[2J" not in output
        assert "\x1b]0" not in output
    assert "\x1b" not in project.call("runs").out


def test_a_comparison_of_many_runs_is_shown_in_blocks_that_fit(project: Project, sweep: list[str]) -> None:
    for width in (50, 80):
        lines = lines_of(project.start_in_terminal(width, "compare", *sweep))
        assert max(map(len, lines)) <= width
        shown = " ".join(lines)
        assert all(run_id[-8:] in shown for run_id in sweep)


def test_a_page_about_a_run_fits_the_terminal(project: Project, sweep: list[str]) -> None:
    lines = lines_of(project.start_in_terminal(60, "show", "latest"))
    assert max(map(len, lines)) <= 60
    assert any(line.split()[:2] == ["val_loss", "0.75"] for line in lines)


@pytest.mark.parametrize(
    "command", [("runs",), ("runs", "--json"), ("show", "latest"), ("show", "latest~5", "--packages")]
)
def test_a_reader_that_leaves_early_is_no_error(project: Project, command: tuple[str, ...]) -> None:
    packages = "\n".join(f"package-{number}==1.0" for number in range(20_000))
    project.record(params={"long": "x" * 60_000}, events=[("context", {"pip_freeze": packages})])
    for _ in range(5):
        project.record(params={"long": "x" * 60_000})
    project.collect()
    reading, writing = os.pipe()
    os.close(reading)
    outcome = subprocess.run(
        [sys.executable, "-m", "modellab", *command],
        cwd=project.folder,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(writing)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_an_encoding_without_these_letters_does_not_end_a_listing(project: Project) -> None:
    project.record(name="größe → ∞", params={"ü": "ß"})
    environment = {"PYTHONIOENCODING": "ascii"}
    outcome = project.start("runs", **environment)
    assert outcome.returncode == 0
    assert "gr??e ? ?" in outcome.stdout
    assert "größe" in project.start("runs", "--json", PYTHONIOENCODING="ascii:strict").stdout
