"""`modellab ask`: questions in words about the project's runs, or about those of a server."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from modellab.cli.access import current_settings, db_option, given_db_path, given_settings
from modellab.cli.errors import print_error
from modellab.cli.output import is_terminal, print_json, print_note
from modellab.cli.serve import check_server_extra
from modellab.errors import InvalidInput

if TYPE_CHECKING:
    from modellab.agent.api import LabAPI

_MAX_TURNS = 20
_MAX_LENGTH = 10_000
"""As the server has it, which is not imported for this alone."""


@click.command("ask", short_help="Ask about runs in words.")
@db_option(hidden=True)
@click.argument("question", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON, for programs.")
def ask_question(question: tuple[str, ...], as_json: bool) -> None:
    """Ask about runs in words: lists, the best, comparisons, failures, curves, notes, flags.

    A model answers if OPENAI_API_KEY or OPENAI_BASE_URL is set, and rules otherwise; its words are checked
    against what was read. With MODELLAB_API_URL the server's own assistant is asked. Without a QUESTION,
    questions are read line by line, and may go back to the answers before.

    \b
    Examples:
      modellab ask "which run has the highest accuracy?"
      modellab ask compare the latest two runs
      modellab ask "flag the best run for publishing"
    """
    text = " ".join(question).strip()
    if question:
        _check(text)
    with _open_api() as api:
        if text:
            _show(api.ask_assistant(text), as_json=as_json)
        else:
            _converse(api, as_json=as_json)


@contextmanager
def _open_api() -> Iterator[LabAPI]:
    """The API of the server that is configured, or of the project itself, for as long as it is asked."""
    settings = given_settings()
    if settings.api_url is not None and given_db_path() is None:
        from modellab.agent.api import LabAPI

        with LabAPI.at(settings.api_url, settings.api_key, timeout_s=120) as api:
            yield api
        return
    check_server_extra()
    from modellab.agent.in_process import open_app
    from modellab.server import create_app

    with open_app(create_app(current_settings(), login=False)) as api:
        yield api


def _converse(api: LabAPI, *, as_json: bool) -> None:
    turns: list[Mapping[str, Any]] = []
    for text in _read_lines():
        try:
            _check(text)
        except InvalidInput as error:  # one line that cannot be asked ends no conversation
            print_error(error.message, error.hint)
            continue
        answer = api.ask_assistant(text, turns[-_MAX_TURNS:])
        _show(answer, as_json=as_json)
        turns.append({"question": text, **answer})


def _check(text: str) -> None:
    """Raise `InvalidInput` for what is no question."""
    if not text:
        raise InvalidInput("The question is blank.", hint='modellab ask "which runs failed?"')
    if len(text) > _MAX_LENGTH:
        raise InvalidInput(
            f"The question has {len(text)} characters; it may have {_MAX_LENGTH}.",
            hint="Long texts belong into a note or an artifact.",
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput("The question is not UTF-8 text.") from None


def _read_lines() -> Iterator[str]:
    while True:
        if sys.stdin.isatty():
            click.echo("? ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _show(answer: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    click.echo(answer["natural_language_answer"])
    for note in answer["notes"]:
        print_note(f"({note})")
    if is_terminal() and answer["query"]:
        print_note(f"The same runs: modellab runs '{answer['query']}'")
