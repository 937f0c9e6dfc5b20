"""A real git repository to capture, and streams to print to."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Repository:
    path: Path

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
        done = subprocess.run(command, cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def commit(self) -> str:
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository on the branch `main`, with one commit of `train.py`."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    path = tmp_path / "project"
    path.mkdir()
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.write("train.py", "print('one')\n")
    repository.commit()
    return repository


class Streams:
    """What `sys.stdout` and `sys.stderr` are during a test, and what went to them."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO(), io.BytesIO()
        self.out, self.err = (
            io.TextIOWrapper(data, encoding="utf-8", newline="", write_through=True) for data in self._bytes
        )

    @property
    def printed(self) -> str:
        return self._bytes[0].getvalue().decode()

    @property
    def printed_errors(self) -> str:
        return self._bytes[1].getvalue().decode()


@pytest.fixture
def streams() -> Streams:
    return Streams()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    # pytest puts its own streams in place between a fixture and its test, so this cannot be a fixture.
    streams = pyfuncitem.funcargs.get("streams")
    if not isinstance(streams, Streams):
        return (yield)
    with contextlib.redirect_stdout(streams.out), contextlib.redirect_stderr(streams.err):
        return (yield)
