"""What requests and answers about the assistant hold; answers are `AgentAnswer` itself."""

from __future__ import annotations

from pydantic import BaseModel, Field, field_validator

from modellab.agent.answer import MAX_QUESTION_LENGTH, MAX_TURNS, Turn
from modellab.server.bodies.values import Body, Text


class QuestionBody(Body):
    """A question, and what was asked before."""

    query: Text = Field(
        min_length=1,
        max_length=MAX_QUESTION_LENGTH,
        description=f"The question, in words; at most {MAX_QUESTION_LENGTH:,} characters.",
        examples=["Which run has the highest accuracy?"],
    )
    conversation: list[Turn] = Field(
        default=[],
        max_length=MAX_TURNS,
        description="Earlier questions with their answers, the oldest first, so that `compare those two` is "
        "understood. The client keeps them; an answer may be sent back as it came, with its question.",
    )

    @field_validator("query")
    @classmethod
    def _refuse_blank(cls, query: str) -> str:
        if not query.strip():
            raise ValueError("The question is blank")
        return query.strip()


class AgentStateBody(BaseModel):
    """Who answers, and what it may do for the caller."""

    generated_by: str = Field(description="`rules`, or the model that is asked.", examples=["rules"])
    note: str | None = Field(description="Why no model is asked; null where one is.")
    may_write: bool = Field(description="Whether it may write notes and flag runs.", examples=[True])
    examples: list[str] = Field(
        description="Questions to begin with.", examples=[["Compare the latest two runs."]]
    )
