"""From a question to a plan: what is asked, about which runs, by which metric."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from modellab.agent.answer import Intent, Turn
from modellab.agent.metrics import is_higher_better, match_metric
from modellab.agent.rules.conditions import one_of
from modellab.agent.rules.filters import drop_status, join, read_filters, read_values
from modellab.agent.rules.grouping import read_group
from modellab.agent.rules.intents import find_intent
from modellab.agent.rules.mentions import Mention, read_named, read_relative, read_unknown
from modellab.agent.rules.names import Names
from modellab.agent.rules.question import Question
from modellab.agent.toolbox import Toolbox
from modellab.errors import InvalidInput
from modellab.query import Condition, Field, Node, Not, Or, parse_field
from modellab.records.evaluations import LATENCY_FOLDER

SINGLE: frozenset[Intent] = frozenset(
    ("trend", "why_failed", "flag", "note", "summarise", "similar", "evaluation")
)
"""What is asked of a run at a time."""

_ADDRESSED = r"\b(?:flag|publish|delete|remove|should)\b"
_OF_MANY: frozenset[Intent] = frozenset(("list", "count", "best", "average"))
_ASKS_STATUS = (
    r"^\W*(?:and |so )?(?:did|has|is|was|does)\s+(?:the |my |our )?"
    r"(?:latest|newest|most recent|last|current|previous|first|best) (?:\w+ )?"
    r"(?:run|experiment|job|training|trial|one)\b"
)
"""A question about one run whose answer is its status: `did the last run succeed?`"""
_PLAIN_WORDS = frozenset(
    (
        "the",
        "a",
        "an",
        "by",
        "on",
        "of",
        "in",
        "with",
        "for",
        "run",
        "runs",
        "best",
        "top",
        "and",
        "to",
        "is",
        "me",
    )
)
_ORDERS = r"name|time|date|duration|seed|status|project|dataset|age|params?|model|default|far|you"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A question that was read. `unknown_metric` is what it calls a metric that no run has.

    `conditions` must all hold for the runs that it is about, `query` is the same as text. `wants_higher` is
    the direction it asks for, `None` for the better one. `limit` is how many runs it asks for, `group` the
    field by whose values they are to be grouped. `turns` are the answers before that named runs.
    """

    question: Question
    intent: Intent
    conditions: Sequence[Node]
    query: str | None
    metric: str | None
    unknown_metric: str | None
    wants_higher: bool | None
    limit: int | None
    mentions: Sequence[Mention]
    turns: Sequence[Turn]
    group: str | None = None


def read_plan(
    text: str, conversation: Sequence[Turn], box: Toolbox, names: Names, *, unsaid: Intent = "help"
) -> Plan:
    """Read a question, in the light of the answers before; `unsaid` is its intent if it has none itself."""
    question = Question(text)
    turns = [turn for turn in conversation if turn.used_run_ids]
    mentions = read_named(question, box.api)
    intent = find_intent(question.rest)  # without names: `overfit-demo` asks for nothing
    if intent == "help":
        intent = unsaid
    if intent == "help" and mentions and not question.has(_ADDRESSED):
        intent = "summarise" if len(mentions) == 1 else "compare"
    if intent in ("help", "datasets"):
        return _finish(question, intent, [], None, None, mentions, turns)
    if intent == "search":
        question, mentions = Question(text), []
    conditions, mentions = _leave_out(question, mentions, names)
    if (
        intent == "list"
        and (mentions or question.has(_ASKS_STATUS))
        and question.has(r"^\W*(?:did|has|is|was)\b")
    ):
        intent = "summarise"
        drop_status(question)
    group = read_group(question, names) if intent in ("average", "count") else None
    if intent in _OF_MANY or question.has(r"\ball\b|\b(?:top|best|last|latest|worst) \d"):
        found, mentions = _split_values(mentions, names)
        conditions += found
    conditions += read_filters(question, names)
    metric, unknown = _read_metric(question, names, intent)
    relative = read_relative(question, n_before=len(turns[-1].used_run_ids) if turns else 0)
    mentions = sorted([*mentions, *relative], key=lambda one: one.place)
    if intent not in ("search", "note"):
        conditions += read_values(question, names)
    conditions = _merge(conditions) if intent in _OF_MANY else list(dict.fromkeys(conditions))
    if intent in _OF_MANY and not mentions:
        conditions = _join_by_or(conditions, question)
    if intent in SINGLE and not mentions and not conditions:
        mentions = read_unknown(question, with_quoted=intent != "note")
    elif intent == "compare" and len(mentions) < 2 and sum(one.count for one in mentions) < 2:
        mentions = [*mentions, *read_unknown(question, with_quoted=True)]
    return replace(_finish(question, intent, conditions, metric, unknown, mentions, turns), group=group)


