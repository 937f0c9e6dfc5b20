"""`modellab ask`, about the project itself and about a server's runs, and the script that asks a server."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "test_agent.py"


@pytest.fixture
def asked(project: Any) -> Any:
    for name, accuracy in (("svm", 0.95), ("mlp", 0.93)):
        project.record({"accuracy": accuracy}, name=name, params={"model": name})
    return project


def test_a_question_is_answered_without_a_server(asked: Any) -> None:
    outcome = asked.call("ask", "which run has the highest accuracy?")
    assert outcome.code == 0
    assert outcome.out.startswith("svm (")
    assert "no model is configured" in outcome.err


def test_words_need_no_quotes_and_json_is_the_whole_answer(asked: Any) -> None:
    answer = asked.call("ask", "how", "many", "runs", "--json").json()
    assert answer["intent"] == "count"
    assert answer["natural_language_answer"] == "2 runs."


def test_questions_are_read_line_by_line_and_may_go_back(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["top 2 by accuracy", "", "\udcff\udcfe", "x" * 10_001, "Compare those two."]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
    outcome = asked.call("ask")
    assert outcome.code == 0
    assert "Compared: svm" in outcome.out
    assert "not UTF-8" in outcome.err
    assert "has 10001 characters; it may have 10000" in outcome.err


def test_a_blank_question_is_refused(project: Any) -> None:
    outcome = project.call("ask", "  ")
    assert outcome.code == 2
    assert "blank" in outcome.err


def test_without_runs_it_says_how_to_record_one(project: Any) -> None:
    outcome = project.call("ask", "which run is the best?")
    assert outcome.code == 0
    assert "modellab demo" in outcome.out


def test_a_server_that_is_not_there_is_told(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELLAB_API_URL", "http://127.0.0.1:9")
    outcome = project.call("ask", "list runs")
    assert outcome.code == 1
    assert "cannot be reached" in outcome.err


@pytest.fixture
def served(asked: Any) -> Iterator[str]:
    """The address of a server with the project's runs, in a process of its own."""
    code = (
        "from modellab.server.serving import serve\nfrom modellab.settings import load_settings\n"
        "serve(load_settings(), port=0, on_ready=lambda address, _: print(address, flush=True))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=asked.folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_server_is_asked_and_the_script_prints_each_status_with_its_answer(
    asked: Any, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = subprocess.run(
        [sys.executable, SCRIPT, "--url", served],
        cwd=asked.folder,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.count("STATUS: 200") == 5
    assert '"intent": "compare"' in found.stdout
    assert "ANSWER: svm" in found.stdout
    monkeypatch.setenv("MODELLAB_API_URL", served)
    assert asked.call("ask", "how many runs are there?").out == "2 runs.\n"
