"""The data of a pack, checked by their checksums and put where the command looks for them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from modellab.errors import InvalidInput, NotFound
from modellab.records.repro import InputDifference, PackedDataset, PackManifest

_CHUNK = 1 << 20


def find_data(
    manifest: PackManifest, pack: Path, given: Sequence[Path]
) -> tuple[dict[str, Path], list[InputDifference]]:
    """The files of the datasets by SHA-256, from the pack or `given`, and those that are not as recorded.

    Raises `NotFound` for a given file that is not there, `InvalidInput` for one that is no data of the run.
    """
    sums = {data.sha256 for data in manifest.datasets}
    found: dict[str, Path] = {}
    for path in given:
        if not path.is_file():
            raise NotFound(f"There is no file {path}.")
        sha256 = hash_file(path)
        if sha256 not in sums:
            raise InvalidInput(
                f"{path} is no data of this run: its SHA-256 is {sha256}.",
                hint="`modellab repro show` lists the data that the run used.",
            )
        found[sha256] = path
    differences = []
    for data in manifest.datasets:
        packed = pack / data.path if data.path is not None else None
        if data.sha256 in found or packed is None or not packed.is_file():
            continue
        sha256 = hash_file(packed)
        if sha256 != data.sha256:
            detail = f"{_name(data)} in the pack has the SHA-256 {sha256[:12]}…, not {data.sha256[:12]}…"
            differences.append(InputDifference(input="dataset", detail=detail))
        found[data.sha256] = packed
    return found, differences


def place_data(
    manifest: PackManifest, found: dict[str, Path], arguments: Sequence[str], code: Path, folder: Path
) -> list[str]:
    """Put data where the command looks for them; the arguments, those that name data changed if need be.

    A file goes where an argument of its name points, if that is within `code`; such an argument that
    points elsewhere gets the new place. Without one, the file goes into `folder`, the working folder.
    """
    new = list(arguments)
    for data in manifest.datasets:
        source = found.get(data.sha256)
        name = os.path.basename(data.filename or "")  # without one the code made the data itself
        if source is None or name in ("", ".", ".."):
            continue
        placed = False
        for position, argument in enumerate(new[1:], 1):
            option, equals, value = argument.partition("=")
            path = value if equals and option.startswith("-") else argument
            if os.path.basename(path) != name:
                continue
            target = (folder / path).resolve()
            if not target.is_relative_to(code.resolve()):
                target = folder / name
                new[position] = f"{option}={target}" if path is value and equals else str(target)
            placed = _copy(source, target) or placed
        if not placed:
            _copy(source, folder / name)
    return new


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, target: Path) -> bool:
    """Copy a file where none is; whether one is there now."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return True


def _name(data: PackedDataset) -> str:
    return f"{data.name} version {data.version}"
