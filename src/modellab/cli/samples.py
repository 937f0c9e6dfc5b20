"""`modellab example-data`: tables to try things with."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("example-data", short_help="Write CSV files to try the templates with.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace files that are there.")
def write_example_data(folder: Path, force: bool) -> None:
    """Write the data that comes with scikit-learn into FOLDER, as CSV files.

    \b
    Example:
      modellab example-data data
      modellab template classification data/wine.csv --target cultivar
    """
    from importlib.util import find_spec

    from modellab.cli.formats import plural
    from modellab.cli.output import print_note
    from modellab.cli.tables import Column, print_rows
    from modellab.errors import NotFound

    if find_spec("sklearn") is None:
        raise NotFound(
            "The data comes with scikit-learn, which is not installed.",
            hint="pip install 'modellab[templates]'",
        )
    from modellab.templates.samples import Sample, write_samples

    written = list(write_samples(folder, replace=force))
    columns: list[Column[tuple[Sample, Path, int]]] = [
        Column("file", lambda row: str(row[1])),
        Column("rows", lambda row: str(row[2]), is_number=True),
        Column("task", lambda row: row[0].task),
        Column("target", lambda row: row[0].target),
    ]
    print_rows(columns, written)
    first = written[0]
    print_note(
        f"\n{plural(len(written), 'file')}. "
        f"Try: modellab template {first[0].task} {first[1]} --target {first[0].target}"
    )
