"""What requests and answers about searches hold."""

from __future__ import annotations

from pydantic import BaseModel, Field

from modellab.records import RunStatus
from modellab.records.search import MAX_FOUND, MAX_SEARCH_LENGTH, FoundBy, SearchKind
from modellab.server.bodies.matching_runs import MatchingRunsQuery
from modellab.server.bodies.values import Text

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"


class SearchQuery(MatchingRunsQuery):
    """What to look for, and among what."""

    q: Text = Field(
        min_length=1,
        max_length=MAX_SEARCH_LENGTH,
        description="Words that must all be there, in any letter case, with or without accents. Quotes hold "
        "a phrase together; the last word may go on.",
        examples=['resnet "learning rate" warm'],
    )
    kind: SearchKind | None = Field(None, description="Only of this kind.", examples=["run"])
    limit: int = Field(20, ge=1, le=MAX_FOUND, description="The most things in the answer.", examples=[20])


class SnippetBody(BaseModel):
    """A part of a text in which something matches."""

    field: str = Field(description="Where the text stands: name, tags, note, params, …", examples=["note"])
    text: str = Field(description="The part, on one line.", examples=["… with a longer warm-up"])
    ranges: list[tuple[int, int]] = Field(
        description="Which characters match, as code points from 0: from, and up to before.",
        examples=[[[16, 20]]],
    )


class SearchHitBody(BaseModel):
    """A run, dataset or project that was found."""

    kind: SearchKind = Field(description="What it is.")
    id: str = Field(description="Its id.", examples=[_RUN_ID])
    name: str | None = Field(description="Its name.", examples=["baseline"])
    project_id: str | None = Field(description="The project it belongs to; of a project its own id.")
    status: RunStatus | None = Field(description="Of a run, its status.")
    at: str | None = Field(description="When a run started, or when else it was made.")
    score: float = Field(description="Orders this answer; means nothing beside another's.")
    found_by: FoundBy = Field(description="By its words, by meaning (embeddings), or by both.")
    snippets: list[SnippetBody] = Field(description="The first texts that match, at most 4.")


class SearchBody(BaseModel):
    """What was found, best first."""

    total: int = Field(description="How many have all of the words.", examples=[1])
    uses_embeddings: bool = Field(description="Whether meanings were compared too.", examples=[False])
    items: list[SearchHitBody] = Field(description="What was found.")
    notes: list[str] = Field(description="What was not done, and why.", examples=[[]])
