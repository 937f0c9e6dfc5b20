"""The page at `/`: what this is, the addresses of the API, and lines to try."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from modellab.store import Store

router = APIRouter(include_in_schema=False)

_HEADERS = {"Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'"}


@router.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)
def show_start(request: Request) -> HTMLResponse:
    """The page, with the number of runs as it is now."""
    count = cast(Store, request.app.state.store).runs.count()
    page = _template().substitute(
        project=escape(request.app.state.settings.project_name),
        runs="1 run" if count == 1 else f"{count:,} runs".replace(",", "\u202f"),
        version=escape(request.app.version),
        base=escape(str(request.base_url).rstrip("/")),
        root=escape(request.scope.get("root_path", "")),
        routes=_list_routes(request),
    )
    return HTMLResponse(page, headers=_HEADERS)


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def _list_routes(request: Request) -> str:
    rows = []
    for path, methods in request.app.openapi()["paths"].items():
        for method, operation in methods.items():
            shown = f"<code><b>{method.upper()}</b> {escape(path)}</code>"
            rows.append(f"<li>{shown}<span>{escape(operation['summary'])}</span></li>")
    return "\n".join(rows)
