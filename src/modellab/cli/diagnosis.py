"""What `modellab doctor` finds out: the place, the database, journals, servers, and versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from modellab import __version__
from modellab.cli.access import collect_quietly, given_db_path, given_settings, is_there
from modellab.cli.outboxes import (
    OutboxState,
    ServerState,
    describe_waiting,
    look_at_outboxes,
    look_at_server,
)
from modellab.errors import ModelLabError
from modellab.journal.lock import is_alive
from modellab.journal.place import JournalRef, list_all, list_open
from modellab.journal.reader import journal_size, read_complete
from modellab.settings import ROOT_MARKS, Settings

if TYPE_CHECKING:
    from modellab.store import Store

PACKAGES = ("click", "orjson", "psutil", "python-dotenv", "rich", "sqlalchemy")
_SERVER = (
    "fastapi",
    "uvicorn",
    "uvloop",
    "httptools",
    "python-multipart",
    "polars",
    "argon2-cffi",
    "pyjwt",
    "limits",
    "secure",
)
_EVALUATION = ("matplotlib", "narwhals", "numpy", "scikit-learn", "scipy", "threadpoolctl")
EXTRAS: Mapping[str, Sequence[str]] = {
    "server": _SERVER,
    "data": ("polars", "narwhals"),
    "s3": ("obstore",),
    "postgres": ("psycopg",),
    "evaluation": _EVALUATION,
    "templates": (*_EVALUATION, "polars", "xgboost-cpu"),
    "examples": _EVALUATION,
    "gpu": ("nvidia-ml-py",),
    "wandb": ("wandb",),
    "agent": ("langchain", "langchain-openai"),
    "mcp": (*_SERVER, "mcp"),
    "dashboard": ("httpx", "streamlit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the store is and why; `root_mark` is what marks the project's root, `None` if nothing does."""

    project_name: str
    root: str
    root_mark: str | None
    database: str
    database_from: str
    journals: str
    is_writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """The database; all but `exists` is `None` if it could not be opened, and `error` says why.

    `n_deleted` are the runs in the trash, which `n_runs` does not count.
    """

    exists: bool
    version: str | None = None
    schema_number: int | None = None
    size_bytes: int | None = None
    n_runs: int | None = None
    n_deleted: int | None = None
    error: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """The journals: `n_live` are being written; `unread` have lines that are not in the database.

    `bad_lines` has the number of lines set aside in each `.bad` file.
    """

    n_journals: int
    n_open: int
    n_live: int
    unread: Sequence[str] | None
    bad_lines: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """The kept files, each read: of the bad ones the checksum, and what names them."""

    n_kept: int
    damaged: Mapping[str, Sequence[str]]
    missing: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The whole report; `problems` is empty if all is well, and `files` is `None` if nobody read them."""

    place: Place
    database: DatabaseState
    journals: JournalState
    outboxes: Sequence[OutboxState]
    server: ServerState | None
    python: str
    modellab: str
    packages: Mapping[str, str | None]
    extras: Mapping[str, Mapping[str, str | None]]
    files: FileState | None = None
    problems: Sequence[str] = field(default_factory=list)


def diagnose(settings: Settings, files: FileState | None = None) -> Diagnosis:
    """Look at everything, change nothing but take in what a crash left; works with a broken database too."""
    place = _look_at_place(settings)
    database, unread = _look_at_database(settings)
    journals = _look_at_journals(settings, unread)
    given = given_settings()
    outboxes, server = look_at_outboxes(given), look_at_server(given)
    return Diagnosis(
        place=place,
        database=database,
        journals=journals,
        outboxes=outboxes,
        server=server,
        python=platform.python_version(),
        modellab=__version__,
        packages={name: find_version(name) for name in PACKAGES},
        extras={extra: {name: find_version(name) for name in names} for extra, names in EXTRAS.items()},
        files=files,
        problems=[
            *_name_problems(place, database, journals),
            *_name_bad_files(files),
            *_name_troubles(outboxes, server),
        ],
    )


def find_version(distribution: str) -> str | None:
    """The installed version of a distribution, or `None`."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def show_address(url: str) -> str:
    """A database's address without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user_and_password, _, host = parts.netloc.rpartition("@")
    user = user_and_password.partition(":")[0]
    return parts._replace(netloc=f"{user}:***@{host}").geturl()


def _look_at_place(settings: Settings) -> Place:
    url = settings.database_url
    return Place(
        project_name=settings.project_name,
        root=str(settings.root),
        root_mark=next((mark for mark in ROOT_MARKS if (settings.root / mark).exists()), None),
        database=show_address(url) if url else str(settings.db_path),
        database_from=_find_source(settings),
        journals=str(settings.journals),
        is_writable=_is_writable(settings.journals) and (bool(url) or _is_writable(settings.db_path)),
    )


def _find_source(settings: Settings) -> str:
    name = "DB_PATH" if settings.database_url is None else "MODELLAB_DATABASE_URL"
    if given_db_path() is not None:
        return "--db"
    if os.environ.get(name):
        return f"{name} in the environment"
    is_default = name == "DB_PATH" and settings.db_path == settings.root / "manifests/manifests.db"
    return "default" if is_default else f"{name} in .env"


def _is_writable(path: Path) -> bool:
    """Whether `path` can be written to, or made if it is not there."""
    there = next(place for place in (path, *path.parents) if place.exists())
    return (there == path or there.is_dir()) and os.access(there, os.W_OK)


def _look_at_database(settings: Settings) -> tuple[DatabaseState, list[str] | None]:
    """The database, and the journals of ended runs that have lines it lacks; `None` if nobody can tell."""
    if not is_there(settings):
        return DatabaseState(exists=False), []
    exists = settings.database_url is not None or settings.db_path.exists()
    from modellab.store import open_store  # late: SQLAlchemy

    try:
        with open_store(settings) as store:
            collect_quietly(store)
            unread = [str(ref.path) for ref in list_all(settings.journals) if _is_unread(store, ref)]
            return _read_state(store), unread
    except Exception as error:  # a damaged file fails in many ways; each is a finding here
        message = error.message if isinstance(error, ModelLabError) else _first_line(error)
        return DatabaseState(exists=exists, error=message, hint=getattr(error, "hint", None)), None


def _read_state(store: Store) -> DatabaseState:
    return DatabaseState(
        exists=True,
        version=store.database.version(),
        schema_number=store.schema_number,
        size_bytes=store.database.size_bytes(),
        n_runs=store.runs.count(),
        n_deleted=store.runs.count(in_trash=True),
    )


def _is_unread(store: Store, ref: JournalRef) -> bool:
    """Whether complete lines of a journal that nobody writes to any more are missing in the database."""
    offset = store.read_offset(ref.run_id, ref.writer_id)
    if journal_size(ref.path) <= offset or is_alive(ref.path):
        return False
    return bool(read_complete(ref.path, offset))


def _look_at_journals(settings: Settings, unread: Sequence[str] | None) -> JournalState:
    waiting = list_open(settings.journals)
    bad = sorted(settings.journals.glob("*/*.bad"))
    return JournalState(
        n_journals=sum(1 for _ in list_all(settings.journals)),
        n_open=len(waiting),
        n_live=sum(is_alive(ref.path) for ref in waiting),
        unread=unread,
        bad_lines={str(path): path.read_bytes().count(b"\n") for path in bad},
    )


def _name_problems(place: Place, database: DatabaseState, journals: JournalState) -> list[str]:
    problems = []
    if database.error:
        problems.append(database.error)
    if not place.is_writable:
        problems.append(f"Nothing can be written to {place.database} or {place.journals}.")
    if journals.unread:
        problems.append(
            f"{len(journals.unread)} journals are not wholly in the database: `modellab doctor --rebuild`."
        )
    return problems


def _name_bad_files(files: FileState | None) -> list[str]:
    found = () if files is None else (("damaged", files.damaged), ("missing", files.missing))
    return [
        f"A kept file is {state}: {', '.join(names) or 'named by nothing'} (SHA-256 {sha256})."
        for state, bad in found
        for sha256, names in bad.items()
    ]


def _name_troubles(outboxes: Sequence[OutboxState], server: ServerState | None) -> list[str]:
    """What is wrong with what goes to servers."""
    stuck = [outbox for outbox in outboxes if outbox.is_stuck]
    troubles = [f"{describe_waiting(box)} not sent to {box.address} yet: `modellab sync`." for box in stuck]
    return [server.error, *troubles] if server is not None and server.error else troubles


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
