"""Plain SQL reads what was recorded: `SELECT * FROM manifests` has exactly the documented columns."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from typing import Any

import modellab

TRAINING = """
from lab_logger import log_run

@log_run()
def train(learning_rate=0.1, epochs=3, *, data=None):
    open("model.joblib", "w").close()
    return {"final_metrics": {"accuracy": 0.9, "loss": float("nan")}, "artifacts": ["model.joblib"]}

train(epochs=5)
"""

COLUMNS = [
    "run_id",
    "timestamp",
    "git_hash",
    "git_diff",
    "command",
    "python_version",
    "pip_freeze",
    "device_info",
    "dataset_id",
    "params_json",
    "final_metrics_json",
    "artifacts_json",
    "wandb_url",
    "note",
]


def _select(project: Any) -> list[dict[str, Any]]:
    connection = sqlite3.connect(project.root / "manifests" / "manifests.db")
    cursor = connection.execute("SELECT * FROM manifests")
    assert [column[0] for column in cursor.description] == COLUMNS
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor]
    connection.close()
    return rows


def test_a_decorated_run_is_one_row_with_14_columns(project: Any) -> None:
    (project.root / ".env").write_text("DATASET_ID=digits\n")
    project.run(TRAINING)
    [row] = _select(project)
    [run] = modellab.list_runs()
    assert (row["run_id"], row["timestamp"], row["dataset_id"]) == (run.run_id, run.timestamp, "digits")
    assert json.loads(row["params_json"]) == {"learning_rate": 0.1, "epochs": 5, "data": None}
    assert json.loads(row["final_metrics_json"]) == {"accuracy": 0.9, "loss": "nan"}
    assert json.loads(row["artifacts_json"]) == ["model.joblib"]
    assert json.loads(row["device_info"])
    assert "train.py" in row["command"]
    assert "numpy==" in row["pip_freeze"]
    assert (row["git_hash"], row["git_diff"], row["wandb_url"], row["note"]) == (None, None, None, None)
    assert all(value is None or isinstance(value, str) for value in row.values())


def test_the_row_is_there_when_the_function_returns(project: Any) -> None:
    @modellab.log_run
    def train() -> dict[str, float]:
        return {"accuracy": 1.0}

    for count in range(1, 4):
        train()
        assert len(_select(project)) == count


def test_in_a_repository_the_commit_and_the_uncommitted_change_are_in_the_row(project: Any) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
        done = subprocess.run(command, cwd=project.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    (project.root / "train.py").write_text("print('before')\n")
    git("init", "--quiet", "--initial-branch=main")
    git("add", "train.py")
    git("commit", "--quiet", "--message", "first")
    project.run(TRAINING)  # writes another train.py
    [row] = _select(project)
    assert row["git_hash"] == git("rev-parse", "HEAD")
    assert "-print('before')" in row["git_diff"]
    assert "+def train(learning_rate=0.1" in row["git_diff"]
    run = modellab.get_run(row["run_id"])
    assert (run.git_branch, run.git_dirty) == ("main", True)
