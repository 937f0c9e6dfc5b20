"""The tools over MCP at a server's `/mcp`, with the rights of who asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

ACCEPT = {"Accept": "application/json, text/event-stream"}
OpenTeam = Callable[..., AbstractContextManager[Any]]
Say = Callable[[Client], Awaitable[Any]]


def _talk(address: str, say: Say, key: str | None = None, mode: Any = "auto") -> Any:
    """What a client is answered that sends a key."""

    async def connect() -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            carrier = streamable_http_client(f"{address}/mcp", http_client=http)
            async with Client(carrier, mode=mode) as client:
                return await say(client)

    return asyncio.run(connect())


def _call(name: str, **arguments: Any) -> Say:
    return lambda client: client.call_tool(name, arguments)


def _post(api: httpx.Client, method: str, version: str, **params: Any) -> httpx.Response:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return api.post("/mcp", json=message, headers={**ACCEPT, "MCP-Protocol-Version": version})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_reads_runs_over_http(lab: Any, mode: str) -> None:
    run_id = lab.record(name="svm", final={"accuracy": 0.95})

    async def ask(client: Client) -> Any:
        return (await client.list_tools()).tools, await client.call_tool("get_run_details", {"run_id": "svm"})

    tools, found = _talk(lab.address, ask, mode=mode)
    assert "update_note" in [tool.name for tool in tools]
    assert found.structured_content["run_id"] == run_id


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18"])
def test_a_client_of_an_older_protocol_is_answered(lab: Any, version: str) -> None:
    lab.record(name="svm", final={"accuracy": 0.95})
    about = {"capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}
    begun = _post(lab.api, "initialize", version, protocolVersion=version, **about)
    assert begun.json()["result"]["protocolVersion"] == version
    found = _post(lab.api, "tools/call", version, name="list_runs", arguments={})
    assert json.loads(found.json()["result"]["content"][0]["text"])["total"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_no_message_is_refused_in_our_shape(
    lab: Any, read_problem: Callable[[httpx.Response], dict[str, Any]], method: str
) -> None:
    answer = lab.api.request(method, "/mcp", headers=ACCEPT)
    assert read_problem(answer)["status"] == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"jsonrpc": "2.0"}', b"\xff\xfe"])
def test_a_body_that_is_no_message_is_refused(lab: Any, body: bytes) -> None:
    answer = lab.api.post("/mcp", content=body, headers={**ACCEPT, "Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_pages_of_other_sites_and_foreign_names_are_refused(
    lab: Any, read_problem: Callable[[httpx.Response], dict[str, Any]]
) -> None:
    evil = lab.api.post("/mcp", json={}, headers={**ACCEPT, "Origin": "https://evil.example"})
    assert read_problem(evil)["status"] == 403
    rebound = lab.api.post("/mcp", json={}, headers={**ACCEPT, "Host": "evil.example"})
    assert read_problem(rebound)["status"] == 403


@pytest.fixture
def team_with_runs(tmp_path: Path, open_team: OpenTeam) -> Iterator[Any]:
    with open_team(tmp_path) as team:
        with team.ask("ada") as admin:
            seen, hidden = (
                admin.post("/api/modellab/projects", json={"name": name}).json()["project_id"]
                for name in ("seen", "hidden")
            )
            admin.put(f"/api/modellab/users/mia/projects/{seen}", json={"role": "editor"})
        team.lab.record(name="run-seen", project_id=seen, final={"accuracy": 0.9})
        team.lab.record(name="run-hidden", project_id=hidden, final={"accuracy": 0.9})
        yield team


def test_a_server_with_a_login_answers_nobody_without_a_key(
    lab: Any, team_with_runs: Any, read_problem: Callable[[httpx.Response], dict[str, Any]]
) -> None:
    for headers in ({}, {"Authorization": "Bearer mlk_wrong"}):
        with team_with_runs.ask(headers={**ACCEPT, **headers}) as client:
            assert read_problem(client.post("/mcp", json={}))["status"] == 401


def test_who_asks_sees_what_it_may_see_and_no_tool_that_it_may_not_use(team_with_runs: Any) -> None:
    address = team_with_runs.lab.address

    async def look(client: Client) -> Any:
        names = {tool.name for tool in (await client.list_tools()).tools}
        runs = (await client.call_tool("list_runs", {})).structured_content["runs"]
        return names, {run["name"] for run in runs}

    names, runs = _talk(address, look, team_with_runs.key("mia"))
    assert runs == {"run-seen"}
    assert "update_note" in names
    names, runs = _talk(address, look, team_with_runs.key("vera"))
    assert runs == {"run-seen", "run-hidden"}
    assert "update_note" not in names


def test_a_tool_that_writes_is_refused_to_who_may_only_read(team_with_runs: Any) -> None:
    address, key = team_with_runs.lab.address, team_with_runs.key("vera")
    found = _talk(address, _call("update_note", run_id="run-seen", note="x"), key)
    assert found.is_error
    assert "may not do this" in found.content[0].text


def test_a_run_that_may_not_be_seen_is_one_that_is_not_there(team_with_runs: Any) -> None:
    address, key = team_with_runs.lab.address, team_with_runs.key("mia")
    found = _talk(address, _call("get_run_details", run_id="run-hidden"), key)
    assert found.is_error
    assert "There is no run" in found.content[0].text
