"""Routes of `/api/modellab/files`: the bytes of artifacts and datasets that runs on other machines keep.

Which run or dataset they belong to is said by journals. Bytes that nothing speaks of are of no use to
anyone: there is no way to read them here.
"""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import open_store_of
from modellab.server.bodies.journals import KeptBody, StoredBody
from modellab.server.bodies.values import reply
from modellab.server.problems import document_problems
from modellab.server.routes.modellab.journals import find_loggable
from modellab.server.uploads import receive_upload

router = APIRouter(prefix="/files", tags=["journals"])

Sha256 = Annotated[
    str,
    Query(
        description="The SHA-256 of the bytes, in hex.",
        pattern="^[0-9a-f]{64}$",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
_BYTES = {
    "requestBody": {
        "description": "The bytes, as they are.",
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "",
    summary="Ask whether bytes are kept",
    response_model=StoredBody,
    responses=document_problems(403, 422, 503),
)
def read_file_state(request: Request, sha256: Sha256) -> Response:
    """Whether bytes need not be sent, because they are kept already. Whoever may log may ask.

    A member is told of bytes only that its projects name already; it has to send all others.
    """
    visible = find_loggable(request)
    return reply({"is_stored": open_store_of(request).is_stored_for(sha256, visible)})


@router.put(
    "",
    summary="Send bytes to keep",
    response_model=KeptBody,
    responses=document_problems(400, 403, 413, 422, 503),
    openapi_extra=_BYTES,
)
async def receive_file(request: Request, sha256: Sha256) -> Response:  # noqa: ARG001 - `receive_upload` checks it
    """Keeps bytes if they have the checksum that was said; else nothing is kept. It may be repeated.

    To be sent after the lines that name them: what a member names is there for its projects once it has
    sent the bytes itself.
    """
    visible = await run_sync(find_loggable, request)
    store = open_store_of(request)
    limit = request.app.state.settings.max_upload_bytes
    async with receive_upload(request, store.files.start, limit=limit) as received:
        arrived = received.arrived
        await run_sync(store.files.keep, arrived.source, arrived.sha256, arrived.size)
    if visible is not None:
        await run_sync(store.give_bytes, arrived.sha256, visible)
    return reply({"sha256": arrived.sha256, "size": arrived.size})
