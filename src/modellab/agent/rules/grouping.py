"""By which field a question groups runs: `mean accuracy by model`, `how many runs per project`."""

from __future__ import annotations

from collections.abc import Iterator

from modellab.agent.rules.names import Names, make_pattern
from modellab.agent.rules.question import Question
from modellab.query import Field

_PLACES = (("project", "project_id"), (r"data ?set", "dataset_id"), ("status", "status"))
_BY = (
    r"\b(?:grouped by|broken down by|by|per|for each|for every|of each|each|every|across|which|what)\s+"
    r"(?:the |different |all )*"
)
_HOW_MANY = r"\bhow many (?:different |distinct |unique )?"


def read_group(question: Question, names: Names) -> str | None:
    """The field whose values make the groups, as text of the query language."""
    if question.take(r"\b(?:across|over)\s+(?:the |all |different )*(?:random )?seeds\b"):
        return "seed"
    if not question.has(_BY) and not question.has(_HOW_MANY):
        return None
    for said, field in _list_fields(names):
        for beginning in (_BY, _HOW_MANY):
            if question.take(rf"{beginning}{said}(?:s|es)?\b(?!\s*[=\d])"):
                return field
    return None


def _list_fields(names: Names) -> Iterator[tuple[str, str]]:
    yield from _PLACES
    for words, name in names.params:
        yield make_pattern(words), str(Field("params", name))
    for words, name in names.tags:
        yield make_pattern(words), str(Field("tags", name))
