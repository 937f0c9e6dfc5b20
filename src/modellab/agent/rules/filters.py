"""Which runs a question is about: status, time, dataset, project, params, tags, bounds of metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from modellab.agent.metrics import normalise
from modellab.agent.rules.names import Names, make_pattern, split_name
from modellab.agent.rules.question import Question
from modellab.errors import InvalidQuery
from modellab.query import And, Condition, Field, Node, parse_field, parse_query
from modellab.query.tree import Operator, Value

_NUMBER = r"(-?\d+(?:[.,]\d+)?(?:e-?\d+)?)\s*(%|percent)?"
_STATUSES = (
    (
        r"(?:that |which |have |has |were |was )*\b(?:failed|failing|crashed|broken|errored|unsuccessful|died|failures)\b",
        "failed",
    ),
    (
        r"(?:that are |currently |still |are |is |in )*\b(?:running|in progress|active|ongoing|training now|live)\b",
        "running",
    ),
    (r"(?:that |which |have |has )*\b(?:completed|finished|successful|succeeded)\b", "completed"),
    (r"\b(?:pending|queued|waiting)\b", "pending"),
)
_BOUNDS: tuple[tuple[str, Operator], ...] = (
    (r"(?:>=|at least|no less than|no lower than|not below|minimum of)", ">="),
    (r"(?:<=|at most|no more than|no higher than|not above|up to|maximum of)", "<="),
    (
        r"(?:>|above|over|greater than|more than|higher than|better than|larger than|exceeding|exceeds|bigger than)",
        ">",
    ),
    (r"(?:<|below|under|less than|lower than|smaller than|worse than)", "<"),
)
_UNITS = {"minute": "m", "min": "m", "hour": "h", "day": "d", "week": "w"}
_SECONDS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400}
_DATE = r"(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?)"
_EQUALS = r"\s*(?:=|==|:|is|was|of|set to|equal to|equals|at|to)?\s*"


def read_filters(question: Question, names: Names) -> list[Node]:
    """The conditions of a question, in the order in which they are read; they must all hold."""
    return [
        *_read_query(question),
        *_read_duration(question),
        *_read_times(question),
        *_read_flagged(question),
        *_read_bounds(question, names),
        *_read_params(question, names),
        *_read_status(question),
        *_read_places(question, names),
    ]


def read_values(question: Question, names: Names) -> list[Node]:
    """Conditions for words that are values of params or tags, such as `svm` in `the svm runs`."""
    if not re.search(r"[a-z]{2}", re.sub(IDLE_WORDS, " ", question.rest, flags=re.IGNORECASE), re.IGNORECASE):
        return []
    found: list[Node] = []
    for field in names.valued:
        values = sorted({str(value) for value in names.values(field)}, key=len, reverse=True)
        said = [value for value in values if _is_said(question, value)] or _find_parts(question, values)
        if said:
            found.append(Condition(parse_field(field), "in" if len(said) > 1 else "=", tuple(said)))
    return found


def join(conditions: list[Node]) -> str | None:
    """Conditions as one text of the query language."""
    if not conditions:
        return None
    return str(conditions[0] if len(conditions) == 1 else And(tuple(conditions)))


IDLE_WORDS = (
    r"\b(?:the|a|an|of|by|in|on|with|for|to|me|my|our|all|any|is|are|was|were|what|which|who|how|did|do|does|run|runs|"
    r"show|list|give|tell|please|best|top|most|recent|latest|last|newest|compare|and|or|that|have|has|had|it|its|"
    r"highest|lowest|find|get|from|many|there|experiments?|models?|trials?|so|far|ever|about|one|ones|results?|can|you)\b|¦\d*"
)


def _is_said(question: Question, value: str) -> bool:
    words = [part for word in split_name(value) for part in word.split("_")]
    if not words or len("".join(words)) < 2 or value.lower() in ("true", "false", "none", "null"):
        return False
    pattern = rf"(?<![\w.\-]){make_pattern(words)}s?(?![\w\-])"
    if not re.search(r"[a-z]", value, re.IGNORECASE):
        return False
    return question.take(pattern) is not None


def _find_parts(question: Question, values: Sequence[str]) -> list[str]:
    """The values of which a word is said: `svm` may be `linear_svm`."""
    for word in {word for value in values for word in split_name(value) if len(word) >= 3 and word.isalpha()}:
        if question.take(rf"(?<![\w.\-]){re.escape(word)}s?(?![\w\-])"):
            return [value for value in values if word in split_name(value)]
    return []


def _read_query(question: Question) -> list[Node]:
    """A filter that is written in the query language after `where`, or as the whole question."""
    match = re.search(r"\b(?:where|matching|query|filter)\b:?\s+(.+?)[?.]?\s*$", question.text, re.IGNORECASE)
    if match is None or not re.search(
        r"\b(?:params|metrics|tags|datasets|status|name|started_at)\b", match[1]
    ):
        return []
    try:
        node = parse_query(match[1])
    except InvalidQuery:
        return []
    question.take(r"\b(?:where|matching|query|filter)\b.*$")
    return [node]


def _read_duration(question: Question) -> list[Node]:
    longer = question.take(
        rf"\b(?:longer than|took (?:more than|over|longer than)|lasting more than)\s+{_NUMBER}\s*(seconds?|secs?|minutes?|mins?|hours?|days?)"
    )
    shorter = question.take(
        rf"\b(?:shorter than|took (?:less than|under))\s+{_NUMBER}\s*(seconds?|secs?|minutes?|mins?|hours?|days?)"
    )
    found: list[Node] = []
    for match, operator in ((longer, ">"), (shorter, "<")):
        if match is not None:
            seconds = float(match[1].replace(",", ".")) * _SECONDS[match[3].lower().rstrip("s")]
            found.append(_on_run("duration_s", operator, seconds))  # type: ignore[arg-type]
    return found


def _read_times(question: Question) -> list[Node]:
    today = datetime.now(UTC).date()
    if question.take(r"\btoday\b|\bthis (?:morning|afternoon|evening)\b"):
        return [_on_run("started_at", "=", today.isoformat())]
    if question.take(r"\byesterday\b|\blast night\b"):
        return [_on_run("started_at", "=", (today - timedelta(days=1)).isoformat())]
    match = question.take(
        r"\b(?:(?:in|from|over|during|within|of|for) )?(?:the )?(?:last|past|previous) (?:(\d{1,4}) )?(minute|hour|day|week|month|year)s?\b"
    ) or question.take(r"\b(?:from )?(?:the )?(?:past|last) (24) (hour)s\b")
    if match is not None:
        return [_on_run("started_at", ">=", _write_age(int(match[1] or 1), match[2].lower()))]
    if question.take(r"\b(?:from |in )?this week\b"):
        return [_on_run("started_at", ">=", (today - timedelta(days=today.weekday())).isoformat())]
    if question.take(r"\b(?:from |in )?this month\b"):
        return [_on_run("started_at", ">=", today.replace(day=1).isoformat())]
    return _read_dates(question)


def _write_age(n: int, unit: str) -> str:
    if unit == "month":
        return f"-{30 * n}d"
    return f"-{365 * n}d" if unit == "year" else f"-{n}{_UNITS[unit]}"


def _read_dates(question: Question) -> list[Node]:
    between = question.take(rf"\b(?:between|from)\s+{_DATE}\s+(?:and|to|until|-)\s+{_DATE}")
    if between is not None:
        return [_on_run("started_at", ">=", between[1]), _on_run("started_at", "<=", between[2])]
    found: list[Node] = []
    forms: tuple[tuple[str, Operator], ...] = (
        ("since|from|starting", ">="),
        ("after", ">"),
        ("until|up to|through", "<="),
        ("before", "<"),
        ("on|of|at", "="),
    )
    for words, operator in forms:
        match = question.take(rf"\b(?:{words})\s+{_DATE}")
        if match is not None:
            found.append(_on_run("started_at", operator, match[1]))
    return found


def _read_flagged(question: Question) -> list[Node]:
    pattern = r"\b(?:flagged|marked|tagged)(?: (?:for|as|to be) ?(?:publish(?:ing|ed)?|publication|release))?\b|\bpublished\b"
    if question.take(
        r"\b(?:flagged|marked|tagged) (?:for|as|to be) (?:publish(?:ing|ed)?|publication|release)\b"
    ):
        return [Condition(Field("tags", "publish"), "=", ("true",))]
    if question.has(r"\btagged\b") or not question.take(pattern):
        return []
    return [Condition(Field("tags", "publish"), "=", ("true",))]


def _read_bounds(question: Question, names: Names) -> list[Node]:
    """Bounds of metrics: `accuracy above 0.9`, `with a loss under 0.1`, `more than 90 % accuracy`."""
    if not re.search(r"\d", question.rest):
        return []
    found: list[Node] = []
    for words, name in names.metric_phrases:
        said = make_pattern(words)
        for bound, operator in _BOUNDS:
            match = question.take(
                rf"\b{said}\s+(?:is |was |of |that is |values? )*{bound}\s*{_NUMBER}"
            ) or question.take(rf"(?:\b|(?<=\s)){bound}\s*{_NUMBER}\s*(?:of |in )?{said}\b")
            if match is not None:
                found.append(Condition(Field("metrics", name, "final"), operator, (_read_number(match),)))
    return found or _read_loose_bounds(question, names)


def _read_loose_bounds(question: Question, names: Names) -> list[Node]:
    """The same for a metric that is named without its stage: `accuracy above 0.9` with `val/accuracy`."""
    from modellab.agent.metrics import match_metric

    for bound, operator in _BOUNDS:
        match = re.search(
            rf"\b([\w/\-]+(?: [\w/\-]+)?)\s+(?:is |was |of )?{bound}\s*{_NUMBER}",
            question.rest,
            re.IGNORECASE,
        )
        if match is None:
            continue
        said = match[1].split()
        for phrase in (" ".join(said), said[-1]):
            name = match_metric(phrase, names.metrics) if normalise(phrase) else None
            if name is not None:
                question.take(re.escape(match[0]))
                number = re.search(rf"{bound}\s*{_NUMBER}", match[0], re.IGNORECASE)
                assert number is not None
                return [Condition(Field("metrics", name, "final"), operator, (_read_number(number),))]
    return []


def _read_number(match: re.Match[str]) -> float:
    number = float(match[1].replace(",", "."))
    return number / 100 if match[2] else number


def _read_params(question: Question, names: Names) -> list[Node]:
    found: list[Node] = []
    for kind, known in (("params", names.params), ("tags", names.tags)):
        for words, name in known:
            if not question.has(make_pattern(words)):
                continue
            condition = _read_param(question, names, kind, words, name)
            if condition is not None:
                found.append(condition)
    if question.has(r"\bseed") and not any("seed" in str(one) for one in found):
        match = question.take(r"\bseed\s*(?:=|is|of|number)?\s*(\d+)\b")
        if match is not None:
            found.append(_on_run("seed", "=", float(match[1])))
    return found


def _read_param(
    question: Question, names: Names, kind: str, words: tuple[str, ...], name: str
) -> Node | None:
    said = make_pattern(words)
    field = Field(kind, name)  # type: ignore[arg-type]
    if kind == "params":
        for bound, operator in _BOUNDS:
            match = question.take(rf"\b{said}\s+(?:is |was |of )?{bound}\s*{_NUMBER}")
            if match is not None:
                return Condition(field, operator, (_read_number(match),))
        match = question.take(rf"\b{said}{_EQUALS}(?<![\w.])(-?\d+(?:\.\d+)?(?:e-?\d+)?)(?![\w.]*\w)")
        if match is None and words[-1].endswith("s"):
            match = question.take(rf"(?<![\w.])(\d+)\s+{re.escape(words[-1])}\b")
        if match is not None:
            return Condition(field, "=", (float(match[1]),))
    match = re.search(
        rf"\b{said}(\s*(?:=|==|:)\s*|\s+(?:is |was |of )?)(¦\d+|[\w.\-]+)", question.rest, re.IGNORECASE
    )
    if match is None:
        return None
    value = question.fill(match[2])
    same = [one for one in names.values(str(field)) if str(one).lower() == value.lower()]
    if not same and not re.search(r"[=:]", match[1]):
        return None
    question.take(re.escape(match[0]))
    chosen: Value = str(same[0]) if same and not isinstance(same[0], bool) else value
    return Condition(field, "=", (chosen,))


def _read_status(question: Question) -> list[Node]:
    for pattern, status in _STATUSES:
        if question.take(pattern):
            return [_on_run("status", "=", status)]
    return []


def _read_places(question: Question, names: Names) -> list[Node]:
    """Dataset and project."""
    found: list[Node] = []
    match = re.search(
        r"\bproject\s+(?:called |named )?(¦\d+|[\w.\-]+)|\bin (?:the )?([\w.\-]+) project\b",
        question.rest,
        re.IGNORECASE,
    )
    if match is not None:
        name = question.fill(match[1] or match[2])
        same = next((one for one in names.projects if one.lower() == name.lower()), None)
        if same is not None:
            question.take(re.escape(match[0]))
            found.append(_on_run("project_id", "=", same))
    match = re.search(
        r"\b(?:(?:on|used?|using|for|with|from|of|against)\s+)?(?:the )?data ?set\s+(?:called |named )?(¦\d+|[\w.\-]+)|\b(?:trained |evaluated |run |runs )?(?:on|used|using|for)\s+(?:the )?(¦\d+|[\w.\-]+)(?: data(?: ?set)?)?\b",
        question.rest,
        re.IGNORECASE,
    )
    if match is not None:
        name = question.fill(match[1] or match[2]).rstrip(".")
        condition = _on_dataset(name, names)
        if condition is not None:
            question.take(re.escape(match[0]))
            return [*found, condition]
    return found + _read_bare_dataset(question, names)


def _read_bare_dataset(question: Question, names: Names) -> list[Node]:
    for name in sorted(names.datasets, key=len, reverse=True):
        if len(name) > 2 and question.take(rf"(?<![\w\-]){re.escape(name)}(?![\w\-])"):
            return [_on_run("dataset_id", "=", name)]
    return []


def _on_dataset(name: str, names: Names) -> Node | None:
    same = [one for one in names.datasets if one.lower() == name.lower()]
    if same:
        return _on_run("dataset_id", "=", same[0])
    if len(name) > 2 and any(one.lower().startswith(name.lower()) for one in names.datasets):
        escaped = re.sub(r"([\\%_])", r"\\\1", name)
        return _on_run("dataset_id", "ilike", f"{escaped}%")
    return None


def _on_run(name: str, operator: Operator, value: Value) -> Condition:
    return Condition(Field("run", name), operator, (value,))
