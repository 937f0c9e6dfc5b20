"""Routes of `/api/modellab/journals`: what runs on other machines log, as the bytes of their journals."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from modellab.errors import Forbidden, NotFound
from modellab.records.accounts import SCOPES
from modellab.server.access import open_store_of, require, who_asks
from modellab.server.audit import note
from modellab.server.bodies.journals import DeathBody, JournalBody, ReceivedBody
from modellab.server.bodies.values import reply
from modellab.server.problems import document_problems
from modellab.store.presence import now_ms

router = APIRouter(prefix="/journals", tags=["journals"])
logger = logging.getLogger(__name__)

RunId = Annotated[
    str,
    Path(
        description="The run's id: 32 hex characters if ModelLab made it.",
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
        examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"],
    ),
]
WriterId = Annotated[
    str,
    Path(
        description="The id of one writer (process) of the run.",
        pattern="^[0-9a-f]{16}$",
        examples=["0f1e2d3c4b5a6978"],
    ),
]
Offset = Annotated[
    int,
    Query(ge=0, lt=2**63, description="Where in the journal the body begins, in bytes.", examples=[0]),
]
_LINES = {
    "requestBody": {
        "description": "Complete lines of the journal, at most 64 MiB; empty as a sign of life.",
        "required": False,
        "content": {"application/x-ndjson": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def _read_body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect:  # nobody waits for the answer; what came is sent again
        raise HTTPException(400, "The body ended before its length.") from None


@router.get(
    "/{run_id}/{writer_id}",
    summary="Ask how much of a journal is there",
    response_model=JournalBody,
    responses=document_problems(403, 404, 422, 503),
)
def read_journal_offset(request: Request, run_id: RunId, writer_id: WriterId) -> Response:
    """The byte from which a writer's journal is to be sent; 0 if nothing of it is there.

    A run that the caller may not log to is answered like one that is not there.
    """
    is_ours = _may_log(request, run_id)
    return reply({"offset": open_store_of(request).read_offset(run_id, writer_id) if is_ours else 0})


@router.post(
    "/{run_id}/{writer_id}",
    summary="Send lines of a journal",
    response_model=ReceivedBody,
    responses=document_problems(400, 403, 404, 409, 413, 422, 503),
    openapi_extra=_LINES,
)
def receive_journal(
    request: Request,
    run_id: RunId,
    writer_id: WriterId,
    offset: Offset,
    lines: Annotated[bytes, Depends(_read_body)],
) -> Response:
    """Takes in complete lines that begin at byte `offset` of a journal; what is there already is passed over.

    The same bytes may be sent again at any time. Where bytes before `offset` are missing, the answer is
    a 409 with `expected`, the byte to send from. An empty body says that the writer lives; one that was
    not heard of for 90 seconds is taken to be dead until it is heard again.
    """
    visible = find_loggable(request)
    store = open_store_of(request)
    if not lines:
        reached = store.note_heartbeat(run_id, writer_id, offset, visible=visible)
        return reply({"offset": reached, "n_points": 0, "n_events": 0, "n_bad": 0, "is_ended": False})
    result = store.ingest(run_id, writer_id, offset, lines, visible=visible, seen_ms=now_ms())
    if result.bad:
        logger.warning(
            "Run %s: %d lines of journal %s could not be read; the first is %r.",
            run_id,
            len(result.bad),
            writer_id,
            result.bad[0][:200],
        )
    if offset == 0 and result.offset:
        note(request, "log", "run", run_id, {"writer_id": writer_id})
    if result.moved_to is not None:
        note(request, "set-project", "run", run_id, {"project_id": result.moved_to})
    return reply(
        {
            "offset": result.offset,
            "n_points": result.n_points,
            "n_events": result.n_events,
            "n_bad": len(result.bad),
            "is_ended": result.is_ended,
        }
    )


@router.post(
    "/{run_id}/{writer_id}/dead",
    summary="Say that a writer has died",
    response_model=DeathBody,
    responses=document_problems(403, 404, 422, 503),
)
def mark_writer_dead(request: Request, run_id: RunId, writer_id: WriterId) -> Response:
    """Marks a writer dead whose process is gone without having ended its journal; its run is failed then."""
    marked = _may_log(request, run_id) and open_store_of(request).mark_dead(run_id, writer_id)
    if marked:
        note(request, "mark dead", "run", run_id, {"writer_id": writer_id})
    return reply({"marked": marked})


def find_loggable(request: Request) -> Collection[str] | None:
    """The projects that the caller may log to; `None` for all. Raises `Forbidden` if there are none."""
    identity = who_asks(request)
    enough = SCOPES.index("log")
    granted = identity.scope_in(None)
    if granted is not None and SCOPES.index(granted) >= enough:
        return None
    scopes = {project_id: identity.scope_in(project_id) for project_id in identity.projects}
    found = {name for name, scope in scopes.items() if scope and SCOPES.index(scope) >= enough}
    if not found:
        require(request, "log")
        raise Forbidden(f"{identity.name} may not log to any project.")
    return found


def _may_log(request: Request, run_id: str) -> bool:
    """Whether a run is there that the caller may log to; raises `Forbidden` as `find_loggable` does."""
    visible = find_loggable(request)
    try:
        return visible is None or open_store_of(request).runs.find_project(run_id) in visible
    except NotFound:
        return False
