"""From exceptions to exit codes and messages: one place, so that no command prints a traceback.

0 fine, 1 what was asked for is not there or the store cannot be used, 2 wrong usage or invalid input,
130 interrupted from the keyboard.
"""

from __future__ import annotations

import os
import sys

import click

from modellab.errors import InvalidInput, ModelLabError

FAILED = 1
INVALID = 2
INTERRUPTED = 130


class OutputClosed(Exception):
    """Whoever read the output has gone, as `head` does after its lines."""


def run_command(command: click.Command) -> int:
    """Run a command line with the process's arguments; its exit code, after a message on stderr if not 0."""
    _allow_any_text()
    try:
        code = command.main(prog_name="modellab", standalone_mode=False)
        sys.stdout.flush()
    except (OutputClosed, BrokenPipeError):
        _discard_output()
        return 0
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        print_error(error.format_message(), _hint_at_help(error))
        return error.exit_code
    except ModelLabError as error:
        print_error(error.message, error.hint)
        return INVALID if isinstance(error, InvalidInput) else FAILED
    return code if isinstance(code, int) else 0


def print_error(message: str, hint: str | None = None) -> None:
    """Print a message and its hint to stderr, each on a line of its own."""
    _print_styled("error:", "red", message)
    if hint:
        _print_styled("hint:", "cyan", hint)


def print_warning(message: str) -> None:
    """Print one line to stderr that does not change the exit code."""
    _print_styled("warning:", "yellow", message)


def _print_styled(word: str, color: str, text: str) -> None:
    # click takes the colours away where stderr is no terminal, but does not know NO_COLOR.
    plain = bool(os.environ.get("NO_COLOR"))
    click.echo(f"{word if plain else click.style(word, fg=color, bold=True)} {text}", err=True)


def _hint_at_help(error: click.ClickException) -> str | None:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` shows what is possible." if context else None


def _allow_any_text() -> None:
    """Show characters that the terminal's encoding lacks as `?` instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _discard_output() -> None:
    """Point stdout to nowhere: Python flushes it once more at its end, and would complain."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
