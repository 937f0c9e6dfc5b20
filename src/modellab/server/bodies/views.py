"""What requests and answers about saved views hold."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from modellab.records import MAX_NAME_LENGTH
from modellab.records.views import MAX_STATE_BYTES, ViewPage
from modellab.server.bodies.values import Body, PageQuery, Text

_STATE: dict[str, Any] = {"query": "metrics.accuracy > 0.9", "columns": ["name", "metrics.accuracy"]}
_VIEW: dict[str, Any] = {
    "view_id": "5f0c2a91b7de4c83",
    "project_id": "iris-study",
    "page": "runs",
    "name": "the good ones",
    "state": _STATE,
    "owner": "ada",
    "created_at": "2026-11-20T09:30:00.000000+00:00",
    "updated_at": "2026-11-20T09:30:00.000000+00:00",
}

ViewId = Annotated[Text, Path(description="The view's id.", examples=["5f0c2a91b7de4c83"])]


class ViewQuery(PageQuery):
    """Which views to list."""

    project_id: Text | None = Field(None, description="Only of this project.", examples=["iris-study"])
    page: ViewPage | None = Field(None, description="Only of this page.", examples=["runs"])


class NewViewBody(Body):
    """A view to save."""

    project_id: Text | None = Field(
        None, description="The project it belongs to; none if left out.", examples=["iris-study"]
    )
    page: ViewPage = Field(description="The page it is a view of.", examples=["runs"])
    name: Text = Field(
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="Printable characters, not only blanks.",
        examples=["the good ones"],
    )
    state: dict[str, Any] = Field(
        description=f"The page's own: any JSON object of at most {MAX_STATE_BYTES:,} bytes.",
        examples=[_STATE],
    )


class ViewChangeBody(Body):
    """What to change of a view; what is not given stays."""

    name: Text = Field(
        "", min_length=1, max_length=MAX_NAME_LENGTH, description="The new name.", examples=["the best ones"]
    )
    state: dict[str, Any] = Field(default={}, description="The new state.", examples=[_STATE])


class ViewBody(BaseModel):
    """A saved view."""

    view_id: str = Field(description="Its id.")
    project_id: str | None = Field(description="The project it belongs to.")
    page: ViewPage = Field(description="The page it is a view of.")
    name: str = Field(description="Its name, which its owner has once for that page and project.")
    state: dict[str, Any] = Field(description="What the page saved.")
    owner: str | None = Field(description="Who saved it; null on a server without login.")
    created_at: str = Field(description="When it was saved.")
    updated_at: str = Field(description="When it was last changed.")

    model_config = ConfigDict(json_schema_extra={"examples": [_VIEW]})


class ViewPageBody(BaseModel):
    """A page of views."""

    items: list[ViewBody] = Field(description="Views, the first made first.")
    next_cursor: str | None = Field(description="Asks for the next page; null on the last.", examples=[None])
