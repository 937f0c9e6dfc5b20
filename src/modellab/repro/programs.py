"""Programs that are run while a pack is repeated: with a clock, their output kept in a log."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modellab.errors import ModelLabError

_LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended; `exit_code` is `None` if the clock stopped it. `tail` is the end of its output."""

    exit_code: int | None
    tail: str


def run_program(
    arguments: Sequence[str],
    *,
    folder: Path,
    log: Path,
    environ: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> Done:
    """Run a program to its end, its output appended to `log`; raises `ModelLabError` if it cannot start.

    It has no input. After `timeout_s` seconds it is killed, with the processes that it started.
    """
    with log.open("ab") as file:
        file.write(f"$ {' '.join(arguments)}\n".encode("utf-8", "replace"))
        file.flush()
        begin = file.tell()
        try:
            process = subprocess.Popen(
                list(arguments),
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ModelLabError(f"{arguments[0]} cannot be started: {error}.") from None
        try:
            exit_code: int | None = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            exit_code = None
        finally:
            _end(process)
    return Done(exit_code, _read_tail(log, begin))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def _read_tail(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(begin, size - 8192))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-_LAST_LINES:])
