"""`modellab projects`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, open_if_there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modellab.cli.tables import Column
    from modellab.records.projects import Project

_NO_PROJECTS = 'There are no projects yet. A run makes its own: start_run(project_id="iris-study").'
_BY_WORTH = ("project", "runs", "last activity", "failed", "size", "running", "datasets", "artifacts", "name")
_NAME_LENGTH = 28


@click.command("projects", short_help="List projects and what is in them.")
@db_option(hidden=True)
@click.option("--search", metavar="TEXT", help="Projects with this in their name or id, in any letter case.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    metavar="N",
    default=50,
    show_default=True,
    help="At most so many projects.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_projects(search: str | None, limit: int, as_json: bool) -> None:
    """List projects, newest first. A run makes its project, by the project_id that it is started with.

    \b
    Examples:
      modellab projects
      modellab projects --search iris --json
    """
    from modellab.cli.output import print_json, print_note

    found: Sequence[Project] = []
    more = False
    with open_if_there() as store:
        if store is not None:
            page = store.projects.list(search=search, limit=limit)
            found, more = page.items, page.cursor is not None
    if as_json:
        print_json(found)
        return
    if not found:
        print_note("No project matches." if search else _NO_PROJECTS)
        return
    from modellab.cli.tables import print_rows

    print_rows(_make_columns(), found, by_worth=_BY_WORTH)
    if more:
        print_note(f"\nThe newest {limit}; --limit shows more.")


def _make_columns() -> list[Column[Project]]:
    from modellab.cli.formats import NOTHING, clean, format_size, shorten
    from modellab.cli.tables import Column

    def count(name: str) -> Column[Project]:
        return Column(name, lambda project: str(getattr(project.statistics, f"n_{name}")), is_number=True)

    return [
        Column("project", lambda project: clean(project.project_id)),
        Column(
            "name",
            lambda project: shorten(clean(project.name), _NAME_LENGTH),
            lambda project: clean(project.name),
        ),
        *(count(name) for name in ("runs", "running", "failed", "datasets", "artifacts")),
        Column(
            "size",
            lambda project: format_size(project.statistics.n_bytes),
            lambda project: str(project.statistics.n_bytes),
            raw_heading="bytes",
            is_number=True,
        ),
        Column(
            "last activity",
            lambda project: (project.statistics.last_activity_at or NOTHING)[:16].replace("T", " "),
            lambda project: project.statistics.last_activity_at or NOTHING,
        ),
    ]
