"""The route of `/api/modellab/search`."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, FastAPI, Query, Request, Response

from modellab.retrieval.embedding import find_embedder
from modellab.retrieval.find import find
from modellab.retrieval.meanings import Meanings
from modellab.server.access import open_store_of
from modellab.server.bodies.search import SearchBody, SearchQuery
from modellab.server.bodies.values import reply
from modellab.server.problems import document_problems
from modellab.server.routes.modellab.run_table import filter_of

router = APIRouter(tags=["runs"])


@router.get(
    "/search",
    summary="Find runs, datasets and projects by words",
    response_model=SearchBody,
    responses=document_problems(422, 503),
)
def search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
    """What the caller may see whose names, tags, params, notes, datasets, descriptions or errors match.

    All of the words must be there; no character is an operator but the quotes around a phrase. With `query`
    or `status` only runs are found. Where the server has a model for embeddings, runs near in meaning come
    too, and both rankings are put together by reciprocal ranks; trouble with it is told in `notes`.
    """
    found = find(
        open_store_of(request),
        query.q,
        filter_of(request, query),
        kind=query.kind,
        limit=query.limit,
        meanings=_find_meanings(request.app),
    )
    return reply(found)


def _find_meanings(app: FastAPI) -> Meanings | None:
    """The vectors of the app's store, kept from one search to the next."""
    state = app.state
    if not hasattr(state, "meanings"):
        embedder = find_embedder(state.settings)
        state.meanings = None if embedder is None else Meanings(state.store, embedder)
    return cast("Meanings | None", state.meanings)
