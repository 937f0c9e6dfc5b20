"""Reads what is to be evaluated, and lets only so many evaluations go on at a time."""

from __future__ import annotations

from typing import TypeVar

import orjson
from anyio import CapacityLimiter
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from modellab.server.problems import make_problem
from modellab.tracking.evaluations import INSTALL_HINT, list_missing_packages

MAX_AT_ONCE = 2
"""Evaluations that are computed at one time; others wait."""
MAX_READ_AT_ONCE = 4
"""Bodies that are held in memory, computed or waiting for that."""

Body = TypeVar("Body", bound=BaseModel)


class Turns:
    """Whose turn it is in one app; its requests all belong to one event loop."""

    def __init__(self) -> None:
        self.read = CapacityLimiter(MAX_READ_AT_ONCE)
        self.compute = CapacityLimiter(MAX_AT_ONCE)


def find_turns(app: FastAPI) -> Turns:
    """The turns of an app, which begin with its first request."""
    turns: Turns | None = getattr(app.state, "turns", None)
    if turns is None:
        turns = app.state.turns = Turns()
    return turns


def tell_missing() -> Response | None:
    """The answer of a server without the packages that evaluations need; `None` where they are there."""
    missing = list_missing_packages()
    if not missing:
        return None
    return make_problem(501, f"The server lacks {', '.join(missing)}.", hint=INSTALL_HINT)


async def receive_body(request: Request) -> bytes:
    """The whole body, as bytes."""
    try:
        return await request.body()
    except ClientDisconnect:  # nobody waits for the answer
        raise HTTPException(400, "The body ended before its length.") from None


def parse_body(data: bytes, kind: type[Body]) -> Body:
    """A body from its bytes; raises what FastAPI would for one that is not as it should be.

    A parser in C, called by a worker thread: millions of numbers would hold up all other requests.
    """
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not JSON: {error}.") from None
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in errors]) from None
