"""Runs a pack again: a fresh folder, its code, packages and data, then the command, then the verdict."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modellab.errors import InvalidInput
from modellab.records import Run
from modellab.records.repro import InputDifference, PackManifest, Verdict
from modellab.repro.checkout import compare_code, find_repository, get_code
from modellab.repro.command import (
    choose_folder,
    choose_program,
    find_withheld,
    list_places,
    make_environ,
    place_arguments,
)
from modellab.repro.data import find_data, find_missing, place_data
from modellab.repro.metrics import check_tolerance
from modellab.repro.programs import Done, run_program
from modellab.repro.requirements import list_requirements
from modellab.repro.unpack import unpack
from modellab.repro.verdict import judge
from modellab.repro.virtual_environment import (
    find_python,
    install_modellab,
    install_packages,
    list_own_requirements,
    make_environment,
)
from modellab.settings import load_settings
from modellab.store import Store, open_store

Tell = Callable[[str], None]
"""Is told of each stage in a sentence."""

_MAX_RUNS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a pack is run: `here` takes this Python instead of a new virtual environment.

    `tolerance` stands in the place of the pack's; `timeout_s` is for the command alone.
    """

    repository: Path | None = None
    data: Sequence[Path] = ()
    here: bool = False
    timeout_s: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """The folders of one attempt."""

    folder: Path

    @property
    def pack(self) -> Path:
        """What the archive had in it."""
        return self.folder / "pack"

    @property
    def code(self) -> Path:
        """The code that is run."""
        return self.folder / "code"

    @property
    def log(self) -> Path:
        """What all programs printed."""
        return self.folder / "log.txt"

    @property
    def db_path(self) -> Path:
        """The store of the new run."""
        return self.folder / "manifests" / "manifests.db"


def make_workplace(into: Path | None) -> Workplace:
    """A fresh folder: `into`, which must be empty or not there, or else a temporary one."""
    if into is None:
        folder = Path(tempfile.mkdtemp(prefix="modellab-repro-"))
    else:
        folder = into.absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InvalidInput(f"{folder} is not an empty folder.", hint="Name one that is not there yet.")
        folder.mkdir(parents=True, exist_ok=True)
    place = Workplace(folder=folder.resolve())
    place.db_path.parent.mkdir()
    return place


def run_pack(path: Path, place: Workplace, options: Options, tell: Tell) -> Verdict:
    """Run the pack at `path` in `place`, and judge what came out; this runs the code in the pack.

    Raises `ModelLabError` if it does not come to the point where the command can be run.
    """
    if options.tolerance is not None:
        check_tolerance(options.tolerance)
    manifest = unpack(path, place.pack)
    tell(f"Unpacked into {place.folder}")
    given = place_arguments(manifest, place.code)
    repository = find_repository(manifest, options.repository, place.log)
    tell(f"Code from {get_code(manifest, place.pack, repository, place.code, place.log)}")
    known = [*compare_code(manifest, place.pack, place.code), *find_withheld(manifest)]
    files, differences = find_data(manifest, place.pack, options.data)
    known += differences
    folder = choose_folder(manifest, place.code)
    arguments = place_data(manifest, files, given, place.code, folder)
    if manifest.datasets:
        tell(f"Data: {len(files)} of {len(manifest.datasets)} are here")
    missing = find_missing(manifest, files, arguments, place.code, folder)
    for difference in missing:
        tell(f"Note: {difference.detail}")
    for outside in list_places(arguments, place.folder):
        tell(f"Note: the command names a place outside the new folder: {outside}")
    python, not_installed = _prepare_python(manifest, place, options, tell)
    known += not_installed
    done = _run(manifest, place, choose_program(arguments, python), folder, python, options, tell)
    verdict = _judge(manifest, place, done, known, options)
    if verdict.outcome == "failed" and missing:  # else the command has got the data itself
        return replace(verdict, differences=[*missing, *verdict.differences])
    return verdict


def _prepare_python(
    manifest: PackManifest, place: Workplace, options: Options, tell: Tell
) -> tuple[Path, list[InputDifference]]:
    if options.here:
        tell(f"Python: the one that runs now, {sys.executable}")
        return Path(sys.executable), []
    version, note = find_python(manifest.python_version)
    if note is not None:
        tell(f"Note: {note}")
    tell("Making a virtual environment")
    python = make_environment(place.folder / "venv", version, place.log)
    requirements = list_requirements(manifest.packages, manifest.origins)
    tell(f"Installing {len(requirements)} packages")
    missing = install_packages(python, requirements, place.log)
    own = list_own_requirements(manifest.packages)
    missing += install_packages(python, own, place.log, needed_too=True)
    install_modellab(python, place.log)
    tell("ModelLab itself is the one that runs now, copied")
    return python, [
        InputDifference(input="packages", detail=f"{line} could not be installed") for line in missing
    ]


def _run(
    manifest: PackManifest,
    place: Workplace,
    command: Sequence[str],
    folder: Path,
    python: Path,
    options: Options,
    tell: Tell,
) -> Done:
    tell(f"Running {' '.join(command)}")
    environ = make_environ(
        manifest,
        code=place.code,
        db_path=place.db_path,
        python=python,
        here=os.environ,
        is_fresh=not options.here,
    )
    return run_program(command, folder=folder, log=place.log, environ=environ, timeout_s=options.timeout_s)


def _judge(
    manifest: PackManifest,
    place: Workplace,
    done: Done,
    known: Sequence[InputDifference],
    options: Options,
) -> Verdict:
    error = None
    if done.exit_code is None:
        error = f"The command was stopped after {options.timeout_s:g} s."
    elif done.exit_code != 0:
        error = f"The command ended with exit code {done.exit_code}:\n{done.tail}"
    run, replay = None, None
    settings = load_settings(start=place.folder, environ={})
    if place.db_path.exists() or settings.journals.is_dir():
        with open_store(settings) as store:
            store.collector.collect_open()
            run = _find_run(store, manifest)
            replay = store.runs.read_replay(run.run_id) if run else None
    if run is None and error is None:
        error = "The command ended well, but recorded no run."
    return judge(manifest, run, replay, known=known, tolerance=options.tolerance, error=error)


def _find_run(store: Store, manifest: PackManifest) -> Run | None:
    """Of the runs that the command recorded, the one most like that of the pack."""
    runs = store.runs.get_many([run.run_id for run in store.runs.list(limit=_MAX_RUNS).items])

    def measure(run: Run) -> tuple[bool, bool, int]:
        same = sum(run.params.get(name) == value for name, value in manifest.params.items())
        return (run.function == manifest.function, run.name == manifest.name, same)

    return max(runs, key=measure, default=None)


def clear(place: Workplace) -> None:
    """Remove a workplace that nobody needs any more."""
    shutil.rmtree(place.folder, ignore_errors=True)
