"""Evaluations and latency reports as pages and parts of pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from modellab.cli.formats import NOTHING, clean, clean_lines, format_number
from modellab.cli.output import is_terminal, make_console
from modellab.cli.sheets import INDENT, make_fields, make_grid, make_section
from modellab.cli.tables import Column, fit_columns, make_table
from modellab.records.evaluations import HEADLINE_LATENCIES, Evaluation, Latency

BY_WORTH = ("name", "metric", "value", "95 % interval", "rows", "task")
"""Columns of a list of evaluations, the dearest first."""

_MOST_CLASSES = 10
_LATENCIES = {"p50_ms": "p50 ms", "p95_ms": "p95 ms", "p99_ms": "p99 ms", "throughput_per_s": "calls/s"}


def list_columns() -> Sequence[Column[Evaluation]]:
    """The columns of a list of evaluations."""
    return (
        Column("name", lambda one: clean(one.name)),
        Column("task", lambda one: clean(one.task_type)),
        Column("rows", lambda one: str(one.n), is_number=True),
        Column("metric", lambda one: clean(one.primary_metric)),
        Column("value", lambda one: _number(one.metrics.get(one.primary_metric)), is_number=True),
        Column("95 % interval", lambda one: _interval(one, one.primary_metric)),
    )


def make_page(found: Evaluation) -> Iterator[RenderableType]:
    """One evaluation: what it is, its metrics with intervals, and what to make of them."""
    head: list[tuple[str, str | Text]] = [
        ("run", Text(found.run_id, "bold")),
        ("evaluation", clean(found.name)),
        ("task", clean(found.task_type)),
        ("rows", str(found.n)),
        ("classes", _classes(found)),
        ("files", clean(found.folder) if found.examples_path else "not kept"),
    ]
    yield make_fields((name, value) for name, value in head if value)
    yield make_section("Takeaway", Text(clean_lines(found.takeaway)))
    names = sorted(found.metrics, key=lambda name: (name != found.primary_metric, name))
    rows = [[clean(name), _number(found.metrics[name]), _interval(found, name)] for name in names]
    yield make_section("Metrics", make_grid(["", "value", "95 % interval"], rows))
    notes = [(clean(name), clean(text)) for name, text in sorted(found.notes.items())]
    if notes:
        yield make_section("Notes", make_fields(notes))


def make_sections(
    evaluations: Sequence[Evaluation], latencies: Sequence[Latency]
) -> Iterator[RenderableType]:
    """The parts of a run's page about them; none where there are none."""
    if evaluations:
        columns = list_columns()
        if is_terminal():
            ordered = sorted(columns, key=lambda column: BY_WORTH.index(column.heading))
            columns = fit_columns(columns, ordered, evaluations, make_console().width - INDENT)
        table = make_table(columns, evaluations)
        takeaways = [
            Text.assemble("\n", (f"{clean(one.name)}  ", "bold"), (clean_lines(one.takeaway), "dim"))
            for one in evaluations
        ]
        after = f"`modellab evaluations {evaluations[0].run_id[-8:]} NAME` shows all metrics"
        yield make_section("Evaluations", table, *takeaways, after=after)
    if latencies:
        headings = ["", *_LATENCIES.values(), "calls"]
        yield make_section("Latency", make_grid(headings, [_latency(one) for one in latencies]))


def _latency(one: Latency) -> list[str]:
    values = [one.report.get(key) for key in (*HEADLINE_LATENCIES, "n")]
    return [clean(one.name), *(_number(value) for value in values)]


def _classes(found: Evaluation) -> str:
    names = [clean(str(name)) for name in found.classes or ()]
    if len(names) == 2:
        return f"{names[0]}, {names[1]} (positive)"
    return ", ".join(names) if len(names) <= _MOST_CLASSES else f"{len(names)}, of them {names[0]}"


def _interval(found: Evaluation, name: str) -> str:
    interval = found.intervals.get(name)
    if interval is None or interval.low is None or interval.high is None:
        return NOTHING
    return f"{_number(interval.low)} to {_number(interval.high)}"


def _number(value: Any) -> str:
    number = value if isinstance(value, (int, float)) else None
    return format_number(number, exact=not is_terminal())
