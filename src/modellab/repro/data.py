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
    new, places = plan_data(
        [data for data in manifest.datasets if data.sha256 in found], arguments, code, folder
    )
    for data, targets in places:
        for target in targets:
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found[data.sha256], target)
    return new


def plan_data(
    datasets: Sequence[PackedDataset], arguments: Sequence[str], code: Path, folder: Path
) -> tuple[list[str], list[tuple[PackedDataset, list[Path]]]]:
    """The arguments as `place_data` changes them, and where it puts each dataset; no file is touched."""
    new, places = list(arguments), []
    for data in datasets:
        name = _read_filename(data)
        if name is None:
            continue
        targets = []
        for position, argument in enumerate(new[1:], 1):
            option, path = _split_option(argument)
            if os.path.basename(path) != name:
                continue
            target = (folder / path).resolve()
            if not target.is_relative_to(code.resolve()):
                target = folder / name
                new[position] = f"{option}{target}"
            targets.append(target)
        places.append((data, targets or [folder / name]))
    return new, places


def find_missing(
    manifest: PackManifest, found: dict[str, Path], arguments: Sequence[str], code: Path, folder: Path
) -> list[InputDifference]:
    """The datasets of which neither the pack nor anybody gave the bytes, and that are not in the code either.

    The command may get them itself, from wherever it did the first time.
    """
    here = {path.name for path in code.rglob("*") if path.is_file()}
    paths = [_split_option(argument)[1] for argument in arguments[1:]]
    here |= {os.path.basename(path) for path in paths if path and (folder / path).is_file()}
    return [
        InputDifference(
            input="dataset",
            detail=f"{_name(data)} ({name}, {data.size} bytes) is neither in the pack nor here; "
            "name it with --data FILE",
        )
        for data in manifest.datasets
        if (name := _read_filename(data)) is not None and data.sha256 not in found and name not in here
    ]


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_filename(data: PackedDataset) -> str | None:
    """The name of the file that the data came from; `None` if the code made the data itself."""
    name = os.path.basename(data.filename or "")
    return None if name in ("", ".", "..") else name


def _split_option(argument: str) -> tuple[str, str]:
    """`--data=x.csv` as `--data=` and `x.csv`; any other argument as nothing and itself."""
    option, equals, value = argument.partition("=")
    return (f"{option}=", value) if equals and option.startswith("-") else ("", argument)


def _name(data: PackedDataset) -> str:
    return f"{data.name} version {data.version}"
