"""`modellab artifacts` and `modellab download`: the files of runs, listed and fetched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, find_run, open_collected
from modellab.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from modellab.records.artifacts import Artifact
    from modellab.store import Store


@click.command("artifacts", short_help="List the files of a run.")
@db_option(hidden=True)
@click.argument("run")
@click.option("--folder", metavar="PATH", help="Only files below this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_artifacts(run: str, folder: str | None, as_json: bool) -> None:
    """List the files that RUN kept, with their sizes and checksums.

    \b
    Examples:
      modellab artifacts latest
      modellab artifacts 79c2a4d0 --folder checkpoints
    """
    with open_collected() as store:
        found = list_all(store, find_run(store, run), folder)
    if as_json:
        from modellab.cli.output import print_json

        print_json(found)
        return
    from modellab.cli.formats import clean, format_size
    from modellab.cli.output import print_note
    from modellab.cli.tables import Column, print_rows

    if not found:
        where = f" in folder {clean(folder)}" if folder else ""
        print_note(f"No files are kept{where}. What a run only named is in `modellab show`.")
        return
    columns: Sequence[Column[Artifact]] = (
        Column("path", lambda file: clean(file.path)),
        Column("size", lambda file: format_size(file.size), lambda file: str(file.size), is_number=True),
        Column("kept", lambda file: "yes" if file.is_stored else "not yet"),
        Column("sha256", lambda file: file.sha256[:12], lambda file: file.sha256),
    )
    print_rows(columns, found)


@click.command("download", short_help="Fetch a file or folder of a run.")
@db_option(hidden=True)
@click.argument("run")
@click.argument("path")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="Where to put it; else here."
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
def download_artifacts(run: str, path: str, output: Path | None, force: bool) -> None:
    """Fetch the file PATH of RUN, or all files below the folder PATH.

    \b
    Examples:
      modellab download latest checkpoints/best.pt
      modellab download latest checkpoints -o restored
    """
    with open_collected() as store:
        targets = _choose_targets(store, find_run(store, run), path.rstrip("/"), output)
        there = [str(target) for _, target in targets if os.path.lexists(target)]
        if there and not force:
            raise InvalidInput(f"{there[0]} is there already.", hint="Name another place, or give --force.")
        for file, target in targets:
            _write(store, file, target)
    from modellab.cli.output import print_note

    size = sum(file.size for file, _ in targets)
    print_note(f"{len(targets)} {'file' if len(targets) == 1 else 'files'}, {size:,} bytes.")


def list_all(store: Store, run_id: str, folder: str | None = None) -> list[Artifact]:
    """All files of a run, or those below a folder, however many pages that takes."""
    found: list[Artifact] = []
    cursor = None
    while True:
        page = store.artifacts.list(run_id, folder=folder, limit=1000, cursor=cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found


def _choose_targets(store: Store, run_id: str, path: str, output: Path | None) -> list[tuple[Artifact, Path]]:
    """What to fetch, and where each file goes."""
    try:
        file = store.artifacts.get(run_id, path)
    except NotFound:
        below = list_all(store, run_id, path)
        if not below:
            raise
        folder = output or Path(path.rpartition("/")[2])
        return [(file, folder / file.path.removeprefix(f"{path}/")) for file in below]
    name = path.rpartition("/")[2]
    if output is None:
        return [(file, Path(name))]
    return [(file, output / name if output.is_dir() else output)]


def _write(store: Store, file: Artifact, target: Path) -> None:
    """Write a file wholly or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with beside.open("xb") as writer:
            for data in store.files.read(file.sha256):
                writer.write(data)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
