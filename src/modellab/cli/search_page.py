"""What searches, similar runs and suggestions look like: tables for people and pipes, notes beside them."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from modellab.cli.formats import NOTHING, clean, format_number, format_value, plural, short_ids, shorten
from modellab.cli.output import is_terminal, print_note
from modellab.cli.tables import Column, print_rows
from modellab.records.search import SearchHit, SearchResults
from modellab.records.similar import SimilarRun, SimilarRuns
from modellab.records.suggestions import Suggestion, Suggestions

_NAME_LENGTH = 30


def print_found(found: SearchResults) -> None:
    """What was found, best first, with the texts that match."""
    ids = short_ids(hit.id for hit in found.items)
    columns: list[Column[SearchHit]] = [
        Column("id", lambda hit: Text(ids[hit.id], "cyan"), lambda hit: hit.id),
        Column("kind", lambda hit: hit.kind),
        Column("name", lambda hit: shorten(clean(hit.name or NOTHING), _NAME_LENGTH), _name),
        Column("found in", _show_snippets, lambda hit: _show_snippets(hit).plain),
    ]
    if found.items:
        print_rows(columns, found.items)
    for note in found.notes:
        print_note(note)
    if not found.items and not found.notes:
        print_note("Nothing has all of these words.")
    elif found.total > len(found.items):
        print_note(f"\n{len(found.items)} of {found.total:,} that have all of the words.")


def print_similar(found: SimilarRuns) -> None:
    """Runs that are like one, nearest first, and why."""
    ids = short_ids(run.run_id for run in found.items)
    columns: list[Column[SimilarRun]] = [
        Column("id", lambda run: Text(ids[run.run_id], "cyan"), lambda run: run.run_id),
        Column("name", lambda run: shorten(clean(run.name or NOTHING), _NAME_LENGTH), _name),
        Column("distance", lambda run: f"{run.distance:.3f}", is_number=True),
        Column("why", lambda run: clean(run.why)),
    ]
    if found.items:
        print_rows(columns, found.items)
        print_note(
            f"\nThe nearest of {plural(found.n_considered, 'run')}: 0 is the same, 1 nothing in common."
        )
    else:
        print_note("There is no other run.")


def print_suggestions(found: Suggestions) -> None:
    """Params to try, with what is expected of them."""
    is_exact = not is_terminal()
    columns: list[Column[Suggestion]] = [
        *(_show_param(param.name) for param in found.varied),
        Column("expected", lambda one: format_number(one.expected, exact=is_exact), is_number=True),
        Column("90% from", lambda one: format_number(one.low, exact=is_exact), is_number=True),
        Column("to", lambda one: format_number(one.high, exact=is_exact), is_number=True),
        Column("kind", lambda one: one.kind),
    ]
    if found.items:
        print_rows(columns, found.items)
    way = "larger" if found.higher_is_better else "smaller"
    assumed = ", which is only assumed" if found.is_direction_assumed else ""
    print_note("\n".join(["", *found.sentences, f"Of {found.metric}, {way} is better{assumed}."]).lstrip())


def _show_param(name: str) -> Column[Suggestion]:
    return Column(clean(name), lambda one: format_value(one.params[name]))


def _name(item: Any) -> str:
    return clean(item.name or "")


def _show_snippets(hit: SearchHit) -> Text:
    """The texts that match, the matches marked."""
    shown = Text()
    for snippet in hit.snippets:
        text = Text(clean(snippet.text))
        for start, end in snippet.ranges:
            text.stylize("bold yellow", start, end)
        shown = shown + Text("; " if shown.plain else "") + Text(f"{snippet.field} ", "dim") + text
    return shown
