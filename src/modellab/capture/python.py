"""What Python runs: the command that was typed, the interpreter's version and the installed packages."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from modellab.capture.redaction import redact_arguments
from modellab.capture.text import make_storable

MAX_COMMAND_LENGTH = 10_000
"""Characters of a command; a longer one is cut, and its end says so."""

_HEAD_BYTES = 2_048  # the name and the version stand at the top of a METADATA file
_METADATA_FILES = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}
_FIELD = re.compile(rb"^(name|version)[ \t]*:[ \t]*([^\r\n]+?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_LOGIN = re.compile(r"(?<=://)[^\s/@]*@")
_HEADER_END = re.compile(rb"\r?\n\r?\n")


def capture_command() -> str:
    """The command that started this process, ready for a shell, as in `python train.py --n_epochs 30`.

    Values of arguments whose names speak of secrets are `***`. In a notebook it is `jupyter notebook`
    with the notebook's path where known.
    """
    text = make_storable(shlex.join(capture_arguments()))
    if len(text) <= MAX_COMMAND_LENGTH:
        return text
    kept = text[: MAX_COMMAND_LENGTH - 50]
    return f"{kept}… ({len(text) - len(kept)} characters left out)"


def capture_arguments() -> list[str]:
    """The arguments that started this process, the program's name first; `***` for those that are secret.

    One of more than 20 000 characters is cut.
    """
    started_as = [str(argument) for argument in sys.orig_argv] or [sys.executable or "python"]
    if _is_notebook(started_as):
        arguments = _name_notebook()
    elif "--multiprocessing-fork" in started_as:
        # a spawned worker has its parent's arguments here
        arguments = ["python", *map(str, getattr(sys, "argv", ()))]
    else:
        arguments = _shorten_program(started_as)
    return redact_arguments([argument[: 2 * MAX_COMMAND_LENGTH] for argument in arguments])


def capture_python_version() -> str:
    """The version of Python, as in `3.11.7`; with the name of the implementation if it is not CPython."""
    version = sys.version.split()[0]
    name = sys.implementation.name
    return version if name == "cpython" else f"{version} ({name})"


def capture_packages() -> str:
    """The installed packages, one `name==version` a line, sorted without regard to case.

    Of several copies on `sys.path` the first is given, which is the one that an import finds.
    """
    found: dict[str, str] = {}
    for folder in dict.fromkeys(place for place in sys.path if isinstance(place, str)):
        for name, version in _find_distributions(folder or "."):
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), f"{name}=={version}")
    return "\n".join(sorted(found.values(), key=lambda line: (line.lower(), line)))


def capture_origins() -> dict[str, dict[str, Any]]:
    """The packages that come from no index, by name: their address without a login, and what it is.

    As `direct_url.json` (PEP 610) says it: `url`, `editable`, and `commit` with `vcs` for a repository.
    """
    found: dict[str, dict[str, Any]] = {}
    for folder in dict.fromkeys(place for place in sys.path if isinstance(place, str)):
        for name in _list_folder(folder or "."):
            if name.endswith(".dist-info"):
                origin = _read_origin(os.path.join(folder or ".", name))
                if origin is not None:
                    distribution = name.removesuffix(".dist-info").rpartition("-")[0]
                    found.setdefault(re.sub(r"[-_.]+", "-", distribution).lower(), origin)
    return found


def _list_folder(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (OSError, ValueError):
        return []


def _read_origin(place: str) -> dict[str, Any] | None:
    try:
        with open(os.path.join(place, "direct_url.json"), "rb", buffering=0) as file:
            text = file.read(_HEAD_BYTES)
        import json  # late: only those who have such a package need it

        told = json.loads(text)
        vcs = told.get("vcs_info") or {}
        facts = {
            "url": _LOGIN.sub("", told["url"]),
            "editable": bool((told.get("dir_info") or {}).get("editable")),
            "vcs": vcs.get("vcs"),
            "commit": vcs.get("commit_id"),
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return {name: value for name, value in facts.items() if value is not None}


def _is_notebook(started_as: Sequence[str]) -> bool:
    if any("ipykernel" in part or "kernel_launcher" in part for part in started_as[1:4]):
        return True
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython is not None and type(get_ipython()).__name__ == "ZMQInteractiveShell"


def _name_notebook() -> list[str]:
    variables = vars(sys.modules.get("__main__", sys))
    path = variables.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return ["jupyter", "notebook", *([str(path)] if path else [])]


def _shorten_program(started_as: Sequence[str]) -> list[str]:
    interpreter, *rest = started_as
    if rest and os.path.dirname(rest[0]) and _is_beside_interpreter(rest[0]):
        return [Path(rest[0]).name, *rest[1:]]  # a console script, typed by its bare name
    return [Path(interpreter).name or "python", *rest]


def _is_beside_interpreter(path: str) -> bool:
    return bool(sys.executable) and Path(path).parent == Path(sys.executable).parent


def _find_distributions(folder: str) -> Iterator[tuple[str, str]]:
    # importlib.metadata hands each file to the email parser, some 0.3 ms a package; two lines are enough.
    try:
        names = os.listdir(folder)
    except NotADirectoryError:
        yield from _find_in_archive(folder)
        return
    except (OSError, ValueError):
        return
    is_egg = folder.lower().endswith(".egg")
    for name in sorted(names):
        ending = name[name.rfind(".") :].lower()
        if ending in _METADATA_FILES or (is_egg and name.lower() == "egg-info"):
            place = f"{folder}{os.sep}{name}"
            fields = _read_fields(
                f"{place}{os.sep}{_METADATA_FILES.get(ending, 'PKG-INFO')}"
            ) or _read_fields(place)
            if fields is not None:
                yield fields


def _find_in_archive(path: str) -> Iterator[tuple[str, str]]:
    import importlib.metadata  # late: 15 ms that only programs in a zip file need

    try:
        for distribution in importlib.metadata.distributions(path=[path]):
            fields = distribution.metadata
            if fields["Name"] and fields["Version"]:
                yield fields["Name"], fields["Version"]
    except Exception:
        return  # a file on `sys.path` that is no archive, or a broken one


def _read_fields(path: str) -> tuple[str, str] | None:
    try:
        with open(path, "rb", buffering=0) as file:
            fields = _parse_fields(file.read(_HEAD_BYTES))
            if fields is None:
                file.seek(0)
                fields = _parse_fields(file.readall())
    except (OSError, ValueError):
        return None
    return fields


def _parse_fields(text: bytes) -> tuple[str, str] | None:
    header = _HEADER_END.split(text, maxsplit=1)[0]
    fields = {name.lower(): value for name, value in reversed(_FIELD.findall(header))}  # the first one counts
    if len(fields) < 2:
        return None
    return fields[b"name"].decode("utf-8", "replace"), fields[b"version"].decode("utf-8", "replace")
