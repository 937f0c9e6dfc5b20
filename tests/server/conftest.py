from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from modellab.ids import new_run_id
from modellab.journal.line import encode_points
from modellab.journal.writer import JournalWriter
from modellab.records.accounts import Role, Scope
from modellab.server import create_app
from modellab.settings import Settings, load_settings
from modellab.store import Store, open_store

DEADLINE_S = 30
# Every client would read the certificates of the system anew, which takes longer than a small test.
TLS = httpx.create_ssl_context()


class Lab:
    """A project with a running server, written to as training processes write, and asked over HTTP."""

    def __init__(self, settings: Settings, store: Store, address: str) -> None:
        self.settings = settings
        self.store = store
        self.address = address
        self.api = httpx.Client(base_url=address, timeout=DEADLINE_S, verify=TLS)

    def write(self, run_id: str | None = None, **start: Any) -> JournalWriter:
        """Start a run; its journal."""
        writer = JournalWriter(self.settings.journals, run_id or new_run_id())
        writer.append_event("start", {"started_us": time.time_ns() // 1000, "params": {}, **start})
        return writer

    def record(
        self,
        *,
        points: Mapping[str, Sequence[float]] | None = None,
        final: Mapping[str, float | str] | None = None,
        artifacts: Sequence[str] = (),
        context: Mapping[str, Any] | None = None,
        **start: Any,
    ) -> str:
        """A whole run, in the store when this returns; its id."""
        writer = self.write(**start)
        if context:
            writer.append_event("context", context)
        for name, values in (points or {}).items():
            writer.append(
                b"".join(
                    encode_points(step, 1_763_000_000_000 + step, {name: v}) for step, v in enumerate(values)
                )
            )
        for path in artifacts:
            writer.append_event("artifact", {"path": path})
        if final:
            writer.append_event("final", {"metrics": dict(final)})
        writer.append_event("end", {"status": "completed"})
        writer.close()
        self.store.collector.collect_run(writer.run_id)
        return writer.run_id

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of an address that must answer with success."""
        answer = self.api.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, **params: Any) -> list[str]:
        """The run ids that `GET /runs` lists."""
        return [run["run_id"] for run in self.get("/runs", **params)]


ServeApp = Callable[[FastAPI], AbstractContextManager[str]]


@contextmanager
def _open_lab(
    serve_app: ServeApp, migrated_file: Path, folder: Path, change: Callable[[FastAPI], None] | None = None
) -> Iterator[Lab]:
    """A server for the project in `folder`, in a thread of this process."""
    (folder / "manifests").mkdir(exist_ok=True)
    settings = load_settings(start=folder, environ={"PROJECT_NAME": "tested"})
    if settings.database_url is None and not settings.db_path.exists():
        shutil.copyfile(migrated_file, settings.db_path)
    app = create_app(settings)
    if change:
        change(app)
    with serve_app(app) as address, open_store(settings) as store:
        lab = Lab(settings, store, address)
        with lab.api:
            yield lab


OpenLab = Callable[..., AbstractContextManager[Lab]]


@pytest.fixture(scope="session")
def open_lab(serve_app: ServeApp, migrated_file: Path) -> OpenLab:
    return partial(_open_lab, serve_app, migrated_file)


@pytest.fixture
def lab(settings: Settings, open_lab: OpenLab) -> Iterator[Lab]:
    with open_lab(settings.root) as lab:
        yield lab


_SERVE = """
import sys
from pathlib import Path
from modellab.server.serving import serve
from modellab.settings import load_settings
serve(load_settings(start=Path(sys.argv[1])), port=0, on_ready=lambda address, _: print(address, flush=True))
"""


class ServerProcess:
    """A server in a process of its own."""

    def __init__(self, folder: Path, *command: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MODELLAB_", "DB_", "PYTHONWARN"))}
        self.process = subprocess.Popen(
            [sys.executable, *(command or ("-c", _SERVE, str(folder)))],
            cwd=folder,
            env={**kept, "PROJECT_NAME": "tested"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.output = ""
        self._lines_read = 0

    def read_until(self, word: str) -> str:
        """The first line of output with `word` in it, after those that were read before."""
        while True:
            *lines, _ = self.output.split("\n")
            for line in lines[self._lines_read :]:
                self._lines_read += 1
                if word in line:
                    return line
            self._read_more(word)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask the server to stop; its exit code."""
        self.process.send_signal(number)
        self.output += self.process.communicate(timeout=DEADLINE_S)[0].decode()
        return self.process.returncode

    def _read_more(self, word: str) -> None:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], DEADLINE_S)
        data = os.read(self.process.stdout.fileno(), 65_536) if ready else b""
        assert data, f"no {word!r} in: {self.output}"
        self.output += data.decode()


@pytest.fixture
def start_server(settings: Settings) -> Iterator[Callable[..., ServerProcess]]:
    started: list[ServerProcess] = []

    def start(*command: str) -> ServerProcess:
        started.append(ServerProcess(settings.root, *command))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def read_problem() -> Callable[[httpx.Response], dict[str, Any]]:
    def read(answer: httpx.Response) -> dict[str, Any]:
        assert answer.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = json.loads(answer.text)
        assert problem["status"] == answer.status_code
        assert problem["type"].startswith("/problems/")
        assert problem["title"]
        assert problem["detail"]
        return problem

    return read


PASSWORD = "correct horse battery"
ROLES: Mapping[str, Role] = {"ada": "admin", "eddy": "editor", "vera": "viewer", "mia": "member"}


class Team:
    """A server that asks for a login, with a user of each role, all with one password, and keys of theirs."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.store = lab.store
        self.password = PASSWORD
        for name, role in ROLES.items():
            lab.store.accounts.add(name, role, PASSWORD)

    def key(self, user: str, scope: Scope = "admin", **more: Any) -> str:
        """A new key of a user."""
        return self.store.keys.add(user, "a test", scope, **more).token

    def ask(
        self, user: str | None = None, scope: Scope = "admin", headers: Mapping[str, str] | None = None
    ) -> httpx.Client:
        """A client that sends a key of the user's, or none; to be closed."""
        known = {"Authorization": f"Bearer {self.key(user, scope)}"} if user else {}
        return httpx.Client(
            base_url=self.lab.address,
            headers={**known, **(headers or {})},
            timeout=DEADLINE_S,
            verify=TLS,
        )

    @contextmanager
    def log_in(self, user: str) -> Iterator[httpx.Client]:
        """A client in a session, which says so as programs do."""
        with self.ask(headers={"X-Requested-With": "modellab"}) as client:
            answer = client.post("/api/modellab/login", json={"name": user, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            yield client


@contextmanager
def _open_team(open_lab: OpenLab, folder: Path, **environment: str) -> Iterator[Team]:
    lines = {"MODELLAB_LOGIN": "1", "MODELLAB_RATE_LIMIT": "1000000", **environment}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    with open_lab(folder) as lab:
        yield Team(lab)


@pytest.fixture(scope="session")
def open_team(open_lab: OpenLab) -> Callable[..., AbstractContextManager[Team]]:
    return partial(_open_team, open_lab)
