"""`modellab leaderboard`: runs in the order of one metric."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, open_collected
from modellab.errors import NotFound, list_nearest
from modellab.records.comparisons import MAX_COMPARED
from modellab.records.evaluations import DEFAULT_EVALUATION, HEADLINE_METRICS, NAME_PATTERN
from modellab.tracking.evaluations import INSTALL_HINT, list_missing_packages

if TYPE_CHECKING:
    from modellab.store import Store

SINGLE_VALUES = "Single values: a difference may be chance."
"""Stands below every list that puts runs beside each other by one value each."""


@click.command("leaderboard", short_help="Rank runs by a metric.")
@db_option(hidden=True)
@click.argument("metric")
@click.option("--ascending", is_flag=True, help="Smallest first, as for a loss.")
@click.option(
    "--top",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help="At most so many runs.",
)
@click.option("--dataset", metavar="ID", help="Runs on this dataset.")
@click.option("--where", metavar="QUERY", help="Runs for which this text of the query language holds.")
@click.option("--split", metavar="NAME", help="Rank by evaluations of this name, such as test.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def show_leaderboard(
    metric: str,
    ascending: bool,
    top: int,
    dataset: str | None,
    where: str | None,
    split: str | None,
    as_json: bool,
) -> None:
    """Rank runs by the final value of METRIC, largest first; runs without it or with NaN have no rank.

    With --split, or a METRIC such as test/accuracy, runs are ranked by their evaluations, best first: with
    intervals, and tests that say which of them cannot be told apart from the first.

    \b
    Examples:
      modellab leaderboard accuracy
      modellab leaderboard val_loss --ascending --top 5
      modellab leaderboard accuracy --where 'params.model_name = "linear_svm"'
      modellab leaderboard roc_auc --split test
    """
    if split is None:
        split = _find_split(metric)
    if split is not None:
        why = _explain_untested(top)
        if why is None:
            _show_judged(metric, split, ascending, top, dataset, where, as_json)
            return
        from modellab.cli.output import print_note

        print_note(f"No tests: {why}")
        metric = f"{split}/{metric.removeprefix(f'{split}/')}"
    with open_collected() as store:
        ranked = store.runs.rank(metric, top_k=top, ascending=ascending, dataset_id=dataset, query=where)
        if not ranked:
            raise _explain_none(store, metric, dataset, where)
    if as_json:
        from modellab.cli.output import print_json

        print_json(ranked)
        return
    from modellab.cli.output import print_note
    from modellab.cli.run_columns import rank_columns
    from modellab.cli.tables import print_rows

    print_rows(rank_columns(ranked, metric), ranked)
    print_note(f"\n{metric}, {'smallest' if ascending else 'largest'} first. {SINGLE_VALUES}")


def _explain_untested(top: int) -> str | None:
    """Why runs cannot be tested against the first here; `None` if they can."""
    if missing := list_missing_packages():
        return f"{', '.join(missing)} not installed here. {INSTALL_HINT}"
    return f"they are made among up to {MAX_COMPARED} runs." if top > MAX_COMPARED else None


def _find_split(metric: str) -> str | None:
    """The evaluation that a metric is of, by its name: `test` of `test/accuracy`."""
    before, _, name = metric.rpartition("/")
    return before if name in HEADLINE_METRICS and re.fullmatch(NAME_PATTERN, before) else None


def _show_judged(
    metric: str,
    split: str,
    ascending: bool,
    top: int,
    dataset: str | None,
    where: str | None,
    as_json: bool,
) -> None:
    """Runs by their evaluations, each tested against the first."""
    from modellab.comparison.leaderboard import rank_runs  # late: brings NumPy

    with open_collected() as store:
        board = rank_runs(
            store,
            metric,
            split=split,
            top_k=top,
            query=where,
            dataset_id=dataset,
            higher_is_better=False if ascending else None,
        )
    if as_json:
        from modellab.cli.output import print_json

        print_json(board)
        return
    from modellab.cli.leaderboard_page import print_board

    print_board(board)


def name_nearest(name: str, names: Sequence[str]) -> str:
    """A sentence with the names that there are, the most similar first."""
    if not names:
        return "No run has logged any metric yet."
    return list_nearest(name, names)


def _explain_none(store: Store, metric: str, dataset: str | None, where: str | None) -> NotFound:
    names = store.runs.metric_names()
    if metric not in names and f"{DEFAULT_EVALUATION}/{metric}" in names:
        hint = f"`modellab leaderboard {metric} --split {DEFAULT_EVALUATION}` ranks by evaluations."
        return NotFound(f"No run has logged {metric!r} itself.", hint=hint)
    if metric not in names:
        return NotFound(f"No run has a metric {metric!r}.", hint=name_nearest(metric, names))
    if where is not None:
        return NotFound(f"No run with a value of {metric!r} meets: {where}")
    if dataset is not None:
        return NotFound(f"No run on dataset {dataset!r} has a value of {metric!r}.")
    return NotFound(f"In every run {metric!r} is NaN; nothing can be ranked.")
