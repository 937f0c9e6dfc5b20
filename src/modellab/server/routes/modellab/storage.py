"""The route of `/api/modellab/storage`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modellab.server.access import open_store_of, who_asks
from modellab.server.bodies.storage import StorageBody
from modellab.server.bodies.values import encode, reply
from modellab.server.problems import document_problems

router = APIRouter(prefix="/storage", tags=["projects"])


@router.get(
    "",
    summary="Read how much room things take",
    response_model=StorageBody,
    responses=document_problems(503),
)
def read_storage(request: Request) -> Response:
    """By project, of those that the caller may see, and what emptying the trash would give back.

    Bytes of journals are not counted.
    """
    storage = open_store_of(request).storage.read(visible=who_asks(request).visible)
    return reply({**encode(storage), "trash_days": request.app.state.settings.trash_days})
