"""`modellab sync`: what runs recorded for a server that was away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from modellab.cli.errors import FAILED, print_warning
from modellab.errors import ModelLabError, NotFound
from modellab.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modellab.client.sync import Sync, Synced


@click.command("sync", short_help="Send what waits for a server.")
@click.option("--url", metavar="URL", help="Only what waits for this server, instead of for any.")
@click.option("--all", "everything", is_flag=True, help="Also what was sent before: a server lost its data.")
def sync_outboxes(url: str | None, everything: bool) -> int:
    """Send the runs and files that wait on this machine because their server could not be reached.

    Nothing is sent twice: the server says how much it has. The run of a process that died is told to the
    server as failed. MODELLAB_API_KEY is only sent to the server that MODELLAB_API_URL or --url names.
    The exit code is 1 if something could not be sent, also files that are not here any more.

    \b
    Examples:
      modellab sync
      modellab sync --url https://lab.example.org
    """
    from modellab.client.outbox import list_outboxes

    settings = load_settings(api_url=url)
    found = list_outboxes(settings)
    if url is not None:
        assert settings.api_url is not None
        if settings.api_url not in found:
            raise NotFound(
                f"Nothing was recorded for {settings.api_url} here.",
                hint=f"There is an outbox for: {', '.join(found)}." if found else None,
            )
        found = {settings.api_url: found[settings.api_url]}
    if not found:
        click.echo("Nothing waits: no run was recorded for a server here.", err=True)
    troubles: list[str] = []
    n_lost = 0
    for address, folder in found.items():
        key = settings.api_key if address == settings.api_url else None
        done = _sync_one(address, folder, key, troubles, everything=everything)
        n_lost += len(done.lost) if done is not None else 0
    if troubles:
        raise ModelLabError("\n".join(troubles), hint="What is left waits for the next `modellab sync`.")
    return FAILED if n_lost else 0


def _sync_one(
    address: str, folder: Path, key: str | None, troubles: list[str], *, everything: bool
) -> Synced | None:
    """Send what one outbox holds and say so; what could not be sent is added to `troubles`."""
    from modellab.client.outbox import Outbox
    from modellab.client.sync import Sync

    outbox = Outbox(folder, address, key)
    sync = Sync(outbox, everything=everything)
    try:
        with _show_progress(address, sync) as on_bytes:
            done = sync.run(on_bytes)
    except ModelLabError as problem:
        troubles.append(problem.message)
        return None
    finally:
        outbox.close()
    click.echo(f"{address}: {_describe(done)}")
    if done.lost:
        n = len(done.lost)
        what = "1 file that the journals name is" if n == 1 else f"{n} files that the journals name are"
        print_warning(f"{what} not on this machine (any more), and not on {address}.")
    troubles += [f"{what}: {problem.message}" for what, problem in done.problems.items()]
    return done


def _describe(done: Synced) -> str:
    from modellab.cli.formats import plural

    parts = [
        f"{plural(len(done.run_ids), 'run')} with {plural(done.n_points, 'point')}",
        plural(done.n_files, "file"),
        f"{done.n_bytes:,} bytes sent",
    ]
    text = "nothing waits" if not (done.run_ids or done.n_files or done.problems) else ", ".join(parts)
    if done.n_live:
        verb = "is" if done.n_live == 1 else "are"
        text += f"; {plural(done.n_live, 'journal')} {verb} still written"
    return f"{text}."


@contextmanager
def _show_progress(address: str, sync: Sync) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, where a person reads it."""
    import sys

    if not sys.stderr.isatty():
        yield lambda _n: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(address, total=sync.n_bytes)
        yield lambda n: progress.update(task, advance=n)
