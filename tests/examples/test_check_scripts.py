from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.examples.conftest import Project

CHECK = "scripts/check_latest_runs.py"
INSPECT = "scripts/inspect_metrics_artifacts.py"


def record_csv(project: Project, text: str) -> None:
    """Record a run whose only artifact is `metrics_1.csv`, its path relative to the project's root."""
    (project.folder / "metrics_1.csv").write_text(text)
    project.record(
        "import modellab\n"
        "@modellab.log_run()\n"
        "def train():\n"
        "    metrics = {'accuracy': 0.5, 'loss': float('nan')}\n"
        "    return {'final_metrics': metrics, 'artifacts': ['metrics_1.csv']}\n"
        "train()\n"
    )


def test_the_latest_runs_are_shown_newest_first_with_whether_their_files_are_there(project: Project) -> None:
    project.sweep("--models", "perceptron", "--learning_rates", 0.01, "--n_epochs", 1, "--task_name", "iris")
    newest = project.manifests()[0]
    Path(newest["files"][1]).unlink()

    listed = json.loads(project.start(CHECK, "--json", "--limit", 3).stdout)
    assert [run["run_id"] for run in listed] == [row["run_id"] for row in project.manifests()[:3]]
    assert listed[0] == {
        "run_id": newest["run_id"],
        "timestamp": newest["timestamp"],
        "status": "completed",
        "params": newest["params"],
        "final_metrics": newest["final_metrics"],
        "artifacts": [
            {"path": newest["files"][0], "exists": True},
            {"path": newest["files"][1], "exists": False},
        ],
    }

    shown = project.start(CHECK, "--limit", 1).stdout
    for text in (
        newest["run_id"],
        "completed",
        "model_name = perceptron",
        "accuracy = ",
        "exists",
        "missing",
    ):
        assert text in shown
    assert project.manifests()[1]["run_id"] not in shown


def test_a_metric_that_is_no_number_keeps_the_json_valid(project: Project) -> None:
    record_csv(project, "epoch,val_loss\n1,0.5\n")
    (run,) = json.loads(project.start(CHECK, "--json").stdout, parse_constant=pytest.fail)
    assert run["final_metrics"] == {"accuracy": 0.5, "loss": "nan"}
    assert run["artifacts"] == [{"path": "metrics_1.csv", "exists": True}]


def test_without_a_run_both_scripts_say_how_to_record_one(project: Project) -> None:
    checked, as_json, inspected = project.start(CHECK), project.start(CHECK, "--json"), project.start(INSPECT)
    assert checked.returncode == 0
    assert "No runs yet" in checked.stdout
    assert json.loads(as_json.stdout) == []
    assert inspected.returncode == 1
    assert "No runs yet" in inspected.stderr
    for outcome in (checked, inspected):
        assert "examples/train_model/run.py" in outcome.stdout + outcome.stderr


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_limit_below_one_is_refused(project: Project, limit: str) -> None:
    outcome = project.start(CHECK, f"--limit={limit}")
    assert outcome.returncode == 2
    assert "at least 1" in outcome.stderr


def test_the_metrics_of_the_latest_run_are_shown_with_shape_ends_and_best_loss(project: Project) -> None:
    lines = [f"{epoch},{1 / epoch},{(epoch - 9) ** 2 + 0.5}" for epoch in range(1, 13)]
    record_csv(project, "\n".join(["epoch,train_loss,val_loss", *lines, ""]))
    (project.folder / "below").mkdir()
    outcome = project.start(INSPECT, subfolder="below")
    assert outcome.returncode == 0, outcome.stderr
    assert "12 rows, 3 columns" in outcome.stdout
    assert "val_loss: first 64.5, last 9.5, best 0.5 (epoch 9)" in outcome.stdout
    for shown in ("64.5", "16.5", "(2 more)", "1.5", "9.5"):  # epochs 1, 5, what is left out, 8, 12
        assert shown in outcome.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch,val_loss\n1,nan\n2,inf\n", "val_loss: no finite value"),
        ("epoch,val_loss\n1,low\n", "could not convert string to float: 'low'"),
        ("epoch,accuracy\n1,0.5\n", "There is no column val_loss"),
    ],
)
def test_a_loss_that_cannot_be_summed_up_is_said_below_the_rows(
    project: Project, text: str, message: str
) -> None:
    record_csv(project, text)
    outcome = project.start(INSPECT)
    assert outcome.returncode == 0
    assert message in outcome.stdout


@pytest.mark.parametrize("text", ["", "epoch,val_loss\n1\n"])
def test_a_file_that_is_no_table_is_refused(project: Project, text: str) -> None:
    record_csv(project, text)
    outcome = project.start(INSPECT)
    assert outcome.returncode == 1
    assert "metrics_1.csv is empty, or its rows are not all as long as its header" in outcome.stderr


def test_a_run_without_a_metrics_file_and_one_whose_file_is_gone_are_told_apart(project: Project) -> None:
    record_csv(project, "epoch,val_loss\n1,0.5\n")
    run_id = project.manifests()[0]["run_id"]
    (project.folder / "metrics_1.csv").unlink()
    gone = project.start(INSPECT, run_id)
    assert gone.returncode == 1
    assert f"The metrics CSV of run {run_id} is not there any more: metrics_1.csv" in gone.stderr

    project.record(
        "import modellab\n@modellab.log_run()\ndef train():\n    return {'accuracy': 1.0}\ntrain()\n"
    )
    none = project.start(INSPECT)
    assert none.returncode == 1
    assert "has no metrics CSV among its 0 artifacts" in none.stderr


def test_an_unknown_run_is_one_clear_sentence(project: Project) -> None:
    outcome = project.start(INSPECT, "0" * 32)
    assert outcome.returncode == 1
    assert "0" * 32 in outcome.stderr
    assert "Traceback" not in outcome.stderr
