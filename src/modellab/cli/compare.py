"""`modellab compare`: two or more runs side by side, as they were recorded."""

from __future__ import annotations

import click

from modellab.cli.access import db_option, find_run, open_collected
from modellab.errors import InvalidInput


@click.command("compare", short_help="Put runs side by side.")
@db_option(hidden=True)
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN [RUN...]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def compare_runs(runs: tuple[str, ...], as_json: bool) -> None:
    """Show in what runs differ: params, metrics (with the difference to the first run), code, environment.

    RUN is an id, a unique beginning or ending of one, latest, or latest~1 for the one before.

    \b
    Example:
      modellab compare latest~1 latest
    """
    if len(runs) < 2:
        raise click.UsageError("Comparing takes two runs or more.", click.get_current_context())
    with open_collected() as store:
        run_ids = [find_run(store, reference) for reference in runs]
        twice = next((run_id for place, run_id in enumerate(run_ids) if run_id in run_ids[:place]), None)
        if twice is not None:
            raise InvalidInput(f"Run {twice} is named twice.", hint="Name different runs.")
        comparison = store.runs.compare(run_ids)
    if as_json:
        from modellab.cli.output import print_json

        print_json(comparison)
        return
    from modellab.cli.comparison_page import make_page
    from modellab.cli.output import print_parts

    print_parts(*make_page(comparison))
