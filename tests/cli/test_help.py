from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import modellab

if TYPE_CHECKING:
    from tests.cli.conftest import Project

COMMANDS = [
    "serve",
    "demo",
    "template",
    "example-data",
    "runs",
    "show",
    "compare",
    "leaderboard",
    "report",
    "search",
    "similar",
    "suggest",
    "ask",
    "mcp",
    "dashboard",
    "evaluations",
    "note",
    "projects",
    "delete",
    "trash",
    "restore",
    "purge",
    "artifacts",
    "download",
    "datasets",
    "dataset",
    "sync",
    "repro",
    "users",
    "keys",
    "audit",
    "doctor",
]


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_modellab_alone_shows_the_commands_in_the_order_a_newcomer_needs_them(
    project: Project, arguments: tuple[str, ...]
) -> None:
    outcome = project.call(*arguments)
    assert (outcome.code, outcome.err) == (0, "")
    listed = outcome.out.partition("Commands:\n")[2]
    assert re.findall(r"^  ([\w-]+)", listed, re.MULTILINE) == COMMANDS
    assert "modellab demo" in outcome.out.partition("Commands:\n")[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(project: Project, command: str) -> None:
    outcome = project.call(command, "--help")
    assert outcome.code == 0
    assert f":\n    modellab {command}" in outcome.out
    assert [line for line in outcome.out.splitlines() if len(line) > 80] == []


def test_the_version_is_printed(project: Project) -> None:
    outcome = project.call("--version")
    assert outcome.code == 0
    assert outcome.out.startswith(f"modellab {modellab.__version__}, Python 3.")


def test_help_answers_without_loading_what_only_commands_need() -> None:
    program = (
        "import sys; from modellab.cli import main\n"
        "try: main()\n"
        "finally: print([name for name in ('rich', 'sqlalchemy', 'fastapi') if name in sys.modules])"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", program, "--help"], capture_output=True, text=True, timeout=60
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.endswith("\n[]\n")
