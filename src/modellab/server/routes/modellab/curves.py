"""Routes of `/api/modellab/curves`: metrics of several runs over steps, in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import find_seen, open_store_of
from modellab.server.bodies.curves import (
    CurvesBody,
    CurvesQuery,
    MeanCurveBody,
    MeanCurveQuery,
    encode_mean_curve,
)
from modellab.server.bodies.values import reply_encoded
from modellab.server.curves import read_curves_of_runs
from modellab.server.evaluating import find_turns, tell_missing
from modellab.server.problems import document_problems

router = APIRouter(prefix="/curves", tags=["runs"])


@router.get(
    "",
    summary="Read curves of several runs",
    response_model=CurvesBody,
    responses=document_problems(422, 503),
)
def read_curves_together(request: Request, query: Annotated[CurvesQuery, Query()]) -> Response:
    """Metrics over steps, each with at most `max_points` points; extremes are kept.

    A run without one of the metrics has fewer series, and a run that is not there is named in `missing`. At
    most 50 runs, 1000 curves and 1,000,000 points are in one answer.
    """
    seen = find_seen(request, query.run_id)
    items = read_curves_of_runs(open_store_of(request), seen, query)
    return reply_encoded({"items": items, "missing": _list_missing(query.run_id, seen)})


@router.get(
    "/group",
    summary="Read the mean curve of several runs, with its interval",
    response_model=MeanCurveBody,
    responses=document_problems(422, 501, 503),
)
async def read_mean_curve(request: Request, query: Annotated[MeanCurveQuery, Query()]) -> Response:
    """The mean of a metric at each step, its 95 % t interval, the extremes, and of how many runs.

    Runs are aligned by step: at a step those count that have a finite value at just that step, the last one
    logged there; nothing is interpolated. With more than 200,000 points in all, steps are taken together in
    equal stretches (`stretch`), in which a run counts with the mean of its points. A server without the
    packages for it answers 501.
    """
    if lacking := tell_missing():
        return lacking
    return await run_sync(_draw_mean, request, query, limiter=find_turns(request.app).compute)


def _draw_mean(request: Request, query: MeanCurveQuery) -> Response:
    from modellab.comparison.mean_curves import draw_mean  # late: brings NumPy

    seen = find_seen(request, query.run_id)
    curve = draw_mean(
        open_store_of(request),
        seen,
        query.metric,
        max_points=query.max_points,
        from_step=query.from_step,
        to_step=query.to_step,
    )
    return reply_encoded(encode_mean_curve(curve, _list_missing(query.run_id, seen)))


def _list_missing(asked: Sequence[str], seen: Sequence[str]) -> list[str]:
    there = set(seen)
    return [run_id for run_id in dict.fromkeys(asked) if run_id not in there]
