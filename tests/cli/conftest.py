from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from modellab.cli import main
from modellab.ids import new_run_id
from modellab.journal.line import encode_points, encode_value
from modellab.journal.writer import JournalWriter
from modellab.settings import Settings, load_settings
from modellab.store import open_store

FOREIGN = (
    *("MODELLAB_", "WANDB_", "DATASET_ID", "DB_PATH", "PROJECT_NAME", "FORCE_COLOR", "NO_COLOR", "TTY_"),
    *("COLUMNS", "LINES", "CLICOLOR"),
)
"""Environment variables of the machine that would change what the command line does."""


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.code == 0, self.err
        return orjson.loads(self.out)

    def rows(self) -> list[dict[str, str]]:
        """The lines of a table in a pipe, by heading."""
        heading, *lines = (line.split("\t") for line in self.out.splitlines())
        return [dict(zip(heading, line, strict=True)) for line in lines]


class Project:
    """A folder that is a project of its own, with runs in it, and the command line used in it."""

    def __init__(self, folder: Path, run_here: Callable[..., Outcome]) -> None:
        self.folder = folder
        self.call = run_here
        (folder / ".env").write_text("PROJECT_NAME=cli-under-test\n")

    @property
    def settings(self) -> Settings:
        return load_settings(start=self.folder, environ={})

    @property
    def database(self) -> Path:
        return self.settings.db_path

    def write(
        self,
        *,
        series: Mapping[str, Sequence[float]] | None = None,
        events: Sequence[tuple[str, Mapping[str, Any]]] = (),
        raw: bytes = b"",
        **start: Any,
    ) -> JournalWriter:
        """A journal of a run that still runs: start, events, then points at steps 0, 1, …"""
        writer = JournalWriter(self.settings.journals, new_run_id())
        writer.append_event("start", {"started_us": time.time_ns() // 1000, **start})
        for event, fields in events:
            writer.append_event(event, fields)
        columns = series or {}
        for step in range(max(map(len, columns.values()), default=0)):
            values = {name: column[step] for name, column in columns.items() if step < len(column)}
            writer.append(encode_points(step, time.time_ns() // 1_000_000, values))
        if raw:
            writer.append(raw)
        return writer

    def record(
        self, final: Mapping[str, float] | None = None, *, end: Mapping[str, Any] | None = None, **given: Any
    ) -> str:
        """A run that has ended, in a journal that nobody has read yet; its id."""
        writer = self.write(**given)
        if final:
            writer.append_event(
                "final", {"metrics": {name: encode_value(value) for name, value in final.items()}}
            )
        writer.append_event("end", end or {"status": "completed"})
        writer.close()
        return writer.run_id

    def collect(self) -> None:
        """Take in what the journals say, as a server would."""
        with open_store(self.settings) as store:
            store.collector.collect_open()

    def start(
        self, *arguments: object, subfolder: str = ".", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """`modellab` in a process of its own, its output in pipes."""
        return subprocess.run(
            [sys.executable, "-m", "modellab", *map(str, arguments)],
            cwd=self.folder / subfolder,
            env=clean_environment() | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )

    def start_in_terminal(self, width: int, *arguments: object, **environment: str) -> str:
        """What `modellab` prints in a terminal of so many columns."""
        control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "modellab", *map(str, arguments)],
            cwd=self.folder,
            env=clean_environment() | {"TERM": "xterm-256color"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        output = _read_all(control)
        process.wait(timeout=60)
        return output.decode().replace("\r\n", "\n")


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


def _read_all(descriptor: int) -> bytes:
    parts = []
    try:
        while part := os.read(descriptor, 65536):
            parts.append(part)
    except OSError:  # Linux says "input/output error" once nobody has the terminal open
        pass
    finally:
        os.close(descriptor)
    return b"".join(parts)


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Project:
    for name in os.environ:
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments: object) -> Outcome:
        """`modellab` in this process, which spares the time to start one."""
        monkeypatch.setattr(sys, "argv", ["modellab", *map(str, arguments)])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfdbinary.readouterr()
        assert isinstance(left.value.code, int)
        return Outcome(left.value.code, out.decode(), err.decode())

    return Project(tmp_path, run_here)
