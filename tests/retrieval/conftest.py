"""A server for embeddings on loopback that speaks OpenAI's protocol, and can be told to speak it badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

TOPICS = (("fast", "quick", "speed", "rapid"), ("memory", "ram", "footprint"), ("flower", "petal", "iris"))


def embed(text: str) -> list[float]:
    """A vector with a place for each topic, and a small one that all texts have."""
    words = text.lower()
    return [*(float(sum(word in words for word in topic)) for topic in TOPICS), 0.1]


class EmbeddingServer:
    """What it was asked, and what it answers: a status and a body made of the texts."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answer: Callable[[list[str]], tuple[int, Any]] = self.answer_well
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body)
                outer.keys.append(self.headers["Authorization"])
                status, answer = outer.answer(body["input"])
                if self.path != "/v1/embeddings":
                    status, answer = 404, {}
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Location", "/v1/elsewhere")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @staticmethod
    def answer_well(texts: list[str]) -> tuple[int, Any]:
        """One vector for each text, in no order, as the protocol allows."""
        found = [{"object": "embedding", "index": i, "embedding": embed(t)} for i, t in enumerate(texts)]
        return 200, {"object": "list", "data": found[::-1], "model": "topics"}

    @property
    def n_texts(self) -> int:
        """How many texts it was asked about."""
        return sum(len(body["input"]) for body in self.asked)

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def embedding_server() -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    yield server
    server.stop()
