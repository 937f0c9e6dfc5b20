"""Measures how long an HTTP endpoint takes to answer, over one kept connection a worker."""

from __future__ import annotations

import http.client
import json as json_text
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from modellab.errors import InvalidInput
from modellab.latency.clock import Clock
from modellab.latency.phases import Phase, Progress
from modellab.latency.profile import LatencyProfile, Load, measure
from modellab.latency.workers import run_in_threads
from modellab.records.evaluations import DEFAULT_LATENCY

DEFAULT_TIMEOUT_S = 30.0


_HANG_UPS = (ConnectionResetError, BrokenPipeError)  # http.client.RemoteDisconnected is among them


class UnexpectedStatus(Exception):
    """An answer other than 2xx; redirects are not followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Endpoint:
    is_secure: bool
    host: str
    port: int | None
    path: str
    method: str
    headers: Mapping[str, str]
    timeout: float
    context: ssl.SSLContext | None

    def open(self) -> http.client.HTTPConnection:
        if self.is_secure:
            return http.client.HTTPSConnection(
                self.host,
                self.port,
                timeout=self.timeout,
                context=self.context or ssl.create_default_context(),
            )
        return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)


def profile_endpoint(
    url: str,
    *,
    method: str = "POST",
    json: Iterable[Any] | None = None,
    bodies: Iterable[bytes | str | None] | None = None,
    headers: Mapping[str, str] | None = None,
    warmup: int | None = None,
    n_calls: int | None = None,
    duration_s: float | None = None,
    concurrency: int | Sequence[int] = 1,
    rate: float | None = None,
    expected_interval: float | None = None,
    timeout: float = DEFAULT_TIMEOUT_S,
    name: str = DEFAULT_LATENCY,
    progress: Progress | None = None,
    machine: Mapping[str, Any] | None = None,
    context: ssl.SSLContext | None = None,
) -> LatencyProfile:
    """How long an endpoint takes, from the request to the last byte of the answer.

    Each value of `json`, or each of `bodies`, is what one call sends; they are sent in turn. Without either,
    requests have no body. Every worker keeps one connection (HTTP/1.1, TCP_NODELAY, no proxy); a call that
    finds it closed by the server is made again over a new one, and takes as long as both. An answer other
    than 2xx is an error, one that does not come within `timeout` seconds a timeout. `context` is for TLS with
    other certificates than the system's. Everything else is as for `profile_latency`. The query of the
    address is not kept in the report.
    """
    load = Load(
        warmup=warmup,
        n_calls=n_calls,
        duration_s=duration_s,
        concurrency=concurrency,
        rate=rate,
        expected_interval=expected_interval,
        timeout=timeout,
        name=name,
        machine=machine,
        progress=progress,
        clock=Clock(),
    )
    load.check()
    bodies_sent, kind = _read_bodies(json, bodies)
    endpoint = _read_endpoint(url, method, {**kind, **(headers or {})}, timeout, context)
    run = partial(_run, endpoint)
    shown = f"{endpoint.method} {url.partition('#')[0].partition('?')[0]}"
    return measure(run, bodies_sent, load, shown)


def _run(endpoint: _Endpoint, phases: Sequence[Phase], n_workers: int) -> None:
    run_in_threads(phases, partial(_connect, endpoint), n_workers)


@contextmanager
def _connect(endpoint: _Endpoint) -> Iterator[Any]:
    connection = endpoint.open()
    try:
        yield partial(_request, endpoint, connection)
    finally:
        connection.close()


def _request(endpoint: _Endpoint, connection: http.client.HTTPConnection, body: bytes | None) -> None:
    """One request and its whole answer; where the kept connection is found closed, over a new one."""
    is_kept = connection.sock is not None
    try:
        response = _exchange(endpoint, connection, body)
    except _HANG_UPS:
        if not is_kept:
            raise
        response = _exchange(endpoint, connection, body)
    if not 200 <= response.status < 300:
        raise UnexpectedStatus(f"{response.status} {response.reason}")


def _exchange(
    endpoint: _Endpoint, connection: http.client.HTTPConnection, body: bytes | None
) -> http.client.HTTPResponse:
    try:
        connection.request(endpoint.method, endpoint.path, body, dict(endpoint.headers))
        response = connection.getresponse()
        while response.read(1 << 16):
            pass
    except BaseException:
        connection.close()
        raise
    return response


def _read_bodies(
    json: Iterable[Any] | None, bodies: Iterable[bytes | str | None] | None
) -> tuple[list[bytes | None], dict[str, str]]:
    """What calls send, and the header that says what it is."""
    if json is not None and bodies is not None:
        raise InvalidInput("json and bodies are both given; a request has one body.")
    if json is None and bodies is None:
        return [None], {}
    if json is None:
        sent = [body.encode() if isinstance(body, str) else body for body in bodies or ()]
        wrong = next((body for body in sent if body is not None and not isinstance(body, bytes)), None)
        if wrong is not None:
            raise InvalidInput(f"bodies has {type(wrong).__name__}; each is bytes, text or None.")
        return _check_sent(sent, "bodies"), {}
    if isinstance(json, (str, bytes, Mapping)):
        raise InvalidInput(
            f"json is {type(json).__name__}; it is a list, and each call sends one of its values."
        )
    try:
        texts = [json_text.dumps(value, allow_nan=False).encode() for value in json]
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"json has a value that JSON cannot hold: {error}") from None
    return _check_sent(texts, "json"), {"Content-Type": "application/json"}


def _check_sent(sent: Sequence[bytes | None], name: str) -> list[bytes | None]:
    if not sent:
        raise InvalidInput(f"{name} is empty; at least one body is needed, and is sent again and again.")
    return list(sent)


def _read_endpoint(
    url: str, method: str, headers: Mapping[str, str], timeout: float, context: ssl.SSLContext | None
) -> _Endpoint:
    try:
        parts = urlsplit(url)
        port = parts.port
    except (ValueError, AttributeError) as error:
        raise InvalidInput(f"url is {url!r}, which cannot be read: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(f"url is {url!r}; it begins with http:// or https:// and a host.")
    if parts.username is not None:
        raise InvalidInput(
            "url has a name or password in it, which reports would show.",
            hint='Send it in a header: headers={"Authorization": "…"}.',
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not (path.isascii() and path.isprintable()) or " " in path:
        raise InvalidInput(f"url has {path!r} as its path; other letters than ASCII are written in per cent.")
    if not (method.isascii() and method.isalpha()):
        raise InvalidInput(f"method is {method!r}; it is a word such as POST or GET.")
    _check_headers(headers)
    return _Endpoint(
        is_secure=parts.scheme == "https",
        host=parts.hostname,
        port=port,
        path=path,
        method=method.upper(),
        headers=dict(headers),
        timeout=timeout,
        context=context,
    )


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        text = f"{name}{value}"
        if not isinstance(value, str) or not text.isprintable() or not name.isascii() or ":" in name:
            raise InvalidInput(f"headers has {name!r} with a value that no header has.")
