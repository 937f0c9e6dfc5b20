"""A project with two runs, and its tools asked by the real client of MCP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from mcp import Client

from modellab.agent.api import LabAPI
from modellab.agent.in_process import open_app
from modellab.journal.line import encode_event, encode_points
from modellab.journal.writer import JournalWriter
from modellab.server import create_app
from modellab.settings import Settings, load_settings
from modellab.store import open_store

Found = TypeVar("Found")
Talk = Callable[[Client], Awaitable[Found]]
BEGUN_MS = 1_763_000_000_000


def _record_two_runs(settings: Settings) -> None:
    with open_store(settings) as store:
        for letter, accuracy in (("a", 0.95), ("b", 0.93)):
            writer = JournalWriter(settings.journals, letter * 32)
            start = {"started_us": BEGUN_MS * 1000, "params": {"lr": 0.1}, "name": f"run-{letter}"}
            writer.append(encode_event("start", BEGUN_MS, start))
            writer.append(encode_points(0, BEGUN_MS, {"loss": float("nan")}))
            writer.append(encode_event("final", BEGUN_MS, {"metrics": {"accuracy": accuracy}}))
            writer.append(encode_event("end", BEGUN_MS + 1000, {"status": "completed"}))
            writer.close()
            store.collector.collect_run(writer.run_id)


@pytest.fixture
def two_runs(settings: Settings) -> Settings:
    """The settings of a project with the runs `a…` and `b…`."""
    _record_two_runs(settings)
    return settings


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabAPI]:
    """The API of such a project, for the tests of one module."""
    root = tmp_path_factory.mktemp("two-runs")
    (root / "manifests").mkdir()
    settings = load_settings(start=root, environ={})
    _record_two_runs(settings)
    with open_app(create_app(settings)) as api:
        yield api


@pytest.fixture(scope="session")
def talk() -> Callable[..., Any]:
    """Has a client talk to a server: one in memory, a command, or an address."""

    def run(server: Any, say: Talk[Found], **options: Any) -> Found:
        async def connect() -> Found:
            async with Client(server, read_timeout_seconds=60, **options) as client:
                return await say(client)

        return asyncio.run(connect())

    return run
