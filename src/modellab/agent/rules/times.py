"""When runs started and how long they took, as questions say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from modellab.agent.rules.conditions import on_run
from modellab.agent.rules.question import Question
from modellab.errors import InvalidInput
from modellab.query import Node
from modellab.query.tree import Operator

_SPAN = r"(\d+(?:\.\d+)?|an?|half an?)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)\b"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TOOK = r"(?:took|taking|takes?|ran|run|running|lasted|lasting|trained)(?: for)?"
_DURATIONS: tuple[tuple[str, Operator], ...] = (
    (rf"(?:{_TOOK} )?(?:longer|more) than|{_TOOK} (?:over|above)", ">"),
    (rf"(?:{_TOOK} )?(?:shorter|less) than|{_TOOK} (?:under|below)", "<"),
    (rf"{_TOOK} at least", ">="),
    (rf"{_TOOK} (?:at most|up to)", "<="),
)
_LAST = (
    r"\b(?:(?:in|from|over|during|within|of|for) )?(?:the )?(?:last|past|previous) (?:(\d{1,4}) )?"
    r"(minute|hour|day|week|month|year)s?\b"
)
_UNITS = {"minute": "m", "hour": "h", "day": "d", "week": "w"}
_DATE = r"(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?)"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY_OF_MONTH = r"(?:\d{1,2}(?:st|nd|rd|th)?\b)"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
_NAMED = (
    rf"{_MONTH} (?:the )?{_DAY_OF_MONTH}(?!\d)(?:,? 20\d\d\b)?"
    rf"|(?:the )?{_DAY_OF_MONTH} (?:of )?{_MONTH}(?:,? 20\d\d\b)?"
    rf"|{_MONTH}(?:,? (?:of )?20\d\d\b)?|20\d\d\b(?![-.\d])|(?:last |this )?{_WEEKDAY}|\d{{1,3}} days? ago\b"
)


@dataclass(frozen=True, slots=True)
class _Days:
    """Days from the first to before the `end`, in UTC."""

    first: date
    end: date


def read_duration(question: Question) -> list[Node]:
    """How long runs took: `longer than 2 hours`."""
    found: list[Node] = []
    for words, operator in _DURATIONS:
        match = question.take(rf"\b(?:{words})\s+{_SPAN}")
        if match is not None:
            said = match[1].lower()
            number = 0.5 if said.startswith("half") else 1.0 if said in ("a", "an") else float(said)
            found.append(on_run("duration_s", operator, number * _SECONDS[match[2][0].lower()]))
    return found


def read_times(question: Question) -> list[Node]:
    """When runs started: `yesterday`, `in the last 7 days`, `in November`. Days are those of UTC."""
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
    if question.take(r"\b(?:from |in )?this year\b"):
        return [on_run("started_at", ">=", today.replace(month=1, day=1).isoformat())]
    return _read_dates(question) or _read_named(question, today)


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
        ("after|later than", ">"),
        ("until|up to|through", "<="),
        ("before|earlier than", "<"),
        ("on|of|at", "="),
    )
    for words, operator in forms:
        match = question.take(rf"\b(?:{words})\s+{_DATE}")
        if match is not None:
            found.append(on_run("started_at", operator, match[1]))
    return found


def _read_named(question: Question, today: date) -> list[Node]:
    """Months, years and days by name: `in November`, `since Monday`, `before 20 Nov`, `3 days ago`."""
    between = question.take(rf"\b(?:between|from)\s+({_NAMED})\s+(?:and|to|until|-)\s+({_NAMED})")
    if between is not None:
        first, last = (_find_days(between[n], today) for n in (1, 2))
        return _between(first.first, last.end)
    match = question.take(
        r"\b(?:(since|starting|after|later than|until|up to|through|before|earlier than|in|on|of|from"
        rf"|during)\s+({_NAMED})|((?:last )?{_WEEKDAY}(?:'s)?|\d{{1,3}} days? ago\b))"
    )
    if match is None:
        return []
    days = _find_days(match[2] or match[3], today)
    word = (match[1] or "on").lower()
    if word in ("since", "starting"):
        return [on_run("started_at", ">=", days.first.isoformat())]
    if word in ("after", "later than"):
        return [on_run("started_at", ">=", days.end.isoformat())]
    if word in ("until", "up to", "through"):
        return [on_run("started_at", "<", days.end.isoformat())]
    if word in ("before", "earlier than"):
        return [on_run("started_at", "<", days.first.isoformat())]
    return _between(days.first, days.end)


def _between(first: date, end: date) -> list[Node]:
    if end - first == timedelta(days=1):
        return [on_run("started_at", "=", first.isoformat())]
    return [on_run("started_at", ">=", first.isoformat()), on_run("started_at", "<", end.isoformat())]


def _find_days(said: str, today: date) -> _Days:
    """The days that a phrase names, the last such ones if it has no year. Raises `InvalidInput`."""
    said = said.lower()
    ago = re.match(r"(\d+) days? ago", said)
    if ago is not None:
        return _one_day(today - timedelta(days=int(ago[1])))
    weekday = re.search(_WEEKDAY, said)
    if weekday is not None:
        back = (today.weekday() - _WEEKDAYS.index(weekday[0][:3])) % 7
        return _one_day(today - timedelta(days=back or (7 if said.startswith("last") else 0)))
    year = re.search(r"\b20\d\d\b", said)
    month = re.search(rf"\b{_MONTH}", said)
    if month is None:
        return _Days(date(int(said), 1, 1), date(int(said) + 1, 1, 1))
    n_month = _MONTHS.index(month[0][:3]) + 1
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", said)
    try:
        found = date(int(year[0]) if year else today.year, n_month, int(day[1]) if day else 1)
        if year is None and found > today:
            found = found.replace(year=found.year - 1)
    except ValueError:
        raise InvalidInput(f"There is no day {said!r}.") from None
    if day is not None:
        return _one_day(found)
    return _Days(found, (found + timedelta(days=31)).replace(day=1))


def _one_day(day: date) -> _Days:
    return _Days(day, day + timedelta(days=1))
