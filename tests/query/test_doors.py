"""The same text at every door: Python, the command line, and both route families over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import httpx
import pytest
from click.testing import CliRunner

import modellab
from modellab.cli.leaderboard import show_leaderboard
from modellab.cli.runs import list_runs
from modellab.errors import InvalidQuery
from modellab.ids import new_run_id
from modellab.journal.line import encode_event
from modellab.server import create_app
from modellab.settings import Settings
from modellab.store import open_store

QUERY = "metrics.accuracy > 0.9 and params.model = 'svm' and not note like '%BAD%'"
BROKEN = "metrics.accuracy >> 0.9"
HINT = "Character 19, above the mark:\n  metrics.accuracy >> 0.9\n                    ^"


@pytest.fixture
def wanted(settings: Settings) -> str:
    """The id of the one run, of three, that meets the query."""
    ids = [new_run_id() for _ in range(3)]
    with open_store(settings) as store:
        for run_id, accuracy, note in zip(ids, (0.95, 0.99, 0.5), ("fine", "BAD", "fine"), strict=True):
            lines = (
                encode_event("start", 1_763_000_000_000, {"params": {"model": "svm"}, "note": note}),
                encode_event("final", 1_763_000_000_000, {"metrics": {"accuracy": accuracy}}),
                encode_event("end", 1_763_000_000_000, {"status": "completed"}),
            )
            store.ingest(run_id, "w", 0, b"".join(lines))
    return ids[0]


def test_from_python(settings: Settings, wanted: str) -> None:
    assert [run.run_id for run in modellab.list_runs(QUERY, settings=settings)] == [wanted]
    with pytest.raises(InvalidQuery) as caught:
        modellab.list_runs(BROKEN, settings=settings)
    assert (caught.value.position, caught.value.hint) == (18, HINT)


def test_on_the_command_line(settings: Settings, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(settings.root)
    monkeypatch.setenv("DB_PATH", str(settings.db_path))
    for command, arguments in ((list_runs, [QUERY]), (show_leaderboard, ["accuracy", "--where", QUERY])):
        outcome = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
        assert [run["run_id"] for run in json.loads(outcome.stdout)] == [wanted]
    outcome = CliRunner().invoke(list_runs, ["metrics.acuracy > 0.9 or metrics.accuracy > 2"])
    assert "No run has a metric 'acuracy'. There are: accuracy." in outcome.output
    with pytest.raises(InvalidQuery, match="`>` stands here"):
        CliRunner().invoke(list_runs, [BROKEN], catch_exceptions=False)


def ask_all(settings: Settings, paths: Sequence[str], query: str) -> list[httpx.Response]:
    """What the server answers at each address."""

    async def ask() -> list[httpx.Response]:
        app = create_app(settings, login=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as api,
        ):
            return [await api.get(path, params={"query": query, "metric_name": "accuracy"}) for path in paths]

    return asyncio.run(ask())


def test_over_http(settings: Settings, wanted: str) -> None:
    paths = ("/runs", "/runs/leaderboard", "/api/modellab/runs")
    for answer in ask_all(settings, paths, QUERY):
        found = answer.json()
        items = found["items"] if isinstance(found, dict) else found
        assert [run["run_id"] for run in items] == [wanted]
    for answer in ask_all(settings, paths, BROKEN):
        assert answer.status_code == 422
        problem = answer.json()
        assert problem["type"] == "/problems/invalid-input"
        assert problem["detail"] == "`>` stands here; expected is a value, such as 0.9."
        assert problem["hint"] == HINT
