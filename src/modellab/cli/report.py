"""`modellab report`: what can be said of some runs, in one file to hand on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modellab.cli.access import current_settings, db_option, find_run, open_collected
from modellab.errors import InvalidInput
from modellab.records.evaluations import DEFAULT_EVALUATION
from modellab.tracking.evaluations import require_packages

if TYPE_CHECKING:
    from modellab.report.writing import ReportFormat

_FORMATS: Mapping[str, ReportFormat] = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md"}


@click.command("report", short_help="Write a report of results to a file.")
@db_option(hidden=True)
@click.argument("query", required=False, metavar="[FILTER]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The file, .html or .md; one that is there is replaced.",
)
@click.option("--metric", metavar="NAME", help="What decides; else the primary metric.")
@click.option("--baseline", metavar="RUN", help="Compare the others with this one, not with the best.")
@click.option(
    "--split", default=DEFAULT_EVALUATION, show_default=True, metavar="NAME", help="Which evaluations to use."
)
def write_report_file(
    query: str | None, output: Path, metric: str | None, baseline: str | None, split: str
) -> None:
    """Write results with intervals and verdicts, curves, differences, data, and how to repeat it to one file.

    FILTER is a text of the query language; without it the report is on all runs. At most 50 runs are
    compared: those with the best values. An HTML file holds no script and loads nothing; the same runs give
    the same file.

    \b
    Examples:
      modellab report
      modellab report 'params.model = "svm" and started_at > "-7d"' -o svm.html
      modellab report --metric roc_auc --baseline 79c2a4d0 -o report.md
    """
    as_format = _FORMATS.get(output.suffix.lower())
    if as_format is None:
        raise InvalidInput(f"A report is an .html or an .md file, and not {output.name!r}.")
    require_packages()
    with open_collected() as store:
        from modellab.report.facts import Request  # late: NumPy
        from modellab.report.writing import write_report

        first = None if baseline is None else find_run(store, baseline)
        request = Request(query=query or None, metric=metric, baseline=first, split=split)
        project = current_settings().project_name
        text = write_report(store, request, project=project, as_format=as_format)
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written: {error.strerror}.") from error
    click.echo(f"{output} ({len(text.encode()):,} bytes)")
