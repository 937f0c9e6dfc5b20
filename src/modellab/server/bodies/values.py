"""Kinds of values that several requests and answers have, and how records become JSON."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from fastapi import Response
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from modellab.journal.line import clean_unicode, encode_value

_SURROGATE = re.compile("[\ud800-\udfff]")  # half of a pair, which UTF-8 cannot say


def _refuse_zero_bytes(text: str) -> str:
    if "\x00" in text:  # PostgreSQL cannot even compare with it
        raise ValueError("The text has a zero byte in it")
    return text


def _refuse_unwritable(body: Any) -> None:
    """Raise `ValueError` for a text, or a name, that not every database can take, however deep it lies."""
    waiting = [("body", body)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str):
            trouble = "a zero byte" if "\x00" in value else _SURROGATE.search(value) and "a lone surrogate"
            if trouble:
                shown = clean_unicode(place[:100]).replace("\x00", "?")
                raise ValueError(f"The text has {trouble} in it (in {shown})")
        elif isinstance(value, dict):
            waiting += [(place, key) for key in value]
            waiting += [(f"{place}.{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}.{number}", item) for number, item in enumerate(value)]


Text = Annotated[str, AfterValidator(_refuse_zero_bytes)]
"""Text that every database can take. A field with a `pattern` is a plain `str`: the schema would lose it."""


def _one_of(kinds: str) -> WrapValidator:
    """Have pydantic say in one sentence that a value is none of the `kinds`, rather than one for each."""

    def check(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validate(value)
        except ValidationError as error:
            for one in error.errors():
                if one["type"] == "value_error":  # of the right kind, and wrong for a reason of its own
                    raise ValueError(str(one["ctx"]["error"])) from None
            raise PydanticCustomError("kind", "Input should be {kinds}", {"kinds": kinds}) from None

    return WrapValidator(check)


Number = Annotated[
    float | Literal["nan", "inf", "-inf"], _one_of("a number, or one of the texts 'nan', 'inf' and '-inf'")
]
"""A number, or the string that stands for one JSON cannot write."""

TagValue = Annotated[Text | bool | int | float, _one_of("text, a number, true or false")]
"""What a tag may be given as; it is kept as text."""


class Query(BaseModel):
    """Query parameters; one that is left empty counts as not given."""

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, values: Any) -> Any:
        # A form that is sent with empty fields means "not given".
        return (
            {key: value for key, value in values.items() if value not in ("", [""])}
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

    @model_validator(mode="before")
    @classmethod
    def _check_texts(cls, values: Any) -> Any:
        _refuse_unwritable(values)
        return values


def reply(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of records, mappings, lists and plain values as JSON."""
    return Response(orjson.dumps(encode(content)), status, headers, "application/json")


def reply_encoded(content: Any) -> Response:
    """An answer of what is JSON already: it is not looked at again, which counts where numbers are many."""
    return Response(orjson.dumps(content), media_type="application/json")


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
