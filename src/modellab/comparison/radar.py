"""Data for a radar chart: a few metrics on axes with declared ranges, best outside, with intervals.

The range of an axis never comes from the runs that are shown: two runs that are nearly equal would look
opposite. Areas mean nothing, so none is worked out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modellab.evaluation.metrics import METRICS, Metric
from modellab.records.comparisons import MetricRow, Radar, RadarAxis, RadarPoint
from modellab.records.estimates import Interval

FEWEST, MOST = 3, 8
_INVERTED = " (lower is better, inverted)"


def draw_radar(rows: Sequence[MetricRow]) -> Radar:
    """The axes of the first eight metrics whose range is declared and that every run has."""
    n_runs = max((len(row.values) for row in rows), default=0)
    axes = [axis for row in rows if len(row.values) == n_runs and (axis := _draw(row)) is not None]
    if len(axes) < FEWEST:
        note = (
            f"a radar takes {FEWEST} metrics with a declared range that every run has; there are {len(axes)}"
        )
        return Radar(axes=(), note=note)
    return Radar(axes=axes[:MOST], note=None)


def _draw(row: MetricRow) -> RadarAxis | None:
    metric = METRICS.get(row.metric)
    limits = None if metric is None else _read_range(metric)
    values = {run_id: value for run_id, value in row.values.items() if value.estimate is not None}
    if limits is None or row.higher_is_better is None or len(values) < len(row.values):
        return None
    is_inverted = not row.higher_is_better
    return RadarAxis(
        metric=row.metric,
        label=row.metric + (_INVERTED if is_inverted else ""),
        low=limits[0],
        high=limits[1],
        is_inverted=is_inverted,
        points=_place(values, limits, is_inverted),
    )


def _read_range(metric: Metric) -> tuple[float, float] | None:
    low, high = metric.range
    return None if low is None or high is None or low >= high else (low, high)


def _place(
    values: Mapping[str, Interval], limits: tuple[float, float], is_inverted: bool
) -> dict[str, RadarPoint]:
    low, high = limits

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return 1 - share if is_inverted else share

    points = {}
    for run_id, value in values.items():
        position = place(value.estimate)
        if value.estimate is None or position is None:
            continue
        ends = (value.high, value.low) if is_inverted else (value.low, value.high)
        points[run_id] = RadarPoint(
            value=value.estimate,
            low=value.low,
            high=value.high,
            position=position,
            position_low=place(ends[0]),
            position_high=place(ends[1]),
        )
    return points
