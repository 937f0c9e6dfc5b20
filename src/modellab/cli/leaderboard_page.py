"""A leaderboard of evaluations as people read it: values with intervals, and the difference to the first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from modellab.cli.comparison_verdicts import (
    format_adjusted,
    format_ends,
    format_metric,
    format_signed,
    make_interval_columns,
)
from modellab.cli.formats import NOTHING, clean, short_ids, shorten
from modellab.cli.output import is_terminal, print_note, print_parts
from modellab.cli.sheets import make_section
from modellab.cli.tables import Column, print_rows
from modellab.records.comparisons import Leaderboard, LeaderboardEntry

_NAME_LENGTH = 24
_BY_WORTH = (
    "rank",
    "run",
    "name",
    "v. first",
    "95 % interval",
    "adjusted p",
    "difference",
    "its interval",
    "n",
)

EntryColumn = Column[LeaderboardEntry]


def print_board(board: Leaderboard) -> None:
    """Print the table, and what it means: to stderr where stdout is a pipe."""
    columns = _list_columns(board)
    metric = clean(board.metric)
    worth = (_BY_WORTH[0], _BY_WORTH[1], metric, *_BY_WORTH[2:])
    print_rows(columns, board.entries, by_worth=worth)
    if is_terminal():
        print_parts("", *(Text(clean(sentence)) for sentence in board.sentences))
        if board.warnings:
            print_parts(make_section("Beware", *(Text(clean(said), "yellow") for said in board.warnings)))
        return
    print_note("")
    for sentence in (*board.sentences, *board.warnings):
        print_note(clean(sentence))


def _list_columns(board: Leaderboard) -> Sequence[EntryColumn]:
    shown = short_ids(entry.run_id for entry in board.entries)
    own: Sequence[EntryColumn] = make_interval_columns(lambda entry: entry.interval)
    difference: list[EntryColumn] = [
        Column(
            "difference",
            lambda entry: format_signed(entry.difference, entry.difference_interval),
            lambda entry: format_metric(entry.difference),
            is_number=True,
        ),
    ]
    if is_terminal():
        difference.append(Column("its interval", lambda entry: format_ends(entry.difference_interval)))
    else:
        difference.append(Column("difference_low", lambda entry: _end(entry, is_low=True)))
        difference.append(Column("difference_high", lambda entry: _end(entry, is_low=False)))
    return [
        Column("rank", lambda entry: str(entry.rank), is_number=True),
        Column("run", lambda entry: Text(shown[entry.run_id], "bold"), lambda entry: entry.run_id, "run_id"),
        Column(clean(board.metric), lambda entry: format_metric(entry.value), is_number=True),
        *own,
        Column("v. first", _tell, raw_heading="versus_first"),
        *difference,
        Column(
            "adjusted p",
            lambda entry: format_adjusted(entry.adjusted_p),
            lambda entry: format_metric(entry.adjusted_p),
            "adjusted_p",
            is_number=True,
        ),
        Column("n", lambda entry: NOTHING if entry.n is None else str(entry.n), is_number=True),
        Column("name", lambda entry: shorten(clean(entry.name or NOTHING), _NAME_LENGTH)),
    ]


def _tell(entry: LeaderboardEntry) -> str | Text:
    if entry.rank == 1:
        return NOTHING
    if entry.can_be_told_apart is None:
        return Text("cannot tell", "yellow")
    return Text("worse", "red") if entry.can_be_told_apart else "not told apart"


def _end(entry: LeaderboardEntry, *, is_low: bool) -> str:
    interval = entry.difference_interval
    return NOTHING if interval is None else format_metric(interval.low if is_low else interval.high)
