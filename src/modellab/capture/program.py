"""Asking another program (`git`, `nvidia-smi`) for its output: bounded in time and size, never raising."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

TIMEOUT_S = 5.0
"""Seconds that a program may take."""

_CHUNK = 65_536
_COUNTING_S = 0.25
_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a program printed, up to the limit.

    `exit_code` is `None` if the program was stopped, by the clock or by the limit. `n_left_out` are the
    UTF-8 characters beyond the limit that were counted; more may have followed unless `complete`.
    """

    data: bytes
    exit_code: int | None
    complete: bool
    n_left_out: int


def run_program(
    arguments: Sequence[str],
    *,
    timeout_s: float = TIMEOUT_S,
    limit: int = 1_000_000,
    environ: Mapping[str, str] | None = None,
) -> Output | None:
    """What a program printed on its standard output, or `None` if it cannot be started.

    The program gets no input and no terminal, and is killed with its children after `timeout_s`
    seconds. Of its output `limit` bytes are kept; the rest is counted for a short while.
    """
    import subprocess  # late: 5 ms that a run without git should not pay

    try:
        process = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            bufsize=0,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    assert process.stdout is not None
    reader = _Reader(process.stdout, limit)
    complete = False
    try:
        reader.start()
        reader.join(timeout_s)
        complete = reader.complete  # now: an end of file after the kill below is none
    finally:
        _end(process, may_finish=complete)
    reader.join(0.5)  # after the kill the pipe closes, unless a stranger holds it
    return Output(
        data=b"".join(reader.chunks),
        exit_code=process.returncode if complete else None,
        complete=complete,
        n_left_out=reader.n_left_out,
    )


class _Reader(threading.Thread):
    # A thread, because only it can be left behind when a pipe stays open and silent, on every system.
    # It owns the stream and closes it, so that nobody reads from a file descriptor that was reused.

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        super().__init__(name="modellab-program", daemon=True)
        self.chunks: list[bytes] = []
        self.complete = False
        self.n_left_out = 0
        self._stream = stream
        self._room = limit

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._stream as stream:
            deadline = None
            while chunk := stream.read(_CHUNK):
                kept = chunk[: self._room]
                self._room -= len(kept)
                if kept:
                    self.chunks.append(kept)
                if len(kept) == len(chunk):
                    continue
                self.n_left_out += len(chunk[len(kept) :].translate(None, _CONTINUATION_BYTES))
                deadline = deadline or time.monotonic() + _COUNTING_S
                if time.monotonic() > deadline:
                    return
            self.complete = True


def _end(process: subprocess.Popen[bytes], *, may_finish: bool) -> None:
    import subprocess

    if may_finish:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0)
            return
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # its own session, so its children go with it
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1.0)
