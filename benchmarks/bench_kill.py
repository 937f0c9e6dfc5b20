"""Is anything lost of what was logged, when the process is killed with `kill -9` at a random moment?

A child logs at a pace and counts the calls that returned, in memory that it shares with its file system.
It is killed; a fresh process then opens the store and compares. The floor is 0.
"""

from __future__ import annotations

import json
import random
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.project import start_python, temporary_project
from benchmarks.table import Row
from modellab import new_run_id

_PACES: tuple[tuple[int, float, int, int], ...] = ((1000, 0.3, 2, 100), (10, 1.5, 8, 100), (0, 0.2, 2, 20))
"""Steps a second (0: without a pause), the longest life in seconds, children at once, and tries."""


def measure(quick: bool) -> list[Row]:
    """A hundred tries at each pace, and some at full speed."""
    return [
        _measure_pace(pace, life_s, at_once, 4 if quick else tries) for pace, life_s, at_once, tries in _PACES
    ]


def _measure_pace(pace: int, life_s: float, at_once: int, tries: int) -> Row:
    with temporary_project() as settings, ThreadPoolExecutor(at_once) as pool:
        run_ids = [new_run_id() for _ in range(tries)]
        counts = list(pool.map(lambda run_id: _log_and_kill(settings.root, run_id, pace, life_s), run_ids))
        found = _read_back(settings.root, dict(zip(run_ids, counts, strict=True)))
    lost, doubled, wrong = (found.get(what, 0) for what in ("lost", "doubled", "wrong"))
    sound = not (lost or doubled or wrong) and found.get("failed") == tries
    return Row(
        f"killed at {f'{pace:,} steps a second' if pace else 'full speed'}, {tries} tries",
        f"{lost} lost, {doubled} doubled, {wrong} wrong of {found.get('points', 0):,} points; "
        f"{found.get('failed', 0)} runs marked failed",
        "0 lost",
        None,
        "0 lost",
        sound,
    )


def _log_and_kill(folder: Path, run_id: str, pace: int, life_s: float) -> int:
    """How many calls of a child had returned when it was killed."""
    counter = folder / f"{run_id}.counter"
    counter.write_bytes(bytes(8))
    process = start_python(
        "-m",
        "benchmarks.children.paced",
        str(folder),
        run_id,
        str(pace),
        str(counter),
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while _read_count(counter) == 0 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(random.uniform(0, life_s))
        if process.poll() is not None:
            raise RuntimeError(f"The child ended by itself with exit code {process.returncode}.")
    finally:
        process.kill()
        process.wait()
    return _read_count(counter)


def _read_count(counter: Path) -> int:
    return int(struct.unpack("<q", counter.read_bytes())[0])


def _read_back(folder: Path, counts: dict[str, int]) -> dict[str, int]:
    process = start_python("-m", "benchmarks.children.read_back", str(folder), stdin=subprocess.PIPE)
    output, _ = process.communicate(json.dumps(counts))
    if process.returncode:
        raise RuntimeError(f"Reading back failed with exit code {process.returncode}.")
    found: dict[str, int] = json.loads(output)
    return found
