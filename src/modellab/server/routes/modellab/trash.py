"""Routes of `/api/modellab/trash`."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import open_store_of, require, who_asks
from modellab.server.audit import note
from modellab.server.bodies.trash import (
    PurgeBody,
    PurgeReportBody,
    RestoreBody,
    TrashItemBody,
    TrashPageBody,
    TrashQuery,
)
from modellab.server.bodies.values import reply
from modellab.server.problems import document_problems
from modellab.store.trash import report_absent

router = APIRouter(prefix="/trash", tags=["trash"])

_DAY_S = 86_400


@router.get(
    "",
    summary="List what is in the trash",
    response_model=TrashPageBody,
    responses=document_problems(422, 503),
)
def list_trash(request: Request, query: Annotated[TrashQuery, Query()]) -> Response:
    """What was deleted, the latest first. What went with its project or its parent run is counted there."""
    page = open_store_of(request).trash.list(
        query.kind, visible=who_asks(request).visible, limit=query.limit, cursor=query.cursor
    )
    return reply({"items": page.items, "next_cursor": page.cursor})


@router.post(
    "/restore",
    summary="Bring something back from the trash",
    response_model=TrashItemBody,
    responses=document_problems(400, 403, 404, 413, 422, 503),
)
def restore(request: Request, body: RestoreBody) -> Response:
    """Brings it back with all that was deleted with it; answers with what it was in the trash."""
    trash = open_store_of(request).trash
    project_id = trash.find_project(body.kind, body.id)
    if who_asks(request).scope_in(project_id) is None:
        raise report_absent(body.kind, body.id)
    require(request, "log", project_id)
    item = trash.restore(body.kind, body.id)
    note(request, "restore", body.kind, body.id, {"n_runs": item.n_runs, "n_datasets": item.n_datasets})
    return reply(item)


@router.post(
    "/purge",
    summary="Remove for good what is in the trash",
    response_model=PurgeReportBody,
    responses=document_problems(400, 403, 404, 409, 413, 422, 503),
)
def purge(request: Request, body: PurgeBody) -> Response:
    """Removes one thing, or everything, and frees the bytes that nothing else has. It cannot be undone.

    Needs `admin`. Runs that a process is still recording stay in the trash; one that is named is refused
    (409).
    """
    require(request, "admin")
    older_than_s = None if body.older_than_days is None else body.older_than_days * _DAY_S
    report = open_store_of(request).trash.purge(body.kind, body.id, older_than_s=older_than_s)
    note(request, "purge", body.kind or "trash", body.id or "", dataclasses.asdict(report))
    return reply(report)
