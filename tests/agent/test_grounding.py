"""An answer may say what tools said, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from modellab.agent.grounding import find_ungrounded

RUN = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"
RESULT: dict[str, Any] = {
    "total": 12,
    "runs": [
        {"run_id": RUN, "name": "svm-3", "label": "svm-3", "value": 0.95312, "params": {"lr": 1e-4}},
        {
            "run_id": OTHER,
            "name": "mlp",
            "label": "mlp",
            "value": -1234.5,
            "started_at": "2026-11-20T09:30:00",
        },
    ],
}


def _verdict(word: str) -> dict[str, Any]:
    return {**RESULT, "verdicts": [{"a": RUN, "b": OTHER, "verdict": word, "sentence": "x"}]}


@pytest.mark.parametrize(
    "text",
    [
        "svm-3 has 0.953, of 12 runs.",
        "svm-3 reached 95.3 %.",
        f"Run {RUN[-8:]} has 0.95312.",
        "1. svm-3: 0.95\n2. mlp: -1,234.5",
        "The learning rate is 0.0001, or 1e-4.",
        "It began on 2026-11-20 at 09:30.",
        "Of the top 5 that you asked for there are 2.",
        "Whether svm-3 is better than mlp cannot be told.",
    ],
)
def test_what_tools_said_may_be_said_rounded_and_in_other_units(text: str) -> None:
    assert find_ungrounded(text, [RUN], [RESULT], "the top 5?") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("svm-3 has 0.954.", "the number 0.954"),
        ("svm-3 has 0.96.", "the number 0.96"),
        ("There are 13 runs.", "the number 13"),
        ("svm-3 reached 95.4 %.", "the number 95.4 %"),
        ("Run deadbeef1 is first.", "run deadbeef1"),
        ("svm-3 is better than mlp.", "the judgement"),
        ("svm-3 significantly outperforms mlp.", "the judgement"),
        ("svm-3 is now flagged.", "that a run is flagged"),
        ("I have added a note.", "that a note was written"),
    ],
)
def test_what_no_tool_said_is_found(text: str, problem: str) -> None:
    found = find_ungrounded(text, [RUN], [RESULT], "the top 5?")
    assert any(one.startswith(problem) for one in found), found


def test_an_unknown_run_id_is_found() -> None:
    assert find_ungrounded("It is first.", ["f" * 32], [RESULT], "") == [f"run {'f' * 32}"]


def test_better_may_be_said_where_a_comparison_shows_it_and_only_that_way_round() -> None:
    assert find_ungrounded("mlp is better than svm-3.", [], [_verdict("better")], "") == []
    assert find_ungrounded("svm-3 is better than mlp.", [], [_verdict("better")], "") != []
    assert find_ungrounded("mlp is better than svm-3.", [], [_verdict("no difference shown")], "") != []
