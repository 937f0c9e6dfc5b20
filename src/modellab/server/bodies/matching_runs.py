"""What says which runs are meant, in the same words wherever runs are chosen."""

from __future__ import annotations

from pydantic import Field

from modellab.records import RunStatus
from modellab.server.bodies.values import Query, Text

MAX_QUERY_LENGTH = 10_000
"""Characters of a text in the query language."""


class RunConditions(Query):
    """What must hold of a run in whichever project."""

    query: Text | None = Field(
        None,
        max_length=MAX_QUERY_LENGTH,
        description="A text of the query language.",
        examples=['metrics.accuracy >= 0.9 and params.model = "svm"'],
    )
    status: RunStatus | None = Field(None, description="In this state.", examples=["completed"])


class MatchingRunsQuery(RunConditions):
    """Which runs are meant: everything given must hold."""

    project_id: Text | None = Field(None, description="In this project.", examples=["iris-study"])
