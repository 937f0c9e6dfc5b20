from __future__ import annotations

import csv
import runpy
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import hinge_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import modellab

if TYPE_CHECKING:
    from tests.examples.conftest import Project

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "train_model" / "run.py"


class Trained(NamedTuple):
    project: Project
    outcome: subprocess.CompletedProcess[str]
    row: dict[str, Any]

    def read_losses(self) -> list[dict[str, str]]:
        with Path(self.row["files"][0]).open(newline="") as file:
            return list(csv.DictReader(file))


def train(project: Project, *arguments: object) -> Trained:
    outcome = project.train(*arguments)
    assert outcome.returncode == 0, outcome.stderr
    return Trained(project, outcome, project.manifests()[0])


@pytest.fixture
def script() -> dict[str, Any]:
    """The names that the script defines, without running it."""
    return runpy.run_path(str(SCRIPT))


def test_the_documented_command_records_a_run_with_its_curves_and_its_model(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--experiment_name", "iris_svm", "--model_name", "linear_svm", "--n_epochs", 30)
    trained = train(project, *options)
    row = trained.row

    assert row["dataset_id"] == "sklearn/iris"
    assert {
        name: value for name, value in row["params"].items() if name not in ("dataset_id", "output_dir")
    } == {
        "experiment_name": "iris_svm",
        "model_name": "linear_svm",
        "task_name": "iris",
        "n_epochs": 30,
        "learning_rate": 0.01,
        "batch_size": 64,
        "seed": 0,
    }
    assert row["final_metrics"].keys() == {
        *("accuracy", "macro_f1", "train_loss", "val_loss", "runtime_s", "test/accuracy", "test/f1"),
        *(f"latency/predict/{name}" for name in ("p50_ms", "p95_ms", "p99_ms", "throughput_per_s")),
    }
    assert row["final_metrics"]["accuracy"] > 0.8
    assert row["final_metrics"]["test/accuracy"] == row["final_metrics"]["accuracy"]
    assert row["final_metrics"]["test/f1"] == pytest.approx(row["final_metrics"]["macro_f1"], abs=1e-12)
    assert row["artifacts"][:2] == ["evaluations/test", "latency/predict"]

    metrics_path, model_path = map(Path, row["files"])
    assert sorted((project.folder / "out").iterdir()) == [metrics_path, model_path]
    assert metrics_path.match("linear_svm_metrics_*.csv")
    assert model_path.match("linear_svm_model_*.joblib")

    losses = trained.read_losses()
    assert list(losses[0]) == ["epoch", "train_loss", "val_loss"]
    assert [int(line["epoch"]) for line in losses] == list(range(1, 31))
    assert float(losses[-1]["train_loss"]) < float(losses[0]["train_loss"])
    assert float(losses[-1]["val_loss"]) == row["final_metrics"]["val_loss"]

    features, labels = load_iris(return_X_y=True)
    assert joblib.load(model_path).score(features, labels) > 0.8

    monkeypatch.chdir(project.folder)
    monkeypatch.delenv("DB_PATH", raising=False)
    for name in ("train_loss", "val_loss"):
        points = modellab.get_metric_history(row["run_id"], name)
        assert [(point.step, point.value) for point in points] == [
            (int(line["epoch"]), float(line[name])) for line in losses
        ]

    for shown in ("accuracy", "macro_f1", row["run_id"], *row["files"]):
        assert shown in trained.outcome.stdout
    assert "Warning" not in trained.outcome.stderr


def test_a_seed_gives_the_same_scores_and_losses_each_time(project: Project) -> None:
    first, again = (train(project, "--experiment_name", "wine", "--n_epochs", 3, "--seed", 7) for _ in "12")
    for trained in (first, again):
        metrics = trained.row["final_metrics"]
        assert metrics["runtime_s"] > 0
        for name in [name for name in metrics if name == "runtime_s" or name.startswith("latency/")]:
            del metrics[name]
    assert first.row["final_metrics"] == again.row["final_metrics"]
    assert first.read_losses() == again.read_losses()


@pytest.mark.parametrize(
    ("experiment_name", "task_name"),
    [
        ("iris_svm", "iris"),
        ("breast_cancer", "breast_cancer"),
        ("Wine-2", "wine"),
        ("winery", "digits"),
        ("my_iris", "digits"),
        ("", "digits"),
    ],
)
def test_the_task_is_the_one_that_the_experiments_name_begins_with(
    script: dict[str, Any], experiment_name: str, task_name: str
) -> None:
    assert script["infer_task"](experiment_name) == task_name


def test_the_splits_share_no_sample_and_keep_the_mix_of_classes(script: dict[str, Any]) -> None:
    parts = script["load_samples"]("digits", seed=1)
    assert [len(part.labels) for part in parts] == [1077, 360, 360]
    # No two digits of the data set are the same picture.
    assert len(np.unique(np.vstack([part.features for part in parts]), axis=0)) == 1797
    shares = [np.bincount(part.labels) / len(part.labels) for part in parts]
    assert np.ptp(shares, axis=0).max() < 0.005


def test_every_seed_has_the_same_test_samples_and_its_own_validation_samples(script: dict[str, Any]) -> None:
    (_, validation, test), (_, other_validation, other_test) = (
        script["load_samples"]("wine", seed=seed) for seed in (1, 2)
    )
    assert test.rows.tolist() == other_test.rows.tolist()
    assert sorted(validation.rows) != sorted(other_validation.rows)
    assert np.array_equal(load_wine(return_X_y=True)[0][test.rows], test.features)


def test_the_hinge_loss_of_two_classes_is_that_of_scikit_learn(script: dict[str, Any]) -> None:
    features, labels = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), SGDClassifier(loss="hinge", random_state=0)).fit(features, labels)
    expected = hinge_loss(labels, model.decision_function(features))
    assert script["measure_loss"](
        model, script["Samples"](features, labels, np.arange(len(labels))), "hinge"
    ) == pytest.approx(expected)


