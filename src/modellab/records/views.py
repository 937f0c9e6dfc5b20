"""What a saved view is: how somebody set up a page of the web app, under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ViewPage = Literal["runs", "run", "compare"]
VIEW_PAGES: tuple[ViewPage, ...] = ("runs", "run", "compare")
"""The pages whose views can be saved."""

MAX_STATE_BYTES = 65_536
"""Bytes of a view's state as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view. `state` is the page's own: it is kept as it is and never looked into.

    `project_id` is `None` for a view of all projects, `owner` where nobody logs in. Among the views that
    an owner has of a page in a project, names are unique.
    """

    view_id: str
    project_id: str | None
    page: ViewPage
    name: str
    state: Mapping[str, Any]
    owner: str | None
    created_at: str
    updated_at: str
