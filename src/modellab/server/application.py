"""Makes the app: the only place where settings, store, collector and routes are wired together."""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from modellab import __version__
from modellab.server.broadcast import Broadcast
from modellab.server.headers import SecurityHeaders
from modellab.server.hosts import HostCheck
from modellab.server.intake import FileIntake
from modellab.server.limits import BodyLimit
from modellab.server.live import LiveCollector
from modellab.server.login import Login
from modellab.server.logs import RequestLog
from modellab.server.origins import check_allowed_origins
from modellab.server.pages import router as pages
from modellab.server.patience import BodyPatience
from modellab.server.problems import RequestIds, add_problem_schema, handle_errors
from modellab.server.retention import TrashRetention
from modellab.server.routes.agent import router as agent
from modellab.server.routes.health import router as health
from modellab.server.routes.lab import router as lab
from modellab.server.routes.mcp import ToolsOverMCP, make_route
from modellab.server.routes.modellab import router as platform
from modellab.server.throttle import Throttle
from modellab.server.web_app import router as web_app
from modellab.settings import Settings, load_settings
from modellab.store import Store, open_store

WORKER_THREADS = 8
"""Requests that ask the database at one time. More would wait for each other, and each holds a connection."""

DESCRIPTION = """\
Runs recorded by ModelLab: listed, filtered, ranked, compared, and their curves.

* Times are ISO-8601 in UTC unless they name a zone; points carry seconds since 1970.
* JSON has no word for NaN and infinity: as values they are the strings `"nan"`, `"inf"`, `"-inf"`.
* Every error is an `application/problem+json` document with `type`, `title`, `status`, `detail`, and
  where there is something to do a `hint`.
* A server that asks for a login takes an API key (`Authorization: Bearer mlk_…`) or a session's cookie.
  What the caller may not see is answered like what is not there.
* Every answer has an `X-Request-ID`; the server's log names it where something went wrong.
* Query parameters that are not known are ignored, and one that is left empty counts as not given.
"""

TAGS = [
    {"name": "runs", "description": "Read runs and their curves, compare them, and write notes."},
    {"name": "projects", "description": "Named places for runs and datasets."},
    {"name": "datasets", "description": "Versions of data: uploaded, described, previewed, downloaded."},
    {"name": "evaluations", "description": "How good models are, and how fast."},
    {"name": "artifacts", "description": "Files that runs made."},
    {"name": "repro", "description": "Reproducibility packs."},
    {"name": "assistant", "description": "Questions in words."},
    {"name": "live", "description": "What happens, as it happens."},
    {"name": "journals", "description": "What runs on other machines send."},
    {"name": "views", "description": "Saved views of pages."},
    {"name": "trash", "description": "What was deleted: restored, or purged for good."},
    {"name": "accounts", "description": "Login, users, keys, memberships and the audit log."},
    {"name": "server", "description": "The server itself."},
]


def create_app(
    settings: Settings | None = None, *, store: Store | None = None, login: bool | None = None
) -> FastAPI:
    """An app for the project of `settings`, or else of the current folder.

    The store is opened when the app starts, unless an open one is handed over, and closed when it
    stops. `login` says whether callers must say who they are; without it the settings do, or else
    whether there is any user when the app starts. Raises `InvalidSetting`.
    """
    settings = settings or load_settings()
    app = _App(
        title="ModelLab",
        description=DESCRIPTION,
        version=__version__,
        openapi_tags=TAGS,
        docs_url=None,  # both pages load their program from the internet, which local-first cannot count on
        redoc_url=None,
        generate_unique_id_function=_name_operation,
        lifespan=_make_lifespan(store, settings.login if login is None else login),
    )
    app.state.settings = settings
    app.state.login = True  # until the start has found out
    app.state.stopping = threading.Event()  # set when the server is told to stop: streams end then
    app.state.throttle = Throttle(requests=settings.rate_limit, uploads=settings.upload_limit)
    _add_middleware(app, settings)
    handle_errors(app)
    app.state.mcp = ToolsOverMCP(with_writing=settings.agent_writes)
    app.router.routes.append(make_route(app.state.mcp))
    for router in (pages, web_app, health, lab, agent, platform):
        app.include_router(router)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """What every request passes, from the innermost to the outermost."""
    check_allowed_origins(settings.allowed_origins)
    app.add_middleware(BodyLimit)
    app.add_middleware(BodyPatience)
    app.add_middleware(Login)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key", "Range", "Last-Event-ID"],
            expose_headers=["X-Request-ID", "X-Next-Cursor", "Link", "Retry-After", "Content-Range"],
        )
    app.add_middleware(HostCheck, allowed=settings.allowed_hosts)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestIds)  # sees what the others raise
    app.add_middleware(RequestLog)


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, with the one shape of errors in it."""
        if self.openapi_schema is None:
            self.openapi_schema = add_problem_schema(super().openapi())
        return self.openapi_schema


def _make_lifespan(
    opened: Store | None, login: bool | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = WORKER_THREADS
        with opened or open_store(app.state.settings) as store:
            app.state.store = store
            app.state.login = store.accounts.has_enabled_user() if login is None else login
            app.state.broadcast = Broadcast(store.feed, app.state.stopping.is_set)
            collector = LiveCollector(store.collector, store.mark_unheard)
            collector.start()
            intake = FileIntake(store)
            intake.start()
            retention = TrashRetention(store, app.state.settings.trash_days)
            retention.start()
            try:
                with _noticing_signals(app.state.stopping):
                    yield
            finally:
                await app.state.mcp.stop()
                collector.stop()
                intake.stop()
                retention.stop()

    return lifespan


@contextmanager
def _noticing_signals(stopping: threading.Event) -> Iterator[None]:
    """Set `stopping` when the process is told to end, before the server begins to wait for its streams.

    A server that runs in another thread has no signals; who ends it sets the event.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def notice(number: int, frame: FrameType | None) -> None:
        stopping.set()
        before = handlers[signal.Signals(number)]
        if callable(before):
            before(number, frame)

    handlers = {number: signal.signal(number, notice) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        stopping.set()
        for number, before in handlers.items():
            signal.signal(number, before)


def _name_operation(route: APIRoute) -> str:
    return route.name
