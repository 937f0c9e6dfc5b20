"""The code that runs: the text of the script and of the project's modules that it has imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from modellab.capture.redaction import holds_secret, is_secret_file, mask_tokens

MAX_FILES = 200
"""Files of code that are recorded with a run."""
MAX_FILE_BYTES = 256 * 1024
"""Bytes of one of them."""
MAX_BYTES = 1024 * 1024
"""Bytes of all of them together."""

_PACKAGE_FOLDERS = frozenset({"site-packages", "dist-packages"})
_OWN = ("modellab", "lab_logger")

_LIBRARY = f"{os.path.dirname(os.__file__)}{os.sep}"

_texts: dict[str, str | None] = {}  # as first read: a file that is edited later is not what runs
_modules: tuple[str, int, dict[str, str]] = ("", 0, {})


class Sources(NamedTuple):
    """Code by path, the paths of what was left out, and the folders that modules were imported from."""

    texts: dict[str, str]
    left_out: list[str]
    import_roots: list[str]


def find_main_file() -> str | None:
    """The absolute path of the program's script, or of its module's file; `None` at a prompt or with `-c`."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if not isinstance(file, str) or not os.path.isfile(file):
        return None
    return os.path.abspath(file)


def is_installed(file: str) -> bool:
    """Whether a file belongs to an installed package, or is a program beside the interpreter."""
    folders = file.split(os.sep)
    if file.startswith(_LIBRARY):
        return True
    return not _PACKAGE_FOLDERS.isdisjoint(folders) or os.path.dirname(file) == os.path.dirname(
        sys.executable
    )


def capture_sources(root: Path, script: str | None) -> Sources:
    """The code below `root`; all paths are seen from there.

    That is the script and the modules imported so far, without installed packages and ModelLab. A file
    that is not UTF-8, that may hold secrets (by its name, or written into it), or that exceeds the bounds
    is left out. Keys and tokens that are known by their shape are masked.
    """
    found: dict[str, str] = {}
    left_out: list[str] = []
    room = MAX_BYTES
    modules = _list_modules(f"{root}{os.sep}")
    files = [script] if script and script.startswith(f"{root}{os.sep}") else []
    for file in dict.fromkeys([*files, *sorted(modules)]):
        path = _see(file, root)
        text = None if len(found) >= MAX_FILES or is_secret_file(path) else _read(file)
        size = len(text.encode()) if text is not None else 0
        if text is None or size > room:
            left_out.append(path)
            continue
        room -= size
        found[path] = text
    import_roots = sorted({_see(folder, root) for folder in modules.values()})
    return Sources(found, left_out[:MAX_FILES], import_roots[:MAX_FILES])


def _see(path: str, root: Path) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


def _list_modules(prefix: str) -> dict[str, str]:
    """The files of the modules below `prefix`, and for each the folder that it was imported from."""
    global _modules
    key = (prefix, len(sys.modules))
    if _modules[:2] != key:
        _modules = (*key, dict(_find_modules(prefix)))
    return _modules[2]


def _find_modules(prefix: str) -> Iterator[tuple[str, str]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _OWN or name == "__main__":
            continue
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        file = os.path.abspath(file)
        if file.startswith(prefix) and not is_installed(file):
            n_up = name.count(".") + os.path.basename(file).startswith("__init__.")
            folder = os.path.dirname(file)
            for _ in range(n_up):
                folder = os.path.dirname(folder)
            yield file, folder if f"{folder}{os.sep}".startswith(prefix) else prefix


def _read(file: str) -> str | None:
    if file not in _texts:
        try:
            with open(file, "rb", buffering=0) as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
            text = mask_tokens(data.decode())
            is_fit = len(data) <= MAX_FILE_BYTES and b"\0" not in data and not holds_secret(text)
            _texts[file] = text if is_fit else None
        except (OSError, ValueError):
            _texts[file] = None
    return _texts[file]
