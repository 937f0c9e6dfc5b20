from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.examples.conftest import Project


def test_a_small_sweep_records_a_run_for_each_combination_and_sums_up(project: Project) -> None:
    below = project.folder / "notebooks"
    below.mkdir()
    outcome = project.sweep(
        *("--models", "logistic_regression", "perceptron", "--seeds", 5, 5),
        *("--learning_rates", 0.05, "--n_epochs", 2, "--task_name", "wine", "--experiment_name", "trial"),
        subfolder="notebooks",
    )
    assert outcome.returncode == 0, outcome.stderr
    rows = project.manifests()
    assert [row["params"]["model_name"] for row in rows] == ["perceptron", "logistic_regression"]
    for row in rows:
        assert row["dataset_id"] == "sklearn/wine"
        assert row["params"]["experiment_name"] == "trial"
        assert (row["params"]["seed"], row["params"]["learning_rate"]) == (5, 0.05)

    accuracy = rows[0]["final_metrics"]["accuracy"]
    assert f"[2/2] perceptron, learning rate 0.05, seed 5: accuracy {accuracy:.3f}" in outcome.stdout
    assert "mean ± standard deviation over seeds" in outcome.stdout
    assert str(project.folder / "manifests" / "manifests.db") in outcome.stdout
    assert not list(below.iterdir())


def test_the_default_sweep_is_24_runs_each_with_files_and_losses_of_its_own(project: Project) -> None:
    outcome = project.sweep("--n_epochs", 1, "--task_name", "iris")
    assert outcome.returncode == 0, outcome.stderr
    rows = project.manifests()
    varied = {tuple(row["params"][name] for name in ("model_name", "learning_rate", "seed")) for row in rows}
    assert len(rows) == len(varied) == 24
    artifacts = [path for row in rows for path in row["files"]]
    assert len(set(artifacts)) == len(list((project.folder / "out").iterdir())) == 48
    assert len({Path(row["files"][0]).read_text() for row in rows}) == 24
    # One line of the table for each model and learning rate, over 4 seeds.
    table = [line.split() for line in outcome.stdout.splitlines() if line.count("±") == 2]
    assert [(line[1], line[3], line[5]) for line in table] == [
        (model, rate, "4")
        for model in ("logistic_regression", "linear_svm", "perceptron")
        for rate in ("0.001", "0.01")
    ]
    # Only the model with probabilities is scored by log loss.
    scored = {row["params"]["model_name"] for row in rows if "log_loss" in row["final_metrics"]}
    assert scored == {"logistic_regression"}
    # The last lines say whether the two best differ, and what four seeds can tell.
    assert "on accuracy between " in outcome.stdout
    assert "4 seeds can reach only p = 0.125" in outcome.stdout


def test_a_run_that_fails_is_recorded_and_told_at_the_end_while_the_others_go_on(project: Project) -> None:
    # Steps of such a size overflow, which scikit-learn refuses.
    options = ("--models", "linear_svm", "--seeds", 0, "--n_epochs", 1, "--task_name", "wine")
    outcome = project.sweep(*options, "--learning_rates", 1.7e308, 0.01)
    assert outcome.returncode == 1, outcome.stderr
    assert "1 of 2 runs failed:" in outcome.stdout
    assert "linear_svm, learning rate 1.7e+308, seed 0: ValueError" in outcome.stdout
    listed = json.loads(project.start("scripts/check_latest_runs.py", "--json").stdout)
    assert [run["status"] for run in listed] == ["completed", "failed"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--models", "resnet"), "perceptron"),
        (("--seeds", 0, -1), "--seed must be from 0"),
        (("--learning_rates", 0.1, 0), "--learning_rate must be a finite number above 0"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_before_anything_is_trained(
    project: Project, arguments: tuple[object, ...], message: str
) -> None:
    outcome = project.sweep(*arguments)
    assert outcome.returncode == 2
    assert message in outcome.stderr
    assert not (project.folder / "manifests").exists()
