"""Series of points: read whole, by range of steps, and reduced for a chart."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from modellab.errors import InvalidInput
from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.records import Series
from modellab.store import Store

MS = 1_700_000_000_000

Row = tuple[int, float]
BATCH = st.lists(
    st.tuples(st.integers(-20, 40), st.one_of(st.floats(), st.integers(-3, 3).map(float))),
    min_size=1,
    max_size=25,
)


class Journal:
    """A writer that sends its points to the store batch by batch."""

    def __init__(self, store: Store, run_id: str, writer: str) -> None:
        self.store, self.run_id, self.writer, self.offset = store, run_id, writer, 0
        self.send(encode_event("start", MS, {"started_us": MS * 1000}))

    def send(self, data: bytes) -> None:
        self.offset = self.store.ingest(self.run_id, self.writer, self.offset, data).offset

    def log(self, points: list[Row], name: str = "m") -> None:
        self.send(b"".join(encode_points(step, MS + 1, {name: value}) for step, value in points))

    def end(self) -> None:
        self.send(encode_event("end", MS, {"status": "completed"}))


def read(store: Store, run_id: str, **kwargs: Any) -> Series:
    series = store.series.read(run_id, "m", **kwargs)
    assert series is not None
    return series


def reduce(store: Store, run_id: str, **kwargs: Any) -> Series:
    series = store.series.reduce(run_id, "m", **kwargs)
    assert series is not None
    return series


def shown(series: Series) -> list[tuple[int, str]]:
    return [(step, repr(value)) for step, value in zip(series.steps, series.values, strict=True)]


def as_shown(points: list[Row]) -> list[tuple[int, str]]:
    return [(step, repr(float(value))) for step, value in sorted(points, key=lambda point: point[0])]


@given(batches=st.lists(BATCH, min_size=1, max_size=6), ended=st.booleans())
@profile(max_examples=40)
def test_points_come_back_in_order_of_step_and_else_of_arrival(
    store: Store, batches: list[list[Row]], ended: bool
) -> None:
    journal = Journal(store, new_run_id(), "w")
    for batch in batches:
        journal.log(batch)
    if ended:
        journal.end()
    points = [point for batch in batches for point in batch]
    series = read(store, journal.run_id)
    assert shown(series) == as_shown(points)
    assert series.count == len(points)
    assert series.n_nonfinite == sum(not math.isfinite(value) for _, value in points)
    assert not series.reduced
    assert store.runs.get(journal.run_id).metrics["m"].last == pytest.approx(series.values[-1], nan_ok=True)


def test_full_blocks_and_tails_of_two_writers_come_back_whole(store: Store) -> None:
    run_id = new_run_id()
    writers = [Journal(store, run_id, f"w{i}") for i in range(2)]
    expected: list[Row] = []
    for start in range(0, 9000, 1500):
        for i, writer in enumerate(writers):
            points = [(step, math.sin(step) + 10 * i) for step in range(start, start + 1500)]
            writer.log(points)
            expected += points
    for _ in range(2):
        assert sorted(shown(read(store, run_id))) == sorted(as_shown(expected))
        assert list(read(store, run_id).steps) == sorted(step for step, _ in expected)
        writers[0].end()


def test_a_restart_from_a_checkpoint_keeps_both_passes_in_order_of_arrival(store: Store) -> None:
    journal = Journal(store, new_run_id(), "w")
    journal.log([(step, 1.0) for step in range(5000)])
    journal.log([(step, 2.0) for step in range(3000, 6000)])
    series = read(store, journal.run_id)
    assert [value for step, value in zip(series.steps, series.values, strict=True) if step == 4999] == [
        1.0,
        2.0,
    ]
    journal.log([(step, 3.0) for step in range(5500)])
    journal.end()
    series = read(store, journal.run_id)
    for step, expected in ((4999, [1.0, 2.0, 3.0]), (5400, [2.0, 3.0]), (5999, [2.0]), (10, [1.0, 3.0])):
        assert [v for s, v in zip(series.steps, series.values, strict=True) if s == step] == expected


@pytest.fixture
def long_run(store: Store) -> tuple[str, list[Row]]:
    """A run of 20 000 irregular points: full blocks, small ones, NaN, and a second writer in between."""
    run_id = new_run_id()
    points: list[Row] = []
    writers = [Journal(store, run_id, f"w{i}") for i in range(2)]
    for start in range(0, 20_000, 2500):
        part = [
            (step * 3 - 1000, math.nan if step % 97 == 0 else math.cos(step * step) * step)
            for step in range(start, start + 2500)
        ]
        writers[start // 2500 % 5 == 0].log(part)
        points += part
    return run_id, points


RANGES: list[tuple[int | None, int | None]] = [
    *[(None, None), (0, None), (None, 0), (5000, 5100), (-1000, 60_000)],
    *[(7, 7), (8, 8), (60_000, 70_000), (10, 5)],
]


def test_a_range_of_steps_is_inclusive(store: Store, long_run: tuple[str, list[Row]]) -> None:
    for from_step, to_step in RANGES:
        check_range(store, *long_run, from_step, to_step)


def check_range(
    store: Store, run_id: str, points: list[Row], from_step: int | None, to_step: int | None
) -> None:
    low, high = -math.inf if from_step is None else from_step, math.inf if to_step is None else to_step
    expected = [point for point in points if low <= point[0] <= high]
    series = read(store, run_id, from_step=from_step, to_step=to_step)
    assert shown(series) == as_shown(expected)
    finite = [value for _, value in expected if math.isfinite(value)]
    for max_points in (2, 20, 300, 4000):
        small = reduce(store, run_id, max_points=max_points, from_step=from_step, to_step=to_step)
        assert len(small.steps) <= max_points
        assert (small.count, small.n_nonfinite) == (len(expected), len(expected) - len(finite))
        assert set(shown(small)) <= set(as_shown(expected))
        assert small.reduced == (len(expected) > max_points)
        if finite:
            numbers = [value for value in small.values if math.isfinite(value)]
            assert (min(numbers), max(numbers)) == (min(finite), max(finite))


def test_a_reduction_is_small_true_and_always_the_same(store: Store, long_run: tuple[str, list[Row]]) -> None:
    run_id, points = long_run
    finite = [value for _, value in points if math.isfinite(value)]
    for max_points in (2, 3, 5, 8, 50, 79, 200, 1000, 19_999):
        series = reduce(store, run_id, max_points=max_points)
        assert series.reduced
        assert max_points / 4 <= len(series.steps) <= max_points
        assert list(series.steps) == sorted(series.steps)
        assert set(shown(series)) <= set(as_shown(points))
        assert (min(series.values), max(series.values)) == (min(finite), max(finite))
        assert (series.count, series.n_nonfinite) == (20_000, 20_000 - len(finite))
        assert reduce(store, run_id, max_points=max_points) == series


@given(
    batches=st.lists(st.tuples(st.booleans(), BATCH), min_size=1, max_size=8), max_points=st.integers(2, 30)
)
@profile(max_examples=40)
def test_any_reduction_keeps_the_extremes(
    store: Store, batches: list[tuple[bool, list[Row]]], max_points: int
) -> None:
    run_id = new_run_id()
    writers = [Journal(store, run_id, f"w{i}") for i in range(2)]
    for second, batch in batches:
        writers[second].log(batch)
    points = [point for _, batch in batches for point in batch]
    finite = [value for _, value in points if math.isfinite(value)]
    series = reduce(store, run_id, max_points=max_points)
    assert len(series.steps) <= max_points
    assert series.count == len(points)
    assert set(shown(series)) <= set(as_shown(points))
    if len(points) <= max_points:
        assert sorted(shown(series)) == sorted(as_shown(points))
    elif finite:
        assert (min(series.values), max(series.values)) == (min(finite), max(finite))
    else:
        assert list(series.values) == []


def test_few_points_are_shown_as_they_are_nan_and_all(store: Store) -> None:
    journal = Journal(store, new_run_id(), "w")
    journal.log([(0, math.nan), (1, math.inf), (2, 1.0)])
    series = reduce(store, journal.run_id, max_points=3)
    assert shown(series) == [(0, "nan"), (1, "inf"), (2, "1.0")]
    assert (series.reduced, series.n_nonfinite) == (False, 2)
    assert series.points()[2] == (2, 1.0, (MS + 1) / 1000)


def test_what_no_run_has_is_none(store: Store) -> None:
    journal = Journal(store, new_run_id(), "w")
    journal.log([(0, 1.0)])
    journal.send(encode_event("final", MS, {"metrics": {"returned": 0.5}}))
    assert store.series.read(journal.run_id, "other") is None
    assert store.series.read(new_run_id(), "m") is None
    assert store.series.reduce(journal.run_id, "other", max_points=10) is None
    only_returned = store.series.read(journal.run_id, "returned")
    assert only_returned is not None
    assert (only_returned.count, list(only_returned.steps)) == (0, [])


def test_a_chart_of_less_than_two_points_is_refused(store: Store) -> None:
    journal = Journal(store, new_run_id(), "w")
    journal.log([(0, 1.0)])
    for max_points in (1, 0, -5):
        with pytest.raises(InvalidInput, match=f"max_points is {max_points}"):
            store.series.reduce(journal.run_id, "m", max_points=max_points)


def test_blocks_tell_what_they_add_up_to(store: Store) -> None:
    journal = Journal(store, new_run_id(), "w")
    journal.log([(step, float(step)) for step in range(10)])
    journal.log([(10, math.nan), (11, math.inf)])
    journal.end()
    assert [tuple(one) for one in store.series.read_block_means(journal.run_id, "m")] == [(0, 11, 10, 45.0)]
    assert store.series.read_block_means(journal.run_id, "m", from_step=1) == []
    assert store.series.read_block_means(journal.run_id, "m", to_step=10) == []
    assert store.series.read_block_means(journal.run_id, "other") == []
