"""In what runs differ beside their results: params, config, code, environment, packages."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from modellab.comparison.families import PairOfIds
from modellab.records import Run
from modellab.records.comparisons import CodeDifference, Difference, Differences

_MAX_LINES = 400
_MAX_DIFF_LINES = 5000

_ENVIRONMENT: Mapping[str, Callable[[Run], Any]] = {
    "commit": lambda run: run.git_hash,
    "branch": lambda run: run.git_branch,
    "dataset_id": lambda run: run.dataset_id,
    "datasets": lambda run: [
        f"{use.name} v{use.version} ({use.split or 'no split'})" for use in run.datasets
    ],
    "command": lambda run: run.command,
    "function": lambda run: run.function,
    "seed": lambda run: run.seed,
    "python": lambda run: run.python_version,
    "host": lambda run: run.hostname,
    "user": lambda run: run.user,
}


def find_differences(runs: Sequence[Run], pairs: Sequence[PairOfIds]) -> Differences:
    """All that is not the same in every run; the code pair by pair."""
    by_id = {run.run_id: run for run in runs}
    return Differences(
        params=_differ({run.run_id: run.params for run in runs}),
        config=_differ({run.run_id: flatten(run.config) for run in runs}),
        code=[_compare_code(by_id[a], by_id[b]) for a, b in pairs],
        environment=_differ({run.run_id: _read_environment(run) for run in runs}),
        packages=_differ({run.run_id: _read_packages(run.pip_freeze) for run in runs}),
    )


def _differ(values: Mapping[str, Mapping[str, Any]]) -> list[Difference]:
    """The names whose value is not the same in every run, in order."""
    names = sorted({name for of_run in values.values() for name in of_run})
    found = []
    for name in names:
        here = {run_id: of_run[name] for run_id, of_run in values.items() if name in of_run}
        if len(here) < len(values) or len({_write(value) for value in here.values()}) > 1:
            found.append(Difference(name=name, values=here))
    return found


def _write(value: Any) -> bytes:
    return orjson.dumps(value, default=repr, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def flatten(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A config with the names of nested values joined by dots."""
    found: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            found |= flatten(item, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = item
    return found


def _read_environment(run: Run) -> dict[str, Any]:
    facts = {name: read(run) for name, read in _ENVIRONMENT.items()}
    facts |= {f"machine.{name}": value for name, value in _read_machine(run.device_info).items()}
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _read_machine(device_info: str | None) -> dict[str, Any]:
    try:
        found = orjson.loads(device_info or "{}")
    except orjson.JSONDecodeError:  # other hands wrote it
        return {"info": device_info}
    return found if isinstance(found, dict) else {"info": found}


def _read_packages(freeze: str | None) -> dict[str, str]:
    pairs = (line.partition("==") for line in (freeze or "").splitlines())
    return {name.strip(): version.strip() for name, _, version in pairs if name.strip()}


def _compare_code(a: Run, b: Run) -> CodeDifference:
    same_commit = None if a.git_hash is None or b.git_hash is None else a.git_hash == b.git_hash
    known = a.git_dirty is not None and b.git_dirty is not None
    same_changes = (a.git_diff or "") == (b.git_diff or "") if known or a.git_diff or b.git_diff else None
    diff, note = None, _describe(a, b, same_commit, same_changes)
    if same_changes is False:
        diff, cut = _diff(a.git_diff or "", b.git_diff or "")
        note += cut
    return CodeDifference(
        a=a.run_id, b=b.run_id, same_commit=same_commit, same_changes=same_changes, diff=diff, note=note
    )


def _describe(a: Run, b: Run, same_commit: bool | None, same_changes: bool | None) -> str:
    if same_commit is None:
        return "The commit of one run or both is not known."
    if not same_commit:
        return f"Other commits; see `git diff {_short(a)} {_short(b)}`."
    if same_changes is False:
        return "The same commit, with other uncommitted changes."
    return "The same code." if same_changes else "The same commit; uncommitted changes are not known."


def _short(run: Run) -> str:
    return (run.git_hash or "")[:12]


def _diff(a: str, b: str) -> tuple[str | None, str]:
    """What was not committed in B against A, as a diff of the two diffs, and what is said if it is cut."""
    lines_a, lines_b = a.splitlines(), b.splitlines()
    if max(len(lines_a), len(lines_b)) > _MAX_DIFF_LINES:
        return None, f" They have {len(lines_a)} and {len(lines_b)} lines, too many to set side by side here."
    lines = list(difflib.unified_diff(lines_a, lines_b, "changes of A", "changes of B", n=2, lineterm=""))
    cut = f" The first {_MAX_LINES} of {len(lines)} lines are shown." if len(lines) > _MAX_LINES else ""
    return "\n".join(lines[:_MAX_LINES]), cut
