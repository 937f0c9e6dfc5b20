"""What does `@log_run` cost a function that does nothing, the first time and every time after?

The first call is a whole Python process, in a folder with a Git repository, from its start to its end. The
floors are a process that puts one row into SQLite, and one transaction with that row in an open database.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import orjson

from benchmarks.project import run_python, temporary_project
from benchmarks.table import Row
from benchmarks.timing import alternate, percentile, time_once

_IDENTITY = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.org")


def measure(quick: bool) -> list[Row]:
    """The first call, and those after it."""
    rounds, calls = (3, 20) if quick else (15, 300)
    with temporary_project() as settings:
        _make_repository(settings.root)
        first = _measure_first(settings.root, rounds)
        ours, raw = alternate_calls(settings.root, calls, 1 if quick else 3)
    p50, p99 = median(ours) / 1e6, percentile(ours, 99) / 1e6
    return [
        first,
        Row(
            f"decorated no-op, calls 2 to {calls}: p50 (p99)",
            f"{p50:.2f} ms ({p99:.2f})",
            f"{median(raw) / 1e6:.2f} ms (a row into SQLite)",
            median(ours) / median(raw),
            "≤ 5 ms each",
            p50 <= 5,
        ),
    ]


def alternate_calls(folder: Path, calls: int, rounds: int) -> tuple[list[float], list[float]]:
    """Nanoseconds of single calls after the first, ours and bare ones, from processes in turn."""
    ours: list[float] = []
    raw: list[float] = []
    for _ in range(rounds):
        ours += _run_calls(folder, "decorated", calls)[1:]
        raw += _run_calls(folder, "raw_run", calls)[1:]
    return ours, raw


def _run_calls(folder: Path, program: str, calls: int) -> Sequence[float]:
    taken: list[float] = orjson.loads(
        run_python("-m", f"benchmarks.children.{program}", str(calls), cwd=folder)
    )
    return taken


def _measure_first(folder: Path, rounds: int) -> Row:
    def time_process(*arguments: str) -> float:
        return time_once(lambda: run_python(*arguments, cwd=folder))

    time_process("-m", "benchmarks.children.decorated", "1")  # makes the database, and compiled files
    ours, raw, bare = alternate(
        rounds,
        lambda: time_process("-m", "benchmarks.children.decorated", "1"),
        lambda: time_process("-m", "benchmarks.children.raw_run", "1"),
        lambda: time_process("-c", "pass"),
    )
    return Row(
        "decorated no-op, first: the whole process",
        f"{median(ours):.3f} s",
        f"{median(raw):.3f} s (a row into SQLite; bare Python {median(bare):.3f})",
        median(ours) / median(raw),
        "≤ 0.6 s",
        median(ours) <= 0.6,
    )


def _make_repository(folder: Path) -> None:
    """A Git repository with one commit and one file changed since."""
    script = folder / "train.py"
    script.write_text("learning_rate = 0.1\n")
    for command in (["init", "-q"], ["add", "train.py"], [*_IDENTITY, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    script.write_text("learning_rate = 0.2\n")
