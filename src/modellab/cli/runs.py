"""`modellab runs` and `modellab note`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from modellab.cli.access import (
    current_settings,
    db_option,
    find_run,
    given_db_path,
    given_settings,
    open_collected,
    open_if_there,
)
from modellab.errors import InvalidInput
from modellab.records import RUN_STATUSES, RunFilter

if TYPE_CHECKING:
    from modellab.cli.outboxes import OutboxState
    from modellab.records import RunSummary
    from modellab.store import Page, Store

_AGO = re.compile(r"(\d{1,6})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_MOST = 10_000

FIRST_STEPS = """\
Record one with a line above the function that trains:

    from modellab import log_run

    @log_run()
    def train(learning_rate=0.1):
        return {"final_metrics": {"accuracy": 0.93}}

Or see it with real models first: modellab demo"""


@click.command("runs", short_help="List runs, newest first.")
@db_option(hidden=True)
@click.argument("query", required=False)
@click.option("--dataset", metavar="ID", help="Runs on this dataset.")
@click.option("--command", metavar="TEXT", help="Runs whose command contains this, in any letter case.")
@click.option("--note", metavar="TEXT", help="Runs whose note contains this, in any letter case.")
@click.option("--since", metavar="TIME", help="Started then or later: 2026-11-20, 2026-11-20T09:30, 2h, 3d.")
@click.option("--until", metavar="TIME", help="Started then or earlier; a date means its whole day.")
@click.option("--metric", metavar="NAME", help="Runs that have this metric.")
@click.option("--min", "metric_min", type=float, metavar="X", help="The metric is at least this.")
@click.option("--max", "metric_max", type=float, metavar="X", help="The metric is at most this.")
@click.option("--param", metavar="NAME=VALUE", help="Runs with this param; NAME alone: with any value.")
@click.option("--status", type=click.Choice(RUN_STATUSES), help="Runs with this status.")
@click.option(
    "--with-artifacts/--without-artifacts", "has_artifacts", default=None, help="Runs with or without files."
)
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    metavar="N",
    default=20,
    show_default=True,
    help="At most so many runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_runs(limit: int, as_json: bool, **options: Any) -> None:
    """List runs, newest first; all conditions given must hold.

    QUERY is text of the query language, in quotes: fields such as metrics.accuracy, params.lr, tags.team,
    status or started_at, compared with = != < <= > >=, like, in or between, joined by and, or and not.
    Times are local unless they name a zone. In a pipe, ids are whole and columns are separated by tabs.

    \b
    Examples:
      modellab runs 'metrics.accuracy > 0.9 and params.model_name = "linear_svm"'
      modellab runs 'metrics.loss.min < 0.1 and not note like "%bad%"' --since 2d
      modellab runs --metric accuracy --min 0.9 --since 2d
      modellab runs --param model_name=linear_svm --json
    """
    wanted = _read_filter(**options)
    from modellab.cli.output import print_json

    with open_if_there() as store:
        page = store.runs.list(wanted, limit=limit) if store is not None else None
        found: Sequence[RunSummary] = page.items if page is not None else []
        if as_json:
            print_json(found)
        elif store is None or page is None or (not found and wanted == RunFilter()):
            _say_empty(store)
        else:
            _print_page(store, page, wanted, limit)
    if found:
        _say_whose()


@click.command("note", short_help="Write a note on a run.")
@db_option(hidden=True)
@click.argument("run")
@click.argument("text")
def write_note(run: str, text: str) -> None:
    """Replace the note of a run; an empty TEXT takes it away.

    RUN is an id, a unique beginning or ending of one, latest, or latest~1 for the one before.

    \b
    Example:
      modellab note latest "learning rate too high, see the loss from step 200"
    """
    with open_collected() as store:
        noted = store.runs.set_note(find_run(store, run), text)
    from modellab.cli.output import print_note

    print_note(f"{'Noted on' if text else 'No note any more on'} run {noted.run_id}.")


def _read_filter(
    *,
    query: str | None,
    dataset: str | None,
    command: str | None,
    note: str | None,
    since: str | None,
    until: str | None,
    metric: str | None,
    metric_min: float | None,
    metric_max: float | None,
    param: str | None,
    status: Any,
    has_artifacts: bool | None,
) -> RunFilter:
    if metric is None and (metric_min is not None or metric_max is not None):
        raise InvalidInput("--min and --max need --metric.", hint="Such as: --metric accuracy --min 0.9")
    name, equals, value = (param or "").partition("=")
    if param is not None and not name:
        raise InvalidInput(f"--param is {param!r}; it may be NAME=VALUE or NAME.")
    return RunFilter(
        dataset_id=dataset,
        command_substring=command,
        note_substring=note,
        from_timestamp=read_local_time(since),
        to_timestamp=read_local_time(until, at_end=True),
        metric_name=metric,
        metric_min=metric_min,
        metric_max=metric_max,
        param_name=name or None,
        param_value=value if equals else None,
        status=status,
        has_artifacts=has_artifacts,
        query=query,
    )


def read_local_time(text: str | None, *, at_end: bool = False) -> str | None:
    """ISO-8601 in UTC for what a person types: a local time, or an age such as `30m`, `2h`, `3d`, `1w`.

    With `at_end`, a date alone means the end of that day. Raises `InvalidInput`.
    """
    if text is None:
        return None
    plain = text.strip()
    age = _AGO.fullmatch(plain)
    try:
        if age:
            return (datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})).isoformat()
        moment = datetime.fromisoformat(plain)
        if at_end and len(plain) <= len("2026-11-20"):
            moment += timedelta(days=1, microseconds=-1)
        return moment.astimezone(UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        hint = (
            "A date, a time or an age: 2026-11-20, 2026-11-20T09:30, 2026-11-20T09:30:00Z, 30m, 2h, 3d, 1w."
        )
        raise InvalidInput(f"{text!r} is no time.", hint=hint) from None


def _print_page(store: Store, page: Page[RunSummary], wanted: RunFilter, limit: int) -> None:
    from modellab.cli.output import print_note
    from modellab.cli.run_columns import list_columns
    from modellab.cli.tables import print_rows

    if not page.items:
        print_note(_explain_none(store, wanted))
        return
    print_rows(list_columns(page.items, metric=wanted.metric_name), page.items)
    if page.cursor is not None:
        total = f" of {store.runs.count()}" if wanted == RunFilter() else ""
        print_note(f"\nThe newest {len(page.items)}{total}; --limit {min(5 * limit, _MOST)} shows more.")


def _explain_none(store: Store, wanted: RunFilter) -> str:
    from modellab.cli.formats import plural
    from modellab.cli.leaderboard import name_nearest

    total = plural(store.runs.count(), "run")
    names = store.runs.metric_names()
    for asked in _list_metrics(wanted):
        if asked not in names:
            return f"No run has a metric {asked!r}. {name_nearest(asked, names)}"
    return f"None of {total} matches."


def _list_metrics(wanted: RunFilter) -> list[str]:
    """The metrics that a filter names."""
    from modellab.query import list_conditions, parse_query

    found = [wanted.metric_name] if wanted.metric_name else []
    if wanted.query and wanted.query.strip():
        conditions = list_conditions(parse_query(wanted.query))
        found += [condition.field.name for condition in conditions if condition.field.kind == "metrics"]
    return found


def _say_empty(store: Store | None) -> None:
    from modellab.cli.outboxes import look_at_outboxes
    from modellab.cli.output import print_note
    from modellab.journal.place import list_all

    settings = current_settings()
    n_deleted = store.runs.count(in_trash=True) if store is not None else 0
    outboxes = look_at_outboxes(given_settings())
    if n_deleted:
        all_runs = "The only run is" if n_deleted == 1 else f"All {n_deleted} runs are"
        print_note(f"{all_runs} in the trash; `modellab trash` lists them.")
    elif next(list_all(settings.journals), None) is not None:
        print_note(f"There are no runs in {settings.db_path}, but journals in {settings.journals}.")
        print_note("`modellab doctor --rebuild` reads them in.")
    elif outboxes:
        print_note(f"There are no runs in {settings.db_path}: those of this folder are a server's.")
    else:
        print_note(f"There are no runs yet in {settings.db_path}.\n\n{FIRST_STEPS}")
    for outbox in outboxes:
        print_note(_describe_outbox(outbox))


def _describe_outbox(outbox: OutboxState) -> str:
    from modellab.cli.formats import plural
    from modellab.cli.outboxes import describe_waiting

    recorded = plural(outbox.n_runs, "run")
    if outbox.n_waiting or outbox.n_files:
        what = f"{describe_waiting(outbox)}, of {recorded} recorded here"
        return f"Not sent to {outbox.address} yet: {what}. `modellab sync` sends what waits."
    return f"{recorded} went to {outbox.address}: look at the page there."


def _say_whose() -> None:
    """Say once that these are not the runs of the server that the settings name."""
    from modellab.cli.output import print_note

    address = given_settings().api_url
    if address is not None and given_db_path() is None:
        print_note(
            f"MODELLAB_API_URL is set: these are the runs of this folder's own store, not of {address}."
        )
