"""Kinds of values that several requests and answers have, and how records become JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from fastapi import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from modellab.journal.line import encode_value


def _refuse_zero_bytes(text: str) -> str:
    if "\x00" in text:  # PostgreSQL cannot even compare with it
        raise ValueError("The text has a zero byte in it")
    return text


Text = Annotated[str, AfterValidator(_refuse_zero_bytes)]
"""Text that every database can take. A field with a `pattern` is a plain `str`: the schema would lose it."""

Number = float | Literal["nan", "inf", "-inf"]
"""A number, or the string that stands for one JSON cannot write."""


class Query(BaseModel):
    """Query parameters; one that is left empty counts as not given."""

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, values: Any) -> Any:
        # A form that is sent with empty fields means "not given".
        return (
            {key: value for key, value in values.items() if value != ""}
            if isinstance(values, dict)
            else values
        )


class PageQuery(Query):
    """Which page of a list."""

    limit: int = Field(100, ge=1, le=1000, description="The most items in one answer.", examples=[100])
    cursor: Text | None = Field(
        None, description="Where to go on: `next_cursor` of the page before.", examples=["MTc2MzYuNDI"]
    )


class Body(BaseModel):
    """A request's body; a name that is not known is refused, lest a slip of the pen be lost in silence."""

    model_config = ConfigDict(extra="forbid")


def reply(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of records, mappings, lists and plain values as JSON."""
    return Response(orjson.dumps(encode(content)), status, headers, "application/json")


def encode(content: Any) -> Any:
    """`content` as JSON knows it: records by their fields, NaN and ±inf as strings."""
    if isinstance(content, float):
        return content if math.isfinite(content) else encode_value(content)
    if dataclasses.is_dataclass(content) and not isinstance(content, type):
        return {f.name: encode(getattr(content, f.name)) for f in dataclasses.fields(content)}
    if isinstance(content, Mapping):
        return {key: encode(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [encode(item) for item in content]
    return content
