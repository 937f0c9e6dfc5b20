"""The same input gives the same bytes, whatever the process, its hash seed and its threads."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path

import numpy as np
from evalharness import evaluate

random = np.random.default_rng(0)
n = 300
x = random.normal(size=n)
scores = random.normal(size=(n, 3)) + np.eye(3)[np.arange(n) % 3]
odds = np.exp(scores)
labels = np.array(["a", "b", "c"])[np.arange(n) % 3]
data = [
    {"x": float(value) if value > -1 else None, "color": color}
    for value, color in zip(x, random.choice(["red", "green", "blue"], n))
]

def predict(rows):
    shift = np.array([0 if row["x"] is None else row["x"] for row in rows])
    weights = np.exp(np.stack([0 * shift, shift, -shift], axis=1))
    return weights / weights.sum(1, keepdims=True)

folder = Path(sys.argv[1])
evaluate(predictions=odds / odds.sum(1, keepdims=True), labels=labels, data=data, predict=predict,
         output_dir=folder / "classes", clusters=np.arange(n) // 3, config={"n_resamples": 200})
report = evaluate(predictions=2 * x, labels=2 * x + random.normal(size=n), task_type="regression",
                  data={"x": x}, output_dir=folder / "numbers", seed=5, config={"n_resamples": 200})
from modellab.evaluation.examples import encode_examples
(folder / "examples.npz").write_bytes(encode_examples(report.examples))
"""


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(folder: Path, hash_seed: str, threads: str) -> dict[str, str]:
    folder.mkdir()
    settings = {"PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return digest(folder)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    one = run(tmp_path / "one", "1", "1")
    other = run(tmp_path / "other", "4242", "4")
    assert len(one) == 21
    assert one == other
