"""A project folder to train in, and scripts that run there in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Project:
    """A project folder; the test process stands in it."""

    root: Path

    @property
    def journals(self) -> Path:
        return self.root / "manifests" / "journals"

    def run(
        self, script: str, *, options: Sequence[str] = (), exit_code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python script to its end, in the project's folder, as `train.py`."""
        path = self.root / "train.py"
        path.write_text(script)
        done = subprocess.run(
            [sys.executable, *options, str(path)], cwd=self.root, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == exit_code, done.stderr
        return done


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project, with nothing set in the environment."""
    for name in list(os.environ):
        if name.startswith(("MODELLAB_", "WANDB_")) or name in ("DB_PATH", "DATASET_ID", "PROJECT_NAME"):
            monkeypatch.delenv(name)
    root = tmp_path / "trained"
    root.mkdir()
    (root / ".env").touch()
    monkeypatch.chdir(root)
    return Project(root)
