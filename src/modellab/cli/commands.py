"""The command `modellab` and its commands, in the order in which a newcomer needs them."""

from __future__ import annotations

import platform
from typing import Any

import click

from modellab import __version__
from modellab.cli.access import db_option
from modellab.cli.artifacts import download_artifacts, list_artifacts
from modellab.cli.ask import ask_question
from modellab.cli.compare import compare_runs
from modellab.cli.dashboard import write_dashboard
from modellab.cli.datasets import list_datasets, show_dataset
from modellab.cli.demo import run_demo
from modellab.cli.doctor import examine
from modellab.cli.errors import OutputClosed
from modellab.cli.evaluations import list_evaluations
from modellab.cli.leaderboard import show_leaderboard
from modellab.cli.mcp import serve_mcp
from modellab.cli.projects import list_projects
from modellab.cli.report import write_report_file
from modellab.cli.repro import repeat_runs
from modellab.cli.runs import list_runs, write_note
from modellab.cli.samples import write_example_data
from modellab.cli.search import search_words, show_similar, suggest_next
from modellab.cli.serve import serve_project
from modellab.cli.show import show_run
from modellab.cli.sync import sync_outboxes
from modellab.cli.template import train_template
from modellab.cli.trash import delete_runs, list_trash, purge_trash, restore_item
from modellab.cli.users import keys, show_audit, users


class Commands(click.Group):
    """Commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the name is click's
        """The commands' names, not sorted by letters."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of its output who has gone is not click's to handle."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise OutputClosed from None


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"modellab {__version__}, Python {platform.python_version()}")
        context.exit()


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@db_option()
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print versions.",
)
@click.pass_context
def modellab(context: click.Context) -> None:
    """ModelLab records machine-learning runs and shows them.

    \b
    modellab demo              train real models and look at their runs
    modellab runs              list your own
    modellab COMMAND --help    what a command can do, with examples
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    serve_project,
    run_demo,
    train_template,
    write_example_data,
    list_runs,
    show_run,
    compare_runs,
    show_leaderboard,
    write_report_file,
    search_words,
    show_similar,
    suggest_next,
    ask_question,
    serve_mcp,
    write_dashboard,
    list_evaluations,
    write_note,
    list_projects,
    delete_runs,
    list_trash,
    restore_item,
    purge_trash,
    list_artifacts,
    download_artifacts,
    list_datasets,
    show_dataset,
    sync_outboxes,
    repeat_runs,
    users,
    keys,
    show_audit,
    examine,
):
    modellab.add_command(_command)
