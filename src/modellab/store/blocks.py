"""Column blocks: up to 4 096 points of one metric as a small header and a compressed body.

Pure functions on arrays; `points.py` keeps the blocks in the database. `docs/decisions/0003` says why
this shape. A body is one byte of version, then the values and the places (times, and steps unless
they are regular). Bytes of equal significance lie together, which is what makes floats compress.
"""

from __future__ import annotations

import math
import operator
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

from modellab.series.extremes import Stretch

BLOCK_POINTS = 4096
"""Points in a full block."""
ROLLUP_POINTS = 256
"""Points that one entry of a rollup stands for."""

_VERSION = 1
_LENGTHS = struct.Struct("<BIIII")  # version, then the bytes of each part; top bit: deflated
_DEFLATED = 1 << 31
# first step, points, min and its step and time, max and its step and time (NaN: no finite value)
_ROLLUP = struct.Struct("<qqdqqdqq")
_STRETCH = struct.Struct("<q8xdqqdqq")  # the same without the number of points: a chart reads thousands

_RollupEntry = tuple[int, int, float, int, int, float, int, int]


class Block(NamedTuple):
    """The columns of `metric_chunks` that a block fills; times in ms since 1970, steps inclusive."""

    lo: int
    hi: int
    n: int
    stride: int | None
    t0: int
    t1: int
    vmin: float | None
    vmin_step: int | None
    vmin_time: int | None
    vmax: float | None
    vmax_step: int | None
    vmax_time: int | None
    vsum: float
    n_nonfinite: int
    rollup: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one metric in order of step: three arrays of one length (times in ms since 1970)."""

    steps: Sequence[int]
    times: Sequence[int]
    values: Sequence[float]

    @classmethod
    def in_order(cls, steps: Sequence[int], times: Sequence[int], values: Sequence[float]) -> Points:
        """Points sorted by step; points of one step stay in the order given."""
        if all(map(operator.le, steps, steps[1:])):
            return cls(steps, times, values)
        order = sorted(range(len(steps)), key=steps.__getitem__)
        return cls(
            array("q", map(steps.__getitem__, order)),
            array("q", map(times.__getitem__, order)),
            array("d", map(values.__getitem__, order)),
        )

    def slice(self, start: int, stop: int) -> Points:
        """The points from position `start` up to `stop`."""
        return Points(self.steps[start:stop], self.times[start:stop], self.values[start:stop])


class PlaceCache:
    """Packed places by position, for metrics logged together: they share steps and times."""

    def __init__(self) -> None:
        self._packed: dict[tuple[int, int, int, int], tuple[Any, Any, tuple[int | None, bytes]]] = {}

    def pack(self, points: Points, whole: Points, start: int) -> tuple[int | None, bytes]:
        """The stride and packed places of `points`, which begin at `start` in `whole`."""
        key = (id(whole.steps), id(whole.times), start, len(points.steps))
        if key not in self._packed:
            # The arrays are kept, so that their ids stay theirs.
            self._packed[key] = (whole.steps, whole.times, _pack_places(points))
        return self._packed[key][2]


def encode_blocks(points: Points, cache: PlaceCache | None = None) -> Iterator[Block]:
    """Points as blocks of at most `BLOCK_POINTS`, in order of step."""
    for start in range(0, len(points.steps), BLOCK_POINTS):
        part = points.slice(start, start + BLOCK_POINTS)
        stride, places = cache.pack(part, points, start) if cache else _pack_places(part)
        yield _encode(part, stride, places)


def decode_block(lo: int, n: int, stride: int | None, t0: int, body: bytes) -> Points:
    """The points of a block, from its header fields and its body."""
    version, *lengths = _LENGTHS.unpack_from(body)
    if version != _VERSION:
        raise ValueError(f"Block of version {version}; this ModelLab reads version {_VERSION}.")
    at = _LENGTHS.size
    parts = []
    for length in lengths:
        size = length & ~_DEFLATED
        part = body[at : at + size]
        parts.append(zlib.decompress(part, -15) if length & _DEFLATED else part)
        at += size
    places = parts.pop()
    planes = b"".join(parts)
    raw = bytearray(8 * n)
    for i in range(8):
        raw[i::8] = planes[i * n : (i + 1) * n]
    values = array("d")
    values.frombytes(raw)
    deltas = _from_planes(places, n if stride is not None else 2 * n)
    times = array("q", accumulate(deltas[:n]))
    if n:
        times = array("q", [t + t0 for t in times])
    if stride is not None:
        steps = _regular_steps(lo, n, stride)
    else:
        steps = array("q", accumulate(deltas[n:], initial=lo))[1:]
    return Points(steps, times, values)


def read_rollup(rollup: bytes) -> Iterator[Stretch]:
    """The entries of a block's rollup, one for each `ROLLUP_POINTS` points; NaN where none is finite."""
    return _STRETCH.iter_unpack(rollup)


