"""Logs in many runs at a time until it is killed: `many_live.py FOLDER RUNS STEPS_PER_SECOND`.

Prints `started` when all runs have logged once.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from modellab import start_run
from modellab.settings import load_settings

N_METRICS = 5


def main() -> None:
    """Log for ever, a step in each run at each turn."""
    folder, n_runs, pace = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    settings = load_settings(start=folder, environ={})
    runs = [start_run(f"live {number}", seed=number, settings=settings) for number in range(n_runs)]
    begin, step = time.perf_counter(), 0
    while True:
        for run in runs:
            loss = 2 / (1 + step / 50) + random.gauss(0, 0.05)
            more = {f"metric_{number}": random.random() for number in range(N_METRICS - 2)}
            run.log_metrics({"loss": loss, "accuracy": 1 / (1 + loss), **more}, step=step)
        step += 1
        if step == 1:
            print("started", flush=True)
        time.sleep(max(0.0, begin + step / pace - time.perf_counter()))


if __name__ == "__main__":
    main()
