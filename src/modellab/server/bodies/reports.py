"""What requests for reports hold; the answers are documents."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from modellab.records import MAX_NAME_LENGTH
from modellab.records.evaluations import DEFAULT_EVALUATION, NAME_PATTERN
from modellab.server.bodies.matching_runs import MAX_QUERY_LENGTH
from modellab.server.bodies.values import Query, Text


class ReportQuery(Query):
    """Which runs to report on, by what, and in which form."""

    query: Text | None = Field(
        None,
        max_length=MAX_QUERY_LENGTH,
        description="Runs for which this text of the query language holds; all if not given.",
        examples=['params.model = "svm"'],
    )
    format: Literal["html", "md"] = Field("html", description="HTML, or Markdown.", examples=["md"])
    metric: Text | None = Field(
        None,
        max_length=MAX_NAME_LENGTH,
        description="What verdicts are on; the primary metric of the evaluations if not given.",
        examples=["roc_auc"],
    )
    baseline: Text | None = Field(
        None,
        max_length=MAX_NAME_LENGTH,
        description="A run that matches, which every other is compared with; the best if not given.",
        examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"],
    )
    split: str = Field(
        DEFAULT_EVALUATION, pattern=NAME_PATTERN, description="Which evaluations to use.", examples=["test"]
    )
