"""A verdict on a pack as people read it: the metrics, what differs, and the word."""

from __future__ import annotations

import math

import click

from modellab.cli.formats import NOTHING, clean, clean_lines, format_number
from modellab.cli.output import print_note
from modellab.cli.tables import Column, print_rows
from modellab.records.repro import MetricCheck, Verdict

_SENTENCES = {
    "reproduced": "reproduced: every metric that is compared agrees",
    "differs": "not reproduced: the results differ",
    "failed": "not reproduced: the run did not complete",
    "nothing to compare": "not reproduced: there is no metric to compare",
}
_AGREES = {True: "agrees", False: "differs", None: "not compared"}


def print_verdict(verdict: Verdict) -> None:
    """Print the metrics and the outcome to stdout; what differs goes below."""
    if verdict.metrics:
        print_rows(_COLUMNS, verdict.metrics)
    if verdict.error is not None:
        print_note(clean_lines(verdict.error))
    click.echo(_SENTENCES[verdict.outcome])
    if verdict.differences:
        click.echo("Inputs that are not the same:" if verdict.outcome != "reproduced" else "Still different:")
        for difference in verdict.differences:
            click.echo(f"  {difference.input}: {clean(difference.detail)}")
    elif verdict.outcome == "differs":
        click.echo(
            "No recorded input differs: the training itself may give other numbers each time, "
            "or depend on something that is not recorded."
        )


def _find_difference(check: MetricCheck) -> float | None:
    """The relative difference."""
    if check.found is None or not (math.isfinite(check.expected) and math.isfinite(check.found)):
        return None
    larger = max(abs(check.expected), abs(check.found))
    return abs(check.expected - check.found) / larger if larger else 0.0


def _format_difference(check: MetricCheck) -> str:
    difference = _find_difference(check)
    return NOTHING if difference is None else f"{difference:.2g}" if difference else "0"


_COLUMNS: tuple[Column[MetricCheck], ...] = (
    Column("METRIC", lambda check: clean(check.name), raw_heading="metric"),
    Column(
        "EXPECTED",
        lambda check: format_number(check.expected, exact=True),
        raw_heading="expected",
        is_number=True,
    ),
    Column(
        "FOUND", lambda check: format_number(check.found, exact=True), raw_heading="found", is_number=True
    ),
    Column("DIFFERENCE", _format_difference, raw_heading="difference", is_number=True),
    Column(
        "TOLERANCE",
        lambda check: NOTHING if check.tolerance is None else f"{check.tolerance:g}",
        raw_heading="tolerance",
        is_number=True,
    ),
    Column("", lambda check: _AGREES[check.agrees], raw_heading="verdict"),
)
