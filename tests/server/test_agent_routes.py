"""The assistant over HTTP: answers, streams, and the rights of who asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

QUERY = "/agent/query"
STREAM = "/api/modellab/agent/stream"


@pytest.fixture
def asked_lab(lab: Any) -> Any:
    for name, accuracy in (("svm", 0.95), ("mlp", 0.93)):
        lab.record(name=name, final={"accuracy": accuracy})
    return lab


def _ask(api: httpx.Client, question: str, **more: Any) -> dict[str, Any]:
    answer = api.post(QUERY, json={"query": question, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_question_gets_an_answer_that_cites_its_runs(asked_lab: Any) -> None:
    found = _ask(asked_lab.api, "Which run has the highest accuracy?")
    assert found["intent"] == "best"
    assert found["used_run_ids"][0] in asked_lab.ids()
    assert "svm" in found["natural_language_answer"]
    assert found["generated_by"] == "rules"
    assert "no model is configured" in found["notes"][0]
    assert found["tool_calls"][0]["name"] == "leaderboard"


def test_an_answer_may_be_sent_back_whole_as_a_turn(asked_lab: Any) -> None:
    first = _ask(asked_lab.api, "top 2 by accuracy")
    turn = {"question": "top 2 by accuracy", **first}
    second = _ask(asked_lab.api, "Compare those two.", conversation=[turn])
    assert second["intent"] == "compare"
    assert second["used_run_ids"] == first["used_run_ids"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": ""},
        {"query": "  \n "},
        {"query": "a" * 10_001},
        {"query": 7},
        {"query": "zero\x00byte"},
        {"query": "x", "conversation": [{"question": "y"}] * 21},
        {"query": "x", "conversation": "y"},
        {"query": "x", "unknown": 1},
    ],
)
def test_a_body_that_is_no_question_is_refused(
    lab: Any, read_problem: Callable[[httpx.Response], dict[str, Any]], body: dict[str, Any]
) -> None:
    assert read_problem(lab.api.post(QUERY, json=body))["status"] == 422
    assert read_problem(lab.api.post(STREAM, json=body))["status"] == 422


def test_a_stream_tells_of_tools_first_then_text_then_the_whole_answer(asked_lab: Any) -> None:
    question = {"query": "Which run has the highest accuracy?"}
    with asked_lab.api.stream("POST", STREAM, json=question) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = list(_read_events(answer))
    kinds = [kind for kind, _ in events]
    assert kinds[0] == "tool_call"
    assert kinds[-1] == "answer"
    assert kinds.index("text") > max(n for n, kind in enumerate(kinds) if kind == "tool_call")
    text = "".join(content["text"] for kind, content in events if kind == "text")
    assert text == events[-1][1]["natural_language_answer"]


def test_it_says_who_answers(lab: Any) -> None:
    found = lab.get("/api/modellab/agent")
    assert found["generated_by"] == "rules"
    assert found["may_write"] is True
    assert len(found["examples"]) >= 4


def _read_events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))


OpenTeam = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def team_with_runs(tmp_path: Path, open_team: OpenTeam) -> Iterator[Any]:
    with open_team(tmp_path) as team:
        with team.ask("ada") as admin:
            seen, hidden = (
                admin.post("/api/modellab/projects", json={"name": name}).json()["project_id"]
                for name in ("seen", "hidden")
            )
            admin.put(f"/api/modellab/users/mia/projects/{seen}", json={"role": "viewer"})
        team.lab.record(name="open", project_id=seen, final={"accuracy": 0.8})
        team.lab.record(name="secret", project_id=hidden, final={"accuracy": 0.99})
        yield team


def test_nobody_is_answered_without_a_login(
    team_with_runs: Any, read_problem: Callable[[httpx.Response], dict[str, Any]]
) -> None:
    with team_with_runs.ask() as stranger:
        for path in (QUERY, STREAM):
            assert read_problem(stranger.post(path, json={"query": "list runs"}))["status"] == 401


def test_it_sees_only_what_its_caller_sees(team_with_runs: Any) -> None:
    with team_with_runs.ask("mia") as mia:
        text = _ask(mia, "Which run has the highest accuracy?")["natural_language_answer"]
        assert "open" in text
        assert "secret" not in text
        assert "0.99" not in text
        assert "There is no run" in _ask(mia, "tell me about run secret-1")["natural_language_answer"]


@pytest.mark.parametrize(("user", "scope"), [("vera", "admin"), ("ada", "read"), ("mia", "admin")])
def test_it_writes_nothing_for_who_may_only_read(team_with_runs: Any, user: str, scope: str) -> None:
    with team_with_runs.ask(user, scope) as reader:
        found = _ask(reader, "flag the best run")
        assert found["flagged_run_id"] is None
        assert "switched off" in found["natural_language_answer"]
        assert reader.get("/api/modellab/agent").json()["may_write"] is False


def test_what_it_writes_stands_in_the_audit_log_under_its_callers_name(team_with_runs: Any) -> None:
    with team_with_runs.ask("eddy") as eddy:
        found = _ask(eddy, "flag the best run")
    assert found["flagged_run_id"]
    with team_with_runs.ask("ada") as ada:
        entries = ada.get("/api/modellab/audit", params={"target": found["flagged_run_id"]}).json()["items"]
    assert [entry["actor"] for entry in entries] == ["eddy"]


def test_a_question_in_a_session_is_asked_with_that_session(team_with_runs: Any) -> None:
    with team_with_runs.log_in("eddy") as eddy:
        assert _ask(eddy, "flag the best run")["flagged_run_id"]


def test_writing_can_be_switched_off_for_all(tmp_path: Path, open_team: OpenTeam) -> None:
    with open_team(tmp_path, MODELLAB_AGENT_WRITES="0") as team, team.ask("ada") as ada:
        team.lab.record(name="open", final={"accuracy": 0.8})
        assert _ask(ada, "flag the best run")["flagged_run_id"] is None
