"""The pages beside the web app: a login at `/`, and at `/api` the addresses of the API with lines to try."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from modellab.errors import TooManyRequests, Unauthenticated
from modellab.server.access import open_store_of, who_asks
from modellab.server.entry import log_in, log_out
from modellab.server.sessions import drop_cookie, set_cookie
from modellab.server.web_app import explain_missing, show_app

router = APIRouter(include_in_schema=False)

MAX_FORM_BYTES = 16 * 1024
"""Bytes of the login form, which has a name and a password."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}

_KEEP_PLACE = "document.forms[0].action += location.hash"
"""A link to a place in the web app leads there after the login: only the browser knows what is behind `#`."""
_LOGIN_HEADERS = {
    "Content-Security-Policy": f"{_HEADERS['Content-Security-Policy']}; "
    f"script-src 'sha256-{b64encode(sha256(_KEEP_PLACE.encode()).digest()).decode()}'"
}


@router.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)
def show_start(request: Request) -> Response:
    """The web app, or where it was not built the page of the API; to nobody known, a form to log in."""
    if getattr(request.state, "identity", None) is None:
        return _show_login(request)
    return show_app() or _show_api(request, explain_missing())


@router.api_route("/api", methods=["GET", "HEAD"], response_class=HTMLResponse)
def show_api(request: Request) -> HTMLResponse:
    """The addresses of the API and lines to try, with the number of runs as it is now."""
    return _show_api(request)


def _show_api(request: Request, why_missing: str = "") -> HTMLResponse:
    identity = who_asks(request)
    page = _template("page").substitute(
        project=escape(request.app.state.settings.project_name),
        runs=_count_runs(request) if identity.visible is None else "Runs of your projects",
        why_missing=f"<p><b>There is no web app here.</b> {escape(why_missing)}</p>" if why_missing else "",
        version=escape(request.app.version),
        base=escape(str(request.base_url).rstrip("/")),
        root=escape(request.scope.get("root_path", "")),
        routes=_list_routes(request),
        caller=_show_caller(request, identity.name) if request.app.state.login else "",
    )
    return HTMLResponse(page, headers=_HEADERS)


@router.post("/login")
async def log_in_by_form(request: Request) -> Response:
    """Begin a session, and show the page; or the form again, with what is wrong."""
    fields = parse_qs(await _read_form(request))
    name, password = (fields.get(field, [""])[0] for field in ("name", "password"))
    try:
        _, token = await run_sync(log_in, request, name, password)
    except (Unauthenticated, TooManyRequests) as error:
        answer: Response = _show_login(request, error.message)
        answer.status_code = 401 if isinstance(error, Unauthenticated) else 429
        return answer
    answer = RedirectResponse(_home(request), 303)
    set_cookie(answer, request, token)
    return answer


@router.post("/logout")
def log_out_by_form(request: Request) -> Response:
    """End the caller's sessions, and show the form."""
    log_out(request)
    answer = RedirectResponse(_home(request), 303)
    drop_cookie(answer)
    return answer


async def _read_form(request: Request) -> str:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413, f"The form has more than {MAX_FORM_BYTES:,} bytes, which is the most.")
    return body.decode("utf-8", "replace")


def _home(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/"


def _show_login(request: Request, message: str = "") -> HTMLResponse:
    page = _template("login").substitute(
        message=escape(message), root=escape(request.scope.get("root_path", "")), script=_KEEP_PLACE
    )
    return HTMLResponse(page, headers=_LOGIN_HEADERS)


def _show_caller(request: Request, name: str) -> str:
    action = escape(f"{request.scope.get('root_path', '')}/logout")
    return f'<form method="post" action="{action}">{escape(name)} <button>Log out</button></form>'


def _count_runs(request: Request) -> str:
    count = open_store_of(request).runs.count()
    return "1 run recorded" if count == 1 else f"{count:,} runs recorded".replace(",", "\u202f")


@cache
def _template(name: str) -> Template:
    return Template(Path(__file__).with_name(f"{name}.html").read_text(encoding="utf-8"))


def _list_routes(request: Request) -> str:
    rows = []
    for path, methods in request.app.openapi()["paths"].items():
        for method, operation in methods.items():
            shown = f"<code><b>{method.upper()}</b> {escape(path)}</code>"
            rows.append(f"<li>{shown}<span>{escape(operation['summary'])}</span></li>")
    return "\n".join(rows)
