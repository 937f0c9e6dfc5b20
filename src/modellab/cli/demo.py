"""`modellab demo`: the example sweep on real data, then the server with its runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from modellab.cli.access import current_settings, db_option, open_collected
from modellab.cli.errors import FAILED, INVALID, print_warning
from modellab.cli.serve import check_port, check_server_extra, port_option, start_server
from modellab.errors import NotFound
from modellab.settings import Settings
from modellab.tracking.evaluations import list_missing_packages

_SWEEP = Path("examples/train_model/sweep.py")
_PACKAGE = Path(__file__).resolve().parents[1]


@click.command("demo", short_help="Train real models in a minute, then serve their runs.")
@db_option(hidden=True)
@port_option
@click.option("--no-serve", is_flag=True, help="Only train; do not start the server.")
@click.argument("sweep_options", nargs=-1, type=click.UNPROCESSED, metavar="[-- SWEEP_OPTIONS...]")
def run_demo(port: int, no_serve: bool, sweep_options: tuple[str, ...]) -> int:
    """Run the example sweep on data that comes with scikit-learn, then serve the project's runs.

    What stands after -- goes to the sweep.

    \b
    Examples:
      modellab demo
      modellab demo --no-serve -- --models linear_svm --seeds 0 --n_epochs 2
    """
    settings = current_settings()
    if not no_serve:
        check_server_extra()
        check_port(port)  # rather than after a minute of training
    code = _run_sweep(settings, sweep_options)
    if code == INVALID:
        return INVALID
    if code:
        print_warning(f"The sweep ended with exit code {code}.")
    with open_collected() as store:
        newest = store.runs.list(limit=1).items
    if not newest:
        raise NotFound("The sweep recorded no runs.")
    run_id = newest[0].run_id
    if no_serve:
        click.echo(
            "\n".join(
                ["", "Try:", *(f"  {line}" for line in (*_commands(run_id), f"{_name_program()} serve"))]
            )
        )
        return FAILED if code else 0
    click.echo()
    start_server(settings, port=port, tries=_paths(run_id), more=_commands(run_id))
    return 0


def find_sweep() -> tuple[Path, bool]:
    """The sweep's script, and whether it is the installed package's; raises `NotFound`."""
    for folder, is_installed in ((_PACKAGE, True), (_PACKAGE.parents[1], False)):
        if (folder / _SWEEP).is_file():
            return folder / _SWEEP, is_installed
    raise NotFound(
        f"The example is not there: {_PACKAGE / _SWEEP}.", hint="pip install --force-reinstall modellab"
    )


def _run_sweep(settings: Settings, options: Sequence[str]) -> int:
    """Run the sweep in a process of its own, its output going where this one's goes; its exit code."""
    missing = list_missing_packages()
    if missing:
        raise NotFound(
            f"The demo needs packages that are not installed: {', '.join(missing)}.",
            hint="pip install 'modellab[examples]'",
        )
    script, is_installed = find_sweep()
    # Beside an installed script is no place for a user's files.
    folder = ["--output_dir", str(settings.root / "checkpoints")] if is_installed else []
    places = {"DB_PATH": str(settings.db_path), "MODELLAB_DATABASE_URL": settings.database_url or ""}
    return subprocess.run(
        [sys.executable, str(script), *folder, *options], env={**os.environ, **places}, check=False
    ).returncode


def _paths(run_id: str) -> list[str]:
    return [
        "/runs?limit=5",
        "/runs?metric_name=accuracy&metric_min=0.9",
        "/runs/leaderboard?metric_name=accuracy&top_k=3",
        f"/runs/{run_id}",
        f"/runs/{run_id}/series?metric=val_loss",
    ]


def _commands(run_id: str) -> list[str]:
    program = _name_program()
    return [
        f"{program} runs",
        f"{program} show {run_id[-8:]}",
        f"{program} evaluations {run_id[-8:]} test",
        f"{program} leaderboard test/accuracy",
        f"{program} compare latest latest~4",
    ]


def _name_program() -> str:
    """What to type for `modellab`: its path where the shell does not know the name, as with `make demo`."""
    if shutil.which("modellab") or Path(sys.argv[0]).name != "modellab":
        return "modellab"
    return os.path.relpath(sys.argv[0])
