"""The command of a pack, made ready for another place: its arguments, folder and environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from modellab.capture.environment import is_relevant
from modellab.errors import InvalidInput
from modellab.records.repro import InputDifference, PackManifest

# Of this machine, whatever was recorded on another one.
_OWN_VARIABLES = frozenset({"CUDA_VISIBLE_DEVICES"})
_FOREIGN = ("MODELLAB_", "WANDB_")
_FOREIGN_NAMES = frozenset({"DB_PATH", "PROJECT_NAME", "VIRTUAL_ENV", "PYTHONHOME", "PWD"})
_OFF = ("MODELLAB_API_URL", "MODELLAB_DATABASE_URL", "MODELLAB_HOME", "MODELLAB_ARTIFACTS", "WANDB_PROJECT")


def choose_folder(manifest: PackManifest, code: Path) -> Path:
    """The folder that the command is run in, made if it is not there."""
    folder = code / (manifest.folder or ".")
    if not folder.resolve().is_relative_to(code.resolve()):
        raise InvalidInput(f"The folder {manifest.folder} leads out of the code.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def place_arguments(manifest: PackManifest, code: Path) -> list[str]:
    """The arguments, with the script and the paths below the old root at their new places.

    Raises `InvalidInput` if the run was not started by a command.
    """
    if manifest.arguments is None or not manifest.arguments:
        raise InvalidInput(
            "The pack has no command: its run was started from a prompt or a notebook, or none is known.",
            hint="`modellab repro show` prints how to repeat it by hand.",
        )
    arguments = [move_path(argument, manifest.root, code) for argument in manifest.arguments]
    position = manifest.script_position
    if manifest.script is not None and position is not None and 0 < position < len(arguments):
        arguments[position] = str(code / manifest.script)
    return arguments


def choose_program(arguments: Sequence[str], python: Path) -> list[str]:
    """The arguments with the program that is meant: this Python, or what lies beside it."""
    name = Path(arguments[0]).name
    if name.lower().startswith(("python", "pypy")):
        return [str(python), *arguments[1:]]
    beside = python.parent / name
    return [str(beside) if beside.is_file() else name, *arguments[1:]]


def make_environ(
    manifest: PackManifest,
    *,
    code: Path,
    db_path: Path,
    python: Path,
    here: Mapping[str, str],
    is_fresh: bool,
) -> dict[str, str]:
    """The environment variables of the command: those `here`, with those that decide as in the pack.

    The run goes to the store at `db_path` and nowhere else. `is_fresh` says that `python` is that of a new
    virtual environment; else modules that are found here are found still.
    """
    environ = {
        name: value
        for name, value in here.items()
        if not name.startswith(_FOREIGN)
        and name not in _FOREIGN_NAMES
        and (name in _OWN_VARIABLES or not is_relevant(name, value))
    }
    for name, value in manifest.environment.items():
        if is_relevant(name, value) and name not in _OWN_VARIABLES:
            environ[name] = value
    given = environ.pop("PYTHONPATH", "").split(os.pathsep)
    places = [move_path(place, manifest.root, code) for place in given]
    places += [str((code / path).resolve()) for path in manifest.import_roots]
    places += [] if is_fresh else here.get("PYTHONPATH", "").split(os.pathsep)
    if any(places):
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, places))
    environ |= dict.fromkeys(_OFF, "")  # empty, so that a `.env` in the code does not set them
    environ |= {"DB_PATH": str(db_path), "PATH": f"{python.parent}{os.pathsep}{here.get('PATH', os.defpath)}"}
    environ["MODELLAB_REPLAY"] = "1"  # a script that calls `configure` does not lead elsewhere either
    if manifest.dataset_id is not None:
        environ["DATASET_ID"] = manifest.dataset_id
    return environ


def find_withheld(manifest: PackManifest) -> list[InputDifference]:
    """That arguments are not what was typed, because their values were secret."""
    if any("***" in argument for argument in manifest.arguments or ()):
        detail = "values of secret arguments were not recorded; *** stands for them"
        return [InputDifference(input="command", detail=detail)]
    return []


def list_places(arguments: Sequence[str], folder: Path) -> list[str]:
    """The arguments that name places outside `folder`: the command may read or write there."""
    values = [argument.partition("=")[2] or argument for argument in arguments[1:]]
    return [
        value for value in values if os.path.isabs(value) and not Path(value).is_relative_to(folder.resolve())
    ]


def move_path(text: str, root: str | None, code: Path) -> str:
    """A text in which paths below the old root lead below the new one."""
    if root is None or len(root) < 2 or not os.path.isabs(root):
        return text
    if text == root:
        return str(code)
    return text.replace(f"{root.rstrip('/')}/", f"{code}/")
