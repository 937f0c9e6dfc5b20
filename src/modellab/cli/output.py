"""Where output goes: data to stdout, all else to stderr; for people in a terminal, whole in a pipe."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

import click
import orjson

from modellab.journal.line import encode_value

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_UNLIMITED = 100_000
"""Columns of a pipe: nothing is wrapped or shortened there."""


def is_terminal() -> bool:
    """Whether a person is likely to read stdout."""
    return sys.stdout.isatty()


def make_console() -> Console:
    """A console for stdout that shows text as it is: no markup, no emoji names, no highlighting."""
    from rich.console import Console  # late: takes longer than the rest of `modellab --help`

    class PlainConsole(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return PlainConsole(markup=False, emoji=False, highlight=False)


def print_parts(*parts: RenderableType) -> None:
    """Print texts and tables: fitted to a terminal, or with lines of any length elsewhere.

    There a plain `str` is written as it is, with its tabs.
    """
    if is_terminal():
        console = make_console()
        for part in parts:
            console.print(part)
        return
    from rich.console import Console

    buffer = StringIO()
    console = Console(
        file=buffer, width=_UNLIMITED, markup=False, emoji=False, highlight=False, color_system=None
    )
    for part in parts:
        if isinstance(part, str):
            buffer.write(f"{part}\n")
        else:
            console.print(part)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def print_json(value: Any) -> None:
    """Print records, or what is made of them, as JSON in UTF-8; NaN is `"nan"`, ±inf `"inf"` and `"-inf"`."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(to_plain(value), option=options))
    sys.stdout.buffer.flush()


def print_note(text: str) -> None:
    """Print something that is no data, such as how to see more, to stderr."""
    click.echo(text, err=True)


def to_plain(value: Any) -> Any:
    """Records as dicts with their fields' names, and numbers as JSON can say them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return encode_value(value) if isinstance(value, float) else value
