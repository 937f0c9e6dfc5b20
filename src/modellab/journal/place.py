"""Where journals lie, and which of them still have something to say.

`journals/<run_id>/<writer_id>.jsonl` is a journal. `journals/.open/<run_id>.<writer_id>` is an empty
file that stands as long as the journal is written or not yet wholly in the store, so that finding
the few live journals among many finished ones costs one listing of a small folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from modellab.errors import InvalidInput
from modellab.ids import FOREIGN_ID_PATTERN


class JournalRef(NamedTuple):
    """One journal: whose it is and where it lies."""

    run_id: str
    writer_id: str
    path: Path


def journal_path(journals: Path, run_id: str, writer_id: str) -> Path:
    """The file of one writer's journal."""
    return journals / run_id / f"{writer_id}.jsonl"


def check_run_id(run_id: object) -> str:
    """`run_id`, if it can name a run's folder: 1 to 128 letters, digits, dots, hyphens, underscores."""
    if not isinstance(run_id, str) or not FOREIGN_ID_PATTERN.fullmatch(run_id):
        raise InvalidInput(
            f"A run id may not be {str(run_id)[:60]!r}.",
            hint="Run ids are 32 hex characters; `modellab runs` lists those that are there.",
        )
    return run_id


def mark_open(journals: Path, run_id: str, writer_id: str) -> None:
    """Note that this journal is being written."""
    folder = journals / ".open"
    try:
        (folder / f"{run_id}.{writer_id}").touch()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{run_id}.{writer_id}").touch()


def make_run_folder(journals: Path, run_id: str) -> None:
    """Make the folder of a run's journals."""
    try:
        (journals / run_id).mkdir(exist_ok=True)
    except FileNotFoundError:
        make_home(journals.parent)
        (journals / run_id).mkdir(parents=True, exist_ok=True)


def make_home(folder: Path) -> None:
    """Make the folder of database and journals if it is not there; git is told to leave it alone.

    Otherwise the first run would make the project dirty, and every later one record that as a change.
    """
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def unmark_open(journals: Path, run_id: str, writer_id: str) -> None:
    """Note that this journal is finished and wholly in the store."""
    (journals / ".open" / f"{run_id}.{writer_id}").unlink(missing_ok=True)


def list_open(journals: Path) -> list[JournalRef]:
    """The journals that are written or wait to be read, oldest run first."""
    try:
        names = sorted(entry.name for entry in (journals / ".open").iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = []
    for name in names:
        run_id, _, writer_id = name.rpartition(".")
        if run_id:
            found.append(JournalRef(run_id, writer_id, journal_path(journals, run_id, writer_id)))
    return found


def list_run(journals: Path, run_id: str) -> list[JournalRef]:
    """The journals of one run."""
    paths = sorted((journals / run_id).glob("*.jsonl"))
    return [JournalRef(run_id, path.stem, path) for path in paths]


def list_all(journals: Path) -> Iterator[JournalRef]:
    """Every journal there is, oldest run first; for rebuilding a store."""
    if not journals.is_dir():
        return
    for folder in sorted(journals.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            yield from list_run(journals, folder.name)
