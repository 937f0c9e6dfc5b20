"""Routes that look at runs to say which are alike, and what to try next."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from modellab.comparison.similar import find_similar
from modellab.records import RunFilter
from modellab.server.access import open_store_of, require, require_run, who_asks
from modellab.server.bodies.similar import SimilarQuery, SimilarRunsBody
from modellab.server.bodies.suggestions import SuggestionsBody, SuggestQuery
from modellab.server.bodies.values import reply
from modellab.server.evaluating import find_turns, tell_missing
from modellab.server.problems import document_problems
from modellab.server.routes.lab import RunId

router = APIRouter(tags=["runs"])


@router.get(
    "/runs/{run_id}/similar",
    summary="Find runs like this one, and say why",
    response_model=SimilarRunsBody,
    responses=document_problems(404, 422, 503),
)
def list_similar_runs(request: Request, run_id: RunId, query: Annotated[SimilarQuery, Query()]) -> Response:
    """The nearest of the 500 runs that share most params, function and data, among those the caller may see.

    The distance is a weighted mean: of the params (0 the same, 1 different or missing, numbers by their share
    of the range, logarithmic where that spans a factor of 100), of the final metrics of both, of the data,
    and of function and commit. Seeds and folds do not count.
    """
    require_run(request, run_id, "read")
    found = find_similar(open_store_of(request), run_id, limit=query.limit, visible=who_asks(request).visible)
    return reply(found)


@router.get(
    "/suggest",
    summary="Suggest hyperparameters to try next",
    response_model=SuggestionsBody,
    responses=document_problems(404, 422, 501, 503),
)
async def suggest_hyperparameters(request: Request, query: Annotated[SuggestQuery, Query()]) -> Response:
    """Params learned from the newest 300 completed runs that match, by a Gaussian process (Matérn 5/2).

    Most are those of the largest expected improvement; every third is where least is known. With fewer than 8
    runs, or where nothing varies, nothing is suggested and `sentences` say why. The same runs and seed give
    the same answer. A server without the packages for it answers 501.
    """
    if lacking := tell_missing():
        return lacking
    return await run_sync(_suggest, request, query, limiter=find_turns(request.app).compute)


def _suggest(request: Request, query: SuggestQuery) -> Response:
    from modellab.comparison.suggestion import suggest_params  # late: brings NumPy

    if query.project_id is not None:
        require(request, "read", query.project_id)
    wanted = RunFilter(project_id=query.project_id, query=query.query, visible=who_asks(request).visible)
    found = suggest_params(
        open_store_of(request),
        wanted,
        metric=query.metric,
        summary=query.summary,
        n=query.n,
        seed=query.seed,
        higher_is_better=query.higher_is_better,
    )
    return reply(found)
