"""Questions that go on from the one before: `and the worst?`, `what about f1?`, `only those with lr 0.1`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from modellab.agent.answer import Intent, Turn
from modellab.agent.rules.filters import join
from modellab.agent.rules.names import Names
from modellab.agent.rules.plan import Plan, read_plan
from modellab.agent.rules.question import Question
from modellab.agent.toolbox import Toolbox
from modellab.query import Node
from modellab.query.tree import list_conditions

_GOES_ON = r"^\W*(?:and|what about|how about|but|only|same)\b"
_AFRESH = r"\ball (?:the |my |our )?(?:runs|experiments)\b"
_MEANS_THEM = r"\b(?:them|those|these|they)\b"
_MAX_BACK = 5
"""Questions that one may go on from, each from the one before it."""
_WITHOUT_FILTER: frozenset[Intent] = frozenset(("search", "note", "datasets", "help"))


def make_plan(text: str, conversation: Sequence[Turn], box: Toolbox, names: Names) -> Plan:
    """Read a question, with what it leaves unsaid taken from the question that it goes on from."""
    question = Question(text)
    if not conversation or not _goes_on(question, conversation[-1]):
        return read_plan(text, conversation, box, names)
    before = make_plan(conversation[-1].question, conversation[:-1][-_MAX_BACK:], box, names)
    plan = read_plan(text, conversation, box, names, unsaid=before.intent)
    plan.question.take(_MEANS_THEM)
    return _complete(plan, before)


def _goes_on(question: Question, turn: Turn) -> bool:
    if question.has(_AFRESH):
        return False
    return question.has(_GOES_ON) or (not turn.used_run_ids and question.has(_MEANS_THEM))


def _complete(plan: Plan, before: Plan) -> Plan:
    """The plan with the filter and the metric of the one before, where it has none of its own for a field."""
    if plan.intent in _WITHOUT_FILTER:
        return plan
    own = {one.field for node in plan.conditions for one in list_conditions(node)}
    kept: list[Node] = [
        node for node in before.conditions if not own & {one.field for one in list_conditions(node)}
    ]
    conditions = [*kept, *plan.conditions]
    is_named = plan.metric is not None or plan.unknown_metric is not None
    return replace(
        plan,
        conditions=conditions,
        query=join(conditions),
        metric=plan.metric if is_named else before.metric,
        group=plan.group or (before.group if plan.intent == before.intent else None),
    )
