"""One connection to a server: what it sends, what it makes of answers, and what it tries again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

from modellab.client.connection import Connection
from modellab.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unreachable,
)

Answer = tuple[int, dict[str, str], bytes]


class Script:
    """A server that gives the answers it was told to, one after the other, and keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                script.requests.append((self.command, self.path, dict(self.headers), body))
                status, headers, content = script.answers.pop(0)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
                # As a server does that was started again: without a word about it.
                self.close_connection = "X-Close" in headers

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def add(self, status: int, content: Any = None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, orjson.dumps(content)))


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    yield script
    script.server.shutdown()
    script.server.server_close()


@pytest.fixture
def connect(script: Script) -> Iterator[Callable[..., Connection]]:
    made: list[Connection] = []

    def connect(tail: str = "", key: str | None = None) -> Connection:
        made.append(Connection(script.url + tail, key))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


def test_a_request_goes_below_the_address_with_the_key_and_its_query(
    script: Script, connect: Callable[..., Connection]
) -> None:
    script.add(200, {"good": True})
    found = connect("/lab", "mlk_1_2").get_json("/runs", {"query": "a = 'ü&b'", "limit": 3, "cursor": None})
    assert found == {"good": True}
    ((method, path, headers, _),) = script.requests
    assert (method, path) == ("GET", "/lab/runs?query=a+%3D+%27%C3%BC%26b%27&limit=3")
    assert headers["Authorization"] == "Bearer mlk_1_2"


def test_a_body_in_parts_arrives_whole(script: Script, connect: Callable[..., Connection]) -> None:
    script.add(200, {})
    parts = [bytes([number]) * 100_000 for number in range(10)]
    connect().ask("PUT", "/files", body=iter(parts), size=1_000_000)
    assert script.requests[0][3] == b"".join(parts)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidInput),
        (401, Unauthenticated),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (413, InvalidInput),
        (422, InvalidInput),
        (429, TooManyRequests),
        (500, Unreachable),
    ],
)
def test_a_problem_is_raised_as_what_it_means(
    script: Script, connect: Callable[..., Connection], status: int, error: type[Exception]
) -> None:
    script.add(status, {"detail": "What happened.", "hint": "What to do.", "expected": 7}, Retry_After="3600")
    with pytest.raises(error) as caught:
        connect().get_json("/runs")
    assert str(caught.value).endswith("What happened.\nhint: What to do.")
    if isinstance(caught.value, Conflict):
        assert caught.value.expected == 7
    if isinstance(caught.value, TooManyRequests):
        assert caught.value.retry_after_s == 3600
    assert len(script.requests) == 1


def test_a_busy_server_is_asked_again(script: Script, connect: Callable[..., Connection]) -> None:
    script.add(503, {"detail": "The database is busy."})
    script.add(429, {"detail": "Too often."}, Retry_After="0")
    script.add(200, {"good": True})
    assert connect().get_json("/runs") == {"good": True}


def test_a_server_that_stays_busy_is_given_up(script: Script, connect: Callable[..., Connection]) -> None:
    for _ in range(3):
        script.add(503, {"detail": "The database is busy."})
    with pytest.raises(Unreachable, match="busy"):
        connect().get_json("/runs")


def test_a_kept_connection_that_was_closed_meanwhile_is_opened_again(
    script: Script, connect: Callable[..., Connection]
) -> None:
    connection = connect()
    for number in range(5):
        script.add(200, number, X_Close="1")
        assert connection.get_json("/runs") == number


def test_a_server_that_is_elsewhere_is_named(script: Script, connect: Callable[..., Connection]) -> None:
    script.add(301, None, Location="https://lab.example.org/")
    with pytest.raises(Unreachable, match=r"sends on to https://lab\.example\.org/"):
        connect().get_json("/runs")


@pytest.mark.parametrize("status", [200, 404, 502])
def test_what_is_no_modellab_server_is_said_to_be_none(
    script: Script, connect: Callable[..., Connection], status: int
) -> None:
    script.answers += [(status, {"Content-Type": "text/html"}, b"<html>Welcome</html>")] * 3
    with pytest.raises(Unreachable, match="does not answer as a ModelLab server does"):
        connect().get_json("/runs")


def test_a_server_that_is_not_there_is_told_with_the_reason_and_what_to_do() -> None:
    with pytest.raises(Unreachable) as caught:
        Connection("http://127.0.0.1:1", "mlk_secret").ask("GET", "/runs")
    assert caught.value.message == "http://127.0.0.1:1 cannot be reached: Connection refused."
    assert "MODELLAB_API_URL" in str(caught.value.hint)
    assert "mlk_secret" not in str(caught.value)