def _encode(points: Points, stride: int | None, places: bytes) -> Block:
    values = points.values
    total, n_nonfinite = sum(values), 0
    if not math.isfinite(total):
        kept = [v for v in values if math.isfinite(v)]
        total, n_nonfinite = sum(kept), len(values) - len(kept)
    entries = [_roll_up(points.slice(i, i + ROLLUP_POINTS)) for i in range(0, len(values), ROLLUP_POINTS)]
    finite = [entry for entry in entries if entry[2] == entry[2]]
    lowest = min(finite, key=operator.itemgetter(2), default=None)
    highest = max(finite, key=operator.itemgetter(5), default=None)
    times = points.times
    return Block(
        lo=points.steps[0],
        hi=points.steps[-1],
        n=len(values),
        stride=stride,
        t0=times[0],
        t1=max(times),
        vmin=lowest[2] if lowest else None,
        vmin_step=lowest[3] if lowest else None,
        vmin_time=lowest[4] if lowest else None,
        vmax=highest[5] if highest else None,
        vmax_step=highest[6] if highest else None,
        vmax_time=highest[7] if highest else None,
        vsum=total,
        n_nonfinite=n_nonfinite,
        rollup=b"".join(_ROLLUP.pack(*entry) for entry in entries),
        body=_pack_body(values, places),
    )


def _roll_up(points: Points) -> _RollupEntry:
    values = points.values
    if not math.isfinite(sum(values)):
        kept = [i for i, v in enumerate(values) if math.isfinite(v)]
        if not kept:
            return (points.steps[0], len(values), math.nan, 0, 0, math.nan, 0, 0)
        lowest, highest = min(kept, key=values.__getitem__), max(kept, key=values.__getitem__)
    else:
        lowest, highest = values.index(min(values)), values.index(max(values))
    return (
        points.steps[0],
        len(values),
        values[lowest],
        points.steps[lowest],
        points.times[lowest],
        values[highest],
        points.steps[highest],
        points.times[highest],
    )


def _pack_body(values: Sequence[float], places: bytes) -> bytes:
    n = len(values)
    raw = array("d", values).tobytes()
    planes = [raw[i::8] for i in range(8)]
    low, high, sign = b"".join(planes[:6]), planes[6], planes[7]
    parts = []
    # Random low bits do not compress: trying costs most of the time and saves nothing. The two highest
    # bytes and the places differ in what is frequent, so each gets a code of its own.
    repeats = planes[0].count(planes[0][0]) * 8 > n
    for part, strategy in (
        (low, zlib.Z_DEFAULT_STRATEGY if repeats else None),
        (high, zlib.Z_RLE),
        (sign, zlib.Z_RLE),
        (places, zlib.Z_RLE),
    ):
        packed = part if strategy is None else _deflate(part, strategy)
        parts.append((packed, len(packed) | _DEFLATED) if len(packed) < len(part) else (part, len(part)))
    lengths = _LENGTHS.pack(_VERSION, *(length for _, length in parts))
    return lengths + b"".join(part for part, _ in parts)


def _pack_places(points: Points) -> tuple[int | None, bytes]:
    steps, times = points.steps, points.times
    n = len(steps)
    stride: int | None = steps[1] - steps[0] if n > 1 else 0
    if n > 2 and array("q", steps).tobytes() != _regular_steps(steps[0], n, steps[1] - steps[0]).tobytes():
        stride = None
    deltas = array("q", (0,))
    deltas.extend(map(operator.sub, times[1:], times))
    if stride is None:
        deltas.append(0)
        deltas.extend(map(operator.sub, steps[1:], steps))
    raw = deltas.tobytes()
    return stride, b"".join(raw[i::8] for i in range(8))


def _regular_steps(first: int, n: int, stride: int) -> array[int]:
    return array("q", range(first, first + stride * n, stride)) if stride else array("q", [first] * n)


def _from_planes(planes: bytes, n: int) -> array[int]:
    raw = bytearray(8 * n)
    for i in range(8):
        raw[i::8] = planes[i * n : (i + 1) * n]
    deltas = array("q")
    deltas.frombytes(raw)
    return deltas


def _deflate(data: bytes, strategy: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15, 9, strategy)
    return packer.compress(data) + packer.flush()
