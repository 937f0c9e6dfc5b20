"""Column blocks: what goes in comes out, to the bit, and the header tells the truth about it."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.records import MAX_STEP
from modellab.store.blocks import (
    BLOCK_POINTS,
    ROLLUP_POINTS,
    Block,
    PlaceCache,
    Points,
    decode_block,
    encode_blocks,
    read_rollup,
)

REGULAR = st.builds(
    lambda start, stride, n: [start + i * stride for i in range(n)],
    st.integers(-(2**40), 2**40),
    st.integers(0, 2**30),
    st.integers(1, 60),
)
IRREGULAR = st.lists(st.one_of(st.integers(-MAX_STEP, MAX_STEP), st.integers(-3, 3)), min_size=1, max_size=60)
STEPS = st.one_of(REGULAR, IRREGULAR)
VALUE = st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, -0.0, 5e-324]))


@st.composite
def all_points(draw: st.DrawFn) -> Points:
    steps = draw(STEPS)
    n = len(steps)
    times = draw(st.lists(st.integers(0, 253_402_300_799_999), min_size=n, max_size=n))
    values = draw(st.lists(VALUE, min_size=n, max_size=n))
    return Points.in_order(array("q", steps), array("q", times), array("d", values))


def rows_of(points: Points) -> list[tuple[int, int, str]]:
    return [(s, t, repr(v)) for s, t, v in zip(points.steps, points.times, points.values, strict=True)]


def decode(block: Block) -> Points:
    return decode_block(block.lo, block.n, block.stride, block.t0, block.body)


@given(all_points())
def test_points_come_back_to_the_bit(points: Points) -> None:
    (block,) = encode_blocks(points)
    assert rows_of(decode(block)) == rows_of(points)


@given(all_points())
def test_the_header_tells_the_truth(points: Points) -> None:
    (block,) = encode_blocks(points)
    finite = [value for value in points.values if math.isfinite(value)]
    assert (block.lo, block.hi, block.n) == (points.steps[0], points.steps[-1], len(points.steps))
    assert block.lo == min(points.steps)
    assert block.t1 == max(points.times)
    assert block.n_nonfinite == len(points.values) - len(finite)
    assert block.vsum == sum(finite)
    places = set(rows_of(points))
    if finite:
        assert (block.vmin, block.vmax) == (min(finite), max(finite))
        assert block.vmin_step is not None
        assert block.vmin_time is not None
        assert (block.vmin_step, block.vmin_time, repr(block.vmin)) in places
        assert (block.vmax_step, block.vmax_time, repr(block.vmax)) in places
    else:
        assert block[6:12] == (None,) * 6


@given(all_points(), st.permutations(range(60)))
def test_points_are_put_in_order_of_step_and_else_left_as_they_came(points: Points, order: list[int]) -> None:
    order = [i for i in order if i < len(points.steps)]
    shuffled = [(points.steps[i], points.times[i], repr(points.values[i])) for i in order]
    found = Points.in_order(
        array("q", [points.steps[i] for i in order]),
        array("q", [points.times[i] for i in order]),
        array("d", [points.values[i] for i in order]),
    )
    assert rows_of(found) == sorted(shuffled, key=lambda row: row[0])


@pytest.mark.parametrize("n", [1, 511, 512, 513, 4095, 4096, 4097, 10_000])
@pytest.mark.parametrize("regular", [True, False])
def test_many_points_become_several_blocks(n: int, regular: bool) -> None:
    steps = array("q", (i * 10 if regular else i * 10 + i % 3 for i in range(n)))
    points = Points(
        steps, array("q", range(n)), array("d", (math.sin(i) if i % 1000 else math.nan for i in range(n)))
    )
    cache = PlaceCache()
    for blocks in (
        list(encode_blocks(points)),
        list(encode_blocks(points, cache)),
        list(encode_blocks(points, cache)),
    ):
        assert [block.n for block in blocks] == [BLOCK_POINTS] * (n // BLOCK_POINTS) + (
            [n % BLOCK_POINTS] if n % BLOCK_POINTS else []
        )
        assert [row for block in blocks for row in rows_of(decode(block))] == rows_of(points)
        assert all((block.stride is not None) == (regular or block.n <= 2) for block in blocks)


def test_a_rollup_has_the_extremes_of_every_stretch_of_points() -> None:
    n = 3 * ROLLUP_POINTS + 5
    values = array("d", (math.nan if i < ROLLUP_POINTS else math.cos(i) * i for i in range(n)))
    points = Points(array("q", range(100, 100 + n)), array("q", range(n)), values)
    (block,) = encode_blocks(points)
    entries = list(read_rollup(block.rollup))
    assert len(entries) == 4
    assert math.isnan(entries[0][1])
    assert math.isnan(entries[0][4])
    for i, (first, low, low_step, low_time, high, high_step, high_time) in enumerate(entries[1:], 1):
        part = values[i * ROLLUP_POINTS : (i + 1) * ROLLUP_POINTS]
        assert first == 100 + i * ROLLUP_POINTS
        assert (low, high) == (min(part), max(part))
        assert (values[low_time], values[high_time]) == (low, high)
        assert (low_step, high_step) == (100 + low_time, 100 + high_time)


def test_typical_series_take_few_bytes() -> None:
    n = BLOCK_POINTS
    places = array("q", range(n)), array("q", (1_700_000_000_000 + 17 * i + i % 3 for i in range(n)))
    noisy = Points(*places, array("d", (math.exp(-i / 900) + math.sin(i * i) / 10 for i in range(n))))
    whole = Points(*places, array("d", (i // 7 for i in range(n))))
    assert sum(len(block.body) + len(block.rollup) for block in encode_blocks(noisy)) < 8 * n
    assert sum(len(block.body) + len(block.rollup) for block in encode_blocks(whole)) < 1.5 * n


def test_a_block_of_a_newer_version_is_refused() -> None:
    (block,) = encode_blocks(Points(array("q", [1]), array("q", [2]), array("d", [3])))
    with pytest.raises(ValueError, match="version 9"):
        decode_block(block.lo, block.n, block.stride, block.t0, b"\x09" + block.body[1:])
