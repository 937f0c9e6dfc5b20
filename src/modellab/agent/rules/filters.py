"""Which runs a question is about: status, time, dataset, project, params, tags, bounds of metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modellab.agent.metrics import is_higher_better, match_metric, normalise
from modellab.agent.rules.conditions import on_run, one_of, turn
from modellab.agent.rules.names import Names, make_pattern, split_name
from modellab.agent.rules.places import read_places
from modellab.agent.rules.question import Question
from modellab.agent.rules.times import read_duration, read_times
from modellab.agent.rules.unread import has_unread
from modellab.errors import InvalidQuery
from modellab.query import And, Condition, Field, Node, Not, parse_field, parse_query
from modellab.query.tree import Operator, Value

_NUMBER = r"(-?(?:\d+(?:[.,]\d+)?|\.\d+)(?:e-?\d+)?)\s*(%|percent)?"
STATUSES = (
    (
        r"\b(?:any\w* (?:\w+ )?fail|failed|failing|crashed|broken|errored|unsuccessful|died|failures"
        r"|with (?:an )?errors?|any errors)\b",
        "failed",
    ),
    (r"\b(?:running|in progress|active|ongoing|training now|live)\b", "running"),
    (r"\b(?:completed|finished|successful|succeeded)\b", "completed"),
    (r"\b(?:pending|queued|waiting)\b", "pending"),
)
_UNFINISHED = (
    (r"\b(?:did|does|do|has|have)(?: not|n't) (?:fail|crash)\w*", "failed"),
    (r"\b(?:did|does|do|has|have)(?: not|n't) (?:finish|complete|succeed)\w*|\bunfinished\b", "completed"),
)
"""What is said of runs that are in any state but one."""
_FLAGGED_FOR = r"\b(?:flagged|marked|tagged) (?:for|as|to be) (?:publish(?:ing|ed)?|publication|release)\b"
_FLAGGED = r"\b(?:flagged|published)\b"
_BOUNDS: tuple[tuple[str, Operator], ...] = (
    (
        r"(?:>=|≥|(?:greater|more|higher|larger) than or equal(?: to)?|at least|no less than|no lower than"
        r"|not below|minimum of)",
        ">=",
    ),
    (
        r"(?:<=|≤|(?:less|lower|smaller) than or equal(?: to)?|at most|no more than|no higher than"
        r"|not above|up to|maximum of)",
        "<=",
    ),
    (
        r"(?:>|above|over|(?:greater|more|higher|better|larger|bigger) than|exceeding|exceeds)",
        ">",
    ),
    (r"(?:<|below|under|less than|lower than|smaller than|worse than)", "<"),
)
_PLAIN_NUMBER = r"(-?\d+(?:\.\d+)?)"
_EXACT = r"-?\d*\.?\d+(?:e-?\d+)?(?![\w.]*\w)"
_JOINED = r"and|or|vs\.?|versus|against|with|than|to|over"
_WORDS = r"([\w/\-]+(?: [\w/\-]+)?)"
_EQUALS = r"\s*(?:=|==|:|is|was|of|set to|equal to|equals|at|to)?\s*"


def read_filters(question: Question, names: Names) -> list[Node]:
    """The conditions of a question, in the order in which they are read; they must all hold."""
    found = [
        *_read_query(question),
        *read_duration(question),
        *read_times(question),
        *_read_flagged(question),
        *_read_noted(question),
        *_read_bounds(question, names),
        *_read_status(question),
    ]
    if not has_unread(question, names) and "¦" not in question.rest:
        return found
    return [*found, *_read_params(question, names), *read_places(question, names)]


def read_values(question: Question, names: Names) -> list[Node]:
    """Conditions for words that are values of params or tags, such as `svm` in `the svm runs`."""
    if not has_unread(question, names):
        return []
    found: list[Node] = []
    for field in names.valued:
        values = sorted({str(value) for value in names.values(field)}, key=len, reverse=True)
        places = {value: place for value in values if (place := _take_value(question, value)) is not None}
        places = places or _take_part(question, values)
        if places:
            condition = one_of(parse_field(field), places)
            for _ in range(1, len(places)):
                question.take(r"(?<=·)\s+or\s+(?=·)")
            found.append(turn(condition, is_negated=question.take_not(min(places.values()))))
    return found


def join(conditions: list[Node]) -> str | None:
    """Conditions as one text of the query language."""
    if not conditions:
        return None
    return str(conditions[0] if len(conditions) == 1 else And(tuple(conditions)))


def _take_value(question: Question, value: str) -> int | None:
    """Where a value is said, which then counts as read."""
    words = [part for word in split_name(value) for part in word.split("_")]
    if not words or len("".join(words)) < 2 or value.lower() in ("true", "false", "none", "null"):
        return None
    if not re.search(r"[a-z]", value, re.IGNORECASE):
        return None
    match = question.take(rf"(?<![\w.\-]){make_pattern(words)}s?(?![\w\-])")
    while match is not None and question.take(rf"(?<![\w.\-]){make_pattern(words)}s?(?![\w\-])"):
        pass  # said again, as in `mlp with lr 0.1 against mlp with lr 0.01`
    return None if match is None else match.start()


def _take_part(question: Question, values: Sequence[str]) -> dict[str, int]:
    """The values of which a word is said: `svm` may be `linear_svm`; and where."""
    words = {word for value in values for word in split_name(value) if len(word) >= 3 and word.isalpha()}
    for word in sorted(words):
        match = question.take(rf"(?<![\w.\-]){re.escape(word)}s?(?![\w\-])")
        if match is not None:
            return {value: match.start() for value in values if word in split_name(value)}
    return {}


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


def _read_flagged(question: Question) -> list[Node]:
    if question.take(_FLAGGED_FOR) or (not question.has(r"\btagged\b") and question.take(_FLAGGED)):
        return [Condition(Field("tags", "publish"), "=", ("true",))]
    return []


def _read_noted(question: Question) -> list[Node]:
    """`runs with a note`, `runs without notes`."""
    match = question.take(
        r"\b(with|without|have|has|having|have no|has no|no) (?:an? |any )?(?:notes?|comments?)\b(?!\W*·)"
    )
    if match is None:
        return []
    is_negated = match[1].lower() == "without" or match[1].lower().endswith("no")
    return [
        turn(
            Condition(Field("run", "note"), "exists"),
            is_negated=is_negated or question.take_not(match.start()),
        )
    ]


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
                found.append(_bound(name, operator, match))
    return found or _read_loose_bounds(question, names)


def _read_loose_bounds(question: Question, names: Names) -> list[Node]:
    """The same for metrics that are named without their stage: `accuracy above 0.9` with `val/accuracy`."""
    between = rf"\b{_WORDS}\s+(?:is |was )?between\s+{_PLAIN_NUMBER}\s+and\s+{_PLAIN_NUMBER}"
    match = re.search(between, question.rest, re.IGNORECASE)
    metric = match and _find_metric(match[1], names)
    if match and metric:
        question.take(re.escape(match[0]))
        bounds = (float(match[2]), float(match[3]))
        return [Condition(Field("metrics", metric, "final"), "between", bounds)]
    found: list[Node] = []
    said = r"(?P<said>(?!(?:and|or|with|have|has)\b)[\w/\-]+(?: [\w/\-]+)?)"
    for bound, operator in _BOUNDS:
        for form in (
            rf"\b{said}\s+(?:is |was |of )?{bound}\s*{_NUMBER}",
            rf"{bound}\s*{_NUMBER}\s+{said}",
        ):
            for match in list(re.finditer(form, question.rest, re.IGNORECASE)):
                metric = _find_metric(match["said"], names)
                number = re.search(_NUMBER, match[0].replace(match["said"], " "), re.IGNORECASE)
                if metric and number is not None and question.take(re.escape(match[0])):
                    found.append(_bound(metric, operator, number, match[0]))
    return found


def _bound(metric: str, operator: Operator, number: re.Match[str], said: str | None = None) -> Condition:
    """A bound of a metric; of a loss `better than` is below."""
    if re.search(r"\b(?:better|worse) than\b", said or number[0], re.IGNORECASE) and not is_higher_better(
        metric
    ):
        operator = "<" if operator == ">" else ">"
    return Condition(Field("metrics", metric, "final"), operator, (_read_number(number),))


def _find_metric(said: str, names: Names) -> str | None:
    """The metric that the words, or the last of them, name."""
    for phrase in (said, said.split()[-1]):
        found = match_metric(phrase, names.metrics, is_near_enough=False) if normalise(phrase) else None
        if found is not None:
            return found
    return None


def _read_number(match: re.Match[str]) -> float:
    number = float(match[1].replace(",", "."))
    return number / 100 if match[2] else number


def _read_params(question: Question, names: Names) -> list[Node]:
    found: list[Node] = []
    units = "|".join(re.escape(words[-1]) for words, _ in names.params)
    for kind, known in (("params", names.params), ("tags", names.tags)):
        for words, name in known:
            said = make_pattern(words)
            if not question.has(said):
                continue
            field = Field(kind, name)  # type: ignore[arg-type]
            node = _read_range(question, field, said) if kind == "params" else None
            if node is None and kind == "params":
                node = _read_numbers(question, field, words, units)
            if node is None:
                node = _read_words(question, names, field, said)
            if node is not None:
                found.append(node)
    if question.has(r"\bseed") and not any("seed" in str(one) for one in found):
        seeds = _take_numbers(question, r"\bseeds?\s*(?:=|is|of|numbers?)?\s*", units)
        if seeds:
            found.append(_turn_numbers(question, Field("run", "seed"), seeds))
    return found


def _read_range(question: Question, field: Field, said: str) -> Node | None:
    """`lr above 0.1`, `lr between 0.01 and 0.1`."""
    match = question.take(rf"\b{said}\s+(?:is |was )?between\s+{_PLAIN_NUMBER}\s+and\s+{_PLAIN_NUMBER}")
    if match is not None:
        return Condition(field, "between", (float(match[1]), float(match[2])))
    for bound, operator in _BOUNDS:
        match = question.take(rf"\b{said}\s+(?:is |was |of )?{bound}\s*{_NUMBER}")
        if match is not None:
            return Condition(field, operator, (_read_number(match),))
    return None


def _read_numbers(question: Question, field: Field, words: tuple[str, ...], units: str) -> Node | None:
    """`lr 0.1`, `lr = 0.1 or 0.01`, `lr 0.1 and lr 0.01`, `30 epochs`."""
    numbers = _take_numbers(question, rf"\b{make_pattern(words)}s?{_EQUALS}", units)
    if not numbers and words[-1].endswith("s"):
        match = question.take(rf"(?<![\w.])(\d+)\s+{re.escape(words[-1])}\b")
        numbers = {float(match[1]): match.start()} if match is not None else {}
    return _turn_numbers(question, field, numbers) if numbers else None


def _take_numbers(question: Question, beginning: str, units: str) -> dict[float, int]:
    """All the numbers that are said of one field, and where; `5 epochs` after them is not said of it."""
    more = rf"(?:(?:\s*(?:,|{_JOINED}))+\s*{_EXACT}(?!\s*%|\s+(?:{units})\b))*"
    found: dict[float, int] = {}
    while match := question.take(rf"{beginning}(?<![\w.])({_EXACT}{more})"):
        for number in re.findall(_EXACT, match[1], re.IGNORECASE):
            found.setdefault(float(number), match.start())
    return found


def _turn_numbers(question: Question, field: Field, numbers: dict[float, int]) -> Node:
    condition = one_of(field, numbers)
    return turn(condition, is_negated=question.take_not(min(numbers.values())))


def _read_words(question: Question, names: Names, field: Field, said: str) -> Node | None:
    """`optimizer adam`, `team = vision`: a value that is words, which must be known unless there is a `=`."""
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
    return turn(Condition(field, "=", (chosen,)), is_negated=question.take_not(match.start()))


def _read_status(question: Question) -> list[Node]:
    for pattern, status in _UNFINISHED:
        if question.take(pattern):
            return [Not(on_run("status", "=", status))]
    for pattern, status in STATUSES:
        match = question.take(pattern)
        if match is not None:
            return [turn(on_run("status", "=", status), is_negated=question.take_not(match.start()))]
    return []


def drop_status(question: Question) -> None:
    """Take what is said of a run's status for read, where that is what is asked."""
    for pattern, _ in (*_UNFINISHED, *STATUSES):
        question.take(pattern)
    question.take(r"\b(?:succe\w+|finish\w*|complete\w*|fail\w*|crash\w*|run|done|still)\b(?! \w)")
