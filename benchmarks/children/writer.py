"""Logs steps of five metrics, once told to start: `writer.py FOLDER RUN_ID RANK STEPS`, or `raw` for RUN_ID.

Says `ready` on standard output when everything is loaded, begins at a line on standard input, and ends when
the points can be read. A step's values follow from its number, so that readers can check them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.raw_sqlite import RawPoints
from modellab import start_run
from modellab.settings import load_settings

NAMES = ("a", "b", "c", "d", "e")


def main() -> None:
    """Warm up, wait, log."""
    folder, run_id, rank, steps = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    settings = load_settings(start=folder, environ={})
    if run_id != "raw":
        with start_run(settings=settings) as run:  # loads what the store needs
            run.log_metrics({"warm": 1.0}, step=0)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    numbers = range(rank * steps, (rank + 1) * steps)
    if run_id == "raw":
        _log_raw(folder / "raw.db", rank, numbers)
        return
    with start_run(settings=settings, run_id=run_id) as run:
        for step in numbers:
            value = step + 0.5
            run.log_metrics(dict.fromkeys(NAMES, value), step=step)
    if run.dropped:
        raise SystemExit(f"{run.dropped} dropped")


def _log_raw(path: Path, rank: int, numbers: range) -> None:
    points = RawPoints(path, rank)
    for step in numbers:
        value = step + 0.5
        points.log(dict.fromkeys(NAMES, value), step)
    points.flush()


if __name__ == "__main__":
    main()
