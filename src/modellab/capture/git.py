"""The state of the git repository that a folder belongs to: commit, branch and uncommitted change.

Nothing here raises, waits for long, asks questions or writes: git may be missing, old or broken.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modellab.capture.new_files import MAX_NEW_FILES, build_new_files_patch, list_paths
from modellab.capture.program import TIMEOUT_S, Output, run_program
from modellab.capture.redaction import MASK, build_exclusions, is_secret_file, is_shareable_file, mask_tokens
from modellab.capture.text import make_storable

MAX_DIFF_LENGTH = 1_000_000
"""Characters of a diff; what exceeds them is left out, and the last line says how much."""

_MAX_STATUS_BYTES = 1_000_000
_NEXT_FILE = "\ndiff --git "
# A folder with millions of new files is listed in part or only named.
_LISTING_TIMEOUT_S = 1.0
_MAX_LISTING_BYTES = 100_000
# What Python writes beside the code is not a change of the code, ignored or not.
_BYTECODE = "__pycache__"
_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
# Users' settings must not change what a diff looks like, start programs, or write to the repository.
# Text files above the threshold are treated as binary, which keeps git fast on large data files.
_CONFIG = {
    "color.ui": "false",
    "core.bigFileThreshold": "16m",
    "core.fsmonitor": "false",
    "core.quotePath": "true",
    "diff.autoRefreshIndex": "false",
    "diff.context": "3",
    "diff.interHunkContext": "0",
    "diff.relative": "false",
    "status.renames": "false",
}
# Of git's own variables only those that say whom to trust and where to look: the others point at other
# repositories (inside a hook) or change the meaning of path patterns.
_KEPT_VARIABLES = (
    "GIT_CONFIG",
    "GIT_EXEC_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
)


@dataclass(frozen=True, slots=True)
class GitState:
    """A repository at one moment; `None` stands for what git could not tell.

    `hash` is `None` before the first commit, `branch` with a detached head. `dirty` counts new files
    that are not ignored, but for Python's bytecode. `diff` is empty if nothing differs from the commit;
    lines that start with `#` before, after or instead of its patches say what was withheld or left out.
    """

    hash: str | None
    branch: str | None
    dirty: bool | None
    diff: str | None


@dataclass(slots=True)
class _Status:
    hash: str | None = None
    branch: str | None = None
    base: str = "HEAD"
    changed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    untracked: list[str] = field(default_factory=list)
    complete: bool = True  # whether there was room for all paths


def capture_git(folder: Path) -> GitState | None:
    """The state of the repository around `folder`, or `None` if there is none or git cannot read it.

    One git call for a clean repository, two to four for others; each may take 5 s and is then given up.
    """
    try:
        top = find_top(folder)
        if top is None:
            return None
        output = _git(top, "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "-unormal")
        if output is None:
            return None
        if output.exit_code or not output.data:
            return _read_head(top)
        status = _parse_status(output.data)
        status.complete = output.complete and not output.n_left_out
        # First: listing new files may mark the status incomplete, which says nothing of files that are gone.
        moved = _may_have_moved_secret(top, status)
        new_files = _list_new_files(top, status)
        dirty = bool(status.changed or new_files)
        diff = _build_diff(top, status, new_files, moved=moved) if dirty else ""
        return GitState(status.hash, status.branch, dirty, diff)
    except Exception:
        return None  # whatever it was: a run must not fail for it


def find_top(folder: Path) -> str | None:
    """The top folder of the repository around `folder`, as far as files tell; `None` without one."""
    folder = folder.absolute()
    for place in (folder, *folder.parents):
        if os.path.lexists(place / ".git"):
            return str(place)
    return None


def _git(
    top: str, *arguments: str, limit: int = _MAX_STATUS_BYTES, timeout_s: float = TIMEOUT_S
) -> Output | None:
    options = [part for name, value in _CONFIG.items() for part in ("-c", f"{name}={value}")]
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_VARIABLES)
    }
    environ |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
    command = ["git", "--no-pager", "-C", top, *options, *arguments]
    return run_program(command, limit=limit, environ=environ, timeout_s=timeout_s)


def _read_head(top: str) -> GitState | None:
    # A repository too large for `status` in time, or a git too old for its format.
    output = _git(top, "rev-parse", "HEAD", "--abbrev-ref", "HEAD")
    if output is None or output.exit_code != 0:
        return None
    commit, branch = output.data.decode("utf-8", "replace").split()
    return GitState(commit, None if branch == "HEAD" else branch, None, None)


def _parse_status(data: bytes) -> _Status:
    status = _Status()
    for record in data.split(b"\0")[:-1]:  # a torn last record is dropped
        kind, _, rest = os.fsdecode(record).partition(" ")
        if kind == "#":
            name, _, value = rest.partition(" ")
            if name == "branch.oid" and value != "(initial)":
                status.hash = status.base = value
            elif name == "branch.head" and value != "(detached)":
                status.branch = make_storable(value)
        elif kind == "?" and _BYTECODE not in Path(rest).parts:
            status.untracked.append(rest)
        elif kind in ("1", "u"):
            _note_change(status, rest.split(" ", 7 if kind == "1" else 9))
    return status


def _note_change(status: _Status, fields: list[str]) -> None:
    letters, object_id, path = fields[0], fields[-2], fields[-1]
    status.changed.append(path)
    if "D" in letters:
        status.deleted.append(path)
    if "A" in letters:
        status.added.append(path)
    if status.hash is None:
        status.base = _EMPTY_TREES.get(len(object_id), "HEAD")


def _build_diff(top: str, status: _Status, new_files: list[str], *, moved: bool) -> str:
    withheld = [path for path in status.changed + new_files if is_secret_file(path)]
    new_files = [path for path in new_files if not is_secret_file(path)]
    if moved:
        withheld = list(dict.fromkeys(withheld + status.added + new_files))
        new_files = []
    outputs = _diff_tracked(top, status, new_too=not moved)
    patch, left_out = build_new_files_patch(top, new_files)
    notes = ""
    if withheld:
        notes += f"# {_count(withheld, status)} withheld, as they may hold secrets: {list_paths(withheld)}\n"
    if left_out:
        notes += f"# {_count(left_out, status)} new and not shown: {list_paths(left_out)}\n"
    if any(output.exit_code for output in outputs):
        notes += f"# git could not show the change of {list_paths(status.changed)}\n"
    return _join_bounded(notes, outputs, patch)


def _may_have_moved_secret(top: str, status: _Status) -> bool:
    # A secret-bearing file that is gone may be back under any other name, as one of the new files.
    if not status.complete:
        return True
    return any(is_secret_file(path) and not (Path(top) / path).exists() for path in status.deleted)


def _count(paths: Sequence[str], status: _Status) -> str:
    if not status.complete:
        return f"at least {len(paths)} files"
    return "1 file" if len(paths) == 1 else f"{len(paths)} files"


def _list_new_files(top: str, status: _Status) -> list[str]:
    """The new files, with those inside new folders as far as git lists them in time."""
    folders = [path for path in status.untracked if path.endswith("/")][:MAX_NEW_FILES]
    if not folders:
        return list(status.untracked)
    places = [f":(top,literal){folder}" for folder in folders]
    options = ("--others", "--exclude-standard", f"--exclude={_BYTECODE}/", "-z", "--")
    output = _git(top, "ls-files", *options, *places, timeout_s=_LISTING_TIMEOUT_S, limit=_MAX_LISTING_BYTES)
    if output is None or output.exit_code or not (output.data or output.complete):
        return list(status.untracked)
    status.complete = status.complete and output.complete and not output.n_left_out
    inside = [os.fsdecode(record) for record in output.data.split(b"\0")[:-1]]
    return [path for path in status.untracked if path not in folders] + inside


def _diff_tracked(top: str, status: _Status, *, new_too: bool) -> list[Output]:
    """What git says of the files that it knows: all but secret-bearing ones, then the shareable of those."""
    if not status.changed:
        return []
    options = ["--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--submodule=short"]
    options += ["--src-prefix=a/", "--dst-prefix=b/"]
    if not new_too:
        options.append("--diff-filter=a")
    shareable = [f":(top,literal){path}" for path in status.changed if is_shareable_file(path)]
    outputs = []
    for places in ([":(top)", *build_exclusions()], shareable[:MAX_NEW_FILES]):
        if places:
            outputs.append(_git(top, "diff", *options, status.base, "--", *places, limit=4 * MAX_DIFF_LENGTH))
    return [output for output in outputs if output is not None]


def _join_bounded(notes: str, outputs: Sequence[Output], patch: str) -> str:
    text = notes
    for output in outputs:
        part = output.data.decode("utf-8", "replace")
        text += part if output.complete else part[: part.rfind("\n") + 1]
    text = (text + patch).replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL has no place for it
    text = _mask_diff(text)
    stopped = not all(output.complete for output in outputs)
    n_left_out = sum(output.n_left_out for output in outputs)
    if len(text) > MAX_DIFF_LENGTH:
        kept = text[: text.rfind("\n", 0, MAX_DIFF_LENGTH - 100) + 1]
        n_left_out += len(text) - len(kept)
        text = kept
    if not n_left_out and not stopped:
        return text
    return f"{text}# {'more than ' if stopped else ''}{n_left_out} characters left out\n"


def _mask_diff(text: str) -> str:
    """The diff without the tokens in it; if there were any, its first line says in which files."""
    files = text.split(_NEXT_FILE)
    masked = [mask_tokens(file) for file in files]
    if masked == files:
        return text
    paths = [_read_path(new) for old, new in zip(files, masked, strict=True) if old != new]
    n_files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    return f"# secrets in {n_files}, masked as {MASK}: {', '.join(paths[:100])}\n{_NEXT_FILE.join(masked)}"


def _read_path(file: str) -> str:
    """The path in the head of a file's part of a diff: `a/x b/x`, the same twice."""
    head = file.partition("\n")[0].removeprefix(_NEXT_FILE.lstrip())
    return head[: len(head) // 2].replace("a/", "", 1)
