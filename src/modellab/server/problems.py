"""Errors as the API tells them: one JSON shape (RFC 9457), a request id, and no stack trace.

Which error means which HTTP status is decided here and nowhere else.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modellab.errors import (
    Conflict,
    FilesUnavailable,
    Forbidden,
    InvalidInput,
    InvalidQuery,
    ModelLabError,
    NotFound,
    StoreError,
    TooManyRequests,
    Unauthenticated,
)

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[ModelLabError], int], ...] = (
    (NotFound, 404),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (TooManyRequests, 429),
    (Conflict, 409),
    (InvalidInput, 422),
    (StoreError, 503),
    (ModelLabError, 500),
)
_KINDS = {
    400: ("unreadable-request", "The request cannot be read"),
    401: ("unauthenticated", "A login is needed"),
    403: ("forbidden", "Not allowed"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    408: ("too-slow", "The request came too slowly"),
    409: ("conflict", "Conflict with what is stored"),
    413: ("body-too-large", "The body is too large"),
    416: ("range-not-satisfiable", "The range cannot be met"),
    429: ("too-many-requests", "Too many requests"),
    422: ("invalid-input", "Invalid input"),
    500: ("internal-error", "Internal error"),
    501: ("not-installed", "The server lacks packages for this"),
    503: ("store-unavailable", "The database cannot be used"),
}
_FILES_KIND = ("files-unavailable", "Kept files cannot be reached")
_UNPARSED = "There was an error parsing the body"  # FastAPI says no more; the reason is the error's cause

_SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key: `Authorization: Bearer mlk_…`. Only a server with a login asks for one.",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "modellab_session",
        "description": "What `POST /api/modellab/login` sets. A change also needs `Origin`, as browsers send "
        "it, or `X-Requested-With: modellab`.",
    },
}

logger = logging.getLogger(__name__)


class InvalidValue(BaseModel):
    """One value of a request that is not allowed."""

    where: str = Field(description="Where it stands: query, path or body, and the name.")
    message: str = Field(description="What is wrong with it, and what it was.")


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field(description="The kind of problem; never changes, so programs may rely on it.")
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened this time, with the value and what is allowed.")
    hint: str | None = Field(None, description="What to do next.")
    errors: list[InvalidValue] | None = Field(None, description="Each value that is not allowed.")
    request_id: str | None = Field(None, description="The id under which the log has more (500 and 503).")
    expected: int | None = Field(
        None, description="The byte that a journal must be sent from (409 of a journal only)."
    )
    position: int | None = Field(
        None,
        description="The character of `query`, from 1, at which reading it stopped (422 of a query only).",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid-input",
                    "title": "Invalid input",
                    "status": 422,
                    "detail": "query.top_k: Input should be greater than or equal to 1 (got '0').",
                    "hint": "/openapi.json says what each address takes.",
                    "errors": [
                        {
                            "where": "query.top_k",
                            "message": "Input should be greater than or equal to 1 (got '0').",
                        }
                    ],
                }
            ]
        }
    )


def make_problem(
    status: int,
    detail: str,
    *,
    hint: str | None = None,
    headers: Mapping[str, str] | None = None,
    kind: tuple[str, str] | None = None,
    **more: Any,
) -> Response:
    """An answer that tells a problem, of the `kind` that its status has; `more` are further members of it."""
    slug, title = kind or _KINDS.get(status) or (f"http-{status}", HTTPStatus(status).phrase)
    problem = {"type": f"/problems/{slug}", "title": title, "status": status, "detail": detail}
    hints = {"hint": hint} if hint else {}
    return Response(orjson.dumps({**problem, **hints, **more}), status, headers, MEDIA_TYPE)


def handle_errors(app: FastAPI) -> None:
    """Have the app answer every kind of error with a problem."""
    app.add_exception_handler(ModelLabError, _answer_own)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)


async def _answer_own(request: Request, error: Exception) -> Response:
    assert isinstance(error, ModelLabError)
    return answer_error(error, request)


def answer_error(error: ModelLabError, connection: HTTPConnection) -> Response:
    """The answer that tells one of our own errors."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    is_of_files = isinstance(error, FilesUnavailable)
    kind = _FILES_KIND if is_of_files else None
    if status >= 500:
        logger.error("Request %s failed: %s", connection.state.request_id, error)
        if connection.app.state.login:  # where the database lies is for who runs the server
            what = "reach the files that it keeps" if is_of_files else "use its database"
            return make_problem(
                status,
                f"The server cannot {what} now.",
                kind=kind,
                hint=f"The server's log has more under the request id {connection.state.request_id}.",
                request_id=connection.state.request_id,
            )
    more = _members_of(error)
    return make_problem(status, error.message, hint=error.hint, kind=kind, headers=_headers_of(error), **more)


