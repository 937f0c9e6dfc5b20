"""One kept-alive HTTP connection to a server: requests, answers, and problems as our exceptions."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import orjson

from modellab.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    ModelLabError,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unreachable,
)

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

CONNECT_TIMEOUT_S = 5.0
"""How long a server may take to accept a connection."""
ANSWER_TIMEOUT_S = 30.0
"""How long a server may stay silent in the middle of an exchange."""
PAUSES_S = (0.2, 0.6)
"""Before reading is tried again, where a server does not answer or is busy."""
MAX_RETRY_AFTER_S = 10.0
"""A server that asks for a longer pause than this is not waited for."""

_BUSY = frozenset({429, 502, 503, 504})
_KINDS: Mapping[int, type[ModelLabError]] = {
    400: InvalidInput,
    403: Forbidden,
    404: NotFound,
    413: InvalidInput,
    422: InvalidInput,
}


class Answer(NamedTuple):
    """What a server answered; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """A connection to the server at `api_url`, opened when first used and again whenever it was lost.

    It may be used from several threads; they wait for each other. The key is sent, and shown nowhere.
    `timeout_s` is how long the server may take to accept, and be silent, instead of the constants above.
    """

    def __init__(self, api_url: str, api_key: str | None = None, *, timeout_s: float | None = None) -> None:
        self.api_url = api_url
        self._timeouts_s = (timeout_s or CONNECT_TIMEOUT_S, timeout_s or ANSWER_TIMEOUT_S)
        self._headers = {"User-Agent": "modellab", "Accept": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._http: HTTPConnection | None = None
        self._lock = threading.Lock()

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | Iterable[bytes] | None = None,
        size: int | None = None,
        media_type: str = "application/json",
    ) -> Answer:
        """The answer to one request, whatever its status; `size` is the length of a `body` in parts.

        A kept connection that the server has closed meanwhile is opened again. Raises `Unreachable`.
        """
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = media_type
            headers["Content-Length"] = str(len(body) if isinstance(body, bytes) else size)
        address = urlsplit(self.api_url).path + path
        if query:
            address += "?" + urlencode({k: v for k, v in query.items() if v is not None}, doseq=True)
        with self._lock:
            kept = self._http is not None
            try:
                return self._exchange(method, address, body, headers)
            except _StaleConnection as error:
                # Nothing was answered, and parts of a body can be given only once.
                if not kept or not (body is None or isinstance(body, bytes)):
                    raise self._unreachable(error.reason) from error.reason
            try:
                return self._exchange(method, address, body, headers)
            except _StaleConnection as error:
                raise self._unreachable(error.reason) from error.reason

    def get_json(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The content of an address; asks again where the server does not answer or is busy.

        Raises `Unreachable`, or what the server's problem means: `NotFound`, `Forbidden`, `InvalidInput`, …
        """
        for pause in (*PAUSES_S, None):
            try:
                answer = self.ask("GET", path, query=query)
            except Unreachable:
                if pause is None:
                    raise
            else:
                wanted = find_pause(answer)
                if pause is None or answer.status not in _BUSY or (wanted or 0) > MAX_RETRY_AFTER_S:
                    return self.read_json(answer)
                pause = wanted or pause
            time.sleep(pause)
        raise AssertionError("unreachable")

    def read_json(self, answer: Answer) -> Any:
        """The content of a good answer; raises what any other means."""
        if answer.status // 100 != 2:
            raise as_error(answer, self.api_url)
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise _not_a_server(self.api_url, answer.status) from None

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        with self._lock:
            self._drop()

    def _exchange(
        self, method: str, address: str, body: bytes | Iterable[bytes] | None, headers: Mapping[str, str]
    ) -> Answer:
        from http.client import HTTPException, RemoteDisconnected

        try:
            http = self._http = self._http or self._open()
            # A server that does not want a body answers before it is through.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                http.request(method, address, body=body, headers=headers)
            answer = http.getresponse()
            found = Answer(answer.status, _lower(answer), answer.read())
        except (BrokenPipeError, ConnectionResetError, RemoteDisconnected) as error:
            self._drop()
            raise _StaleConnection(error) from error
        except (OSError, HTTPException) as error:
            self._drop()
            raise self._unreachable(error) from error
        except BaseException:  # interrupted in the middle: what comes next is not the next answer
            self._drop()
            raise
        if answer.will_close:
            self._drop()
        return found

    def _open(self) -> HTTPConnection:
        import socket
        from http.client import HTTPConnection, HTTPSConnection  # late: only the sending thread needs them

        parts = urlsplit(self.api_url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        http = kind(parts.hostname or "", parts.port, timeout=self._timeouts_s[0])
        http.connect()
        http.sock.settimeout(self._timeouts_s[1])
        http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return http

    def _drop(self) -> None:
        http, self._http = self._http, None
        if http is not None:
            with contextlib.suppress(OSError):
                http.close()

    def _unreachable(self, error: BaseException) -> Unreachable:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Unreachable(
            f"{self.api_url} cannot be reached: {reason}.",
            hint="Does the server run (`modellab serve`), and is MODELLAB_API_URL its address?",
        )


class _StaleConnection(Exception):
    """The other side closed the connection before it answered."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


def as_error(answer: Answer, api_url: str) -> ModelLabError:
    """What an answer that is not good means, as an exception to raise."""
    try:
        problem = orjson.loads(answer.body)
        detail, hint = str(problem["detail"]), problem.get("hint")
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        return _not_a_server(api_url, answer.status, answer.headers.get("location"))
    if answer.status == 401:
        return Unauthenticated(detail, hint=hint)
    if answer.status == 409:
        return Conflict(detail, hint=hint, expected=problem.get("expected"))
    if answer.status == 429:
        return TooManyRequests(detail, hint=hint, retry_after_s=int(find_pause(answer) or 1))
    kind = _KINDS.get(answer.status)
    if kind is not None:
        return kind(detail, hint=hint)
    return Unreachable(f"{api_url} answers: {detail}", hint=hint, status=answer.status)


def find_pause(answer: Answer) -> float | None:
    """The seconds that `Retry-After` asks to wait, if it does."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _not_a_server(api_url: str, status: int, location: str | None = None) -> Unreachable:
    if location:
        return Unreachable(
            f"{api_url} sends on to {location[:200]}.", hint="Make that MODELLAB_API_URL.", status=status
        )
    return Unreachable(
        f"{api_url} does not answer as a ModelLab server does (status {status}).",
        hint="MODELLAB_API_URL is the address that `modellab serve` shows.",
        status=status,
    )


def _lower(answer: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.getheaders()}
