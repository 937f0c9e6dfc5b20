"""Which dataset and which project a question is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modellab.agent.rules.conditions import on_run, one_of, turn
from modellab.agent.rules.names import Names
from modellab.agent.rules.question import Question
from modellab.errors import NotFound, list_nearest
from modellab.query import Field, Node

_IN = r"(?:in|on|of|from|for|within|against|using|used)"
_BEGINNING = (
    rf"\b{_IN}\s+(?:the )?(?:data ?set\s+)?(?:called |named )?([\w.\-]+)(?: data(?: ?set)?)?\b"
    r"|\bdata ?set\s+(?:called |named )?([\w.\-]+)"
)
_MAKES_PLACE = (
    r"\b(?:compar\w+|vs|versus|better|worse|differ\w*|except|excluding|without|not|than|other than)\b"
)
"""Where a project's name may stand alone: `compare churn and vision`, `all but`."""
_NAMED = r"(?:called |named )?(¦\d+|[\w.\-]+)"


def read_places(question: Question, names: Names) -> list[Node]:
    """Dataset and project. Raises `NotFound` for one that is called so, and that no run has."""
    found = _read_whole(question, "project_id", names.projects, "project")
    found += _read_whole(question, "dataset_id", names.datasets, r"data ?set") or _read_beginning(
        question, names
    )
    _refuse_unknown(question, "project", names.projects)
    _refuse_unknown(question, "dataset", names.datasets)
    return found


def _read_whole(question: Question, field: str, known: Sequence[str], thing: str) -> list[Node]:
    """Names that are said in full; a project's only beside a word that makes a place of it."""
    places: dict[str, int] = {}
    for name in sorted(known, key=len, reverse=True):
        match = question.take(_make_pattern(question, name, thing))
        if match is not None:
            places[name] = match.start()
    if not places:
        return []
    in_order = sorted(places, key=lambda name: places[name])
    return [turn(one_of(Field("run", field), in_order), is_negated=question.take_not(min(places.values())))]


def _make_pattern(question: Question, name: str, thing: str) -> str:
    quoted = [rf"¦{n}(?!\d)" for n, text in enumerate(question.quoted) if text.lower() == name.lower()]
    said = rf"(?<![\w\-])(?:{'|'.join([*quoted, re.escape(name)])})(?![\w\-])"
    forms = [
        rf"(?:\b{_IN}\s+)?(?:\b(?:the|our|my)\s+)?\b{thing}s?\s+(?:called |named )?{said}",
        rf"(?:\b{_IN}\s+)?(?:\b(?:the|our|my)\s+)?{said}\s+(?:{thing}s?|data)\b",
        rf"\b{_IN}\s+(?:(?:the|our|my)\s+)?{said}",
    ]
    if thing == "project":
        forms.append(rf"{said}\s+(?:runs?|experiments?|models?)\b")
    if len(name) > 2 and (thing != "project" or question.has(_MAKES_PLACE)):
        forms.append(said)
    return "|".join(forms)


def _read_beginning(question: Question, names: Names) -> list[Node]:
    """The beginning of a dataset's name, as `iris` of `iris-v1`."""
    for match in re.finditer(_BEGINNING, question.rest, re.IGNORECASE):
        name = (match[1] or match[2]).rstrip(".")
        if len(name) > 2 and any(one.lower().startswith(name.lower()) for one in names.datasets):
            question.take(re.escape(match[0]))
            escaped = re.sub(r"([\\%_])", r"\\\1", name)
            condition = on_run("dataset_id", "ilike", f"{escaped}%")
            return [turn(condition, is_negated=question.take_not(match.start()))]
    return []


def _refuse_unknown(question: Question, thing: str, known: Sequence[str]) -> None:
    match = question.take(rf"\b{_IN}\s+(?:the |our |my )?{thing}\s+{_NAMED}") if known else None
    if match is not None:
        name = question.fill(match[1])
        raise NotFound(f"No run is of a {thing} {name!r}.", hint=list_nearest(name, known))