def _members_of(error: ModelLabError) -> dict[str, int]:
    """What a program needs of an error, beside its words."""
    if isinstance(error, InvalidQuery):
        return {"position": error.position + 1}
    expected = getattr(error, "expected", None)
    return {} if expected is None else {"expected": expected}


def _headers_of(error: ModelLabError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="ModelLab"'}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after_s)}
    return {}


async def _answer_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found: Sequence[Mapping[str, Any]] = error.errors()
    if found[0]["type"] == "json_invalid":
        reason, at = found[0]["ctx"]["error"], found[0]["loc"][-1]
        return make_problem(400, f"The body is not JSON: {reason} (character {at}).")
    errors = [_as_invalid_value(one) for one in found]
    first = f"{errors[0]['where']}: {errors[0]['message']}"
    detail = first if len(errors) == 1 else f"{len(errors)} values are not allowed; the first is {first}"
    return make_problem(422, detail, hint=_hint_at(found[0]), errors=errors)


def _as_invalid_value(error: Mapping[str, Any]) -> dict[str, str]:
    message = error["msg"].removeprefix("Value error, ").partition(" after validation")[0].rstrip(".")
    value = error.get("input")
    if error["type"] in ("too_long", "too_short") and isinstance(value, str):  # pydantic counts any items
        most_or_least = message.partition("should have ")[2].partition(" item")[0]
        message = f"Text should have {most_or_least} character{'' if most_or_least.endswith(' 1') else 's'}"
    if error["type"] not in ("missing", "string_too_long", "too_long") and isinstance(
        value, (str, int, float, bool)
    ):
        shown = repr(value)
        message += f" (got {shown if len(shown) <= 60 else f'{shown[:57]}…'})"
    return {"where": ".".join(map(str, error["loc"])), "message": f"{message}."}


def _hint_at(error: Mapping[str, Any]) -> str:
    if error["loc"] == ("body",) and isinstance(error.get("input"), bytes):
        return "Send the header Content-Type: application/json."
    return "/openapi.json says what each address takes."


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail, hint, headers = str(error.detail), None, error.headers
    if error.status_code == 404:
        detail = f"There is no address {request.url.path}."
        hint = "GET / lists the addresses there are."
    elif error.status_code == 405:
        allowed = ", ".join(_list_methods(request)) or (error.headers or {}).get("Allow", "")
        headers = {"Allow": allowed}
        detail = f"{request.method} is not possible at {request.url.path}; {allowed} is."
    elif detail == _UNPARSED:
        detail = _describe_unparsed(error.__cause__)
    return make_problem(error.status_code, detail, hint=hint, headers=headers)


def _describe_unparsed(cause: BaseException | None) -> str:
    if isinstance(cause, RecursionError):
        return "The body cannot be read: its JSON is nested too deeply."
    if isinstance(cause, ValueError) and "integer string conversion" in str(cause):
        most = sys.get_int_max_str_digits()
        return f"The body cannot be read: it has an integer of more than {most:,} digits."
    return "The body cannot be read: it must be JSON in UTF-8."


def _list_methods(request: Request) -> list[str]:
    """All methods of an address; the router knows only those of the first route that fits."""
    paths = request.app.openapi()["paths"]
    fitting = [methods for path, methods in paths.items() if compile_path(path)[0].match(request.url.path)]
    return sorted({method.upper() for methods in fitting for method in methods})


class RequestIds:
    """Gives each answer an `X-Request-ID`; what nobody expected becomes a 500, logged under that id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            # Caught here: what reaches Starlette's own handler is raised again and logged a second time.
            logger.error(
                "Request %s failed: %s %r", request_id, scope["method"], scope["path"], exc_info=error
            )
            if not started:
                answer = _answer_unexpected(request_id)
                await answer(scope, receive, send_with_id)


def _answer_unexpected(request_id: str) -> Response:
    return make_problem(
        500,
        "The server met an error of its own; the request may be right.",
        hint=f"The server's log has more under the request id {request_id}.",
        request_id=request_id,
    )


def document_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _KINDS[status][1], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def add_problem_schema(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document with the schema that `document_problems` speaks of, and what all routes share."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["securitySchemes"] = _SECURITY
    for path, operations in document.get("paths", {}).items():
        for operation in operations.values():
            _add_refusals(path, operation)
    return document


def _add_refusals(path: str, operation: dict[str, Any]) -> None:
    """Document how the server refuses before a route is asked."""
    always = (403,) if path.startswith("/health") else (401, 403, 429)
    with_body = (408, 413) if "requestBody" in operation else ()
    for status, answer in document_problems(*always, *with_body).items():
        operation["responses"].setdefault(str(status), answer)
    if 401 in always:
        operation["security"] = [{"key": []}, {"header": []}, {"session": []}, {}]
