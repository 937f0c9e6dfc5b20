"""Reducing a curve: few points, true points, and no extreme lost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from modellab.series.extremes import Stretch, keep_extremes, keep_extremes_of_points

POINTS = st.lists(
    st.tuples(st.integers(-50, 2000), st.one_of(st.floats(), st.integers(-5, 5).map(float))), max_size=200
).map(lambda points: sorted(points, key=lambda point: point[0]))
LIMIT = st.integers(2, 60)


def reduce_points(points: Sequence[tuple[int, float]], max_points: int) -> list[tuple[int, int, float]]:
    steps, values = [step for step, _ in points], [value for _, value in points]
    times = [1000 + i for i in range(len(points))]
    return keep_extremes_of_points(steps, times, values, max_points)


@given(POINTS, LIMIT)
def test_points_are_reduced_to_true_points_with_the_extremes_among_them(
    points: list[tuple[int, float]], max_points: int
) -> None:
    kept = reduce_points(points, max_points)
    finite = [value for _, value in points if math.isfinite(value)]
    assert len(kept) <= max_points
    assert all(points[time - 1000] == (step, value) for step, time, value in kept)
    assert [step for step, _, _ in kept] == sorted(step for step, _, _ in kept)
    assert kept == reduce_points(points, max_points)
    if finite:
        assert min(value for _, _, value in kept) == min(finite)
        assert max(value for _, _, value in kept) == max(finite)
    else:
        assert kept == []


@given(POINTS, LIMIT, st.integers(1, 20))
def test_stretches_are_reduced_like_points(
    points: list[tuple[int, float]], max_points: int, size: int
) -> None:
    stretches: list[Stretch] = []
    for start in range(0, len(points), size):
        part = [(value, step, start + i) for i, (step, value) in enumerate(points[start : start + size])]
        finite = [entry for entry in part if math.isfinite(entry[0])]
        if finite:
            low, high = min(finite, key=lambda e: e[0]), max(finite, key=lambda e: e[0])
            stretches.append((part[0][1], *low, *high))
    kept = keep_extremes(stretches, max_points)
    finite_values = [value for _, value in points if math.isfinite(value)]
    assert len(kept) <= max_points
    assert all(points[time] == (step, value) for step, time, value in kept)
    assert [step for step, _, _ in kept] == sorted(step for step, _, _ in kept)
    if finite_values:
        assert min(value for _, _, value in kept) == min(finite_values)
        assert max(value for _, _, value in kept) == max(finite_values)


def test_every_bucket_of_steps_shows_its_own_extremes() -> None:
    points = [(step, math.sin(step / 3) * step) for step in range(100)]
    kept = reduce_points(points, 10)
    for start in range(0, 100, 20):
        part = [point for point in points if start <= point[0] < start + 20]
        shown = [(step, value) for step, _, value in kept if start <= step < start + 20]
        assert sorted(shown) == sorted(
            {min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])}
        )


def test_nothing_becomes_nothing() -> None:
    assert keep_extremes([], 10) == keep_extremes_of_points([], [], [], 10) == []
