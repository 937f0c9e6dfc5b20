"""Routes of the assistant: `/agent/query`, and under `/api/modellab/agent` what a web page needs."""

from __future__ import annotations

import asyncio
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from modellab.agent.answer import RULES, AgentAnswer
from modellab.agent.assistant import tell_lack
from modellab.agent.in_process import make_api
from modellab.agent.rules.answering import EXAMPLES
from modellab.agent.tools import may_write
from modellab.server.access import who_asks
from modellab.server.asking import answer, find_turns, stream_answer
from modellab.server.bodies.agent import AgentStateBody, QuestionBody
from modellab.server.bodies.values import reply, reply_encoded
from modellab.server.event_stream import EventStream
from modellab.server.problems import document_problems

router = APIRouter(tags=["assistant"])

_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["tool_call", "text", "answer", "error"]},
        "data": {"type": "string", "description": "JSON."},
    },
    "required": ["event", "data"],
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events, until the answer is there.",
        "content": {"text/event-stream": {"schema": _EVENT}},
    }
}


@router.post(
    "/agent/query",
    summary="Ask about runs in words",
    response_model=AgentAnswer,
    responses=document_problems(400, 413, 422, 503),
)
async def ask_assistant(request: Request, body: QuestionBody) -> Response:
    """An answer that cites its runs and says nothing that the API did not.

    A model answers where one is configured, and its words are checked against what the tools returned; else
    rules do, in English. It sees what the caller sees, and writes where the caller may and the question asks
    for it.
    """
    who_asks(request)
    return reply_encoded((await answer(request, body)).model_dump())


@router.post(
    "/api/modellab/agent/stream",
    summary="Ask about runs in words, and follow the answer",
    status_code=200,
    response_class=EventStream,
    responses={**_STREAM, **document_problems(400, 413, 422)},
)
async def stream_assistant(request: Request, body: QuestionBody) -> EventStream:
    """Server-sent events: `tool_call` for each tool when it is called, `text` line by line, then `answer`.

    The text comes once it has been checked. `error` comes in its place where the API could not be asked.
    """
    who_asks(request)
    return EventStream(stream_answer(request, body))


@router.get(
    "/api/modellab/agent",
    summary="Who answers questions",
    response_model=AgentStateBody,
    responses=document_problems(503),
)
async def read_assistant(request: Request) -> Response:
    """Whether a model or rules answer, whether writing is on for the caller, and what could be asked."""
    who_asks(request)
    settings = request.app.state.settings
    lack = tell_lack(settings)
    api = make_api(request.scope, asyncio.get_running_loop())
    can_write = settings.agent_writes and await run_sync(may_write, api, limiter=find_turns(request.app))
    state = {
        "generated_by": RULES if lack else settings.agent_model,
        "note": lack,
        "may_write": can_write,
        "examples": list(EXAMPLES),
    }
    return reply(state)
