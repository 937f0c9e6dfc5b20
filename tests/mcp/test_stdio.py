"""`modellab mcp` as clients start it: a process that is talked to over its stdin and stdout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from modellab.settings import Settings

OLD_VERSION = "2024-11-05"
CLIENT = {"name": "old", "version": "1"}


def _environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MODELLAB_", "DB_", "PYTHONWARN"))}
    return {**kept, **more}


def test_a_client_starts_the_command_and_asks_it(two_runs: Settings, talk: Callable[..., Any]) -> None:
    async def ask(client: Client) -> Any:
        return (await client.list_tools()).tools, await client.call_tool("list_runs", {})

    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "modellab", "--db", str(two_runs.db_path), "mcp"],
        env=_environment(MODELLAB_AGENT_WRITES="0"),
        cwd=str(two_runs.root),
    )
    tools, found = talk(command, ask)
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert found.structured_content["total"] == 2


def test_a_client_of_an_old_protocol_is_answered_and_nothing_else_stands_in_stdout(
    two_runs: Settings,
) -> None:
    about = {"protocolVersion": OLD_VERSION, "capabilities": {}, "clientInfo": CLIENT}
    ranked = {"name": "leaderboard", "arguments": {"metric": "accuracy"}}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": about},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": ranked},
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "modellab", "mcp"],
        cwd=two_runs.root,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for message in messages:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            process.stdin.flush()
            if "id" in message:
                answers.append(json.loads(process.stdout.readline()))
        rest, complaints = process.communicate(timeout=60)
    assert (process.returncode, rest, complaints) == (0, "", "")
    assert answers[0]["result"]["protocolVersion"] == OLD_VERSION
    assert json.loads(answers[1]["result"]["content"][0]["text"])["runs"][0]["run_id"] == "a" * 32


@pytest.mark.parametrize("arguments", [["mcp"], ["--db", "elsewhere/runs.db", "mcp"]])
def test_a_folder_without_runs_does_not_become_a_project(tmp_path: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modellab", *arguments],
        cwd=tmp_path,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "There are no runs yet" in done.stderr
    assert "--db" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_it_while_it_waits_for_a_message(two_runs: Settings) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "modellab", "mcp"],
        cwd=two_runs.root,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}) + "\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == -signal.SIGINT
