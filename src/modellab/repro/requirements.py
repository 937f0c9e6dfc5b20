"""Packages as pip installs them: exact pins, and comments for what cannot be had elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

_is_pin = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?==[A-Za-z0-9][A-Za-z0-9._+!-]*").fullmatch
_is_address = re.compile(r"(?:https?|ssh|git)://[^\s;#'\"]+").fullmatch
_is_commit = re.compile(r"[0-9a-fA-F]{7,64}").fullmatch
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def read_requirement(line: str, origins: Mapping[str, Mapping[str, Any]]) -> tuple[str | None, str | None]:
    """A line of `pip freeze` as a requirement, or `None` and why it cannot be installed elsewhere."""
    if not _is_pin(line):
        return None, "this is no name==version"
    name = normalize_name(line)
    if name == "modellab":
        return None, "taken from the ModelLab that runs the pack"
    if name == "pip":
        return None, "comes with the virtual environment"
    origin = origins.get(name)
    if origin is None:
        return line, None
    url, vcs = str(origin.get("url", "")), origin.get("vcs")
    if not _is_address(url):
        kind = "an editable install" if origin.get("editable") else "installed"
        return None, f"{kind} from a place on its machine, {url}"
    if vcs in ("git", "hg", "bzr", "svn") and _is_commit(str(origin.get("commit", ""))):
        return f"{line.partition('==')[0]} @ {vcs}+{url}@{origin['commit']}", None
    return f"{line.partition('==')[0]} @ {url}", None


def is_part_of_code(line: str, origins: Mapping[str, Mapping[str, Any]], root: str | None) -> bool:
    """Whether a package is the project's own code, installed in place."""
    origin = origins.get(normalize_name(line), {})
    url = unquote(str(origin.get("url", "")))
    return bool(origin.get("editable") and root and f"{url}/".startswith(f"file://{root}/"))


def normalize_name(line: str) -> str:
    """The name of a package in a pin, as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower()


def list_requirements(packages: Sequence[str], origins: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What pip can install."""
    return [found for line in packages if (found := read_requirement(line, origins)[0]) is not None]


def write_requirements(
    packages: Sequence[str], origins: Mapping[str, Mapping[str, Any]], python_version: str | None
) -> str:
    """The text of `requirements.txt`; install it with `--no-deps`, for it has every package there was."""
    lines = [
        f"# Every package of the run, on Python {_clean(python_version or 'of an unknown version')}.",
        "# pip install --no-deps -r requirements.txt",
    ]
    for line in packages:
        requirement, reason = read_requirement(line, origins)
        lines.append(requirement or f"# {_clean(line)}: {_clean(reason or '')}")
    return "\n".join(lines) + "\n"


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("?", text)[:300]
