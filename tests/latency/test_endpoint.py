"""Profiling a real HTTP server on loopback: what it gets, connections, failures, and what is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from modellab.errors import InvalidInput
from modellab.latency import profile_endpoint


class Server(ThreadingHTTPServer):
    """A server on a free port that keeps what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str, bytes, dict[str, str]]] = []
        self.connections = 0
        self.hang = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers by the path."""

    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, body, headers))
        number = len(self.server.requests)
        if self.path == "/hang":
            self.server.hang.wait(30)
        status = 500 if self.path == "/half" and number % 2 else 302 if self.path == "/moved" else 200
        self.send_response(status)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"x" * 100_000)
        if self.path == "/once":  # hangs up without having said so
            self.close_connection = True

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.hang.set()
        server.shutdown()
        thread.join()


def test_bodies_are_sent_in_turn_over_one_connection_a_worker(server: Server) -> None:
    profile = profile_endpoint(
        f"{server.url}/predict?key=secret",
        json=[{"x": 1}, {"x": 2}],
        headers={"Authorization": "Bearer t"},
        warmup=2,
        n_calls=20,
        concurrency=2,
    )
    report = profile.report
    assert (report.n, report.n_errors, report.n_timeouts) == (20, 0, 0)
    assert report.target == f"POST {server.url}/predict"
    assert server.connections == 2
    assert len(server.requests) == 22
    assert sorted(json.loads(body)["x"] for _, _, body, _ in server.requests) == [1] * 11 + [2] * 11
    _, path, _, headers = server.requests[0]
    assert path == "/predict?key=secret"
    assert headers["content-type"] == "application/json"
    assert headers["authorization"] == "Bearer t"
    assert len(profile.samples_s[0]) == 20
    assert "secret" not in json.dumps(report.as_dict())


def test_a_request_may_have_no_body_or_a_plain_one(server: Server) -> None:
    profile_endpoint(server.url, method="get", warmup=0, n_calls=1)
    profile_endpoint(server.url, bodies=["é", b"\0"], warmup=0, n_calls=2)
    assert [(method, path, body) for method, path, body, _ in server.requests] == [
        ("GET", "/", b""),
        ("POST", "/", "é".encode()),
        ("POST", "/", b"\0"),
    ]


def test_answers_other_than_2xx_are_errors(server: Server) -> None:
    report = profile_endpoint(f"{server.url}/half", warmup=0, n_calls=10).report
    assert (report.n, report.n_errors) == (5, 5)
    assert report.levels[0].failures[0].message == "UnexpectedStatus: 500 Internal Server Error"
    assert server.connections == 1  # an answer that was read leaves the connection as it was
    moved = profile_endpoint(f"{server.url}/moved", warmup=0, n_calls=2).report
    assert moved.levels[0].failures[0].message == "UnexpectedStatus: 302 Found"


def test_a_server_that_hangs_up_between_calls_costs_a_connection_and_no_error(server: Server) -> None:
    report = profile_endpoint(f"{server.url}/once", warmup=0, n_calls=6).report
    assert (report.n, report.n_errors) == (6, 0)
    assert server.connections == 6


def test_an_answer_that_does_not_come_is_a_timeout(server: Server) -> None:
    report = profile_endpoint(f"{server.url}/hang", warmup=0, n_calls=2, timeout=0.05).report
    assert (report.n, report.n_errors, report.n_timeouts) == (0, 0, 2)


def test_calls_can_be_planned(server: Server) -> None:
    report = profile_endpoint(server.url, warmup=1, n_calls=20, rate=2000, concurrency=2).report
    assert (report.mode, report.rate_per_s, report.n) == ("open", 2000, 20)


def test_a_server_that_is_not_there_is_refused_with_its_reason(server: Server) -> None:
    with Server() as other:
        url = other.url
    with pytest.raises(InvalidInput, match=r"Every one of 3 calls of POST .* ConnectionRefusedError"):
        profile_endpoint(url, warmup=3, n_calls=5)


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("ftp://host/x", {}, "http:// or https://"),
        ("http://", {}, "http:// or https://"),
        ("http://host:port/", {}, "cannot be read"),
        ("http://me:pw@host/", {}, "name or password"),
        ("http://host/a b", {}, "per cent"),
        ("http://host/ü", {}, "per cent"),
        ("http://host/", {"method": "PO ST"}, "method is 'PO ST'"),
        ("http://host/", {"headers": {"A": "b\r\nC: d"}}, "headers has 'A'"),
        ("http://host/", {"json": [1], "bodies": [b""]}, "both given"),
        ("http://host/", {"json": {"x": 1}}, "json is dict"),
        ("http://host/", {"json": []}, "json is empty"),
        ("http://host/", {"json": [float("nan")]}, "JSON cannot hold"),
        ("http://host/", {"bodies": [3]}, "bodies has int"),
        ("http://host/", {"timeout": 0}, "timeout is 0"),
    ],
)
def test_what_cannot_be_sent_is_refused(url: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        profile_endpoint(url, **options)
