"""What a question and its answer are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_QUESTION_LENGTH = 10_000
"""Characters of a question."""
MAX_TURNS = 20
"""Turns of a conversation that are looked at; clients send no more."""
RULES = "rules"
"""What `generated_by` says of an answer that no model has written."""

Intent = Literal[
    "list",
    "count",
    "best",
    "average",
    "compare",
    "trend",
    "why_failed",
    "flag",
    "note",
    "summarise",
    "search",
    "similar",
    "suggest",
    "datasets",
    "evaluation",
    "clarify",
    "help",
]
"""What was asked for; `clarify` is a question back, `help` a question that cannot be answered."""


class ToolCall(BaseModel):
    """A tool that was called for an answer."""

    name: str = Field(description="The tool.", examples=["leaderboard"])
    arguments: dict[str, Any] = Field(description="Its arguments.", examples=[{"metric": "accuracy"}])
    error: str | None = Field(default=None, description="What went wrong with it; null if nothing did.")


class Turn(BaseModel):
    """A question that was answered before, and which runs the answer named."""

    model_config = ConfigDict(extra="ignore")  # a client may hand a whole answer back

    question: Annotated[str, StringConstraints(max_length=MAX_QUESTION_LENGTH)] = Field(
        description="What was asked.", examples=["Which runs are the best by accuracy?"]
    )
    natural_language_answer: Annotated[str, StringConstraints(max_length=100_000)] = Field(
        default="", description="What was answered."
    )
    used_run_ids: list[Annotated[str, StringConstraints(max_length=128)]] = Field(
        default=[], max_length=1000, description="The runs that the answer named, in its order."
    )


class AgentAnswer(BaseModel):
    """An answer that cites its runs."""

    intent: Intent = Field(description="What was asked for.", examples=["best"])
    natural_language_answer: str = Field(
        description="The answer in words.", examples=["svm has the highest accuracy: 0.953."]
    )
    used_run_ids: list[str] = Field(
        description="The runs that it names, in its order.", examples=[["18b2f6c3a1d40e57a0c4f1e29b7d3586"]]
    )
    comparison: dict[str, Any] | None = Field(
        default=None,
        description="What `compare_runs` found, with its verdicts; null where nothing was compared.",
    )
    flagged_run_id: str | None = Field(default=None, description="The run that was flagged for publishing.")
    generated_by: str = Field(
        default=RULES, description="`rules`, or the model that wrote it.", examples=["rules", "gpt-5-mini"]
    )
    tool_calls: list[ToolCall] = Field(default=[], description="What was asked of the API, in order.")
    notes: list[str] = Field(
        default=[], description="What to know about how it was made, such as that no model answered."
    )
    query: str | None = Field(
        default=None,
        description="The runs that it is about as text of the query language, to be used as a filter.",
        examples=['status = "failed"'],
    )
    suggestions: list[str] = Field(
        default=[], description="Questions that could follow.", examples=[["Compare those two."]]
    )
