"""Servers as processes of their own, and a client that adds as little as possible to what it times."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson
import psutil

from benchmarks.project import start_python

OURS = ("-m", "modellab", "serve", "--port", "0")
"""The arguments of our server, to be started in the project's folder."""

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Connection:
    """A kept-alive HTTP connection; requests are made beforehand, answers are read by their length."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> bytes:
        """The body of the answer; raises `RuntimeError` unless its status is 200."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        data = self._socket.recv(1 << 20)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._receive()
        length = _LENGTH.search(data, 0, end)
        if not data.startswith(b"HTTP/1.1 200") or length is None:
            raise RuntimeError(f"{path}: {data[:300]!r}")
        parts, missing = [data[end + 4 :]], int(length[1]) - (len(data) - end - 4)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return b"".join(parts)

    def get_json(self, path: str) -> Any:
        """The answer's content."""
        return orjson.loads(self.get(path))

    def time_get(self, path: str) -> float:
        """How long a request takes, in seconds."""
        start = time.perf_counter()
        self.get(path)
        return time.perf_counter() - start

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _receive(self) -> bytes:
        data = self._socket.recv(1 << 20)
        if not data:
            raise RuntimeError("The server closed the connection.")
        return data


class Server:
    """A running server; `start_s` is how long it took from its start to its first answer."""

    def __init__(self, arguments: tuple[str, ...], folder: Path) -> None:
        start = time.perf_counter()
        self.process = start_python(*arguments, cwd=folder)
        try:
            self.port = self._read_port()
            self.connection = Connection(self.port)
            self.connection.get("/health")
        except BaseException:
            self._end()
            raise
        self.start_s = time.perf_counter() - start

    def rss_bytes(self) -> int:
        """The resident memory of the process and its children."""
        return sum(process.memory_info().rss for process in self._processes())

    def n_processes(self) -> int:
        """The process and its children."""
        return len(self._processes())

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.connection.close()
        self._end()

    def _read_port(self) -> int:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = _ADDRESS.search(line)
            if found:
                return int(found[1])
        raise RuntimeError(f"The server did not start; exit code {self.process.wait()}.")

    def _processes(self) -> list[psutil.Process]:
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def _end(self) -> None:
        self.process.terminate()
        try:
            self.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


@contextmanager
def serve_both(folder: Path, raw: Path, blob: Path | None = None) -> Iterator[tuple[Server, Server]]:
    """Our server for the project in `folder`, and the bare app on the database `raw`."""
    arguments = ("-m", "benchmarks.raw_app", str(raw), *([str(blob)] if blob else []))
    with Server(OURS, folder) as ours, Server(arguments, folder) as bare:
        yield ours, bare
