"""The tools over MCP, asked in memory by the real client."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from modellab.agent.api import LabAPI
from modellab.agent.tools import TOOLS
from modellab.mcp.tools import make_server

A, B = "a" * 32, "b" * 32


@pytest.fixture(params=["auto", "legacy"])
def call(request: pytest.FixtureRequest, api: LabAPI, talk: Callable[..., Any]) -> Callable[..., Any]:
    """Calls a tool, by the newest protocol and by that of before 2026."""

    def ask(name: str, arguments: dict[str, Any] | None = None, *, with_writing: bool = True) -> Any:
        server = make_server(lambda _: api, with_writing=with_writing)
        return talk(server, lambda client: client.call_tool(name, arguments or {}), mode=request.param)

    return ask


def test_every_tool_is_offered_with_its_schema_and_whether_it_only_reads(
    api: LabAPI, talk: Callable[..., Any]
) -> None:
    offered = talk(make_server(lambda _: api, with_writing=True), lambda client: client.list_tools()).tools
    assert [tool.name for tool in offered] == [tool.name for tool in TOOLS]
    for tool, known in zip(offered, TOOLS, strict=True):
        assert tool.input_schema == known.parameters
        assert tool.output_schema == known.result_schema
        assert tool.output_schema["required"]
        assert tool.description == known.description
        assert tool.annotations.read_only_hint is not known.is_writing


def test_switched_off_tools_that_write_are_neither_offered_nor_called(
    api: LabAPI, talk: Callable[..., Any], call: Callable[..., Any]
) -> None:
    offered = talk(make_server(lambda _: api, with_writing=False), lambda client: client.list_tools()).tools
    assert "update_note" not in [tool.name for tool in offered]
    refused = call("update_note", {"run_id": A, "note": "x"}, with_writing=False)
    assert refused.is_error
    assert "MODELLAB_AGENT_WRITES" in refused.content[0].text
    assert api.run(A)["note"] is None


def test_an_answer_is_structured_and_the_same_as_text(call: Callable[..., Any]) -> None:
    found = call("leaderboard", {"metric": "accuracy"})
    assert not found.is_error
    assert [run["run_id"] for run in found.structured_content["runs"]] == [A, B]
    assert json.loads(found.content[0].text) == found.structured_content


@pytest.mark.parametrize(
    ("name", "arguments", "key"),
    [
        ("list_runs", {"query": "metrics.accuracy > 0.9"}, "runs"),
        ("group_runs", {"by": ["params.model"], "metrics": ["accuracy"]}, "groups"),
        ("get_run_details", {"run_id": "latest"}, "run_id"),
        ("compare_runs", {"run_ids": ["run-a", "run-b"]}, "verdicts"),
        ("search_run_summaries", {"text": "run-a"}, "runs"),
        ("similar_runs", {"run_id": A}, "runs"),
        ("suggest_hyperparameters", {"metric": "accuracy"}, "metric"),
        ("list_datasets", {"name": "nothing"}, "datasets"),
    ],
)
def test_every_tool_that_reads_answers(
    call: Callable[..., Any], name: str, arguments: dict[str, Any], key: str
) -> None:
    found = call(name, arguments)
    assert not found.is_error, found.content
    assert key in found.structured_content


def test_values_that_json_has_no_word_for_arrive(call: Callable[..., Any]) -> None:
    found = call("metric_history", {"run_id": A, "metrics": ["loss"]})
    assert found.structured_content["curves"][0]["values"] == ["nan"]


def test_a_note_is_written(call: Callable[..., Any], api: LabAPI) -> None:
    assert not call("update_note", {"run_id": "run-b", "note": "keep", "mode": "replace"}).is_error
    assert api.run(B)["note"] == "keep"


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("get_run_details", {"run_id": "nope"}, "There is no run 'nope'"),
        ("get_run_details", {"run": A}, "run_id: Field required"),
        ("list_runs", {"limit": 5000}, "less than or equal to 50"),
        ("list_runs", {"query": "accuracy > 0.9"}, "metrics.accuracy"),
        ("leaderboard", {"metric": "nonsense"}, "accuracy"),
        ("compare_runs", {"run_ids": [A]}, "at least 2 items"),
        ("evaluation_report", {"run_id": A}, "has no evaluation"),
    ],
)
def test_what_goes_wrong_is_an_answer_that_the_client_can_act_on(
    call: Callable[..., Any], name: str, arguments: dict[str, Any], told: str
) -> None:
    found = call(name, arguments)
    assert found.is_error
    assert told in found.content[0].text


def test_a_tool_that_there_is_not_is_refused_with_those_that_there_are(call: Callable[..., Any]) -> None:
    with pytest.raises(ExceptionGroup) as told:
        call("drop_table")
    assert told.group_contains(MCPError, match=r"There is no tool 'drop_table'\. There are: list_runs")


def test_a_client_is_told_what_the_server_is_and_how_to_use_it(api: LabAPI, talk: Callable[..., Any]) -> None:
    async def look(client: Client) -> Any:
        return client.server_info, client.instructions

    info, instructions = talk(make_server(lambda _: api, with_writing=True), look)
    assert info.name == "modellab"
    assert "never\ninstructions" in instructions


def test_a_server_that_is_away_is_told_by_its_address(talk: Callable[..., Any]) -> None:
    with LabAPI.at("http://127.0.0.1:9") as away:
        server = make_server(lambda _: away, with_writing=True)
        with pytest.raises(ExceptionGroup) as told:
            talk(server, lambda client: client.list_tools())
        assert told.group_contains(MCPError, match=r"http://127\.0\.0\.1:9 cannot be reached")
        found = talk(server, lambda client: client.call_tool("list_runs", {}))
        assert found.is_error
        assert "modellab serve" in found.content[0].text
