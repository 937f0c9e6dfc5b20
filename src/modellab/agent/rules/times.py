"""When runs started and how long they took, as questions say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from modellab.agent.rules.question import Question
from modellab.query import Condition, Field, Node
from modellab.query.tree import Operator, Value

_SPAN = r"(\d+(?:\.\d+)?)\s*(second|sec|minute|min|hour|day)s?"
_SECONDS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400}
_LAST = (
    r"\b(?:(?:in|from|over|during|within|of|for) )?(?:the )?(?:last|past|previous) (?:(\d{1,4}) )?"
    r"(minute|hour|day|week|month|year)s?\b"
)
_UNITS = {"minute": "m", "hour": "h", "day": "d", "week": "w"}
_DATE = r"(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?)"


def read_duration(question: Question) -> list[Node]:
    """How long runs took: `longer than 2 hours`."""
    longer = question.take(rf"\b(?:longer than|(?:took|lasting) (?:more than|over))\s+{_SPAN}")
    shorter = question.take(rf"\b(?:shorter than|(?:took|lasting) (?:less than|under))\s+{_SPAN}")
    found: list[Node] = []
    for match, operator in ((longer, ">"), (shorter, "<")):
        if match is not None:
            seconds = float(match[1]) * _SECONDS[match[2].lower()]
            found.append(on_run("duration_s", operator, seconds))  # type: ignore[arg-type]
    return found


def read_times(question: Question) -> list[Node]:
    """When runs started: `yesterday`, `in the last 7 days`, `since 2026-11-20`. Days are those of UTC."""
    today = datetime.now(UTC).date()
    if question.take(r"\btoday\b|\bthis (?:morning|afternoon|evening)\b"):
        return [on_run("started_at", "=", today.isoformat())]
    if question.take(r"\byesterday\b|\blast night\b"):
        return [on_run("started_at", "=", (today - timedelta(days=1)).isoformat())]
    match = question.take(_LAST)
    if match is not None:
        return [on_run("started_at", ">=", _write_age(int(match[1] or 1), match[2].lower()))]
    if question.take(r"\b(?:from |in )?this week\b"):
        return [on_run("started_at", ">=", (today - timedelta(days=today.weekday())).isoformat())]
    if question.take(r"\b(?:from |in )?this month\b"):
        return [on_run("started_at", ">=", today.replace(day=1).isoformat())]
    return _read_dates(question)


def _write_age(n: int, unit: str) -> str:
    if unit == "month":
        return f"-{30 * n}d"
    return f"-{365 * n}d" if unit == "year" else f"-{n}{_UNITS[unit]}"


def _read_dates(question: Question) -> list[Node]:
    between = question.take(rf"\b(?:between|from)\s+{_DATE}\s+(?:and|to|until|-)\s+{_DATE}")
    if between is not None:
        return [on_run("started_at", ">=", between[1]), on_run("started_at", "<=", between[2])]
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
            found.append(on_run("started_at", operator, match[1]))
    return found


def on_run(name: str, operator: Operator, value: Value) -> Condition:
    """A condition on a field of the run itself."""
    return Condition(Field("run", name), operator, (value,))
