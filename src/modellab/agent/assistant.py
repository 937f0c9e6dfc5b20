"""One question to the assistant: a model if there is one, its answer checked, and else the rules."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from modellab.agent.answer import AgentAnswer, ToolCall, Turn
from modellab.agent.api import LabAPI
from modellab.agent.grounding import find_ungrounded
from modellab.agent.rules.answering import answer_by_rules
from modellab.agent.rules.intents import NEGATED
from modellab.agent.tool import Tool
from modellab.agent.toolbox import Toolbox
from modellab.agent.tools import list_tools, may_write
from modellab.settings import Settings

if TYPE_CHECKING:
    from modellab.agent.model import ModelAnswer

logger = logging.getLogger(__name__)

NO_MODEL = "Answered by rules: no model is configured (OPENAI_API_KEY, or OPENAI_BASE_URL)."
NOT_INSTALLED = "Answered by rules: a model needs `pip install 'modellab[agent]'`."
_PACKAGES = ("langchain", "langchain_openai")

_ASKS_FOR = {
    "flag_run_for_publish": re.compile(r"\b(?:flag|publish|promot|nominat|mark|tag)\w*", re.IGNORECASE),
    "update_note": re.compile(r"\b(?:note|comment|annotat|remark|write|jot)\w*", re.IGNORECASE),
}
"""What a question must say before a model is given a tool that writes: no run's note can bring it to."""

OnCall = Callable[[ToolCall], None]


def answer_question(
    question: str,
    conversation: Sequence[Turn],
    api: LabAPI,
    settings: Settings,
    *,
    on_call: OnCall | None = None,
) -> AgentAnswer:
    """The answer to a question; `on_call` is told of every tool that is called for it.

    Raises what the API raises where it cannot be asked at all.
    """
    tools = list_tools(with_writing=settings.agent_writes and may_write(api))
    lack = tell_lack(settings)
    if lack is not None:
        return _by_rules(question, conversation, Toolbox(api, tools, on_call=on_call), [lack])
    return _by_model(
        question, conversation, Toolbox(api, _choose(tools, question), on_call=on_call), tools, settings
    )


def tell_lack(settings: Settings) -> str | None:
    """Why no model is asked; `None` where one is."""
    if settings.openai_api_key is None and settings.openai_base_url is None:
        return NO_MODEL
    if any(find_spec(name) is None for name in _PACKAGES):
        return NOT_INSTALLED
    return None


def _choose(tools: Sequence[Tool], question: str) -> list[Tool]:
    """The tools for a model: those that write only where the question itself asks for it."""
    is_refused = NEGATED.search(question) is not None
    return [
        tool
        for tool in tools
        if not tool.is_writing or (not is_refused and _ASKS_FOR[tool.name].search(question))
    ]


def _by_model(
    question: str, conversation: Sequence[Turn], box: Toolbox, tools: Sequence[Tool], settings: Settings
) -> AgentAnswer:
    from modellab.agent.model import Model, ModelTrouble, ask_model  # late: brings LangChain

    name = settings.agent_model
    model = Model(name=name, api_key=settings.openai_api_key, base_url=settings.openai_base_url)
    try:
        found = ask_model(model, question, conversation, box)
    except ModelTrouble as trouble:
        logger.warning("The model %s gave no answer: %s.", name, trouble)
        note = f"Answered by rules: {name} was asked, but {trouble}."
        return _instead(question, conversation, box, tools, note)
    said = "\n".join([question, *(f"{one.question}\n{one.natural_language_answer}" for one in conversation)])
    problems = find_ungrounded(found.natural_language_answer, found.used_run_ids, box.results, said)
    if problems:
        logger.warning("An answer of the model %s was not used: no tool said %s.", name, problems[0])
        note = f"Answered by rules: {name} answered, but no tool had said {problems[0]}."
        return _instead(question, conversation, box, tools, note)
    return _finish(found, box, name)


def _finish(found: ModelAnswer, box: Toolbox, name: str) -> AgentAnswer:
    comparisons = [result for tool, result in box.done if tool == "compare_runs"]
    flagged = [result["run_id"] for tool, result in box.done if tool == "flag_run_for_publish"]
    queries = [
        call.arguments["query"] for call in box.calls if call.arguments.get("query") and not call.error
    ]
    return AgentAnswer(
        intent=found.intent,
        natural_language_answer=found.natural_language_answer,
        used_run_ids=list(dict.fromkeys(found.used_run_ids)),
        comparison=comparisons[-1] if comparisons else None,
        flagged_run_id=flagged[-1] if flagged else None,
        generated_by=name,
        tool_calls=list(box.calls),
        query=queries[-1] if queries else None,
    )


def _instead(
    question: str, conversation: Sequence[Turn], box: Toolbox, tools: Sequence[Tool], note: str
) -> AgentAnswer:
    """The answer of the rules; what the model has changed already is told, and not done once more."""
    written = [(tool, result["run_id"]) for tool, result in box.done if tool in _ASKS_FOR]
    if not written:
        fresh = Toolbox(box.api, tools, on_call=box.on_call)
        answer = _by_rules(question, conversation, fresh, [note])
        return answer.model_copy(update={"tool_calls": [*box.calls, *answer.tool_calls]})
    run_ids = list(dict.fromkeys(run_id for _, run_id in written))
    is_flagged = written[-1][0] == "flag_run_for_publish"
    what = "flagged for publishing" if is_flagged else "given a note"
    return AgentAnswer(
        intent="flag" if is_flagged else "note",
        natural_language_answer=f"This was done: run {', '.join(run_ids)} was {what}.",
        used_run_ids=run_ids,
        flagged_run_id=written[-1][1] if is_flagged else None,
        tool_calls=list(box.calls),
        notes=[note],
    )


def _by_rules(question: str, conversation: Sequence[Turn], box: Toolbox, notes: Sequence[str]) -> AgentAnswer:
    answer = answer_by_rules(question, conversation, box)
    return answer.model_copy(update={"notes": [*notes, *answer.notes]})