def _leave_out(question: Question, mentions: list[Mention], names: Names) -> tuple[list[Node], list[Mention]]:
    """Runs that are named to be left out, as in `the best run except svm`."""
    conditions: list[Node] = []
    kept = []
    for mention in mentions:
        if not question.take_not(mention.place, of_run=True):
            kept.append(mention)
            continue
        values, _ = _split_values([mention], names)
        name, operator = ("name", "=") if mention.kind == "name" else ("run_id", "ilike")
        value = mention.value if mention.kind == "name" else f"%{mention.value}%"
        conditions.append(Not(values[0] if values else Condition(Field("run", name), operator, (value,))))  # type: ignore[arg-type]
    return conditions, kept


def _split_values(mentions: list[Mention], names: Names) -> tuple[list[Node], list[Mention]]:
    """Names of runs that are values of a param too: of many runs, `perceptron` says which, not which one.

    Beside a name that is a run's alone it is one too: `which is the best, resnet18 or vit?`
    """
    found: list[Node] = []
    for mention in mentions:
        field = next((one for one in names.valued if mention.value in names.values(one)), None)
        if mention.kind != "name" or field is None:
            return [], mentions
        found.append(Condition(parse_field(field), "=", (mention.value,)))
    return _merge(found), []


def _merge(conditions: list[Node]) -> list[Node]:
    """The conditions, those on values of one field as one: `svm` and `mlp` of many runs are either."""
    merged: list[Node] = []
    for one in dict.fromkeys(conditions):
        place = next((n for n, other in enumerate(merged) if _says_values_of_same(one, other)), None)
        if place is None:
            merged.append(one)
            continue
        other = merged[place]
        assert isinstance(one, Condition)
        assert isinstance(other, Condition)
        values = tuple(dict.fromkeys((*other.values, *one.values)))
        merged[place] = one_of(one.field, values)
    return merged


def _says_values_of_same(one: Node, other: Node) -> bool:
    return (
        isinstance(one, Condition)
        and isinstance(other, Condition)
        and one.field == other.field
        and one.field.name != "started_at"
        and {one.operator, other.operator} <= {"=", "in"}
    )


def _join_by_or(conditions: list[Node], question: Question) -> list[Node]:
    """Two conditions with `or` between them. Raises `InvalidInput` for more: it is not clear which."""
    if len(conditions) < 2 or not re.search(
        r"·\s+or\s+(?:(?:with|on|in|an?|the|by|from)\s+)*·", question.rest
    ):
        return conditions
    if len(conditions) > 2:
        raise InvalidInput(
            f"It is not clear what `or` joins: {join(conditions)}.",
            hint="Write the filter in the query language: `runs where params.lr = 0.1 or …`.",
        )
    return [Or(tuple(conditions))]


def _finish(
    question: Question,
    intent: Intent,
    conditions: list[Node],
    metric: str | None,
    unknown: str | None,
    mentions: list[Mention],
    turns: Sequence[Turn],
) -> Plan:
    return Plan(
        question=question,
        intent=intent,
        conditions=conditions,
        query=join(conditions),
        metric=metric,
        unknown_metric=unknown,
        wants_higher=_read_direction(question, metric),
        limit=_read_limit(question, mentions),
        mentions=mentions,
        turns=turns,
    )


