"""`modellab repro`: packs that repeat a run, made, shown and run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modellab.cli.access import db_option, find_run, open_collected
from modellab.cli.errors import FAILED
from modellab.cli.output import print_note

if TYPE_CHECKING:
    from modellab.records.repro import Verdict

_PACK = click.Path(dir_okay=False, path_type=Path)
_TOLERANCE = click.FloatRange(0, 1)


@click.group("repro", short_help="Pack a run so that it can be repeated, and repeat it.")
@db_option(hidden=True)
def repeat_runs() -> None:
    """Make reproducibility packs of runs, look into them, and run them again.

    \b
    Examples:
      modellab repro pack latest -o run.zip
      modellab repro show run.zip
      modellab repro run run.zip
    """


@repeat_runs.command("pack", short_help="Make a pack of a run.")
@db_option(hidden=True)
@click.argument("run")
@click.option("-o", "--output", type=_PACK, metavar="FILE", help="The file to write; - is stdout.")
@click.option(
    "--data",
    type=click.Choice(["small", "all", "none"]),
    default="small",
    show_default=True,
    help="Whose data to pack: datasets of up to 20 MB each, all that are kept, or none.",
)
@click.option(
    "--tolerance",
    type=_TOLERANCE,
    default=1e-9,
    show_default=True,
    help="The relative difference up to which a metric agrees.",
)
def pack_run(run: str, output: Path | None, data: str, tolerance: float) -> None:
    """Write a ZIP archive with what is needed to repeat a run: code, packages, data, command, results.

    RUN is an id, a unique beginning or ending of one, latest, or latest~1 for the one before. Its file
    reproduce.md is written for people.
    """
    from modellab.repro.pack import Data, build_pack, stream_pack

    choice: Data = "all" if data == "all" else "none" if data == "none" else "small"
    with open_collected() as store:
        pack = build_pack(store, find_run(store, run), data=choice, tolerance=tolerance)
        if output is not None and str(output) == "-":
            for chunk in stream_pack(store, pack):
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
        target = output or Path(pack.filename)
        _write(target, stream_pack(store, pack))
    print_note(f"{target}, {target.stat().st_size} bytes")
    for sentence in pack.manifest.weaknesses:
        _print_line(f"note: {sentence}")


@repeat_runs.command("show", short_help="Show what is in a pack.")
@click.argument("pack", type=_PACK)
@click.option("--json", "as_json", is_flag=True, help="Print manifest.json instead, for programs.")
def show_pack(pack: Path, as_json: bool) -> None:
    """Print what a pack is and how its run is repeated by hand. Nothing of it is run."""
    from modellab.cli.formats import clean_lines
    from modellab.cli.output import print_json
    from modellab.repro.unpack import open_pack, read_document

    manifest = open_pack(pack)
    if as_json:
        print_json(manifest)
    else:
        sys.stdout.write(f"{clean_lines(read_document(pack))}\n")


@repeat_runs.command("run", short_help="Repeat the run of a pack, and compare.")
@click.argument("pack", type=_PACK)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="An empty folder to work in. Default: a temporary one, kept if the run is not reproduced.",
)
@click.option(
    "--repository",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A clone that has the commit. Default: the current folder's, if it has it, else the pack's code.",
)
@click.option(
    "--data", type=_PACK, multiple=True, metavar="FILE", help="Data that are not in the pack; repeatable."
)
@click.option("--here", is_flag=True, help="Use this Python and its packages, not a new environment.")
@click.option("--timeout", type=click.FloatRange(1), metavar="SECONDS", help="Stop the command after that.")
@click.option("--tolerance", type=_TOLERANCE, help="Relative difference, instead of the pack's.")
@click.option("--keep", is_flag=True, help="Keep the temporary folder.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask whether to run the pack's code.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON, for programs.")
def run_pack(
    pack: Path,
    into: Path | None,
    repository: Path | None,
    data: tuple[Path, ...],
    here: bool,
    timeout: float | None,
    tolerance: float | None,
    keep: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Repeat a run in a fresh folder and virtual environment, and say whether its metrics come out again.

    Prints "reproduced" (exit code 0), or what differs and which input was not the same (exit code 1).
    A pack is a program: this runs its code with your rights, so do it only if you trust where it is from.

    \b
    Examples:
      modellab repro run run.zip
      modellab repro run run.zip --data big.parquet --into again
      modellab repro run run.zip --here --yes
    """
    from modellab.repro.replay import Options, clear, make_workplace
    from modellab.repro.replay import run_pack as repeat
    from modellab.repro.unpack import open_pack

    manifest = open_pack(pack)
    if not yes:
        _print_line(f"This runs the code of run {manifest.run_id}: {manifest.command or 'no command'}")
        if not sys.stdin.isatty():
            from modellab.errors import InvalidInput

            raise InvalidInput(
                "This would run the pack's code, which can do whatever you can do here.",
                hint="Say --yes where nobody can be asked.",
            )
        click.confirm("It can do whatever you can do here. Run it?", abort=True, err=True)
    options = Options(repository=repository, data=data, here=here, timeout_s=timeout, tolerance=tolerance)
    place = make_workplace(into)
    try:
        verdict = repeat(pack, place, options, _print_line)
    except BaseException:
        if into is None and not keep and not place.log.exists():
            clear(place)
        else:
            print_note(f"What there is so far: {place.folder}")
        raise
    _show(verdict, as_json=as_json)
    if verdict.outcome == "reproduced" and into is None and not keep:
        clear(place)
    else:
        print_note(f"Folder: {place.folder}\nLog: {place.log}")
    return 0 if verdict.outcome == "reproduced" else FAILED


def _show(verdict: Verdict, *, as_json: bool) -> None:
    if as_json:
        from modellab.cli.output import print_json

        print_json(verdict)
        return
    from modellab.cli.verdict_page import print_verdict

    print_verdict(verdict)


def _write(target: Path, chunks: object) -> None:
    from collections.abc import Iterable
    from typing import cast

    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            for chunk in cast("Iterable[bytes]", chunks):
                file.write(chunk)
        part.replace(target)
    except OSError as error:
        from modellab.errors import InvalidInput

        raise InvalidInput(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def _print_line(text: str) -> None:
    from modellab.cli.formats import clean

    print_note(clean(text))
