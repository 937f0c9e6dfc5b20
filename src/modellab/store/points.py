"""Points of metrics in the database: appended as blocks, folded as they grow, read back or reduced.

The points of one writer in one metric are full blocks and a short tail. New points go into the last
small block; when the tail holds enough for a full block it is folded. What a write touches is thus
bounded, however long the run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select

from modellab.errors import InvalidInput
from modellab.journal.line import Column
from modellab.records import MAX_STEP, Series
from modellab.series.extremes import Extreme, Stretch, keep_extremes, keep_extremes_of_points
from modellab.store.blocks import (
    BLOCK_POINTS,
    ROLLUP_POINTS,
    PlaceCache,
    Points,
    decode_block,
    encode_blocks,
    read_rollup,
)
from modellab.store.engine import Database
from modellab.store.tables import CHART_COLUMNS, metric_chunks, metrics, runs

SMALL_POINTS = 512
"""A tail block that has this many points is not rewritten any more, only folded."""

_c = metric_chunks.c
_BODY = (_c.lo, _c.n, _c.stride, _c.t0, _c.body)
_TAILS = select(_c.id, _c.key, _c.n).where(
    _c.run == bindparam("run_"), _c.writer == bindparam("writer_"), _c.n < BLOCK_POINTS
)
_BODIES = select(_c.id, *_BODY).where(_c.id.in_(bindparam("ids", expanding=True)))
_ROLLUPS = select(_c.rollup).where(_c.id.in_(bindparam("ids", expanding=True))).order_by(_c.id)
_DELETE = delete(metric_chunks).where(_c.id.in_(bindparam("ids", expanding=True)))
_INSERT = metric_chunks.insert()


class BlockMean(NamedTuple):
    """The steps of a block, how many finite values it has, and what they add up to."""

    lo: int
    hi: int
    n_finite: int
    total: float


class SeriesShelf:
    """Series of the runs in one database, to read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(
        self, run_id: str, name: str, *, from_step: int | None = None, to_step: int | None = None
    ) -> Series | None:
        """All points of a metric in a range of steps (inclusive), in order of step; `None` if unknown."""
        with self._database.read() as connection:
            run = _find_run(connection, run_id, name)
            if run is None:
                return None
            return _as_series(name, _read_points(connection, run, name, from_step, to_step))

    def reduce(
        self,
        run_id: str,
        name: str,
        *,
        max_points: int,
        from_step: int | None = None,
        to_step: int | None = None,
    ) -> Series | None:
        """At most `max_points` (≥ 2) points of a metric: the lowest and highest of each stretch of steps.

        Every extreme is a true point; the same question has the same answer. NaN and ±inf are counted,
        and shown only when no point is left out. `None` if the run has no such metric.
        """
        if max_points < 2:
            raise InvalidInput(f"max_points is {max_points}; it may be 2 or more.")
        with self._database.read() as connection:
            run = _find_run(connection, run_id, name)
            if run is None:
                return None
            inside, edge = _read_headers(connection, run, name, from_step, to_step)
            count = sum(row.n for row in inside) + len(edge.steps)
            if count > max_points:
                stretches = _summarise(connection, inside, edge, max_points // 2)
                if stretches is not None:
                    n_nonfinite = sum(row.n_nonfinite for row in inside) + _count_nonfinite(edge.values)
                    return _reduced(name, count, n_nonfinite, keep_extremes(stretches, max_points))
            points = _read_points(connection, run, name, from_step, to_step)
            if count <= max_points:
                return _as_series(name, points)
            kept = keep_extremes_of_points(points.steps, points.times, points.values, max_points)
            return _reduced(name, count, _count_nonfinite(points.values), kept)

    def read_block_means(
        self, run_id: str, name: str, *, from_step: int | None = None, to_step: int | None = None
    ) -> Sequence[BlockMean]:
        """What the blocks of a metric that lie wholly in a range of steps add up to, in order of step."""
        with self._database.read() as connection:
            run = _find_run(connection, run_id, name)
            if run is None:
                return []
            conditions = [_c.run == run, _c.key == name]
            if from_step is not None:
                conditions.append(_c.lo >= from_step)
            if to_step is not None:
                conditions.append(_c.hi <= to_step)
            rows = connection.execute(select(_c.lo, _c.hi, _c.n - _c.n_nonfinite, _c.vsum).where(*conditions))
            return sorted(BlockMean(*row) for row in rows)


def append_points(connection: Connection, run: int, writer: int, columns: Mapping[str, Column]) -> None:
    """Add a batch's points to the blocks of one writer of a run."""
    tails = _find_tails(connection, run, writer, columns)
    cache = PlaceCache()
    rows: list[dict[str, Any]] = []
    replaced: list[int] = []
    points_like: Points | None = None
    for name, column in columns.items():
        tail = tails.get(name, [])
        new = len(column.steps)
        if tail and sum(t.n for t in tail) + new >= BLOCK_POINTS:
            merged = tail
        elif tail and tail[-1].n + new <= SMALL_POINTS:
            merged = tail[-1:]
        else:
            merged = []
        points = points_like = _join(_load(connection, [t.id for t in merged]), column, points_like)
        replaced += [t.id for t in merged]
        rows += _as_rows(run, writer, name, points, cache)
    _replace(connection, replaced, rows)


def fold(connection: Connection, run: int, writer: int) -> None:
    """Join the small blocks that a writer left when it ended."""
    rows: list[dict[str, Any]] = []
    replaced: list[int] = []
    for name, tail in _find_tails(connection, run, writer, None).items():
        if len(tail) > 1:
            ids = [t.id for t in tail]
            replaced += ids
            rows += _as_rows(run, writer, name, _join(_load(connection, ids), None), None)
    _replace(connection, replaced, rows)


class _Tail(NamedTuple):
    id: int
    n: int


def _find_tails(
    connection: Connection, run: int, writer: int, wanted: Mapping[str, Column] | None
) -> dict[str, list[_Tail]]:
    tails: dict[str, list[_Tail]] = {}
    for chunk_id, key, n in connection.execute(_TAILS, {"run_": run, "writer_": writer}):
        if wanted is None or key in wanted:
            tails.setdefault(key, []).append(_Tail(chunk_id, n))
    for tail in tails.values():
        tail.sort()
    return tails


def _load(connection: Connection, ids: Sequence[int]) -> list[Points]:
    if not ids:
        return []
    found = {row.id: row for row in connection.execute(_BODIES, {"ids": ids})}
    return [_decode(found[chunk_id]) for chunk_id in ids]


def _decode(row: Any) -> Points:
    return decode_block(row.lo, row.n, row.stride, row.t0, row.body)


def _join(found: Iterable[Points], column: Column | None, like: Points | None = None) -> Points:
    """Points of several blocks and a column in order of step.

    `like` are another metric's points: if steps and times are the same they are shared, which saves
    sorting and packing them again.
    """
    parts: list[Points | Column] = [*found]
    if column is not None:
        parts.append(column)
    steps, times, values = array("q"), array("q"), array("d")
    for part in parts:
        steps.extend(part.steps)
        times.extend(part.times)
        values.extend(part.values)
    if like is not None and _same(steps, like.steps) and _same(times, like.times):
        return Points(like.steps, like.times, values)
    return Points.in_order(steps, times, values)


def _same(one: Sequence[int], other: Sequence[int]) -> bool:
    # Bytes are compared at once, arrays of numbers one by one.
    return len(one) == len(other) and memoryview(one).cast("B") == memoryview(other).cast("B")  # type: ignore[arg-type]


def _as_rows(
    run: int, writer: int, name: str, points: Points, cache: PlaceCache | None
) -> list[dict[str, Any]]:
    return [
        {"run": run, "writer": writer, "key": name, **block._asdict()}
        for block in encode_blocks(points, cache)
    ]


def _replace(connection: Connection, old: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> None:
    if old:
        connection.execute(_DELETE, {"ids": old})
    if rows:
        connection.execute(_INSERT, rows)


def _find_run(connection: Connection, run_id: str, name: str) -> int | None:
    """The number of a run that has this metric."""
    statement = select(runs.c.id).join(metrics, metrics.c.run == runs.c.id)
    return connection.execute(
        statement.where(runs.c.run_id == run_id, metrics.c.key == name)
    ).scalar_one_or_none()


def _in_range(run: int, name: str, from_step: int | None, to_step: int | None) -> list[Any]:
    conditions = [_c.run == run, _c.key == name]
    if from_step is not None:
        conditions.append(_c.hi >= from_step)
    if to_step is not None:
        conditions.append(_c.lo <= to_step)
    return conditions


def _read_points(
    connection: Connection, run: int, name: str, from_step: int | None, to_step: int | None
) -> Points:
    statement = select(_c.id, *_BODY).where(*_in_range(run, name, from_step, to_step))
    # In order of arrival: so stay points of one step. Sorted here, to keep bodies out of the database's sort.
    rows = sorted(connection.execute(statement), key=itemgetter(0))
    points = _join(map(_decode, rows), None)
    start = 0 if from_step is None else bisect_left(points.steps, from_step)
    stop = len(points.steps) if to_step is None else bisect_right(points.steps, to_step)
    return points.slice(start, stop)


def _read_headers(
    connection: Connection, run: int, name: str, from_step: int | None, to_step: int | None
) -> tuple[list[Any], Points]:
    """The headers of blocks that lie wholly in a range of steps, and the points in range of the others."""
    columns = [_c[name] for name in CHART_COLUMNS]
    # In the order of the index: always the same, and nothing to sort.
    statement = select(*columns).where(*_in_range(run, name, from_step, to_step)).order_by(*columns)
    low, high = -MAX_STEP if from_step is None else from_step, MAX_STEP if to_step is None else to_step
    inside: list[Any] = []
    cut: list[int] = []
    for row in connection.execute(statement).all():  # at once: fetched one by one they take twice as long
        if row.lo >= low and row.hi <= high:
            inside.append(row)
        else:
            cut.append(row.id)
    edge = _join(_load(connection, cut), None)
    return inside, edge.slice(bisect_left(edge.steps, low), bisect_right(edge.steps, high))


def _summarise(
    connection: Connection, inside: Sequence[Any], edge: Points, buckets: int
) -> list[Stretch] | None:
    """What is known without opening blocks: headers if there are enough, else rollups, else `None`.

    Rollups are enough if they give at least half of the stretches asked for.
    """
    ids = [row.id for row in inside]
    if len(inside) >= buckets:
        found: list[Stretch] = [
            (r.lo, r.vmin, r.vmin_step, r.vmin_time, r.vmax, r.vmax_step, r.vmax_time)
            for r in inside
            if r.vmin is not None
        ]
    elif sum(row.n for row in inside) * 2 >= buckets * ROLLUP_POINTS:
        rollups = connection.execute(_ROLLUPS, {"ids": ids}).scalars().all()
        found = list(chain.from_iterable(map(read_rollup, rollups)))
        if any(row.n_nonfinite for row in inside):
            found = [stretch for stretch in found if stretch[1] == stretch[1]]
    else:
        return None
    found += [
        (step, value, step, time, value, step, time)
        for step, time, value in zip(edge.steps, edge.times, edge.values, strict=True)
        if value - value == 0
    ]
    found.sort(key=itemgetter(0))
    return found


def _count_nonfinite(values: Sequence[float]) -> int:
    return sum(value - value != 0 for value in values)


def _as_series(name: str, points: Points) -> Series:
    return Series(
        name=name,
        count=len(points.steps),
        n_nonfinite=_count_nonfinite(points.values),
        reduced=False,
        steps=points.steps,
        values=points.values,
        times=[ms / 1000 for ms in points.times],
    )


def _reduced(name: str, count: int, n_nonfinite: int, kept: Sequence[Extreme]) -> Series:
    return Series(
        name=name,
        count=count,
        n_nonfinite=n_nonfinite,
        reduced=True,
        steps=[step for step, _, _ in kept],
        values=[value for _, _, value in kept],
        times=[ms / 1000 for _, ms, _ in kept],
    )
