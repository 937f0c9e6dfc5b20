"""`modellab compare`: whether two or more runs really differ, and all in which they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, find_run, open_collected
from modellab.errors import InvalidInput
from modellab.records.comparisons import MAX_COMPARED
from modellab.records.evaluations import DEFAULT_EVALUATION
from modellab.tracking.evaluations import INSTALL_HINT, list_missing_packages

if TYPE_CHECKING:
    from modellab.records import RunComparison
    from modellab.records.comparisons import Comparison


@click.command("compare", short_help="Say whether runs really differ.")
@db_option(hidden=True)
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN [RUN...]")
@click.option("--baseline", metavar="RUN", help="Compare the others with this one, not all pairs.")
@click.option("--metric", metavar="NAME", help="What decides; else the primary metric.")
@click.option(
    "--min-effect", type=float, metavar="X", help="The smallest difference that matters, in its unit."
)
@click.option(
    "--split", default=DEFAULT_EVALUATION, show_default=True, metavar="NAME", help="Which evaluations to use."
)
@click.option("--slices", is_flag=True, help="Compare parts of the test rows too.")
@click.option(
    "--higher-is-better/--lower-is-better",
    default=None,
    help="The direction of a metric that is not known.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def compare_runs(
    runs: tuple[str, ...],
    baseline: str | None,
    metric: str | None,
    min_effect: float | None,
    split: str,
    slices: bool,
    higher_is_better: bool | None,
    as_json: bool,
) -> None:
    """Say whether runs really differ, with test, interval and correction.

    Below stand the differences, then params, metrics, code and environment side by side. Runs that were
    evaluated (`log_evaluation`) are paired row by row; of others it is said what is missing to tell.
    Groups of three seeds or more are found and compared as groups.

    RUN is an id, a unique beginning or ending of one, latest, or latest~1 for the one before.

    \b
    Examples:
      modellab compare latest~1 latest
      modellab compare 79c2a4d0 1b25e9c4 40c1f7aa --baseline 79c2a4d0
      modellab compare latest~1 latest --metric roc_auc --min-effect 0.01 --slices
    """
    if len(runs) < 2:
        raise click.UsageError("Comparing takes two runs or more.", click.get_current_context())
    with open_collected() as store:
        run_ids = [find_run(store, reference) for reference in runs]
        first = None if baseline is None else find_run(store, baseline)
        twice = next((run_id for place, run_id in enumerate(run_ids) if run_id in run_ids[:place]), None)
        if twice is not None:
            raise InvalidInput(f"Run {twice} is named twice.", hint="Name different runs.")
        side_by_side = store.runs.compare(run_ids)
        found: Comparison | None = None
        if _can_judge(run_ids):
            from modellab.comparison.compare import compare  # late: brings NumPy

            found = compare(
                store,
                run_ids,
                baseline=first,
                metric=metric,
                min_effect=min_effect,
                split=split,
                slices=slices,
                higher_is_better=higher_is_better,
            )
    if as_json:
        from modellab.cli.output import print_json, to_plain

        print_json({**to_plain(side_by_side), "comparison": found})
        return
    _print_pages(side_by_side, found)


def _print_pages(side_by_side: RunComparison, found: Comparison | None) -> None:
    from modellab.cli.comparison_page import make_page
    from modellab.cli.output import print_parts

    if found is not None:
        from modellab.cli.comparison_verdicts import make_parts

        print_parts(*make_parts(found, side_by_side.warnings))
    print_parts(*make_page(side_by_side))


def _can_judge(run_ids: Sequence[str]) -> bool:
    """Whether verdicts are possible here; if not, why is told on stderr."""
    from modellab.cli.output import print_note

    missing = list_missing_packages()
    if missing:
        print_note(f"No verdicts: {', '.join(missing)} not installed here. {INSTALL_HINT}")
    elif len(run_ids) > MAX_COMPARED:
        print_note(
            f"No verdicts: {len(run_ids)} runs are compared; verdicts are given on up to {MAX_COMPARED}."
        )
    else:
        return True
    return False
