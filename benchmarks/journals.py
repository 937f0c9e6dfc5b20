"""Journals made up for measurements: typical series as the lines that a training process writes."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping

from modellab.journal.line import encode_event, encode_points
from modellab.store import Store

START_MS = 1_760_000_000_000
STEP_MS = 20

Curve = Callable[[int], float]
"""A value for each step."""


def float32_noise(_step: int) -> float:
    """Noise with the precision that most training has."""
    value: float = struct.unpack("<f", struct.pack("<f", random.gauss(0, 1)))[0]
    return value


def float64_noise(_step: int) -> float:
    """Noise that fills all bits of a double: nothing compresses it."""
    return random.gauss(0, 1)


def rounded_loss(digits: int) -> Curve:
    """A decaying loss with some noise, rounded to `digits` after the point."""

    def curve(step: int) -> float:
        return round(2.3 / (1 + step / 5000) * (1 + 0.05 * random.gauss(0, 1)), digits)

    return curve


def write_lines(curves: Mapping[str, Curve], steps: int, *, steady: bool = False) -> Iterator[bytes]:
    """The journal of a run, line by line; a step takes about 20 ms, exactly so if `steady`."""
    yield encode_event("start", START_MS, {"version": 1, "started_us": START_MS * 1000, "params": {}})
    time_ms: float = START_MS
    for step in range(steps):
        time_ms += STEP_MS if steady else random.gauss(STEP_MS, 2)
        yield encode_points(step, int(time_ms), {name: curve(step) for name, curve in curves.items()})
    yield encode_event("end", int(time_ms), {"status": "completed", "dropped": 0})


def join_batches(lines: Iterator[bytes], size: int = 4 << 20) -> Iterator[bytes]:
    """Lines as batches of about `size` bytes, as a collector reads them."""
    batch: list[bytes] = []
    length = 0
    for line in lines:
        batch.append(line)
        length += len(line)
        if length >= size:
            yield b"".join(batch)
            batch, length = [], 0
    yield b"".join(batch)


def ingest_batches(store: Store, run_id: str, batches: Iterable[bytes]) -> None:
    """Bring batches into a store one after the other."""
    offset = 0
    for batch in batches:
        store.ingest(run_id, "0" * 16, offset, batch)
        offset += len(batch)
