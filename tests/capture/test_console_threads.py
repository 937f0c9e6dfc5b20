# ruff: noqa: T201 - printing is what is tested
from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Protocol

import pytest

from modellab.capture.console import ConsoleCapture


class Streams(Protocol):  # as in conftest.py
    @property
    def printed(self) -> str: ...


def test_threads_that_print_at_once_lose_no_line(streams: Streams) -> None:
    def print_many(name: str) -> None:
        for n in range(200):
            sys.stdout.write(f"{name} {n}\n")

    lines: list[str] = []
    capture = ConsoleCapture(lambda _, line: lines.append(line))
    capture.start()
    threads = [threading.Thread(target=print_many, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    capture.stop()

    assert sorted(lines) == sorted(f"{name} {n}" for name in "abcd" for n in range(200))


def test_a_writer_that_waits_for_a_printing_thread_does_not_hang(streams: Streams) -> None:
    def write(stream: str, line: str) -> None:
        thread = threading.Thread(target=print, args=("inner",))
        thread.start()
        thread.join(30)
        assert not thread.is_alive()

    capture = ConsoleCapture(write)
    capture.start()
    print("outer")
    capture.stop()

    assert streams.printed == "outer\ninner\n"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signals")
def test_a_signal_handler_may_print_at_any_moment(streams: Streams) -> None:
    lines: list[str] = []
    capture = ConsoleCapture(lambda _, line: lines.append(line))
    before = signal.signal(signal.SIGALRM, lambda *_: print("tick"))
    try:
        capture.start()
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for n in range(5_000):
            print(f"line {n}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        capture.stop()

    assert "tick" in streams.printed
    assert len(lines) >= 5_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forking with threads is the point
def test_a_child_forked_while_a_line_is_handed_over_does_not_hang(streams: Streams) -> None:
    read_end, write_end = os.pipe()
    inside, go_on = threading.Event(), threading.Event()
    parent = os.getpid()

    def write(stream: str, line: str) -> None:
        if os.getpid() != parent:
            os.write(write_end, f"{stream}: {line}\n".encode())
        elif line == "slow":
            inside.set()
            go_on.wait(30)

    capture = ConsoleCapture(write)
    capture.start()
    print("half", end="")
    thread = threading.Thread(target=print, args=("slow",), kwargs={"file": sys.stderr})
    thread.start()
    assert inside.wait(30)
    child = os.fork()  # the lock is held by a thread that the child does not have
    if child == 0:
        try:
            signal.alarm(30)
            print("child")
            capture.stop()
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        received = pipe.read()
    _, status = os.waitpid(child, 0)
    go_on.set()
    thread.join()
    capture.stop()

    assert status == 0
    assert received == "stdout: child\n"
