"""`modellab datasets` and `modellab dataset`: versions of data listed, and one of them shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, open_collected, open_if_there
from modellab.errors import NotFound

if TYPE_CHECKING:
    from rich.console import RenderableType

    from modellab.cli.tables import Column as TableColumn
    from modellab.records.datasets import Column, Dataset, DatasetUse, Preview
    from modellab.store import Store

_MOST_COLUMNS = 50
_SHOWN_ROWS = 5
_CELL_LENGTH = 30
_BY_WORTH = ("id", "name", "version", "rows", "columns", "runs", "project", "size", "format", "sha256")


@click.command("datasets", short_help="List datasets, newest first.")
@db_option(hidden=True)
@click.option("--project", "project_id", metavar="ID", help="Only those of this project.")
@click.option("--name", metavar="NAME", help="Only those of exactly this name.")
@click.option("--all-versions", is_flag=True, help="Every version, not only the newest of each name.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    metavar="N",
    default=20,
    show_default=True,
    help="At most so many.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_datasets(
    project_id: str | None, name: str | None, all_versions: bool, limit: int, as_json: bool
) -> None:
    """List datasets: of each name the newest version, with its rows and columns and how many runs used it.

    \b
    Examples:
      modellab datasets --project iris-study
      modellab datasets --name iris --all-versions
    """
    found: Sequence[Dataset] = []
    more = False
    with open_if_there() as store:
        if project_id is not None:
            _require_project(store, project_id)
        if store is not None:
            page = store.datasets.list(
                project_id=project_id, name=name, all_versions=all_versions, limit=limit
            )
            found, more = page.items, page.cursor is not None
    from modellab.cli.output import print_json, print_note

    if as_json:
        print_json(found)
        return
    if not found:
        print_note("There are no datasets. Runs log them with `log_dataset`.")
        return
    from modellab.cli.tables import print_rows

    print_rows(_list_columns(), found, by_worth=_BY_WORTH)
    if more:
        print_note(f"\nThe newest {len(found)}; --limit shows more.")


@click.command("dataset", short_help="Show a dataset: columns, runs, first rows.")
@db_option(hidden=True)
@click.argument("dataset")
@click.option("--project", "project_id", metavar="ID", help="The project that a NAME is looked for in.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def show_dataset(dataset: str, project_id: str | None, as_json: bool) -> None:
    """Show what is in a dataset, which runs used it, and its first rows.

    DATASET is an id, a unique beginning of one, or a name, which means its newest version.

    \b
    Example:
      modellab dataset iris
    """
    with open_collected() as store:
        found = store.datasets.get(store.datasets.find(dataset, project_id=project_id))
        uses = store.datasets.list_runs(found.dataset_id, limit=20).items
        has_rows = found.is_stored and found.columns
        preview = store.datasets.preview(found.dataset_id, n=_SHOWN_ROWS) if has_rows else None
    from modellab.cli.output import print_json, print_parts, to_plain

    if as_json:
        print_json(to_plain(found) | {"runs": to_plain(uses), "preview": to_plain(preview)})
    else:
        print_parts(*_make_page(found, uses, preview))


def _require_project(store: Store | None, project_id: str) -> None:
    """Raise `NotFound` for a project that is not there: what is named wrongly is no empty list."""
    if store is None:
        raise NotFound(f"There is no project {project_id}.", hint="Nothing has been recorded here yet.")
    store.projects.get(project_id)


def _list_columns() -> Sequence[TableColumn[Dataset]]:
    from modellab.cli.formats import NOTHING, clean, format_size, shorten
    from modellab.cli.tables import Column as TableColumn

    def count(value: int | None) -> str:
        return NOTHING if value is None else str(value)

    return (
        TableColumn("id", lambda data: data.dataset_id[:8], lambda data: data.dataset_id),
        TableColumn(
            "name", lambda data: shorten(clean(data.name), _CELL_LENGTH), lambda data: clean(data.name)
        ),
        TableColumn("version", lambda data: str(data.version), is_number=True),
        TableColumn("project", lambda data: clean(data.project_id or NOTHING)),
        TableColumn("format", lambda data: data.format),
        TableColumn("rows", lambda data: count(data.n_rows), is_number=True),
        TableColumn("columns", lambda data: count(data.n_columns), is_number=True),
        TableColumn("size", lambda data: format_size(data.size), lambda data: str(data.size), is_number=True),
        TableColumn("runs", lambda data: str(data.n_runs), is_number=True),
        TableColumn("sha256", lambda data: data.sha256[:12], lambda data: data.sha256),
    )


def _make_page(
    dataset: Dataset, uses: Sequence[DatasetUse], preview: Preview | None
) -> Iterator[RenderableType]:
    from rich.text import Text

    from modellab.cli.formats import clean, plural
    from modellab.cli.sheets import make_fields, make_grid, make_section

    yield make_fields(_head(dataset))
    if dataset.columns is not None:
        rows = [_describe(column) for column in dataset.columns[:_MOST_COLUMNS]]
        headings = ["", "type", "missing", "unique", "min", "mean", "max", "such as"]
        left_out = len(dataset.columns) - len(rows)
        after = f"and {left_out} more; --json has all" if left_out else ""
        yield make_section("Columns", make_grid(headings, rows, n_texts=2), after=after)
    if uses:
        after = f"the newest {len(uses)} of {plural(dataset.n_runs, 'run')}" if dataset.n_runs > 20 else ""
        lines = [(use.run_id, Text(clean(use.split or ""))) for use in uses]
        yield make_section("Runs", make_fields(lines), after=after)
    if preview is not None and preview.rows:
        cells = [[_cell(value) for value in row[:10]] for row in preview.rows]
        grid = make_grid([clean(name)[:_CELL_LENGTH] for name in preview.columns[:10]], cells, n_texts=10)
        yield make_section("First rows", grid)


def _head(dataset: Dataset) -> list[tuple[str, str]]:
    from modellab.cli.formats import clean, format_size

    changes = dataset.changes
    news = "" if changes is None else f"{changes.n_rows:+d} rows, {changes.n_columns:+d} columns"
    for word, names in (
        ("new", changes.added_columns if changes else ()),
        ("gone", changes.removed_columns if changes else ()),
        ("of another type", changes.retyped_columns if changes else ()),
    ):
        news += f"; {word}: {', '.join(names[:5])}" if names else ""
    rows = [
        ("dataset", dataset.dataset_id),
        ("name", dataset.name),
        ("version", str(dataset.version)),
        ("project", dataset.project_id),
        ("description", dataset.description),
        ("tags", ", ".join(f"{name}={value}" for name, value in dataset.tags.items())),
        ("file", dataset.filename),
        ("format", dataset.format),
        ("size", format_size(dataset.size) + ("" if dataset.is_stored else ", not kept here")),
        ("rows", None if dataset.n_rows is None else str(dataset.n_rows)),
        ("SHA-256", dataset.sha256),
        ("parent", dataset.parent_id),
        ("changes", news),
        ("note", dataset.unread),
    ]
    return [(name, clean(value)) for name, value in rows if value]


def _describe(column: Column) -> list[str]:
    from modellab.cli.formats import NOTHING, clean, shorten

    unique = NOTHING if column.n_unique is None else str(column.n_unique)
    shown = [count.value for count in column.top[:3]] or list(column.examples[:3])
    such_as = shorten(", ".join(_cell(value) for value in shown), 40)
    numbers = (_cell(value) for value in (column.min, column.mean, column.max))
    return [
        shorten(clean(column.name), _CELL_LENGTH),
        column.type,
        str(column.n_missing),
        unique,
        *numbers,
        such_as,
    ]


def _cell(value: object) -> str:
    from modellab.cli.formats import NOTHING, format_number, format_value, shorten

    if value is None:
        return NOTHING
    if isinstance(value, float):
        return format_number(value)
    return shorten(format_value(value), _CELL_LENGTH)