def test_the_perceptron_loss_is_how_far_wrong_answers_are_from_the_boundary(script: dict[str, Any]) -> None:
    features, labels = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), SGDClassifier(loss="perceptron", random_state=0))
    decisions = model.fit(features, labels).decision_function(features)
    expected = [
        max(0.0, -decision if label == own else decision)
        for row, own in zip(decisions, labels, strict=True)
        for label, decision in enumerate(row)
    ]
    loss = script["measure_loss"](
        model, script["Samples"](features, labels, np.arange(len(labels))), "perceptron"
    )
    assert loss == pytest.approx(np.mean(expected))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--n_epochs", "0"], "--n_epochs must be at least 1, not 0"),
        (["--n_epochs", "ten"], "invalid int value: 'ten'"),
        (["--learning_rate", "0"], "--learning_rate must be a finite number above 0, not 0.0"),
        (["--learning_rate", "nan"], "--learning_rate must be a finite number above 0, not nan"),
        (["--batch_size", "-1"], "--batch_size must be at least 1, not -1"),
        (["--seed", "4294967296"], "--seed must be from 0 to 4294967295, not 4294967296"),
        (["--task_name", "cifar"], "choose from"),
        (["--output_dir", __file__], "File exists"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_with_what_is_allowed(
    script: dict[str, Any], capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ending:
        script["main"](arguments)
    assert ending.value.code == 2
    assert message in capsys.readouterr().err


def test_an_unknown_model_ends_the_program_with_2_and_nothing_is_recorded(project: Project) -> None:
    outcome = project.train("--model_name", "resnet")
    assert outcome.returncode == 2
    assert "resnet" in outcome.stderr
    for name in ("logistic_regression", "linear_svm", "perceptron"):
        assert name in outcome.stderr
    assert not (project.folder / "manifests").exists()
    assert not (project.folder / "out").exists()
