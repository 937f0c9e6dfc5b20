"""Logs the time of day again and again: `clock.py FOLDER COUNT PAUSE_S`."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from modellab import start_run
from modellab.settings import load_settings


def main() -> None:
    """Log `sent` so many times, at irregular moments."""
    folder, count, pause_s = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    with start_run(settings=load_settings(start=folder, environ={})) as run:
        for step in range(count):
            time.sleep(pause_s * random.uniform(0.8, 1.2))
            run.log_metrics({"sent": time.time()}, step=step)


if __name__ == "__main__":
    main()
