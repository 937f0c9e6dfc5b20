"""Routes of `/api/modellab/groups` and `/api/modellab/importance`: what many runs say together."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import open_store_of
from modellab.server.bodies.run_groups import GroupsQuery, ImportanceBody, ImportanceQuery, RunGroupsBody
from modellab.server.bodies.values import reply
from modellab.server.evaluating import find_turns, tell_missing
from modellab.server.problems import document_problems
from modellab.server.routes.modellab.run_table import filter_of

router = APIRouter(tags=["runs"])


@router.get(
    "/groups",
    summary="Group runs, with the mean of metrics and its interval",
    response_model=RunGroupsBody,
    responses=document_problems(422, 501, 503),
)
async def list_groups(request: Request, query: Annotated[GroupsQuery, Query()]) -> Response:
    """Runs in groups by any fields, or alike in all but the seed; largest mean of the first metric first.

    A mean has its 95 % t interval. By `seed`, runs are alike in params, config, code, data, function and
    project, as seed groups of a comparison are, but a group may have any number of runs. Of more than 20,000
    runs that match the newest are grouped. A server without the packages for it answers 501.
    """
    if lacking := tell_missing():
        return lacking
    return await run_sync(_group, request, query, limiter=find_turns(request.app).compute)


@router.get(
    "/importance",
    summary="Say which params go with a metric",
    response_model=ImportanceBody,
    responses=document_problems(422, 501, 503),
)
async def rank_params_by_importance(request: Request, query: Annotated[ImportanceQuery, Query()]) -> Response:
    """How strongly each param goes with a metric over the runs that match; this shows no cause.

    Numeric params by Spearman's rank correlation, others by eta² on the ranks of the metric. P-values are of
    permutations, adjusted for all params (Holm). Nothing is said below 10 runs, nor of a param that does not
    vary. Of more than 2,000 runs the newest count. A server without the packages for it answers 501.
    """
    if lacking := tell_missing():
        return lacking
    return await run_sync(_rank, request, query, limiter=find_turns(request.app).compute)


def _group(request: Request, query: GroupsQuery) -> Response:
    from modellab.comparison.run_groups import group_runs  # late: brings NumPy

    groups = group_runs(
        open_store_of(request),
        filter_of(request, query),
        by=query.by,
        metrics=list(dict.fromkeys(query.metric)),
        summary=query.summary,
        ascending=query.ascending,
        limit=query.limit,
    )
    return reply(groups)


def _rank(request: Request, query: ImportanceQuery) -> Response:
    from modellab.comparison.importance import rank_params

    found = rank_params(
        open_store_of(request), filter_of(request, query), metric=query.metric, summary=query.summary
    )
    return reply(found)
