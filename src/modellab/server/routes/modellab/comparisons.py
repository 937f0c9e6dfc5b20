"""Routes of `/api/modellab/compare` and `/api/modellab/leaderboard`: whether runs really differ."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import open_store_of, require_run, who_asks
from modellab.server.bodies.comparisons import CompareRunsBody, JudgedQuery, LeaderboardBody, VerdictsBody
from modellab.server.bodies.values import reply
from modellab.server.evaluating import find_turns, tell_missing
from modellab.server.problems import document_problems

router = APIRouter(tags=["evaluations"])


@router.post(
    "/compare",
    summary="Say whether runs really differ",
    response_model=VerdictsBody,
    responses=document_problems(400, 404, 413, 422, 501, 503),
)
async def judge_runs(request: Request, body: CompareRunsBody) -> Response:
    """Verdicts on 2 to 50 runs, with tests, intervals and corrections, and all in which the runs differ.

    Runs are paired row by row by their evaluations on `split`. What was never evaluated, and seeds that are
    too few, get the verdict `cannot tell`, with what is missing. Runs of three seeds or more are found to be
    groups, and two groups are compared as such. Two comparisons or evaluations are computed at a time, others
    wait. A server without the packages for it answers 501.
    """
    if lacking := tell_missing():
        return lacking
    return await run_sync(_compare, request, body, limiter=find_turns(request.app).compute)


@router.get(
    "/leaderboard",
    summary="Rank runs by a metric of their evaluations",
    response_model=LeaderboardBody,
    responses=document_problems(404, 422, 501, 503),
)
async def rank_evaluated_runs(request: Request, query: Annotated[JudgedQuery, Query()]) -> Response:
    """The best runs with intervals, and which of them cannot be told apart from the first.

    `GET /runs/leaderboard` ranks by any final metric, and judges nothing.
    """
    if lacking := tell_missing():
        return lacking
    return await run_sync(_rank, request, query, limiter=find_turns(request.app).compute)


def _compare(request: Request, body: CompareRunsBody) -> Response:
    from modellab.comparison.compare import compare  # late: brings NumPy

    for run_id in dict.fromkeys(body.run_ids):
        require_run(request, run_id, "read")
    return reply(compare(open_store_of(request), **body.model_dump()))


def _rank(request: Request, query: JudgedQuery) -> Response:
    from modellab.comparison.leaderboard import rank_runs

    return reply(rank_runs(open_store_of(request), visible=who_asks(request).visible, **query.model_dump()))
