"""Everything about what a run ran on, in one piece."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.capture.attempt import find_or_none

if TYPE_CHECKING:
    from modellab.capture.git import GitState
    from modellab.capture.replay import Replay

GIT_FRESH_S = 10.0
"""Seconds for which the state of a repository is used again."""

_MAX_FOLDERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a run ran on; `None` stands for what could not be found out.

    `pip_freeze` has one `name==version` a line; `device_info` is JSON as `machine.describe_devices` says.
    `git_diff` is empty if nothing differs from the commit. `replay` and `code` are JSON as
    `replay.capture_replay` says.
    """

    git_hash: str | None
    git_branch: str | None
    git_dirty: bool | None
    git_diff: str | None
    command: str | None
    python_version: str | None
    pip_freeze: str | None
    device_info: str | None
    hostname: str | None
    user: str | None
    replay: str | None
    code: str | None

    def as_event(self) -> dict[str, Any]:
        """The fields that are known, by name."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in values if value is not None}


_process_facts: dict[str, str | None] | None = None
_git_states: dict[Path, tuple[float, GitState | None]] = {}


def capture_context(folder: Path) -> Context:
    """What a run started now in `folder` runs on; never raises.

    Command, packages, Python and machine are found out once per process. The state of the repository is
    used again for `GIT_FRESH_S` seconds, so that many short runs cost little: a file saved within that
    time after the run before may be missing in `git_diff`.
    """
    facts = _read_process_facts()
    git = find_or_none(lambda: _read_git(folder))
    replay = find_or_none(lambda: _read_replay(folder))
    return Context(
        git_hash=git.hash if git else None,
        git_branch=git.branch if git else None,
        git_dirty=git.dirty if git else None,
        git_diff=git.diff if git else None,
        replay=replay.facts if replay else None,
        code=replay.code if replay else None,
        **facts,
    )


def _read_process_facts() -> dict[str, str | None]:
    global _process_facts
    if _process_facts is None:
        # late, as below: 5 ms that importing this module should not take
        from modellab.capture.machine import describe_machine
        from modellab.capture.python import capture_command, capture_packages, capture_python_version

        machine = find_or_none(describe_machine)
        _process_facts = {
            "command": find_or_none(capture_command),
            "python_version": find_or_none(capture_python_version),
            "pip_freeze": find_or_none(capture_packages),
            "device_info": machine.device_info if machine else None,
            "hostname": machine.hostname if machine else None,
            "user": machine.user if machine else None,
        }
    return _process_facts


def _read_replay(folder: Path) -> Replay:
    from modellab.capture.replay import capture_replay

    return capture_replay(folder.absolute())


def _read_git(folder: Path) -> GitState | None:
    place = folder.absolute()
    known = _git_states.get(place)
    if known is not None and time.monotonic() - known[0] < GIT_FRESH_S:
        return known[1]
    from modellab.capture.git import capture_git

    state = capture_git(place)
    if len(_git_states) >= _MAX_FOLDERS:
        _git_states.clear()
    _git_states[place] = (time.monotonic(), state)
    return state
