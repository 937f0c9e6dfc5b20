"""How long until a million points, logged call by call, can be read from the store?

Timed from `start_run` to the end of `finish`, after which the run is in the database. The floor is a loop
that keeps the same points in a list and inserts them into SQLite in batches.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.project import temporary_project
from benchmarks.raw_sqlite import RawPoints
from benchmarks.table import Row
from benchmarks.timing import alternate, time_once
from modellab import get_run, start_run
from modellab.settings import Settings

Steps = Sequence[Mapping[str, float]]


def measure(quick: bool) -> list[Row]:
    """Points in calls of one metric and in calls of five."""
    points = 20_000 if quick else 1_000_000
    rounds = 1 if quick else 3
    return [_measure_calls(points, rounds, names) for names in (("loss",), ("a", "b", "c", "d", "e"))]


def _measure_calls(points: int, rounds: int, names: Sequence[str]) -> Row:
    steps = [{name: random.random() for name in names} for _ in range(points // len(names))]
    with temporary_project() as settings:
        _log(settings, steps[:1000])  # opens the store and loads what that needs
        ours, raw = alternate(
            rounds, lambda: _time_ours(settings, steps), lambda: _time_raw(settings.root, steps)
        )
    ratio = median(mine / bare for mine, bare in zip(ours, raw, strict=True))
    return Row(
        f"{points:,} points, {len(names)} a call, until readable",
        f"{median(ours):.2f} s",
        f"{median(raw):.2f} s (SQLite rows)",
        ratio,
        "≤ 1x SQLite rows",
        ratio <= 1,
    )


def _time_ours(settings: Settings, steps: Steps) -> float:
    run_ids: list[str] = []
    taken = time_once(lambda: run_ids.append(_log(settings, steps)))
    counts = {summary.count for summary in get_run(run_ids[0], settings=settings).metrics.values()}
    if len(steps) not in counts:
        raise RuntimeError(f"{len(steps)} steps were logged; the store has {counts}.")
    return taken


def _log(settings: Settings, steps: Steps) -> str:
    with start_run(settings=settings) as run:
        for step, metrics in enumerate(steps):
            run.log_metrics(metrics, step=step)
    return run.run_id


def _time_raw(folder: Path, steps: Steps) -> float:
    path = folder / "raw.db"

    def log() -> None:
        points = RawPoints(path)
        for step, metrics in enumerate(steps):
            points.log(metrics, step)
        points.close()

    taken = time_once(log)
    for file in folder.glob("raw.db*"):
        file.unlink()
    return taken
