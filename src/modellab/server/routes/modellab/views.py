"""Routes of `/api/modellab/views`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from modellab.errors import NotFound
from modellab.records.accounts import Scope
from modellab.records.views import View
from modellab.server.access import open_store_of, require, who_asks
from modellab.server.audit import note
from modellab.server.bodies.values import reply
from modellab.server.bodies.views import (
    NewViewBody,
    ViewBody,
    ViewChangeBody,
    ViewId,
    ViewPageBody,
    ViewQuery,
)
from modellab.server.problems import document_problems

router = APIRouter(prefix="/views", tags=["views"])


@router.get(
    "",
    summary="List saved views",
    response_model=ViewPageBody,
    responses=document_problems(422, 503),
)
def list_views(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
    """Views that the caller may see, everybody's: those of the projects that it may see."""
    visible = who_asks(request).visible
    page = open_store_of(request).views.list(**query.model_dump(), visible=visible)
    return reply({"items": page.items, "next_cursor": page.cursor})


@router.post(
    "",
    status_code=201,
    summary="Save a view",
    response_model=ViewBody,
    responses=document_problems(400, 403, 404, 409, 413, 422, 503),
)
def create_view(request: Request, body: NewViewBody) -> Response:
    """Keeps how a page is set up, under a name that its owner has only once for that page and project."""
    identity = require(request, "log", body.project_id)
    owner = identity.name if request.app.state.login else None
    view = open_store_of(request).views.create(**body.model_dump(), owner=owner)
    note(request, "create", "view", view.view_id, _describe(view))
    return reply(view, status=201, headers={"Location": f"/api/modellab/views/{view.view_id}"})


@router.get(
    "/{view_id}",
    summary="Read a view",
    response_model=ViewBody,
    responses=document_problems(404, 422, 503),
)
def read_view(request: Request, view_id: ViewId) -> Response:
    """A view, with its state."""
    return reply(_require_view(request, view_id, "read"))


@router.put(
    "/{view_id}",
    summary="Change a view",
    response_model=ViewBody,
    responses=document_problems(400, 403, 404, 409, 413, 422, 503),
)
def update_view(request: Request, view_id: ViewId, body: ViewChangeBody) -> Response:
    """Changes what is given and leaves the rest; answers with the view as it is then."""
    _require_view(request, view_id, "log")
    view = open_store_of(request).views.update(view_id, body.model_dump(exclude_unset=True))
    note(request, "update", "view", view_id, _describe(view))
    return reply(view)


@router.delete(
    "/{view_id}",
    summary="Remove a view",
    response_model=ViewBody,
    responses=document_problems(403, 404, 422, 503),
)
def remove_view(request: Request, view_id: ViewId) -> Response:
    """Removes it for good; answers with what it was, from which it can be saved again."""
    _require_view(request, view_id, "log")
    view = open_store_of(request).views.remove(view_id)
    note(request, "remove", "view", view_id, _describe(view))
    return reply(view)


def _require_view(request: Request, view_id: str, scope: Scope) -> View:
    """The view, if the caller may do `scope` with it; else raises as for one that is not there."""
    view = open_store_of(request).views.get(view_id)
    if who_asks(request).scope_in(view.project_id) is None:
        raise NotFound(f"There is no view {view_id[:60]}.")
    require(request, scope, view.project_id)
    return view


def _describe(view: View) -> dict[str, str | None]:
    return {"name": view.name, "page": view.page, "project_id": view.project_id}
