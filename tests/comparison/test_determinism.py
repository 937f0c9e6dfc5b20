"""The same runs give the same comparison, bit by bit, in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import modellab
from modellab.settings import Settings

SCRIPT = """
import modellab
from modellab.cli.output import print_json

ids = [run.run_id for run in reversed(modellab.list_runs())]
print_json(modellab.compare(*ids, slices=True))
print_json(modellab.leaderboard("f1"))
"""


def compare(folder: Path, **environment: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MODELLAB_", "DB_"))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_with_other_hash_seeds_and_threads_say_the_same(settings: Settings) -> None:
    numbers = np.random.default_rng(0)
    labels = numbers.integers(0, 3, 300)
    for name in ("one", "two", "three"):
        table = numbers.dirichlet(np.ones(3), 300) + 0.3 * np.eye(3)[labels]
        with modellab.start_run(name, seed=1, settings=settings) as run:
            run.log_evaluation(
                predictions=table / table.sum(axis=1, keepdims=True),
                labels=labels,
                data={"place": numbers.integers(0, 4, 300)},
                config={"compute_cis": False},
            )
    one = {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    two = {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    first = compare(settings.root, **one)
    assert compare(settings.root, **two) == first
    assert '"verdict": "' in first
