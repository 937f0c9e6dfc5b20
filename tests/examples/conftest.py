from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FOREIGN = ("MODELLAB_", "WANDB_", "DATASET_ID", "PROJECT_NAME", "FORCE_COLOR", "TTY_", "COLUMNS")
"""Environment variables of the machine that would change what the scripts do."""


class Project:
    """A folder with a `.env` in it, and so a project of its own, to run the repository's scripts in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".env").write_text("PROJECT_NAME=examples-under-test\n")

    def start(
        self, script: str | Path, *arguments: object, subfolder: str = "."
    ) -> subprocess.CompletedProcess[str]:
        """Run a script to its end, from the project's folder or one below it."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return subprocess.run(
            [sys.executable, str(REPOSITORY / script), *map(str, arguments)],
            cwd=self.folder / subfolder,
            env={**environment, "DB_PATH": "manifests/manifests.db"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )

    def train(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run `run.py`, its files going into the project."""
        return self.start("examples/train_model/run.py", "--output_dir", self.folder / "out", *arguments)

    def sweep(self, *arguments: object, subfolder: str = ".") -> subprocess.CompletedProcess[str]:
        """Run `sweep.py`, its files going into the project."""
        options = ("--output_dir", self.folder / "out", *arguments)
        return self.start("examples/train_model/sweep.py", *options, subfolder=subfolder)

    def record(self, code: str) -> None:
        """Run a training script that is not among the examples."""
        script = self.folder / "train.py"
        script.write_text(code)
        outcome = self.start(script)
        assert outcome.returncode == 0, outcome.stderr

    def manifests(self) -> list[dict[str, Any]]:
        """The rows that any SQLite program sees, newest first, their JSON decoded."""
        connection = sqlite3.connect(self.folder / "manifests" / "manifests.db")
        try:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute("SELECT * FROM manifests ORDER BY run_id DESC")]
        finally:
            connection.close()
        for row in rows:
            for name in ("params", "final_metrics", "artifacts"):
                row[name] = json.loads(row.pop(f"{name}_json"))
            # The folders of reports lie in the store, and not in the project.
            row["files"] = [
                path for path in row["artifacts"] if not path.startswith(("evaluations/", "latency/"))
            ]
        return rows


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
