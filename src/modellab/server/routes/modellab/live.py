"""Routes that tell what happens to runs: `/api/modellab/live` as it happens, `/changes` when asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Query, Request, Response

from modellab.server.access import Identity, open_store_of, require, require_run, who_asks
from modellab.server.bodies.live import ChangesBody, ChangesQuery, LiveQuery, encode_change
from modellab.server.bodies.values import reply
from modellab.server.broadcast import Audience, Broadcast, write_greeting
from modellab.server.event_stream import EventStream
from modellab.server.login import find_caller
from modellab.server.problems import document_problems
from modellab.store import Store
from modellab.store.feed import PLACE_PATTERN, Place

router = APIRouter(tags=["live"])

_NO_STORE = {"Cache-Control": "no-store"}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events, for as long as the connection lasts.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

LastEventId = Annotated[
    str | None,
    Header(
        pattern=PLACE_PATTERN,
        description="The same as `cursor`, and more recent: a browser that connects again sends it.",
        examples=["41"],
    ),
]


@router.get(
    "/live",
    summary="Follow runs as they go",
    status_code=200,  # of the class FastAPI cannot tell
    response_class=EventStream,
    responses={**_STREAM, **document_problems(404, 422, 503)},
)
def follow_runs(
    request: Request, query: Annotated[LiveQuery, Query()], last_event_id: LastEventId = None
) -> EventStream:
    """Server-sent events: `run.started`, `run.points`, `run.ended` and `run.changed`.

    The first event is `hello`; its id and those of others are the `cursor` to go on from. Who was away
    is told of each run once, as it is then. `reset` says that the cursor is not of this database:
    read anew what is shown. The data of `run.points` has the newest point of each metric, that of the
    others the run. A comment comes every 15 seconds at the latest.
    """
    store, audience = open_store_of(request), _find_audience(request, query)
    start, is_reset = _find_start(store, query.cursor if last_event_id is None else last_event_id)
    greeting = write_greeting("reset" if is_reset else "hello", start)
    broadcast = cast(Broadcast, request.app.state.broadcast)

    async def write_events() -> AsyncGenerator[bytes, None]:
        yield greeting
        # Whose rights change connects again, and is let in with its new ones or not at all.
        same = partial(_is_still, request, who_asks(request))
        async with aclosing(broadcast.follow(start, audience, same)) as events:
            async for text in events:
                yield text

    return EventStream(write_events())


@router.get(
    "/changes",
    summary="List runs that changed",
    response_model=ChangesBody,
    responses=document_problems(404, 422, 503),
)
def list_changes(request: Request, query: Annotated[ChangesQuery, Query()]) -> Response:
    """The runs that changed since the last question, each once and as it is now.

    For programs that ask from time to time. Without a cursor there are no runs in the answer, only the
    cursor to begin with.
    """
    store, audience = open_store_of(request), _find_audience(request, query)
    start, is_reset = _find_start(store, query.cursor)
    news = store.feed.read(
        start,
        query.limit,
        visible=audience.visible,
        project_id=audience.project_id,
        run_id=audience.run_id,
    )
    answer = {
        "items": [encode_change(change, news.known) for change in news.changes],
        "next_cursor": str(news.place),
        "is_all": news.is_all,
        "is_reset": is_reset,
    }
    return reply(answer, headers=_NO_STORE)


def _find_start(store: Store, cursor: str | None) -> tuple[Place, bool]:
    """Where to begin, and whether the cursor is of another database, and so worth nothing."""
    newest = store.feed.newest()
    place = Place(newest, newest) if cursor is None else Place.parse(cursor)
    return (place, False) if place.reached <= newest else (Place(newest, newest), True)


def _is_still(request: Request, identity: Identity) -> bool:
    return find_caller(request) == identity


def _find_audience(request: Request, query: LiveQuery) -> Audience:
    if query.project_id is not None:
        require(request, "read", query.project_id)
    if query.run_id is not None:
        require_run(request, query.run_id, "read")
    return Audience(visible=who_asks(request).visible, project_id=query.project_id, run_id=query.run_id)
