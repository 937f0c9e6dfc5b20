"""A server that speaks OpenAI's protocol and says what a test tells it to; on loopback, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = Callable[[Mapping[str, Any]], tuple[int, Any]]


def call_tools(*calls: tuple[str, Mapping[str, Any]]) -> Step:
    """The model calls tools."""

    def step(_request: Mapping[str, Any]) -> tuple[int, Any]:
        tool_calls = [
            {
                "id": f"call_{n}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(given)},
            }
            for n, (name, given) in enumerate(calls)
        ]
        return 200, _complete({"role": "assistant", "content": None, "tool_calls": tool_calls}, "tool_calls")

    return step


def answer(text: str, run_ids: Sequence[str] = (), intent: str = "best") -> Step:
    """The model gives its answer in the form that was asked for."""
    given = {"intent": intent, "natural_language_answer": text, "used_run_ids": list(run_ids)}
    return call_tools(("ModelAnswer", given))


def say(text: str) -> Step:
    """The model writes plain text, where a tool call was asked for."""
    return lambda _request: (200, _complete({"role": "assistant", "content": text}, "stop"))


def call_with_bad_json(name: str) -> Step:
    """The model calls a tool with arguments that are no JSON."""
    broken = {"id": "call_0", "type": "function", "function": {"name": name, "arguments": '{"metric": '}}
    message = {"role": "assistant", "content": None, "tool_calls": [broken]}
    return lambda _request: (200, _complete(message, "tool_calls"))


def fail(status: int) -> Step:
    """The server refuses."""
    return lambda _request: (status, {"error": {"message": "no", "type": "x", "code": None, "param": None}})


def _complete(message: Mapping[str, Any], reason: str) -> dict[str, Any]:
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


class ScriptedModel:
    """What was asked, and what is answered: one step a request, the last one again and again."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.requests: list[dict[str, Any]] = []
        self.address = ""

    def script(self, *steps: Step) -> None:
        """What to answer from now on."""
        self.steps, self.requests = list(steps), []

    def take(self, request: dict[str, Any]) -> tuple[int, Any]:
        """The answer to a request."""
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return step(request)

    @property
    def shown(self) -> str:
        """All that the model was shown of tools' results, in its last request."""
        return "\n".join(
            str(one["content"]) for one in self.requests[-1]["messages"] if one["role"] == "tool"
        )


@contextmanager
def serve_script() -> Iterator[ScriptedModel]:
    """A scripted model, served until the end."""
    model = ScriptedModel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = model.take({**body, "authorization": self.headers.get("Authorization")})
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    model.address = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
