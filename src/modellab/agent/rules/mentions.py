"""Which runs a question names: by id, by name, or as the latest, the best, the second, those two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modellab.agent.api import LabAPI
from modellab.agent.rules.question import Question
from modellab.agent.rules.unread import IDLE_WORDS
from modellab.query import Condition, Field

MentionKind = Literal["id", "name", "latest", "oldest", "best", "worst", "turn"]

_ORDINALS = {
    **{word: n for n, word in enumerate(("first", "second", "third", "fourth", "fifth"), start=1)},
    **{f"{n}{'st' if n == 1 else 'nd' if n == 2 else 'rd' if n == 3 else 'th'}": n for n in range(1, 10)},
    "former": 1,
    "latter": -1,
    "last": -1,
    "other": 2,
}
_ORDINAL = rf"({'|'.join(_ORDINALS)})"
_THING = r"(?:runs?|ones?|experiments?|models?|trials?|training|trainings|jobs?|attempts?|results?)"
_KIND = (
    r"(?:finished|completed|successful|failed|failing|crashed|broken|running|performing|scoring|accurate|single|other"
    r"|training|good|bad)"
)
"""What may stand between `the best` and `run` and is no filter, as `svm` there would be."""
_ID = re.compile(r"(?<![\w-])([0-9a-f]{32})(?![\w-])", re.IGNORECASE)
_PART = re.compile(
    r"(?<![\w-])(?:run\s+(?:id\s+)?#?([0-9a-f]{4,31})|(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])([0-9a-f]{6,31}))(?![\w-])",
    re.IGNORECASE,
)
_NAMELIKE = re.compile(
    r"(?<![\w-])((?=\w*[a-z])[a-z\d]+(?:[-_][a-z\d.]+)+|[a-z]+\d+)(?![\w-])", re.IGNORECASE
)
_MAX_PHRASES = 120
_MAX_WORDS = 8
"""Words of a name that is not in quotes."""
ALL = 1000
"""The count of a mention of all runs of an answer before: those, them."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A run, or `count` of them, that a question names; `place` is where in the question.

    `value` is an id or a name; `skip` says how many to leave out before: 1 for the second best.
    """

    kind: MentionKind
    place: int
    value: str = ""
    skip: int = 0
    count: int = 1
    run_ids: tuple[str, ...] = ()


def read_named(question: Question, api: LabAPI) -> list[Mention]:
    """Runs that are named by id or by name."""
    return [*_read_ids(question), *_read_names(question, api)]


def read_relative(question: Question, *, n_before: int) -> list[Mention]:
    """Runs that are named by their place: the latest, the best, and of the `n_before` of the last answer."""
    placed = _read_placed(question, n_before) if n_before else []
    found = [*placed, *_read_latest(question), *_read_ranked(question)]
    if n_before:
        return found if placed else [*found, *_read_turn(question, n_before)]
    match = question.take(rf"\b(?:the |my |our )?(?:first|oldest|earliest)\s+{_THING}\b")
    return found if match is None else [*found, Mention("oldest", match.start())]


def read_unknown(question: Question, *, with_quoted: bool) -> list[Mention]:
    """What looks like the name of a run, but of none that is there under just this name."""
    form = r"\b(?:run|experiment|trial)\s+(?:called |named |id )?(¦\d+|[\w.\-]*[\d_\-][\w.\-]*)"
    match = question.take(form) or (question.take(r"(¦\d+)") if with_quoted else None)
    match = match or question.take(_NAMELIKE)
    return [] if match is None else [Mention("name", match.start(), question.fill(match[1]).rstrip("."))]


def _read_ids(question: Question) -> list[Mention]:
    found = []
    for pattern in (_ID, _PART):
        while (match := question.take(pattern)) is not None:
            value = next(filter(None, match.groups())).lower()
            found.append(Mention("id", match.start(), value))
    return found


def _read_latest(question: Question) -> list[Mention]:
    found = []
    newest = r"(?:latest|newest|most recent|last|current)"
    while match := question.take(rf"\b(?:the |my |our )?{newest}\s+(\d{{1,3}})\s+(?:{_KIND}\s+)?{_THING}\b"):
        found.append(Mention("latest", match.start(), count=int(match[1])))
    while match := question.take(
        rf"\b(?:the |my |our )?(\d{{1,3}}) {newest}(?:\s+(?:{_KIND}\s+)?{_THING})?\b"
    ):
        found.append(Mention("latest", match.start(), count=int(match[1])))
    while match := question.take(
        rf"\b(?:the )?{_ORDINAL}[- ](?:to[- ]|most )?(?:last|latest|newest|recent)(?: {_THING})?\b"
    ):
        found.append(Mention("latest", match.start(), skip=max(0, _ORDINALS[match[1].lower()] - 1)))
    while match := question.take(r"\blatest~(\d{1,4})\b"):
        found.append(Mention("latest", match.start(), skip=int(match[1])))
    while match := question.take(rf"\b(?:the |my |our )?{newest}(?:\s+(?:{_KIND}\s+)?{_THING}\b|\b)"):
        found.append(Mention("latest", match.start()))
    while match := question.take(
        rf"\b(?:the )?(?:(?:previous|preceding) {_THING}|{_THING} before(?: (?:it|that|this))?)\b"
        r"|\bthe (?:previous|preceding)\b(?! \w)"
    ):
        found.append(Mention("latest", match.start(), skip=1))
    return found


def _read_ranked(question: Question) -> list[Mention]:
    found = []
    words = r"(best|top|worst|winning|leading|highest[- ]scoring|winner)"
    while match := question.take(
        rf"\b(?:the |my |our )?{words}\s+(\d{{1,3}})(?:\s+(?:{_KIND}\s+)?{_THING}\b)?"
    ):
        found.append(Mention(_rank_kind(match[1]), match.start(), count=int(match[2])))
    while match := question.take(rf"\b(?:the |my |our )?(\d{{1,3}})\s+{words}(?:\s+{_THING})?\b"):
        found.append(Mention(_rank_kind(match[2]), match.start(), count=int(match[1])))
    while match := question.take(rf"\b(?:the )?{_ORDINAL}[- ]{words}(?:\s+(?:{_KIND}\s+)?{_THING})?\b"):
        found.append(
            Mention(_rank_kind(match[2]), match.start(), skip=max(0, _ORDINALS[match[1].lower()] - 1))
        )
    extreme = r"(highest|lowest|best|smallest|largest|worst)"
    while match := question.take(rf"\b(?:the |my )?{_THING} (?:with|having|of) (?:the )?{extreme}\b"):
        found.append(Mention(_rank_kind(match[1]), match.start()))
    while match := question.take(r"\brunner[- ]up\b"):
        found.append(Mention("best", match.start(), skip=1))
    while match := question.take(rf"\b(?:the |my |our )?{words}(?:\s+(?:{_KIND}\s+)?{_THING}\b|\b)"):
        found.append(Mention(_rank_kind(match[1]), match.start()))
    return found


def _rank_kind(word: str) -> MentionKind:
    return "worst" if word.lower() == "worst" else "best"


def _read_placed(question: Question, n_before: int) -> list[Mention]:
    """`The second one`, `the last of them`: of the answer before, by their place in it."""
    found = []
    while match := question.take(rf"\b(?:the )?{_ORDINAL} (?:one|of (?:them|those|these))\b"):
        place = _ORDINALS[match[1].lower()]
        found.append(Mention("turn", match.start(), skip=n_before - 1 if place < 0 else place - 1))
    return found


def _read_turn(question: Question, n_before: int) -> list[Mention]:
    found = []
    while match := question.take(
        rf"\b(?:the )?first\s+(\d{{1,2}})(?:\s+{_THING}|\s+of (?:them|those|these))?\b"
    ):
        found.append(Mention("turn", match.start(), count=int(match[1])))
    while match := question.take(rf"\b(?:the )?(first|second|third|former|latter)(?: {_THING})?\b"):
        place = _ORDINALS[match[1].lower()]
        found.append(Mention("turn", match.start(), skip=n_before - 1 if place < 0 else place - 1))
    while match := question.take(rf"\b(?:those|these|the)\s+(\d{{1,2}})(?:\s+{_THING})?\b"):
        found.append(Mention("turn", match.start(), count=int(match[1])))
    while match := question.take(
        rf"\b(?:both(?: of them)?|all of (?:them|those|these)|them|those|these|they)\b(?:\s+{_THING})?"
    ):
        found.append(Mention("turn", match.start(), count=ALL))
    if not found:
        match = question.take(r"\b(?:it|its|that (?:run|one)|this (?:run|one)|the run|that|this)\b")
        if match is not None:
            found.append(Mention("turn", match.start()))
    return found


def _read_names(question: Question, api: LabAPI) -> list[Mention]:
    """Phrases of the question that are names of runs; one question to the API for all of them."""
    phrases = _list_phrases(question)
    if not phrases:
        return []
    wanted = Condition(Field("run", "name"), "in", tuple(phrases))
    rows = api.table(query=str(wanted), limit=200)["rows"]
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["name"], []).append(row)
    found = []
    for name in sorted(by_name, key=len, reverse=True):
        pattern = _make_pattern(question, name)
        while match := question.take(pattern):
            run_ids = tuple(row["run_id"] for row in by_name[name])
            found.append(Mention("name", match.start(), name, run_ids=run_ids))
    return found


def _make_pattern(question: Question, name: str) -> str:
    quoted = [f"¦{n}" for n, text in enumerate(question.quoted) if text == name]
    said = "|".join([*(f"{mark}(?!\\d)" for mark in quoted), re.escape(name)])
    return rf"(?:\brun\s+)?(?<![\w\-])(?:{said})(?![\w\-])"


def _list_phrases(question: Question) -> Sequence[str]:
    phrases = list(question.quoted)
    for part in re.split(r"[·,;?!()]|[.:](?:\s|$)", question.rest):
        words = [word.removesuffix("'s") for word in part.split()]
        for length in range(min(_MAX_WORDS, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                phrase = " ".join(words[start : start + length])
                if re.sub(IDLE_WORDS, "", phrase, flags=re.IGNORECASE).strip(" -") and len(phrase) <= 250:
                    phrases.append(phrase)
    return list(dict.fromkeys(phrases))[:_MAX_PHRASES]
