"""One question through the rules: read, carried out, and worded; what goes wrong is an answer too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from modellab.agent.answer import RULES, AgentAnswer, Intent, Turn
from modellab.agent.api import NotOffered
from modellab.agent.references import AmbiguousRun
from modellab.agent.rules import answers_grouped, answers_many, answers_one, answers_several
from modellab.agent.rules.desk import Desk, NoRuns
from modellab.agent.rules.following import make_plan
from modellab.agent.rules.intents import FORBIDDEN, NEGATED, find_intent
from modellab.agent.rules.names import Names
from modellab.agent.rules.plan import Plan, choose_metric, find_metric_phrase
from modellab.agent.rules.question import NEGATION, Question
from modellab.agent.rules.unread import list_unread
from modellab.agent.rules.wording import name_run, write_time
from modellab.agent.toolbox import Toolbox
from modellab.errors import Forbidden, InvalidInput, ModelLabError, NotFound, Unreachable

EXAMPLES = (
    "Which run has the highest accuracy?",
    "Compare the latest two runs.",
    "Why did the last run fail?",
    "How did the loss go?",
    "Which runs failed in the last 7 days?",
    "What should I try next?",
)
"""Questions that the rules can answer."""

_HELP = """\
I can answer questions about your runs, in English:
- list, count and filter: "failed runs from last week", "how many runs with lr 0.1?"
- the best: "top 5 by accuracy", "lowest loss on iris-v1"
- means and groups: "mean accuracy by model", "how many runs per project?"
- compare: "compare the best two runs", "is A better than B?"
- one run: "summarise the latest run", "why did it fail?", "how did its loss go?"
- search and similar: "find runs that mention warmup", "runs similar to the best one"
- suggest: "what should I try next for accuracy?"
- datasets and evaluations: "which datasets are there?", "evaluation of the best run"
- act: "flag the best run for publishing", "add the note 'baseline' to the latest run"
"""
_HOW_TO_RECORD = (
    "Record one with `@log_run` on a training function, or see some at once with `modellab demo`."
)
_CANNOT = (
    "I cannot delete, rename, start, stop, tag or move anything, nor take a flag or a note back: I read, "
    "write notes and flag runs. Nothing was changed."
)
_SQL = re.compile(
    r"^\s*(?:select|insert|update|delete|drop|alter|create|with|pragma|explain)\b.*\b(?:from|into|set|table|where|view)\b",
    re.IGNORECASE | re.DOTALL,
)

_STATISTICS = re.compile(
    r"\b(?:median|percentiles?|quantiles?|variance of|sum of|correlat\w*|affects?|influences?)\b"
    r"|\bmatters?\b|\bmost important (?:param|hyper)",
    re.IGNORECASE,
)
_NO_STATISTICS = (
    "I work out means, with their spread, but no medians, no sums and no associations. The web app tells "
    "which params go with a metric; over HTTP that is /api/modellab/importance."
)
_FILTERED: frozenset[Intent] = frozenset(
    ("list", "count", "best", "average", "compare", "suggest", "summarise")
)
_NOT_IMPLEMENTED = 501
_HANDLERS: Mapping[Intent, Callable[[Plan, Desk], AgentAnswer]] = {
    "list": answers_many.list_runs,
    "count": answers_many.count_all,
    "best": answers_many.rank_runs,
    "average": answers_grouped.average,
    "search": answers_many.search_runs,
    "datasets": answers_many.list_datasets,
    "summarise": answers_one.summarise,
    "why_failed": answers_one.explain_failure,
    "trend": answers_one.tell_trend,
    "evaluation": answers_one.report_evaluation,
    "similar": answers_one.find_similar,
    "compare": answers_several.compare,
    "suggest": answers_several.suggest,
    "flag": answers_several.flag,
    "note": answers_several.write_note,
}


def answer_by_rules(text: str, conversation: Sequence[Turn], box: Toolbox) -> AgentAnswer:
    """The answer to a question; only trouble with the server itself is raised."""
    refusal = _refuse(text)
    if refusal is not None:
        return refusal
    intent: Intent = "help"
    try:
        plan = make_plan(text, conversation, box, names := Names(box.api))
        intent = plan.intent
        answer = _help() if intent == "help" else _HANDLERS[intent](plan, Desk(box, names))
        answer = _tell_metric(_tell_unread(answer, plan, names), plan, names)
    except AmbiguousRun as error:
        answer = _ask_back(error)
    except NoRuns as error:
        answer = _say(intent, f"{error.message} {_HOW_TO_RECORD}")
    except (NotFound, InvalidInput, Forbidden) as error:
        answer = _say(find_intent(text) if intent == "help" else intent, _word(error))
    except Unreachable as error:
        if error.status != _NOT_IMPLEMENTED:
            raise
        answer = _say(intent, _word(error))  # a server without the packages for means, tests or models
    return answer.model_copy(update={"tool_calls": list(box.calls), "generated_by": RULES})


def _tell_unread(answer: AgentAnswer, plan: Plan, names: Names) -> AgentAnswer:
    """The answer, with a note on what of the question was not used: a filter left out in silence misleads."""
    if plan.intent not in _FILTERED:
        return answer
    phrases = list_unread(plan.question, names)
    if plan.metric is not None and plan.intent in ("best", "average"):
        second = find_metric_phrase(plan.question, names)
        phrases += [second] if second not in (None, plan.metric) else []
    unread = ", ".join(f"“{phrase}”" for phrase in phrases)
    if not unread:
        return answer
    if plan.intent not in ("compare", "summarise") and NEGATION.search(unread):
        raise InvalidInput(
            f"It was not understood what is to be left out: {unread}.",
            hint="Name a param, tag, dataset, status or run, as in `runs without adam`.",
        )
    note = f"Not understood, and so not used: {unread}."
    if answer.query is None and plan.intent in ("list", "count"):
        text = f"{note} What follows is of all runs.\n{answer.natural_language_answer}"
        return answer.model_copy(update={"natural_language_answer": text})
    return answer.model_copy(update={"notes": [*answer.notes, note]})


def _tell_metric(answer: AgentAnswer, plan: Plan, names: Names) -> AgentAnswer:
    """The answer, with what `the best` was by where the question left that open."""
    is_ranked = any(one.kind in ("best", "worst") for one in plan.mentions)
    metric = choose_metric(names) if is_ranked and plan.metric is None and answer.used_run_ids else None
    if metric is None or any(metric in note for note in answer.notes):
        return answer
    note = f"No metric was named; {metric} is the one that most runs have."
    return answer.model_copy(update={"notes": [*answer.notes, note]})


def _refuse(text: str) -> AgentAnswer | None:
    if _SQL.search(text):
        return _say(
            "help", f"I do not run SQL. Filters are written in the query language, or in words.\n\n{_HELP}"
        )
    question = Question(text)
    if _STATISTICS.search(question.plain):
        return _say("help", _NO_STATISTICS)
    if NEGATED.search(question.plain):
        return _say("help", "Nothing was flagged or written.")
    if FORBIDDEN.search(question.plain) and find_intent(question.plain) not in ("note", "flag"):
        return _say("help", _CANNOT)
    return None


def _help() -> AgentAnswer:
    return AgentAnswer(
        intent="help", natural_language_answer=_HELP.strip(), used_run_ids=[], suggestions=list(EXAMPLES)
    )


def _say(intent: Intent, text: str) -> AgentAnswer:
    return AgentAnswer(intent=intent, natural_language_answer=text.strip(), used_run_ids=[])


def _word(error: ModelLabError) -> str:
    if isinstance(error, NotOffered):
        return f"This server cannot answer that: {error.message} {error.hint or ''}"
    return f"{error.message} {error.hint or ''}"


def _ask_back(error: AmbiguousRun) -> AgentAnswer:
    lines = [f"{error.reference!r} may be {error.total} runs. Which one is meant?"]
    lines += [
        f"- {name_run(run)}: {run['status']}, {write_time(run.get('started_at'))}; id {run['run_id']}"
        for run in error.candidates
    ]
    return AgentAnswer(
        intent="clarify",
        natural_language_answer="\n".join(lines),
        used_run_ids=[run["run_id"] for run in error.candidates],
    )
