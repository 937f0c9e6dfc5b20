"""Makes the app: the only place where settings, store, collector and routes are wired together."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.routing import APIRoute

from modellab.server.hosts import HostCheck
from modellab.server.limits import BodyLimit
from modellab.server.live import LiveCollector
from modellab.server.pages import router as pages
from modellab.server.problems import RequestIds, add_problem_schema, handle_errors
from modellab.server.routes.lab import router as lab
from modellab.server.routes.modellab import router as platform
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
* Every answer has an `X-Request-ID`; the server's log names it where something went wrong.
* Query parameters that are not known are ignored, and one that is left empty counts as not given.
"""

TAGS = [
    {"name": "runs", "description": "Read runs and their curves, compare them, and write notes."},
    {"name": "projects", "description": "Named places for runs and datasets."},
    {"name": "datasets", "description": "Versions of data: uploaded, described, previewed, downloaded."},
    {"name": "artifacts", "description": "Files that runs made."},
    {"name": "repro", "description": "Reproducibility packs."},
    {"name": "live", "description": "What happens, as it happens."},
    {"name": "journals", "description": "What runs on other machines send."},
    {"name": "trash", "description": "What was deleted: restored, or purged for good."},
    {"name": "accounts", "description": "Login, users, keys, memberships and the audit log."},
    {"name": "server", "description": "The server itself."},
]


def create_app(settings: Settings | None = None, *, store: Store | None = None) -> FastAPI:
    """An app for the project of `settings`, or else of the current folder.

    The store is opened when the app starts, unless an open one is handed over, and closed when it
    stops. Raises `InvalidSetting`.
    """
    app = _App(
        title="ModelLab",
        description=DESCRIPTION,
        version=_read_version(),
        openapi_tags=TAGS,
        docs_url=None,  # both pages load their program from the internet, which local-first cannot count on
        redoc_url=None,
        generate_unique_id_function=_name_operation,
        lifespan=_make_lifespan(store),
    )
    app.state.settings = settings or load_settings()
    app.add_middleware(BodyLimit)
    app.add_middleware(HostCheck, allowed=app.state.settings.allowed_hosts)
    app.add_middleware(RequestIds)  # the outermost: it also sees what the others raise
    handle_errors(app)
    app.include_router(pages)
    app.include_router(lab)
    app.include_router(platform)
    return app


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, with the one shape of errors in it."""
        if self.openapi_schema is None:
            self.openapi_schema = add_problem_schema(super().openapi())
        return self.openapi_schema


def _make_lifespan(opened: Store | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = WORKER_THREADS
        with opened or open_store(app.state.settings) as store:
            app.state.store = store
            collector = LiveCollector(store.collector)
            collector.start()
            try:
                yield
            finally:
                collector.stop()

    return lifespan


def _name_operation(route: APIRoute) -> str:
    return route.name


def _read_version() -> str:
    try:
        return importlib.metadata.version("modellab")
    except importlib.metadata.PackageNotFoundError:  # run from a source folder
        return "0"
