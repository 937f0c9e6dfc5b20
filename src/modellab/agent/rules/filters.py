"""Which runs a question is about: status, time, dataset, project, params, tags, bounds of metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modellab.agent.metrics import match_metric, normalise
from modellab.agent.rules.names import Names, make_pattern, split_name
from modellab.agent.rules.question import Question
from modellab.agent.rules.times import on_run, read_duration, read_times
from modellab.errors import InvalidQuery
from modellab.query import And, Condition, Field, Node, Not, parse_field, parse_query
from modellab.query.tree import Operator, Value

_NUMBER = r"(-?\d+(?:[.,]\d+)?(?:e-?\d+)?)\s*(%|percent)?"
_STATUSES = (
    (
        r"\b(?:any\w* (?:\w+ )?fail|failed|failing|crashed|broken|errored|unsuccessful|died|failures)\b",
        "failed",
    ),
    (r"\b(?:running|in progress|active|ongoing|training now|live)\b", "running"),
    (r"\b(?:completed|finished|successful|succeeded)\b", "completed"),
    (r"\b(?:pending|queued|waiting)\b", "pending"),
)
_NOT = r"\b(?:not|except|excluding|other than|without|non)\b[ -](?:for |on |in |with |using |the |those )*"
_FLAGGED_FOR = r"\b(?:flagged|marked|tagged) (?:for|as|to be) (?:publish(?:ing|ed)?|publication|release)\b"
_FLAGGED = r"\b(?:flagged|published)\b"
_ON_DATASET = (
    r"\b(?:(?:on|used?|using|for|with|from|of|against)\s+)?(?:the )?data ?set\s+(?:called |named )?"
    r"(¦\d+|[\w.\-]+)"
    r"|\b(?:on|used|using|for)\s+(?:the )?(¦\d+|[\w.\-]+)(?: data(?: ?set)?)?\b"
)
_BOUNDS: tuple[tuple[str, Operator], ...] = (
    (r"(?:>=|at least|no less than|no lower than|not below|minimum of)", ">="),
    (r"(?:<=|at most|no more than|no higher than|not above|up to|maximum of)", "<="),
    (
        r"(?:>|above|over|(?:greater|more|higher|better|larger|bigger) than|exceeding|exceeds)",
        ">",
    ),
    (r"(?:<|below|under|less than|lower than|smaller than|worse than)", "<"),
)
_PLAIN_NUMBER = r"(-?\d+(?:\.\d+)?)"
_WORDS = r"([\w/\-]+(?: [\w/\-]+)?)"
_EQUALS = r"\s*(?:=|==|:|is|was|of|set to|equal to|equals|at|to)?\s*"


def read_filters(question: Question, names: Names) -> list[Node]:
    """The conditions of a question, in the order in which they are read; they must all hold."""
    return [
        *_read_query(question),
        *read_duration(question),
        *read_times(question),
        *_read_flagged(question),
        *_read_bounds(question, names),
        *_read_status(question),
        *(_read_params(question, names) if has_unread(question, names) else ()),
        *_read_places(question, names),
    ]


def read_values(question: Question, names: Names) -> list[Node]:
    """Conditions for words that are values of params or tags, such as `svm` in `the svm runs`."""
    if not has_unread(question, names):
        return []
    found: list[Node] = []
    for field in names.valued:
        values = sorted({str(value) for value in names.values(field)}, key=len, reverse=True)
        said = [value for value in values if _is_said(question, value)] or _find_parts(question, values)
        if said:
            condition = Condition(parse_field(field), "in" if len(said) > 1 else "=", tuple(said))
            found.append(_turn(condition, is_negated=question.take(_NOT + r"\s*·") is not None))
    return found


def has_unread(question: Question, names: Names) -> bool:
    """Whether something is unread that may be a param or its value; only then the API is asked for those."""
    rest = re.sub(IDLE_WORDS, " ", question.rest, flags=re.IGNORECASE)
    words = re.findall(r"\w[\w.\-]*", rest)
    return any(not set(normalise(word)) <= names.metric_words for word in words)


def list_unread(question: Question, names: Names) -> list[str]:
    """The phrases of a question that mean nothing to the rules, so that the answer can say so."""
    if not has_unread(question, names):
        return []
    idle = re.compile(f"{IDLE_WORDS}|{_SAYS_NO_FILTER}", re.IGNORECASE)
    rest = idle.sub(lambda match: " " * len(match[0]), question.rest)
    of_params = {word for words, _ in names.params for word in words}
    found = []
    for part in re.split(r"[·,;:?!()]|\s{2,}", rest):
        words = [
            word
            for word in part.split()
            if not set(normalise(word)) <= names.metric_words and word.lower() not in of_params
        ]
        if any(len(word) > 2 and not word.isdigit() for word in words):
            found.append(" ".join(part.split()).strip(" .-"))
    return [phrase for phrase in dict.fromkeys(found) if phrase]


def join(conditions: list[Node]) -> str | None:
    """Conditions as one text of the query language."""
    if not conditions:
        return None
    return str(conditions[0] if len(conditions) == 1 else And(tuple(conditions)))


IDLE_WORDS = (
    r"\b(?:the|a|an|of|by|in|on|with|for|to|me|my|our|all|any|is|are|was|were|what|which|who|how|did|do|does|run|runs|"
    r"show|list|give|tell|please|best|top|most|recent|latest|last|newest|compare|and|or|that|have|has|had|it|its|"
    r"highest|lowest|why|fail|crash|summari[sz]e|overview|search|go|went|next|try|similar|like|better|worse|than|"
    r"between|difference|differ|vs|versus|trend|curve|params?|parameters?|hyper-?parameters?|rank|leaderboard|flag|"
    r"publish(?:ing)?|note|add|datasets?|should|i|suggest|evaluation|happened|details|describe|status|by|long|took|"
    r"highest|lowest|find|get|from|many|there|experiments?|models?|trials?|so|far|ever|about|one|ones|results?|can|you)\b|¦\d*"
)


_SAYS_NO_FILTER = (
    r"\b(?:us(?:e|ed|ing)|tagged|slowest|longest|fastest|shortest|quickest|number|count|perform\w*|among|sort\w*|"
    r"order\w*|max(?:imum)?|min(?:imum)?|won|wins?|winner|significan\w*|beats?|ran|running|config\w*|giv(?:es|en)|"
    r"work(?:s|ed)?|achiev\w*|accurate|good|compared|really|actually|chang(?:e|ed|es)|stack|up|different|diff|everything|anything|"
    r"name|made|make|just|only|now|right|experiment|scor\w*|value|got|gets?|single|overall|out|also|would|could|be|"
    r"improve|increase|recommend|propose|settings?|good|great|against|other|per|each|worst|weakest|strongest|"
    r"\d+ (?:best|newest|latest|worst))\b|\b(?:top|last|first|newest|latest|best|worst) \d+\b"
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
    words = {word for value in values for word in split_name(value) if len(word) >= 3 and word.isalpha()}
    for word in sorted(words):
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


def _read_flagged(question: Question) -> list[Node]:
    if question.take(_FLAGGED_FOR) or (not question.has(r"\btagged\b") and question.take(_FLAGGED)):
        return [Condition(Field("tags", "publish"), "=", ("true",))]
    return []


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
    between = rf"\b{_WORDS}\s+(?:is |was )?between\s+{_PLAIN_NUMBER}\s+and\s+{_PLAIN_NUMBER}"
    match = re.search(between, question.rest, re.IGNORECASE)
    metric = match and _find_metric(match[1], names)
    if match and metric:
        question.take(re.escape(match[0]))
        bounds = (float(match[2]), float(match[3]))
        return [Condition(Field("metrics", metric, "final"), "between", bounds)]
    for bound, operator in _BOUNDS:
        for form in (
            rf"\b{_WORDS}\s+(?:is |was |of )?{bound}\s*{_NUMBER}",
            rf"{bound}\s*{_NUMBER}\s+{_WORDS}",
        ):
            match = re.search(form, question.rest, re.IGNORECASE)
            said = match and (match[1] if match.re.pattern.startswith(r"\b([") else match[3])
            metric = said and _find_metric(said, names)
            if match and metric:
                question.take(re.escape(match[0]))
                number = re.search(_NUMBER, match[0].replace(said or "", " "), re.IGNORECASE)
                assert number is not None
                return [Condition(Field("metrics", metric, "final"), operator, (_read_number(number),))]
    return []


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
            found.append(on_run("seed", "=", float(match[1])))
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
        found = _take_either(question, pattern)
        if found is not None:
            return [_turn(on_run("status", "=", status), is_negated=found)]
    return []


def _take_either(question: Question, pattern: str) -> bool | None:
    """Take what fits, and say whether `not` stands before it; `None` if nothing fits."""
    if question.take(_NOT + pattern):
        return True
    return False if question.take(pattern) else None


def _turn(condition: Condition, *, is_negated: bool) -> Node:
    return Not(condition) if is_negated else condition


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
            found.append(on_run("project_id", "=", same))
    for match in re.finditer(_ON_DATASET, question.rest, re.IGNORECASE):
        name = question.fill(match[1] or match[2]).rstrip(".")
        condition = _on_dataset(name, names)
        is_negated = condition is not None and _take_either(question, re.escape(match[0].lstrip()))
        if condition is not None:
            return [*found, _turn(condition, is_negated=bool(is_negated))]
    return found + _read_bare_dataset(question, names)


def _read_bare_dataset(question: Question, names: Names) -> list[Node]:
    for name in sorted(names.datasets, key=len, reverse=True):
        found = _take_either(question, rf"(?<![\w\-]){re.escape(name)}(?![\w\-])") if len(name) > 2 else None
        if found is not None:
            return [_turn(on_run("dataset_id", "=", name), is_negated=found)]
    return []


def _on_dataset(name: str, names: Names) -> Condition | None:
    same = [one for one in names.datasets if one.lower() == name.lower()]
    if same:
        return on_run("dataset_id", "=", same[0])
    if len(name) > 2 and any(one.lower().startswith(name.lower()) for one in names.datasets):
        escaped = re.sub(r"([\\%_])", r"\\\1", name)
        return on_run("dataset_id", "ilike", f"{escaped}%")
    return None
