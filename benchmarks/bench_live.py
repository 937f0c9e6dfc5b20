"""How soon does a listener hear of what a run logs, and what do idle listeners cost the server?

A training process logs the time of day; each of 200 open streams notes when the event came. The floor is
how often the server looks into journals. CPU and memory are read while nothing happens, with the streams
open and without.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import orjson
import psutil

from benchmarks.project import start_python, temporary_project
from benchmarks.servers import OURS, Server
from benchmarks.table import Row
from modellab.server.live import INTERVAL_S

_ASK = b"GET /api/modellab/live HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
_LISTENERS = 200


def measure(quick: bool) -> list[Row]:
    """Delays with all listeners open, then what they cost."""
    listeners, count, idle_s = (20, 3, 1.0) if quick else (_LISTENERS, 40, 20.0)
    with temporary_project() as settings, Server(OURS, settings.root) as server:
        process = psutil.Process(server.process.pid)
        alone, memory_alone = _measure_idle(process, idle_s)
        with _listen(server.port, listeners) as streams:
            opened, memory = _measure_idle(process, idle_s)
            first, last = _measure_delays(streams, str(settings.root), count)
    kib = (memory - memory_alone) / 1024 / listeners
    return [
        Row(
            f"`log_metrics` → event at the first of {listeners} listeners: median (max)",
            f"{median(first):.2f} s ({max(first):.2f} s)",
            f"{INTERVAL_S} s (the server's look into journals)",
            median(first) / INTERVAL_S,
            "≤ 1 s",
            max(first) <= 1,
        ),
        Row(
            f"`log_metrics` → event at the last of {listeners} listeners: median (max)",
            f"{median(last):.2f} s ({max(last):.2f} s)",
            f"{INTERVAL_S} s (the server's look into journals)",
            median(last) / INTERVAL_S,
            "≤ 1 s",
            max(last) <= 1,
        ),
        Row(
            f"server with {listeners} idle listeners: CPU",
            f"{opened:.1f} % of a core",
            f"{alone:.1f} % (without any)",
            None,
            "≤ 5 % more",
            opened - alone <= 5,
        ),
        Row(
            f"server with {listeners} idle listeners: memory",
            f"{memory / 1e6:.0f} MB ({kib:.0f} KiB a listener)",
            f"{memory_alone / 1e6:.0f} MB (without any)",
            memory / memory_alone,
            "≤ 100 KiB a listener",
            kib <= 100,
        ),
    ]


def _measure_idle(process: psutil.Process, seconds: float) -> tuple[float, int]:
    """The percentage of a core that is used, and the resident bytes."""
    time.sleep(1)
    before, start = process.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    after, passed = process.cpu_times(), time.perf_counter() - start
    used = after.user + after.system - before.user - before.system
    return max(0.0, 100 * used / passed), process.memory_info().rss


@contextmanager
def _listen(port: int, count: int) -> Iterator[list[socket.socket]]:
    streams = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    try:
        for stream in streams:
            stream.sendall(_ASK)
        for stream in streams:
            received = b""
            while b"event: hello" not in received:
                received += stream.recv(65_536)
            stream.setblocking(False)
        yield streams
    finally:
        for stream in streams:
            stream.close()


def _measure_delays(streams: list[socket.socket], folder: str, count: int) -> tuple[list[float], list[float]]:
    """Seconds from each call to the first and to the last listener that hears of it."""
    came: dict[float, dict[int, float]] = {}  # when it first came to each stream
    selector = selectors.DefaultSelector()
    for stream in streams:
        selector.register(stream, selectors.EVENT_READ, bytearray())
    child = start_python("-m", "benchmarks.children.clock", folder, str(count), "0.7")
    while child.poll() is None or selector.select(timeout=1):
        for key, _ in selector.select(timeout=0.1):
            assert isinstance(key.fileobj, socket.socket)
            key.data.extend(key.fileobj.recv(1 << 20))
            now = time.time()
            for sent in _take_points(key.data):
                came.setdefault(sent, {}).setdefault(key.fd, now)
    whole = [(sent, times.values()) for sent, times in sorted(came.items()) if len(times) == len(streams)]
    if len(whole) != count:
        raise RuntimeError(f"{len(whole)} of {count} calls reached all {len(streams)} listeners")
    return [min(times) - sent for sent, times in whole], [max(times) - sent for sent, times in whole]


def _take_points(received: bytearray) -> Iterator[float]:
    """The values in whole events of points; they are taken out of what was received."""
    whole, mark, _ = received.rpartition(b"\n\n")
    del received[: len(whole) + len(mark)]
    for event in whole.split(b"\n\n"):
        if b"event: run.points" in event:
            metrics = orjson.loads(event.partition(b"data: ")[2].split(b"\n")[0])["metrics"]
            if "sent" in metrics:
                yield metrics["sent"]["value"]
