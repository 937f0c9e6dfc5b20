"""Logs until it is killed: `paced.py FOLDER RUN_ID STEPS_PER_SECOND COUNTER` (0 a second: without a pause).

After each call that returned, the number of such calls stands in the first eight bytes of COUNTER, a file
in shared memory that outlives the process.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time
from pathlib import Path

from modellab import start_run
from modellab.settings import load_settings

_NUMBER = struct.Struct("<q")


def value_at(step: int) -> float:
    """What is logged as `loss` at a step."""
    return 1 / (step + 3)


def main() -> None:
    """Log for ever."""
    folder, run_id, pace, counter = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), Path(sys.argv[4])
    run = start_run(run_id=run_id, settings=load_settings(start=folder, environ={}))
    with counter.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), _NUMBER.size)
    begin, step = time.perf_counter(), 0
    while True:
        value = value_at(step)
        run.log_metrics({"loss": value, "double": 2 * value}, step=step)
        step += 1
        _NUMBER.pack_into(shared, 0, step)
        if pace:
            time.sleep(max(0.0, begin + step / pace - time.perf_counter()))


if __name__ == "__main__":
    main()
