"""The assistant of a server: asks the server's own API as its caller, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, Request

from modellab.agent.answer import AgentAnswer, ToolCall
from modellab.agent.assistant import answer_question
from modellab.agent.in_process import make_api
from modellab.errors import ModelLabError
from modellab.server.bodies.agent import QuestionBody

MAX_AT_ONCE = 4
"""Questions that are answered at one time; others wait. Each asks the API, whose threads are others."""


def find_turns(app: FastAPI) -> CapacityLimiter:
    """Who may be answered at one time."""
    turns: CapacityLimiter | None = getattr(app.state, "assistant_turns", None)
    if turns is None:
        turns = app.state.assistant_turns = CapacityLimiter(MAX_AT_ONCE)
    return turns


async def answer(request: Request, body: QuestionBody) -> AgentAnswer:
    """The answer to a question, with the rights of who asks."""
    api = make_api(request.scope, asyncio.get_running_loop())
    ask = partial(answer_question, body.query, body.conversation, api, request.app.state.settings)
    return await run_sync(ask, limiter=find_turns(request.app))


async def stream_answer(request: Request, body: QuestionBody) -> AsyncGenerator[bytes, None]:
    """The answer as events: each tool call when it is made, then the text, then the whole answer."""
    loop = asyncio.get_running_loop()
    calls: asyncio.Queue[ToolCall] = asyncio.Queue()
    api = make_api(request.scope, loop)

    def tell(call: ToolCall) -> None:
        loop.call_soon_threadsafe(calls.put_nowait, call)

    ask = partial(
        answer_question,
        body.query,
        body.conversation,
        api,
        request.app.state.settings,
        on_call=tell,
    )
    answering = asyncio.ensure_future(run_sync(ask, limiter=find_turns(request.app)))
    try:
        while not answering.done():
            next_call = asyncio.ensure_future(calls.get())
            await asyncio.wait((next_call, answering), return_when=asyncio.FIRST_COMPLETED)
            if next_call.done():
                yield _write_event("tool_call", next_call.result().model_dump(include={"name", "arguments"}))
            else:
                next_call.cancel()
        while not calls.empty():
            yield _write_event("tool_call", calls.get_nowait().model_dump(include={"name", "arguments"}))
        try:
            found = answering.result()
        except ModelLabError as error:
            yield _write_event("error", {"detail": error.message, "hint": error.hint})
            return
        for line in found.natural_language_answer.splitlines(keepends=True):
            yield _write_event("text", {"text": line})
        yield _write_event("answer", found.model_dump())
    finally:
        answering.cancel()


def _write_event(kind: str, content: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), orjson.dumps(content))
