from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from modellab.client.outbox import Outbox
from modellab.client.sync import Sync, Synced
from modellab.server import create_app
from modellab.settings import Settings, load_settings
from modellab.store import Store, open_store

DEADLINE_S = 30


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Server:
    """A server with a project of its own, which can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        (folder / "manifests").mkdir(parents=True)
        self.settings = load_settings(start=folder, environ={})
        self.port = _find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The server's store, opened a second time, to look into it."""
        if self._store is None:
            self._store = open_store(self.settings)
        return self._store

    def count(self, run_id: str, name: str) -> int:
        """How many points of a metric the server has."""
        try:
            return self.store.runs.get(run_id).metrics[name].count
        except LookupError:
            return 0

    def start(self, *, login: bool | None = None) -> None:
        config = uvicorn.Config(
            create_app(self.settings, login=login),
            port=self.port,
            log_config=None,
            ws="none",
            lifespan="on",
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        deadline = time.monotonic() + DEADLINE_S
        while not self._server.started:
            assert self._thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(DEADLINE_S)
            self._server = self._thread = None

    def close(self) -> None:
        self.stop()
        if self._store is not None:
            self._store.close()
            self._store = None

    def lose_database(self) -> None:
        """Stop, and delete the database."""
        self.close()
        for path in self.settings.db_path.parent.glob("manifests.db*"):
            path.unlink()


class ServerProcess:
    """A server in a process of its own, which can be killed and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        (folder / "manifests").mkdir(parents=True)
        self.folder = folder
        self.settings = load_settings(start=folder, environ={})
        self.port = _find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "modellab", "serve", "--port", str(self.port)],
            cwd=self.folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self._process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(DEADLINE_S)
            self._process = None


def clean_environment() -> dict[str, str]:
    ours = ("MODELLAB_", "WANDB_", "DB_PATH", "DATASET_ID", "PROJECT_NAME", "PYTHONWARN")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


class Machine:
    """Another machine: a project folder whose runs go to a server."""

    def __init__(self, root: Path, api_url: str) -> None:
        root.mkdir()
        (root / ".env").touch()
        self.root = root
        self.api_url = api_url

    @property
    def settings(self) -> Settings:
        found = load_settings(start=self.root, environ={}, api_url=self.api_url)
        return dataclasses.replace(found, capture_console=False, system_metrics_s=0.0)

    @property
    def outbox(self) -> Path:
        return self.settings.outbox(self.api_url)

    def waiting(self) -> list[str]:
        """What is left to be sent: marks of journals, and files."""
        places = (self.outbox / "journals" / ".open", self.outbox / "spool")
        return sorted(path.name for place in places if place.is_dir() for path in place.iterdir())

    def start(self, script: str, **environment: str) -> subprocess.Popen[str]:
        """A Python script in a process of its own, recording on the server."""
        path = self.root / f"train{len(list(self.root.glob('*.py')))}.py"
        path.write_text(script)
        return subprocess.Popen(
            [sys.executable, str(path)],
            cwd=self.root,
            env=clean_environment() | {"MODELLAB_API_URL": self.api_url} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, **environment: str) -> str:
        """What a script printed to stderr; it must have ended well."""
        process = self.start(script, **environment)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        return err


@pytest.fixture
def stopped_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    yield server
    server.close()


@pytest.fixture(scope="module")
def lasting_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests of a module, which leave it as it is."""
    server = Server(tmp_path_factory.mktemp("lasting") / "server")
    server.start()
    yield server
    server.close()


@pytest.fixture
def server(stopped_server: Server) -> Server:
    stopped_server.start()
    return stopped_server


@pytest.fixture
def server_process(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path / "server")
    yield server
    server.kill()


@pytest.fixture
def machine(tmp_path: Path, stopped_server: Server) -> Machine:
    return Machine(tmp_path / "machine", stopped_server.url)


@pytest.fixture
def make_machine(tmp_path: Path) -> Callable[[str], Machine]:
    return lambda api_url: Machine(tmp_path / "machine", api_url)


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What was told to the user while the test ran, instead of raised as a warning."""
    messages: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", RuntimeWarning)
        shown, warnings.showwarning = (
            warnings.showwarning,
            lambda message, *_, **__: messages.append(str(message)),
        )
        yield messages
        warnings.showwarning = shown


@pytest.fixture
def sync() -> Callable[[Machine], Synced]:
    """A function that sends what waits on a machine, as `modellab sync` does."""

    def run(machine: Machine, *, everything: bool = False) -> Synced:
        outbox = Outbox(machine.outbox, machine.api_url, machine.settings.api_key)
        try:
            return Sync(outbox, everything=everything).run(lambda _n: None)
        finally:
            outbox.close()

    return run
