"""Whether the server can answer: for load balancers and the like. `GET /health` is in `lab.py`."""

from __future__ import annotations

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from modellab.errors import ModelLabError, StoreError
from modellab.server.access import open_store_of
from modellab.server.bodies.accounts import LiveBody, ReadyBody
from modellab.server.bodies.values import reply
from modellab.server.problems import document_problems
from modellab.store import Store
from modellab.store.migrations import NEWEST

READY_TIMEOUT_S = 1.0
"""How long the database may take to answer."""

router = APIRouter(prefix="/health", tags=["server"])
_one = CapacityLimiter(1)  # a thread of its own: all others may wait for the database


@router.get("/live", summary="Whether the process is alive", response_model=LiveBody)
async def read_live() -> Response:
    """Says `ok`, asking nothing. A process that does not answer this should be started again."""
    return reply({"status": "ok"})


@router.get(
    "/ready",
    summary="Whether requests can be served",
    response_model=ReadyBody,
    responses=document_problems(503),
)
async def read_ready(request: Request) -> Response:
    """Asks the database, and says `ok` if it answers within one second."""
    store = open_store_of(request)
    number: int | None = None
    with move_on_after(READY_TIMEOUT_S):
        number = await run_sync(_read_schema, store, abandon_on_cancel=True, limiter=_one)
    if number is None:
        raise StoreError(f"The database has not answered within {READY_TIMEOUT_S:.0f} s.")
    return reply({"status": "ok", "schema": number})


def _read_schema(store: Store) -> int:
    try:
        number = store.schema_number
    except ModelLabError:
        raise StoreError("The database cannot be used.") from None  # where it lies is nobody's business here
    if number < NEWEST:
        raise StoreError(f"The database has schema {number}; this server needs {NEWEST}.")
    return number
