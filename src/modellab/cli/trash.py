"""`modellab delete`, `modellab trash`, `modellab restore` and `modellab purge`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, find_run, open_collected, open_if_there
from modellab.cli.runs import read_local_time
from modellab.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from modellab.records.projects import Purge, TrashItem, TrashKind
    from modellab.store import Store

_PAGE = 1000
_NAME_LENGTH = 16
_BY_WORTH = ("id", "kind", "deleted", "name", "runs", "datasets", "project")


@click.command("delete", short_help="Put runs or a project into the trash.")
@db_option(hidden=True)
@click.argument("run", nargs=-1)
@click.option("--project", "project_id", metavar="ID", help="A project, with all its runs and datasets.")
def delete_runs(run: Sequence[str], project_id: str | None) -> None:
    """Put runs, with those nested in them, into the trash; `modellab restore` brings them back.

    RUN is an id, a unique beginning or ending of one, latest, or latest~1 for the one before.

    \b
    Examples:
      modellab delete 1f3c9a7b latest
      modellab delete --project scratch
    """
    if not run and project_id is None:
        raise InvalidInput("Nothing is named to delete.", hint="modellab delete RUN, or --project ID")
    with open_collected() as store:
        # All are found before the first is deleted: `latest` would mean another one then.
        run_ids = list(dict.fromkeys(find_run(store, reference) for reference in run))
        items = [store.trash.put_run(run_id) for run_id in run_ids if _is_still_there(store, run_id)]
        if project_id is not None:
            items.append(store.trash.put_project(project_id))
        for item in items:
            store.audit.note(actor="local", action="delete", kind=item.kind, target=item.id)
    _tell_moved("Put into the trash", items)


@click.command("trash", short_help="List what was deleted.")
@db_option(hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_trash(as_json: bool) -> None:
    """List what lies in the trash, the latest first; what went there with something else is counted there.

    \b
    Example:
      modellab trash --json
    """
    from modellab.cli.output import print_json, print_note

    with open_if_there() as store:
        items = list(_read_trash(store)) if store is not None else []
    if as_json:
        print_json(items)
        return
    if not items:
        print_note("The trash is empty. `modellab delete` puts runs into it.")
        return
    from modellab.cli.formats import NOTHING, clean, shorten
    from modellab.cli.tables import Column, print_rows

    def name(item: TrashItem) -> str:
        return clean(item.name or NOTHING)

    columns: list[Column[TrashItem]] = [
        Column("kind", lambda item: item.kind),
        Column("id", lambda item: clean(item.id)),
        Column("name", lambda item: shorten(name(item), _NAME_LENGTH), name),
        Column("project", lambda item: clean(item.project_id or NOTHING)),
        Column("deleted", lambda item: item.deleted_at[:16].replace("T", " "), lambda item: item.deleted_at),
        Column("runs", lambda item: str(item.n_runs), is_number=True),
        Column("datasets", lambda item: str(item.n_datasets), is_number=True),
    ]
    print_rows(columns, items, by_worth=_BY_WORTH)
    print_note("\n`modellab restore ID` brings one back; `modellab purge` removes all for good.")


@click.command("restore", short_help="Bring something back from the trash.")
@db_option(hidden=True)
@click.argument("what")
def restore_item(what: str) -> None:
    """Bring back what was deleted, with all that was deleted with it.

    WHAT is a run's id, or a unique beginning or ending of one, or the id of a project or a dataset.

    \b
    Examples:
      modellab restore 1f3c9a7b
      modellab restore scratch
    """
    with open_collected() as store:
        kind, item_id = _find_item(store, what.strip())
        item = store.trash.restore(kind, item_id)
        store.audit.note(actor="local", action="restore", kind=kind, target=item_id)
    _tell_moved("Restored", [item])


@click.command("purge", short_help="Empty the trash for good.")
@db_option(hidden=True)
@click.option("--older-than", metavar="AGE", help="Only what was deleted so long ago: 12h, 30d, 2026-11-01.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge_trash(older_than: str | None, yes: bool) -> None:
    """Remove what lies in the trash for good and free its space. This cannot be undone.

    Files that another run or dataset has too are kept; so are runs that are still being recorded.

    \b
    Examples:
      modellab purge --older-than 30d
      modellab purge --yes
    """
    from modellab.cli.output import print_note

    older_than_s = _read_age(older_than)
    with open_if_there() as store:
        items = _read_trash(store) if store is not None else ()
        wanted = [item for item in items if _age_s(item.deleted_at) >= older_than_s]
        if store is None or not wanted:
            print_note("There is nothing in the trash that old." if older_than else "The trash is empty.")
            return
        if not yes:
            _ask(wanted)
        n_before, size_before = store.files.count()[1], store.database.size_bytes()
        report = store.trash.purge(older_than_s=older_than_s)
        details = dataclasses.asdict(report)
        store.audit.note(actor="local", action="purge", kind="trash", target="", details=details)
        n_after, size_after = store.files.count()[1], store.database.size_bytes()
    _tell_purge(report, (size_before, size_after), (n_before, n_after))


def _is_still_there(store: Store, run_id: str) -> bool:
    """Whether a run was not deleted just now, with the one that it is nested in."""
    try:
        store.runs.get(run_id)
    except NotFound:
        return False
    return True


def _read_trash(store: Store) -> Iterator[TrashItem]:
    cursor = None
    while True:
        page = store.trash.list(limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _find_item(store: Store, what: str) -> tuple[TrashKind, str]:
    kinds: tuple[TrashKind, ...] = ("project", "dataset")
    for kind in kinds:
        try:
            store.trash.find_project(kind, what)
        except NotFound:
            continue
        return kind, what
    if not what:
        raise InvalidInput("Nothing is named to restore.", hint="`modellab trash` lists what there is.")
    return "run", store.trash.find_run(what)


def _read_age(text: str | None) -> float:
    moment = read_local_time(text)
    return 0 if moment is None else max(0.0, _age_s(moment))


def _age_s(moment: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()


def _ask(items: Sequence[TrashItem]) -> None:
    from modellab.cli.formats import plural

    n_runs, n_datasets = sum(item.n_runs for item in items), sum(item.n_datasets for item in items)
    n_projects = sum(item.kind == "project" for item in items)
    counts = ((n_projects, "project"), (n_runs, "run"), (n_datasets, "dataset"))
    what = ", ".join(plural(n, noun) for n, noun in counts if n)
    if not sys.stdin.isatty():
        raise InvalidInput(f"This would remove {what} for good.", hint="Say --yes where nobody can be asked.")
    click.confirm(f"Remove {what} for good?", abort=True, err=True)


def _tell_moved(verb: str, items: Sequence[TrashItem]) -> None:
    from modellab.cli.formats import plural
    from modellab.cli.output import print_note

    for item in items:
        others = [
            (item.n_runs - (item.kind == "run"), "run"),
            (item.n_datasets - (item.kind == "dataset"), "dataset"),
        ]
        along = " and ".join(plural(n, noun) for n, noun in others if n)
        print_note(f"{verb}: {item.kind} {item.id}{f', with {along}' if along else ''}.")


def _tell_purge(report: Purge, database: tuple[int, int], files: tuple[int, int]) -> None:
    from modellab.cli.formats import format_size, plural
    from modellab.cli.output import print_note

    counts = (
        (report.n_projects, "project"),
        (report.n_runs, "run"),
        (report.n_datasets, "dataset"),
        (report.n_artifacts, "artifact"),
    )
    print_note(f"Removed {', '.join(plural(n, noun) for n, noun in counts if n) or 'nothing'}.")
    print_note(f"Database: {format_size(database[0])} before, {format_size(database[1])} after.")
    print_note(f"Files: {format_size(files[0])} before, {format_size(files[1])} after.")
    print_note(f"Freed with journals: {format_size(report.n_bytes)}.")
