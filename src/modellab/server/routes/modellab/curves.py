"""Routes of `/api/modellab/curves`: metrics of several runs over steps, in one answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import find_seen, open_store_of
from modellab.server.bodies.curves import CurvesBody, CurvesQuery
from modellab.server.bodies.values import reply_encoded
from modellab.server.curves import read_curves_of_runs
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
    missing = [run_id for run_id in dict.fromkeys(query.run_id) if run_id not in set(seen)]
    return reply_encoded({"items": items, "missing": missing})
