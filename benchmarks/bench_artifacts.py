"""How fast does a checkpoint of 500 MB get to the server and back, beside `cp` of the same file?

The client is `http.client` over loopback, on the same cores as the server. `cp` copies the file within the
page cache; together with SHA-256 it is what a copy with a checksum could reach on one core.
Memory is the server's largest resident set during the transfers, less that before them.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.project import temporary_project
from benchmarks.servers import OURS, Server
from benchmarks.table import Row
from benchmarks.timing import alternate, time_once
from modellab.ids import new_run_id
from modellab.journal.line import encode_event
from modellab.store import open_store

_BLOCK = 1 << 20
_BOUNDARY = "modellab-benchmark-boundary"


def measure(quick: bool) -> list[Row]:
    """Upload as a form and as a whole body, download, and the server's memory meanwhile."""
    size, rounds = (20_000_000, 1) if quick else (500_000_000, 7)
    with temporary_project() as settings:
        run_id = new_run_id()
        with open_store(settings) as store:
            now_ms = time.time_ns() // 1_000_000
            store.ingest(run_id, "w", 0, encode_event("start", now_ms, {"started_us": now_ms * 1000}))
        source = settings.root / "checkpoint.bin"
        _fill(source, size)
        with Server(OURS, settings.root) as server:
            client = _Client(server.port, run_id, source)
            memory = _Memory(server)
            client.upload_form()
            copied, hashed, form, whole, down = alternate(
                rounds,
                lambda: _copy(source),
                lambda: time_once(lambda: _hash(source)),
                lambda: client.time(client.upload_form),
                lambda: client.time(client.upload_whole),
                lambda: client.time(client.download),
            )
            grown = memory.stop()
    floors = median(copied), median(hashed)
    return [
        _row("artifact: upload, multipart form", median(form), floors, size),
        _row("artifact: upload, whole body", median(whole), floors, size),
        _row("artifact: download", median(down), floors, size),
        Row("artifact: server memory meanwhile", f"+{grown:.0f} MB", "0 MB", None, "≤ +50 MB", grown <= 50),
    ]


class _Client:
    """Sends and fetches one file over one connection."""

    def __init__(self, port: int, run_id: str, source: Path) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, blocksize=_BLOCK)
        self._address = f"/api/modellab/artifacts/{run_id}"
        self._source = source
        self._buffer = bytearray(_BLOCK)

    def upload_form(self) -> None:
        head = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="path"\r\n\r\na/b.bin\r\n'
            f"--{_BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="file"; filename="b.bin"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
        self._send(self._address, f"multipart/form-data; boundary={_BOUNDARY}", head, tail)

    def upload_whole(self) -> None:
        self._send(f"{self._address}?path=a/b.bin", "application/octet-stream", b"", b"")

    def download(self) -> None:
        self._connection.request("GET", f"{self._address}/download/a/b.bin")
        answer = self._connection.getresponse()
        n_bytes = 0
        while n := answer.readinto(self._buffer):
            n_bytes += n
        if answer.status != 200 or n_bytes != self._source.stat().st_size:
            raise RuntimeError(f"{answer.status}: {n_bytes} bytes")

    def time(self, work: Callable[[], None]) -> float:
        return time_once(work)

    def _send(self, address: str, kind: str, head: bytes, tail: bytes) -> None:
        length = len(head) + self._source.stat().st_size + len(tail)
        self._connection.putrequest("POST", address)
        self._connection.putheader("Content-Type", kind)
        self._connection.putheader("Content-Length", str(length))
        self._connection.endheaders()
        self._connection.send(head)
        with self._source.open("rb") as file:
            assert self._connection.sock is not None
            self._connection.sock.sendfile(file)
        self._connection.send(tail)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{answer.status}: {body[:300]!r}")


class _Memory:
    """Watches a server's resident memory, every 10 ms."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._before = self._most = server.rss_bytes()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> float:
        """The megabytes that it grew by at most."""
        self._ending.set()
        self._thread.join()
        return (self._most - self._before) / 1e6

    def _watch(self) -> None:
        while not self._ending.wait(0.01):
            self._most = max(self._most, self._server.rss_bytes())


def _fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for at in range(0, size, _BLOCK):
            file.write(os.urandom(min(_BLOCK, size - at)))


def _copy(source: Path) -> float:
    target = source.with_name("copy.bin")
    taken = time_once(lambda: subprocess.run(["cp", source, target], check=True))
    target.unlink()
    return taken


def _hash(source: Path) -> None:
    with source.open("rb") as file:
        hashlib.file_digest(file, "sha256")


def _row(question: str, taken: float, floors: tuple[float, float], size: int) -> Row:
    copied, hashed = floors
    return Row(
        question,
        f"{taken:.2f} s ({size / taken / 1e6:.0f} MB/s)",
        f"{copied:.2f} s (cp); {copied + hashed:.2f} s (cp and SHA-256)",
        taken / copied,
        "≤ 2 x cp",
        taken <= 2 * copied,
    )
