"""`modellab doctor`: where the store is, whether it is well, and taking in all journals again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from modellab.cli.access import current_settings, db_option
from modellab.cli.errors import FAILED

if TYPE_CHECKING:
    from modellab.cli.diagnosis import FileState
    from modellab.settings import Settings


@click.command("doctor", short_help="Tell where the store is and whether it is well.")
@db_option(hidden=True)
@click.option("--rebuild", is_flag=True, help="Read every journal into the store first; what is there stays.")
@click.option(
    "--files",
    "with_files",
    is_flag=True,
    help="Read every kept file and compare it with its checksum; damaged ones are set aside.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def examine(rebuild: bool, with_files: bool, as_json: bool) -> int:
    """Tell where the store is and why, what is in it, what waits, for servers too, and what is installed.

    The exit code is 1 if something is wrong. --rebuild fills a store whose database was lost.
    --files reads all artifacts and datasets that are kept. One that is damaged is moved to `damaged/` beside
    the others and counts as not kept: sending or logging the right file once more brings it back.

    \b
    Examples:
      modellab doctor
      modellab doctor --rebuild
      modellab doctor --files
    """
    from modellab.cli.diagnosis import diagnose

    settings = current_settings()
    if rebuild:
        _rebuild(settings)
    found = diagnose(settings, _check_files(settings) if with_files else None)
    if as_json:
        from modellab.cli.output import print_json

        print_json(found)
    else:
        from modellab.cli.diagnosis_page import make_page
        from modellab.cli.output import print_parts

        print_parts(*make_page(found))
    return FAILED if found.problems else 0


def _check_files(settings: Settings) -> FileState:
    """Read every kept file; raises `StoreError` if their place cannot be used."""
    from rich.console import Console
    from rich.progress import track

    from modellab.cli.access import is_there
    from modellab.cli.diagnosis import FileState
    from modellab.store import open_store

    if not is_there(settings):
        return FileState(n_kept=0, damaged={}, missing={})
    console = Console(file=sys.stderr)
    bad: dict[str, dict[str, list[str]]] = {"damaged": {}, "missing": {}}
    with open_store(settings) as store:
        n_kept, _ = store.files.count()
        checked = track(
            store.files.check(), "Reading files", n_kept, console=console, disable=not console.is_terminal
        )
        for sha256, state in checked:
            if state != "whole":
                bad[state][sha256] = store.files.list_names(sha256)
    return FileState(n_kept=n_kept, damaged=bad["damaged"], missing=bad["missing"])


def _rebuild(settings: Settings) -> None:
    """Take in every journal, run by run; each byte counts once, however often this is done."""
    import warnings

    from rich.console import Console
    from rich.progress import track

    from modellab.cli.errors import print_warning
    from modellab.cli.formats import plural
    from modellab.cli.output import print_note
    from modellab.journal.place import list_all
    from modellab.store import open_store

    run_ids = list(dict.fromkeys(ref.run_id for ref in list_all(settings.journals)))
    if not run_ids:
        print_note(f"There are no journals in {settings.journals}.")
        return
    console = Console(file=sys.stderr)
    n_points = n_bad = 0
    with open_store(settings) as store, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # told once, below
        for run_id in track(run_ids, "Reading journals", console=console, disable=not console.is_terminal):
            collected = store.collector.collect_run(run_id)
            n_points, n_bad = n_points + collected.n_points, n_bad + collected.n_bad
        store.take_in_files()
        store.files.find_again()
    print_note(f"{plural(n_points, 'point')} came in from the journals of {plural(len(run_ids), 'run')}.")
    if n_bad:
        print_warning(
            f"{plural(n_bad, 'line')} could not be read; they are kept in .bad files beside the journals."
        )
