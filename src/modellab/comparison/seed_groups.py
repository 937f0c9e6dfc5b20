"""Groups of runs that differ by their seed alone, or by their fold of a cross-validation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from modellab.ids import digest_text
from modellab.records import Run
from modellab.records.run_groups import RunConfiguration

FEWEST = 3
"""Runs of a group; of fewer, nothing is said about how much seeds matter."""

_SEEDS = frozenset(("seed", "random_state", "random_seed", "rng_seed", "manual_seed", "seed_value"))
_FOLDS = frozenset(("fold", "cv_fold", "fold_index", "fold_id", "fold_number"))
_DIGITS = 8

Configured = Run | RunConfiguration
"""What a configuration can be read from."""

Draw = tuple[Any, Any]
"""What a run of a group has of its own: its seed and its fold, `None` where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Runs of one configuration, in the order they were given, and the draw of each."""

    group_id: str
    runs: Sequence[Run]
    draws: Sequence[Draw]

    @property
    def run_ids(self) -> list[str]:
        """The ids of its runs."""
        return [run.run_id for run in self.runs]

    @property
    def has_folds(self) -> bool:
        """Whether its runs are folds of a cross-validation, so that their training data overlap."""
        return len({fold for _, fold in self.draws if fold is not None}) > 1

    @property
    def is_distinct(self) -> bool:
        """Whether every draw is known and no two are the same, so that they can be paired."""
        known = [draw for draw in self.draws if draw != (None, None)]
        return len(set(known)) == len(self.runs)


def find_groups(runs: Sequence[Run]) -> list[Group]:
    """The groups of at least three runs with the same params, config, code, data and function, but for the
    seed; in the order of their first runs. A run whose seed is not known is in none.
    """
    found: dict[str, list[Run]] = {}
    for run in runs:
        key = identify(run, digest_text(run.git_diff) if run.git_diff else None)
        if key is not None:
            found.setdefault(key, []).append(run)
    groups = [
        Group(group_id=name_group(key), runs=members, draws=[read_draw(run) for run in members])
        for key, members in found.items()
    ]
    return [group for group in groups if len(set(group.draws)) >= FEWEST]


def identify(run: Configured, git_diff_digest: str | None) -> str | None:
    """A checksum that names the group of a run, the same for all that differ by their seed or fold alone.

    `None` for a run whose seed is not known, or of which nothing else is.
    """
    if read_draw(run) == (None, None) or not _is_described(run):
        return None
    text = orjson.dumps(
        _list_facts(run, git_diff_digest), default=repr, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    )
    return hashlib.sha256(text).hexdigest()


def name_group(key: str) -> str:
    """What verdicts call a group, from the checksum that names it."""
    return f"group-{key[:_DIGITS]}"


def _is_described(run: Configured) -> bool:
    """Whether anything is known of what a run did, besides its seed."""
    facts = (strip_draws(run.params), strip_draws(run.config), run.git_hash, run.function, run.command)
    return any(facts)


def _list_facts(run: Configured, git_diff_digest: str | None) -> dict[str, Any]:
    """All that makes a configuration."""
    folds = any(_is_fold(name) for name in run.params)
    # The rows of a fold are its own, so data tells folds apart that belong together.
    data = [] if folds else sorted((use.split or "", use.sha256) for use in run.datasets)
    return {
        "params": strip_draws(run.params),
        "config": strip_draws(run.config),
        "code": [run.git_hash, git_diff_digest, run.function],
        "data": data or (None if folds else run.dataset_id),
        "project": run.project_id,
    }


def strip_draws(values: Any) -> Any:
    """Params or a config without seeds and folds, however deep they lie."""
    if isinstance(values, Mapping):
        return {
            str(name): strip_draws(value)
            for name, value in values.items()
            if not (_is_seed(str(name)) or _is_fold(str(name)))
        }
    return [strip_draws(value) for value in values] if isinstance(values, (list, tuple)) else values


def read_draw(run: Configured) -> Draw:
    """The seed, as the run recorded it or a param names it, and the fold."""
    seed: Any = run.seed
    if seed is None:
        seed = next((value for name, value in sorted(run.params.items()) if _is_seed(name)), None)
    fold = next((value for name, value in sorted(run.params.items()) if _is_fold(name)), None)
    return _plain(seed), _plain(fold)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _is_seed(name: str) -> bool:
    return _last_word(name) in _SEEDS


def _is_fold(name: str) -> bool:
    return _last_word(name) in _FOLDS


@lru_cache(maxsize=4096)  # runs share their names, and many are looked at
def _last_word(name: str) -> str:
    """The last part of a name such as `train.random_state` or `model/seed`."""
    return name.lower().replace("/", ".").replace("-", "_").rpartition(".")[2]
