"""`modellab evaluations`: how good a run's model is, by its evaluations and latency reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, find_run, open_collected

if TYPE_CHECKING:
    from modellab.records.evaluations import Evaluation


@click.command("evaluations", short_help="Show how a run was evaluated.")
@db_option(hidden=True)
@click.argument("run")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_evaluations(run: str, name: str | None, as_json: bool) -> None:
    """List the evaluations of RUN, or show the one called NAME with all its metrics.

    Its files, such as plots, are fetched by `modellab download RUN evaluations/NAME`.

    \b
    Examples:
      modellab evaluations latest
      modellab evaluations latest test
      modellab evaluations 79c2a4d0 test --json > report.json
    """
    with open_collected() as store:
        run_id = find_run(store, run)
        if name is None:
            found = store.evaluations.list(run_id)
        else:
            found = [store.evaluations.get(run_id, name)]
            report = store.evaluations.read_report(run_id, name) if as_json else {}
    from modellab.cli.output import print_json

    if as_json:
        print_json(found if name is None else report)
    elif name is not None:
        _print_one(found[0])
    else:
        _print_all(found)


def _print_one(found: Evaluation) -> None:
    from modellab.cli.evaluation_page import make_page
    from modellab.cli.output import print_parts

    print_parts(*make_page(found))


def _print_all(found: Sequence[Evaluation]) -> None:
    from modellab.cli.evaluation_page import BY_WORTH, list_columns
    from modellab.cli.output import print_note
    from modellab.cli.tables import print_rows

    if not found:
        print_note("No evaluations. Runs record them with `run.log_evaluation`.")
        return
    print_rows(list_columns(), found, by_worth=BY_WORTH)