def _read_metric(question: Question, names: Names, intent: Intent) -> tuple[str | None, str | None]:
    """The metric that is named, or what is called one and is none."""
    found = find_metric_phrase(question, names)
    if found is not None:
        return found, None
    match = question.take(
        rf"\b(?:by|in terms of|according to|with respect to)\s+(?:the |their |its )?(?!(?:{_ORDERS})\b)"
        r"([a-z][\w/.\-]*(?: (?!(?:on|in|for|with|from|and|of|where)\b)[\w/.\-]+){0,2})"
    )
    if match is None and intent == "average":
        match = question.take(
            rf"\b(?:average|mean|avg|standard deviation|std)\s+(?:of )?(?:the )?"
            rf"(?!(?:{_ORDERS}|runs?|of)\b)([a-z][\w/\-]*)"
        )
    if match is None and intent in ("best", "trend"):
        match = question.take(
            rf"\b(?:highest|lowest|largest|smallest|max(?:imum)?|min(?:imum)?|best|worst)\s+(?!(?:{_ORDERS}|runs?|ones?|\d|of|"
            r"experiments?|models?|trials?|on|in|for|with|result|results|by|and|performing|scoring|so)\b)([a-z][\w/\-]*)"
        )
    if match is None:
        return None, None
    if any(match[1].lower().split()[0] == words[0] for words, _ in names.params):
        return None, None
    near = match_metric(match[1], names.metrics)
    return (near, None) if near else (None, match[1])


def find_metric_phrase(question: Question, names: Names) -> str | None:
    """The longest phrase that is said for a metric."""
    words = [(m[0].strip("-."), m.start(), m.end()) for m in re.finditer(r"[\w/.\-]+", question.rest)]
    for length in range(min(5, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            part = words[start : start + length]
            phrase = question.rest[part[0][1] : part[-1][2]]
            if "·" in phrase or "¦" in phrase or (length == 1 and phrase.lower() in _PLAIN_WORDS):
                continue
            if part[0][0].lower() in _PLAIN_WORDS or part[-1][0].lower() in _PLAIN_WORDS:
                continue
            metric = match_metric(phrase.strip(".-"), names.metrics, is_near_enough=False)
            if metric is not None:
                question.take(re.escape(phrase))
                return metric
    return None


def _read_direction(question: Question, metric: str | None) -> bool | None:
    if question.has(r"\b(?:highest|max(?:imum|imal)?|largest|greatest|descending|most)\b(?! recent)"):
        return True
    if question.has(r"\b(?:lowest|min(?:imum|imal)?|smallest|least|ascending)\b"):
        return False
    if question.has(r"\b(?:worst|weakest)\b") and metric is not None:
        return not is_higher_better(metric)
    return None


def _read_limit(question: Question, mentions: Sequence[Mention]) -> int | None:
    counted = [one.count for one in mentions if one.kind in ("latest", "best", "worst") and one.count > 1]
    if counted:
        return min(max(counted), 50)
    match = re.search(
        r"\b(?:top|first|show|list|give|find|best|last|latest|newest|recent)\s+(?:me )?(?:the )?(\d{1,3})\b"
        r"|\b(\d{1,3})\s+(?:best|worst|latest|newest|most|highest|lowest|runs?|slowest|fastest|longest|recent)\b",
        question.rest,
        re.IGNORECASE,
    )
    return min(max(int(match[1] or match[2]), 1), 50) if match else None


def choose_metric(names: Names) -> str | None:
    """The metric that most runs have, rather not of training; then one of known direction."""
    own = [name for name in names.metrics if not name.startswith(f"{LATENCY_FOLDER}/")]

    def rank(name: str) -> tuple[bool, int, bool, str]:
        is_training = name.lower().startswith("train")
        return (is_training, -names.metric_counts[name], _is_direction_unknown(name), name)

    return min(own, key=rank, default=None)


def _is_direction_unknown(name: str) -> bool:
    from modellab.agent.metrics import find_direction

    return find_direction(name)[1]
