"""`modellab template`: from a table to three recorded, evaluated and compared models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, given_db_path, given_settings

if TYPE_CHECKING:
    from modellab.templates.training import Tell

_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command("template", short_help="Train a baseline and two models on a table.")
@db_option(hidden=True)
@click.argument("task", type=click.Choice(["classification", "regression"]))
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", required=True, metavar="COLUMN", help="The column to predict.")
@click.option("--project-id", metavar="ID", help="The project that the runs belong to.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True, help="Decides the split."
)
@click.option(
    "--test-size", type=_SHARE, default=0.25, show_default=True, metavar="SHARE", help="Rows to test on."
)
@click.option("--metric", metavar="NAME", help="What decides who is better. Default: the task's first one.")
@click.option("--positive", metavar="CLASS", help="The positive one of two classes. Default: the last.")
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="Do not learn from it; repeatable.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="Learn from it in any case; repeatable.")
@click.option("--stress", is_flag=True, help="Also evaluate on damaged data (slower).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def train_template(
    task: str,
    data: Path,
    target: str,
    project_id: str | None,
    seed: int,
    test_size: float,
    metric: str | None,
    positive: str | None,
    leave_out: tuple[str, ...],
    keep: tuple[str, ...],
    stress: bool,
    as_json: bool,
) -> None:
    """Train three models on the table in DATA: one that learns nothing, a linear one, and XGBoost.

    Types, missing values and categories are dealt with. All three learn from the same rows and are tested on
    the same others; each is a run with an evaluation. What is printed says whether they beat the first one.

    \b
    Examples:
      modellab template classification data.csv --target species
      modellab template regression houses.parquet --target price --seed 7
    """
    from typing import cast

    _require_packages()
    from modellab.templates.table import Task
    from modellab.templates.training import run_template

    with _showing_progress() as tell:
        result = run_template(
            cast(Task, task),
            data,
            target=target,
            project_id=project_id,
            seed=seed,
            test_size=test_size,
            metric=metric,
            positive=positive,
            leave_out=leave_out,
            keep=keep,
            stress=stress,
            settings=None if given_db_path() is None else given_settings(),
            tell=tell,
        )
    from modellab.cli.template_page import make_page, summarise

    if as_json:
        from modellab.cli.output import print_json

        print_json(summarise(result))
        return
    from modellab.cli.output import print_parts

    print_parts(*make_page(result))


def _require_packages() -> None:
    """Raise `NotFound` if something is missing that the templates cannot even be imported without."""
    from importlib.util import find_spec

    from modellab.errors import NotFound
    from modellab.tracking.evaluations import list_missing_packages

    missing = [*list_missing_packages(), *(name for name in ("polars", "xgboost") if find_spec(name) is None)]
    if missing:
        raise NotFound(
            f"Templates need packages that are not installed: {', '.join(missing)}.",
            hint="pip install 'modellab[templates]'",
        )


@contextmanager
def _showing_progress() -> Iterator[Tell]:
    """A progress bar on stderr while models are trained; lines where nobody watches."""
    import sys

    if not sys.stderr.isatty():
        yield lambda step, done, total: click.echo(f"[{done + 1}/{total}] {step}", err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Reading", total=None)

        def tell(step: str, done: int, total: int) -> None:
            progress.update(bar, description=step, completed=done, total=total)

        yield tell
