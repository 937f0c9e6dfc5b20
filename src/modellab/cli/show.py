"""`modellab show`: everything that is known of one run."""

from __future__ import annotations

import sys

import click

from modellab.cli.access import current_settings, db_option, find_run, open_collected
from modellab.cli.artifacts import list_all

_TEXTS = {"console": "console output", "diff": "uncommitted changes", "packages": "packages"}


@click.command("show", short_help="Show everything of a run.")
@db_option(hidden=True)
@click.argument("run")
@click.option("--console", is_flag=True, help="Print only what the run printed.")
@click.option("--diff", is_flag=True, help="Print only the changes that were not committed.")
@click.option("--packages", is_flag=True, help="Print only the packages that were installed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def show_run(run: str, console: bool, diff: bool, packages: bool, as_json: bool) -> None:
    """Show a run: params, metrics, files, code, environment, and what ended it if it failed.

    RUN is an id, a unique beginning or ending of one, latest, or latest~1 for the one before.

    \b
    Examples:
      modellab show latest
      modellab show latest --packages > requirements.txt
      modellab show 79c2a4d0 --diff | git apply
    """
    wanted = [name for name, is_on in (("console", console), ("diff", diff), ("packages", packages)) if is_on]
    with open_collected() as store:
        found = store.runs.get(find_run(store, run))
        printed = store.runs.read_console(found.run_id) if console else ""
        is_page = not (as_json or wanted)
        evaluations = store.evaluations.list(found.run_id) if is_page else ()
        latencies = store.latencies.list(found.run_id) if is_page else ()
        files = list_all(store, found.run_id) if is_page else ()
    if as_json:
        from modellab.cli.output import print_json, to_plain

        print_json(to_plain(found) | ({"console": printed} if console else {}))
        return
    texts = {"console": printed, "diff": found.git_diff or "", "packages": found.pip_freeze or ""}
    if wanted:
        for name in wanted:
            _print_text(name, texts[name], with_heading=len(wanted) > 1)
        return
    from modellab.cli.output import print_parts
    from modellab.cli.run_page import make_page

    page = make_page(
        found,
        root=current_settings().root,
        kept=[file.path for file in files if file.is_stored],
        evaluations=evaluations,
        latencies=latencies,
    )
    print_parts(*page)


def _print_text(name: str, text: str, *, with_heading: bool) -> None:
    """Print a text as it was recorded: whole and, for pipes, unchanged."""
    from modellab.cli.formats import clean_lines
    from modellab.cli.output import is_terminal, make_console, print_note

    if not text:
        print_note(f"No {_TEXTS[name]} recorded.")
        return
    if with_heading:
        print_note(f"{_TEXTS[name]}:")
    text = text if text.endswith("\n") else f"{text}\n"
    if not is_terminal():
        sys.stdout.write(text)
    elif name == "console":
        from rich.text import Text

        make_console().print(Text.from_ansi(text.removesuffix("\n")), soft_wrap=True)
    elif name == "diff":
        from rich.syntax import Syntax

        make_console().print(Syntax(clean_lines(text), "diff", theme="ansi_dark", background_color="default"))
    else:
        sys.stdout.write(f"{clean_lines(text)}\n")
