"""The table of questions: what each is taken for, which runs its answer names, and with which filter."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from modellab.agent.api import LabAPI
from modellab.agent.grounding import find_ungrounded
from modellab.agent.rules.answering import answer_by_rules
from modellab.agent.toolbox import Toolbox
from modellab.agent.tools import TOOLS, list_tools

_ANY = "*"


def _read_table() -> Iterator[tuple[str, str, str, str | None]]:
    table = tomllib.loads((Path(__file__).parent / "questions.toml").read_text("utf-8"))
    for intent, rows in table.items():
        for question, ends, *query in rows:
            yield intent, question, ends, query[0] if query else None


def test_the_table_has_at_least_120_questions() -> None:
    assert len({question for _, question, _, _ in _read_table()}) >= 120


def test_each_question_is_taken_for_what_the_table_says(
    lab_api: LabAPI, make_lab: Callable[[], LabAPI]
) -> None:
    wrong, written_api = [], make_lab()
    shapes = {tool.name: tool.result for tool in TOOLS}
    for intent, question, ends, query in _read_table():
        is_writing = intent in ("flag", "note", "clarify")
        box = Toolbox(written_api if is_writing else lab_api, list_tools(with_writing=is_writing))
        answer = answer_by_rules(question, [], box)
        found = " ".join(run_id[16:].lstrip("0") for run_id in answer.used_run_ids)
        if answer.intent != intent or (ends != _ANY and (found, answer.query) != (ends, query)):
            wrong.append(f"{question} → {answer.intent} {found!r} {answer.query!r}")
        problems = find_ungrounded(answer.natural_language_answer, answer.used_run_ids, box.results, question)
        if problems and answer.intent not in ("help", "clarify"):
            wrong.append(f"{question} → not grounded: {problems}")
        for name, result in box.done:
            shapes[name].model_validate(result, strict=True)
    assert not wrong, "\n".join(wrong)
