"""The tools, as rules, models and clients of MCP call them: what they take, give back, and refuse."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from modellab.agent.api import LabAPI
from modellab.agent.references import AmbiguousRun
from modellab.agent.toolbox import Toolbox
from modellab.agent.tools import TOOLS, list_tools, may_write
from modellab.errors import Forbidden, InvalidInput, NotFound

BEST = "0000000000000002000000000000000b"
BY_NAME = {tool.name: tool for tool in TOOLS}


def _call(api: LabAPI, tool: str, **given: Any) -> dict[str, Any]:
    result = BY_NAME[tool].call(api, given)
    BY_NAME[tool].result.model_validate(result, strict=True)
    return result


def test_all_tools_of_the_contract_are_there_and_say_what_they_do_in_one_sentence() -> None:
    assert {
        *("list_runs", "leaderboard", "get_run_details", "compare_runs", "update_note"),
        *("flag_run_for_publish", "search_run_summaries"),
    } <= set(BY_NAME)
    for tool in TOOLS:
        assert tool.description.endswith(".")
        assert tool.description.count(". ") == 0
        assert len(tool.description) < 120
        assert tool.parameters["type"] == "object"
        assert tool.parameters["additionalProperties"] is False


def test_only_notes_and_flags_are_written() -> None:
    assert {tool.name for tool in TOOLS if tool.is_writing} == {"update_note", "flag_run_for_publish"}
    assert not any(tool.is_writing for tool in list_tools(with_writing=False))


@pytest.mark.parametrize(
    "reference", [BEST, "0000000b", "svm-large", "SVM-LARGE", "svm-lar", "000000000000000b"]
)
def test_a_run_is_known_by_its_id_a_part_of_it_or_its_name(lab_api: LabAPI, reference: str) -> None:
    assert _call(lab_api, "get_run_details", run_id=reference)["run_id"] == BEST


def test_latest_counts_back_from_the_newest(lab_api: LabAPI) -> None:
    assert _call(lab_api, "get_run_details", run_id="latest")["name"] == "overfit-demo"
    assert _call(lab_api, "get_run_details", run_id="latest~1")["name"] == "broken"
    with pytest.raises(NotFound):
        _call(lab_api, "get_run_details", run_id="latest~99")


def test_a_name_of_several_runs_is_refused_with_the_candidates(lab_api: LabAPI) -> None:
    with pytest.raises(AmbiguousRun, match="'twin' fits 2 runs") as caught:
        _call(lab_api, "get_run_details", run_id="twin")
    assert [run["name"] for run in caught.value.candidates] == ["twin", "twin"]


@pytest.mark.parametrize(
    "reference", ["nothing-like-it", "%", "_", '" or 1=1 --', "../../etc/passwd", "f" * 32, "a\\b"]
)
def test_any_text_may_be_asked_for_and_names_no_run_by_accident(lab_api: LabAPI, reference: str) -> None:
    with pytest.raises(NotFound):
        _call(lab_api, "get_run_details", run_id=reference)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("accuracy", "val/accuracy"),
        ("val accuracy", "val/accuracy"),
        ("validation_acc", "val/accuracy"),
        ("Loss", "val/loss"),
        ("training loss", "train/loss"),
        ("val/acuracy", "val/accuracy"),
    ],
)
def test_a_metric_is_known_in_any_writing(lab_api: LabAPI, said: str, meant: str) -> None:
    assert _call(lab_api, "leaderboard", metric=said)["metric"] == meant


def test_a_leaderboard_knows_which_way_is_better_and_can_be_told(lab_api: LabAPI) -> None:
    assert _call(lab_api, "leaderboard", metric="val/loss")["runs"][0]["run_id"] == BEST
    turned = _call(lab_api, "leaderboard", metric="val/loss", higher_is_better=True)
    assert turned["runs"][0]["value"] == max(run["value"] for run in turned["runs"])


def test_a_history_is_reduced_and_says_how_many_points_stand_behind_it(lab_api: LabAPI) -> None:
    curve = _call(lab_api, "metric_history", run_id="overfit-demo", metrics=["val/loss"])["curves"][0]
    assert (curve["n_points"], curve["min"], curve["min_step"], curve["last"]) == (5, 0.5, 2, 0.9)
    assert curve["values"] == [1.0, 0.6, 0.5, 0.7, 0.9]


def test_a_failed_run_tells_its_error_and_nan_is_a_word(lab_api: LabAPI) -> None:
    found = _call(lab_api, "get_run_details", run_id="broken")
    assert found["error"] == "ValueError: the loss is nan"
    assert found["traceback"].endswith("ValueError: the loss is nan")
    orjson.dumps(found)  # JSON, whatever the values


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("list_runs", {"limit": 0}),
        ("list_runs", {"limit": 51}),
        ("list_runs", {"query": "metrics.accuracy >> 1"}),
        ("list_runs", {"sort": "nothing.like.it"}),
        ("list_runs", {"unknown": 1}),
        ("leaderboard", {}),
        ("compare_runs", {"run_ids": ["svm-large"]}),
        ("compare_runs", {"run_ids": ["svm-large", BEST]}),
        ("compare_runs", {"run_ids": ["latest"] * 11}),
        ("metric_history", {"run_id": "latest", "max_points": 1}),
        ("update_note", {"run_id": "latest", "note": "x" * 10_001}),
        ("search_run_summaries", {"text": ""}),
    ],
)
def test_arguments_that_are_not_allowed_are_refused_by_name(
    lab_api: LabAPI, tool: str, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        _call(lab_api, tool, **given)


def test_answers_stay_small(lab_api: LabAPI) -> None:
    for tool, given in (
        ("list_runs", {"limit": 50}),
        ("leaderboard", {"metric": "accuracy", "top_k": 50}),
        ("compare_runs", {"run_ids": ["svm-large", "svm-small", "logreg"]}),
    ):
        assert len(orjson.dumps(_call(lab_api, tool, **given))) < 20_000


def test_a_toolbox_remembers_calls_and_their_errors(lab_api: LabAPI) -> None:
    box = Toolbox(lab_api, list_tools(with_writing=False))
    box.call("list_runs", limit=1)
    for tool, error in (
        ("get_run_details", NotFound),
        ("flag_run_for_publish", Forbidden),
        ("no", Forbidden),
    ):
        with pytest.raises(error):
            box.call(tool, run_id="zzz")
    assert [(call.name, call.error is None) for call in box.calls] == [
        ("list_runs", True),
        ("get_run_details", False),
        ("flag_run_for_publish", False),
        ("no", False),
    ]
    assert len(box.results) == 1


def test_a_toolbox_hands_on_an_argument_that_is_called_name(lab_api: LabAPI) -> None:
    box = Toolbox(lab_api, TOOLS)
    assert box.call("list_datasets", name="no such dataset")["datasets"] == []
    assert box.calls[0].arguments == {"name": "no such dataset"}


def test_whoever_sits_at_the_machine_may_write(lab_api: LabAPI) -> None:
    assert may_write(lab_api)
