"""Routes of `/api/modellab/runs/{run_id}/repro`: what repeats a run."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from modellab.repro.pack import Pack, build_pack, stream_pack
from modellab.server.access import open_store_of, require_run
from modellab.server.bodies.repro import PackManifestBody, ReproQuery
from modellab.server.bodies.values import reply
from modellab.server.problems import document_problems
from modellab.server.routes.lab import RunId

router = APIRouter(prefix="/runs/{run_id}/repro", tags=["repro"])

_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The pack, a ZIP archive.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "",
    summary="Read what repeats a run",
    response_model=PackManifestBody,
    responses=document_problems(403, 404, 422, 503),
)
def read_repro(request: Request, run_id: RunId, query: Annotated[ReproQuery, Query()]) -> Response:
    """The manifest of the run's reproducibility pack: all facts, without code and data."""
    return reply(_build(request, run_id, query).manifest)


@router.get(
    "/download",
    summary="Download what repeats a run",
    response_class=Response,
    responses={**_ARCHIVE, **document_problems(403, 404, 422, 503)},
)
def download_repro(request: Request, run_id: RunId, query: Annotated[ReproQuery, Query()]) -> Response:
    """The run's reproducibility pack: code, commit and change, pins, checksums, data, command, results.

    The same run gives the same bytes. `modellab repro run` repeats it; `reproduce.md` in it is for people.
    """
    pack = _build(request, run_id, query)
    headers = {
        "Content-Disposition": f'attachment; filename="{pack.filename}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    chunks = stream_pack(open_store_of(request), pack)
    return StreamingResponse(filter(None, chunks), media_type="application/zip", headers=headers)


def _build(request: Request, run_id: str, query: ReproQuery) -> Pack:
    visible = require_run(request, run_id, "read").visible
    store = open_store_of(request)
    return build_pack(store, run_id, data=query.data, tolerance=query.tolerance, visible=visible)
