"""What a search finds: runs, datasets and projects, with the parts of their texts that match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SearchKind = Literal["run", "dataset", "project"]
SEARCH_KINDS: tuple[SearchKind, ...] = ("run", "dataset", "project")
FoundBy = Literal["text", "meaning", "both"]
"""By its words, by what its text means (embeddings), or by both."""

MAX_FOUND = 100
"""Things in one answer of a search."""
MAX_SEARCH_LENGTH = 1000
"""Characters of what is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A part of a text. `ranges` say which of its characters (code points) match: from, and up to before."""

    field: str
    text: str
    ranges: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """Something that was found; `at` is when a run started, or when else it was made.

    `score` orders one answer and means nothing beside another's.
    """

    kind: SearchKind
    id: str
    name: str | None
    project_id: str | None
    status: str | None
    at: str | None
    score: float
    found_by: FoundBy
    snippets: Sequence[Snippet]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """What was found, best first; `total` is how many there are by text.

    `uses_embeddings` says whether meanings were compared too; `notes` say what was not done, and why.
    """

    total: int
    uses_embeddings: bool
    items: Sequence[SearchHit]
    notes: Sequence[str]
