"""Temporary projects, and Python processes started in them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from modellab.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent
"""The folder from which `python -m benchmarks` runs."""

_OURS = ("MODELLAB_", "DB_PATH", "PROJECT_NAME", "DATASET_ID", "WANDB_", "PYTHON")


def clean_environ() -> Mapping[str, str]:
    """This process's environment without what would change a project's settings or Python's start.

    What is measured is this checkout, also where another one is installed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}


@contextmanager
def temporary_project() -> Iterator[Settings]:
    """The settings of an empty project, gone at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="modellab-bench-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "manifests").mkdir()
        yield load_settings(start=Path(folder), environ={})


def start_python(
    *arguments: str, cwd: Path = ROOT, stdin: int | None = None, stdout: int | None = subprocess.PIPE
) -> subprocess.Popen[str]:
    """A Python process of its own; its standard error goes where ours goes."""
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=cwd, env=clean_environ(), stdin=stdin, stdout=stdout, text=True
    )


def run_python(*arguments: str, cwd: Path = ROOT) -> str:
    """What a Python process printed; raises `CalledProcessError` if it failed."""
    process = start_python(*arguments, cwd=cwd)
    output, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return output
