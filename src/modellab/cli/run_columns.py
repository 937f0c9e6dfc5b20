"""What a list of runs shows: who each run is, how it went, and the params and metrics that tell most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, zip_longest

from rich.text import Text

from modellab.cli.formats import (
    NOTHING,
    clean,
    elapsed_s,
    format_duration,
    format_name,
    format_number,
    format_start,
    format_value,
    short_ids,
    shorten,
)
from modellab.cli.output import is_terminal, make_console
from modellab.cli.tables import Column, fit_columns
from modellab.records import SYSTEM_PREFIX, RunStatus, RunSummary

STATUS_STYLES: Mapping[RunStatus, str] = {
    "pending": "yellow",
    "running": "cyan",
    "completed": "green",
    "failed": "red",
}

_WIDE = 100
_NAME_LENGTH, _SHORT_NAME_LENGTH = 28, 16
_CELL_LENGTH = 20
_MOST_METRICS, _MOST_PARAMS = 6, 4
_ABOUT_TRAINING = {"train", "training", "time", "runtime", "duration", "epoch", "lr", "learning"}

RunColumn = Column[RunSummary]


def list_columns(runs: Sequence[RunSummary], *, metric: str | None = None) -> list[RunColumn]:
    """The columns for these runs, as many as fit; `metric` is the one that matters most."""
    run, started, status, duration = id_column(runs), start_column(), status_column(), duration_column()
    metrics = [metric_column(name) for name in choose_metrics(runs, metric)]
    if not is_terminal():
        return [run, started, status, duration, *metrics, name_column()]
    width = make_console().width
    name, metrics = name_column(width), metrics[:_MOST_METRICS]
    params = [param_column(name) for name in choose_params(runs)[:_MOST_PARAMS]]
    return fit_columns(
        [run, started, status, name, *params, *metrics, duration],
        [run, status, started, *metrics[:1], name, duration, *alternate(params, metrics[1:])],
        runs,
        width,
    )


def rank_columns(runs: Sequence[RunSummary], metric: str) -> list[RunColumn]:
    """The columns of a leaderboard: the rank, the metric, and what else fits."""
    ranks = {run.run_id: str(number) for number, run in enumerate(runs, start=1)}
    rank: RunColumn = Column("rank", lambda run: ranks[run.run_id], is_number=True)
    head = [rank, id_column(runs), metric_column(metric)]
    if not is_terminal():
        return [*head, start_column(), name_column()]
    width = make_console().width
    tail = [name_column(width), start_column()]
    params = [param_column(name) for name in choose_params(runs)[:_MOST_PARAMS]]
    metrics = [metric_column(name) for name in choose_metrics(runs)[:3] if name != metric]
    by_worth = [*head, *tail, *alternate(params, metrics)]
    return fit_columns([*head, *params, *metrics, *tail], by_worth, runs, width)


def alternate(params: Sequence[RunColumn], metrics: Sequence[RunColumn]) -> list[RunColumn]:
    """A param, a metric, a param, and so on: what tells runs apart counts as much as how they went."""
    in_turn = chain.from_iterable(zip_longest(params, metrics))
    return [column for column in in_turn if column is not None]


def choose_metrics(runs: Sequence[RunSummary], first: str | None = None) -> list[str]:
    """The metrics of these runs, most telling first: those that most runs have, and that differ."""
    names = dict.fromkeys(name for run in runs for name in run.final_metrics)

    def rank(name: str) -> tuple[bool, int, int, bool]:
        values = [run.final_metrics[name] for run in runs if name in run.final_metrics]
        return (name != first, -len(values), _rank_name(name), len(set(values)) < 2)

    return sorted((name for name in names if not name.startswith(SYSTEM_PREFIX)), key=rank)


def choose_params(runs: Sequence[RunSummary]) -> list[str]:
    """The params in which these runs differ, with short values."""
    names = dict.fromkeys(name for run in runs for name in run.params)
    found = []
    for name in names:
        values = [format_value(run.params[name]) for run in runs if name in run.params]
        if len(set(values)) > 1 and max(map(len, values)) <= _CELL_LENGTH:
            found.append(name)
    return found


def id_column(runs: Sequence[RunSummary]) -> RunColumn:
    """Short ids for people, whole ones for pipes."""
    shown = short_ids(run.run_id for run in runs)
    return Column("run", lambda run: Text(shown[run.run_id], "bold"), lambda run: run.run_id, "run_id")


def start_column() -> RunColumn:
    """Local time for people, ISO-8601 in UTC for pipes."""
    return Column("started", format_start, lambda run: clean(run.timestamp or NOTHING), "timestamp")


def status_column() -> RunColumn:
    """The status, coloured."""
    return Column("status", lambda run: Text(run.status, STATUS_STYLES[run.status]), lambda run: run.status)


def name_column(width: int = _WIDE) -> RunColumn:
    """The run's name, or else its command; `width` is that of the terminal."""
    length = _NAME_LENGTH if width >= _WIDE else _SHORT_NAME_LENGTH
    return Column("name", lambda run: shorten(format_name(run), length), format_name)


def duration_column() -> RunColumn:
    """How long it took, or takes so far."""
    return Column(
        "duration",
        lambda run: Text(format_duration(elapsed_s(run)), "cyan" if run.status == "running" else ""),
        lambda run: format_number(run.duration_s, exact=True),
        "duration_s",
        is_number=True,
    )


def metric_column(name: str) -> RunColumn:
    """Final values of one metric."""

    def show(*, exact: bool) -> Callable[[RunSummary], str]:
        return lambda run: format_number(run.final_metrics.get(name), exact=exact)

    return Column(
        shorten(clean(name), _CELL_LENGTH), show(exact=False), show(exact=True), clean(name), is_number=True
    )


def param_column(name: str) -> RunColumn:
    """Values of one param."""

    def show(run: RunSummary) -> str:
        return format_value(run.params[name]) if name in run.params else NOTHING

    return Column(shorten(clean(name), _CELL_LENGTH), show, raw_heading=clean(name))


def _rank_name(name: str) -> int:
    """0 for a score, 1 for a loss, 2 for what says how the run went rather than how good its model is."""
    words = set(name.lower().replace("/", "_").split("_"))
    return 2 if words & _ABOUT_TRAINING else 1 if "loss" in words else 0
