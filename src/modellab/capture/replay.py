"""How a run can be started again: its arguments, the folder they were typed in, its code and environment."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from modellab.capture.attempt import find_or_none
from modellab.capture.environment import capture_environment
from modellab.capture.git import find_top
from modellab.capture.python import capture_arguments, capture_origins
from modellab.capture.sources import capture_sources, find_main_file, is_installed
from modellab.capture.text import make_storable

_ORIGIN = re.compile(r'^\[remote "origin"\]\n(?:[ \t]+.*\n)*?[ \t]+url[ \t]*=[ \t]*(.+)$', re.MULTILINE)
_LOGIN = re.compile(r"(?<=://)[^\s/@]*@")


class Replay(NamedTuple):
    """`facts` is JSON, and so is `code`, which has texts by their paths."""

    facts: str
    code: str | None


_origins: dict[str, dict[str, Any]] | None = None


def capture_replay(folder: Path) -> Replay:
    """What is needed to start this process's run again, for a project in `folder`.

    `facts` has `arguments` (secrets are `***`), `script` and `folder` (seen from `root`, the top of the
    repository, or else the script's folder), `script_position` among the arguments, `in_repository`,
    `remote`, `environment`, `origins` of packages that come from no index, `code_left_out`, and
    `import_roots`, the folders below `root` that modules were imported from.
    """
    import json  # late: 2 ms that a program without a run should not pay

    arguments = [make_storable(argument) for argument in capture_arguments()]
    script = find_main_file()
    started_in = _find_start(script, arguments)
    position = _find_position(script, arguments, started_in)
    if script is not None and position is None and is_installed(script):
        script = None  # of a program such as torchrun or pytest, which runs the project's code
    root, in_repository = _find_root(folder, script)
    code = capture_sources(root, script)
    text = json.dumps(code.texts, ensure_ascii=False, sort_keys=True) if code.texts else None
    facts = {
        "arguments": arguments,
        "script": _seen_from(root, script),
        "script_position": position,
        "folder": _seen_from(root, started_in),
        "root": make_storable(str(root)),
        "in_repository": in_repository,
        "remote": find_or_none(lambda: _read_remote(root)) if in_repository else None,
        "environment": capture_environment(os.environ),
        "origins": _read_origins(),
        "code_left_out": [make_storable(path) for path in code.left_out],
        "import_roots": [make_storable(path) for path in code.import_roots],
    }
    known = {name: value for name, value in facts.items() if value is not None}
    return Replay(json.dumps(known, ensure_ascii=False), text)


def _find_root(folder: Path, script: str | None) -> tuple[Path, bool]:
    top = find_top(folder)
    if top is not None and (script is None or script.startswith(f"{top}{os.sep}")):
        return Path(top), True
    return (folder if script is None else Path(script).parent), False


def _find_start(script: str | None, arguments: list[str]) -> str:
    """The folder that the command was typed in: the current one, unless the program has left it."""
    here = os.getcwd()
    places = [here, os.environ.get("PWD") or here]
    if script is not None:
        for place in places:
            if any(os.path.join(place, argument) == script for argument in arguments[1:]):
                return place
    return here


def _find_position(script: str | None, arguments: list[str], started_in: str) -> int | None:
    if script is None:
        return None
    for position, argument in enumerate(arguments[1:], 1):
        if os.path.abspath(os.path.join(started_in, argument)) == script:
            return position
    return None


def _seen_from(root: Path, path: str | None) -> str | None:
    if path is None or not f"{path}{os.sep}".startswith(f"{root}{os.sep}"):
        return None
    return make_storable(os.path.relpath(path, root).replace(os.sep, "/"))


def _read_remote(root: Path) -> str | None:
    """Where the repository came from, without a login; one that is a linked work tree does not say."""
    found = _ORIGIN.search((root / ".git" / "config").read_text(encoding="utf-8"))
    return make_storable(_LOGIN.sub("", found[1].strip())) if found else None


def _read_origins() -> dict[str, dict[str, Any]]:
    global _origins
    if _origins is None:
        _origins = find_or_none(capture_origins) or {}
    return _origins
