"""The route of `/api/modellab/overview`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import open_store_of, require, who_asks
from modellab.server.bodies.overview import OverviewBody, OverviewQuery
from modellab.server.bodies.values import reply
from modellab.server.directions import choose_direction
from modellab.server.problems import document_problems

router = APIRouter(prefix="/overview", tags=["runs"])


@router.get(
    "",
    summary="Read an overview",
    response_model=OverviewBody,
    responses=document_problems(404, 422, 503),
)
def read_overview(request: Request, query: Annotated[OverviewQuery, Query()]) -> Response:
    """What a dashboard shows: what runs now, what failed, what is best so far, and how much there is.

    Of one project, or of all that the caller may see. Which metrics have a direction is known from
    evaluations: a server without the packages for them tells no best values.
    """
    if query.project_id is not None:
        require(request, "read", query.project_id)
    overview = open_store_of(request).overview.read(
        choose_direction(),
        project_id=query.project_id,
        visible=who_asks(request).visible,
        days=query.days,
    )
    return reply(overview)
