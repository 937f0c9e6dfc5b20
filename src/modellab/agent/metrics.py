"""Which metric is meant by a name that people or models give, and which way of it is better."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from modellab.agent.api import LabAPI
from modellab.errors import NotFound, list_nearest
from modellab.records import SYSTEM_PREFIX
from modellab.records.directions import STAGES, says_less_is_better

MAX_NAMES = 1000
"""Metrics that are looked through."""

_SYNONYMS = {
    "acc": "accuracy",
    "f1_score": "f1",
    "f": "f1",
    "auroc": "roc_auc",
    "auc": "roc_auc",
    "rocauc": "roc_auc",
    "r2_score": "r2",
    "ece": "expected_calibration_error",
    "validation": "val",
    "valid": "val",
    "dev": "val",
    "training": "train",
    "testing": "test",
}


def find_direction(metric: str) -> tuple[bool, bool]:
    """Whether more is better of a metric by that name, and whether that is only assumed."""
    try:
        from modellab.comparison import questions  # late: brings NumPy, where it is installed
    except ImportError:
        is_less = says_less_is_better(metric)
        return not is_less, not is_less
    return questions.find_direction(metric)


def is_higher_better(metric: str) -> bool:
    """Which way is better, by the metric's name; more is where nothing is known."""
    return find_direction(metric)[0]


def find_metric(api: LabAPI, name: str, *, among: Sequence[str] | None = None) -> str:
    """The metric that a name means; raises `NotFound` with the near ones where it means none."""
    known = list_metrics(api) if among is None else among
    found = match_metric(name, known)
    if found is None:
        own = [one for one in known if not one.startswith(SYSTEM_PREFIX)]
        raise NotFound(f"No run has a metric {name[:100]!r}.", hint=list_nearest(name, own or known))
    return found


def list_metrics(api: LabAPI) -> list[str]:
    """The names of metrics, those of most runs first."""
    return [field["name"] for field in api.fields(kind=["metrics"], limit=MAX_NAMES)["metrics"]]


def match_metric(name: str, known: Sequence[str], *, is_near_enough: bool = True) -> str | None:
    """The metric among those known that a name means, in any writing: `val accuracy` is `val/accuracy`.

    A name without a stage means that of validation or test before that of training. A slip of the pen is
    forgiven if `is_near_enough`. `None` for none.
    """
    if name in known:
        return name
    wanted = normalise(name)
    if not wanted:
        return None
    same = [one for one in known if normalise(one) == wanted]
    if same:
        return same[0]
    bare = [one for one in known if _without_stage(normalise(one)) == wanted]
    if bare:
        return min(bare, key=_rank_stage)
    if not is_near_enough:
        return None
    near = difflib.get_close_matches(
        " ".join(wanted), [" ".join(normalise(one)) for one in known], n=1, cutoff=0.85
    )
    return next((one for one in known if near and " ".join(normalise(one)) == near[0]), None)


def normalise(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case, with synonyms made one."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    joined = "_".join(words)
    if joined in _SYNONYMS:
        words = _SYNONYMS[joined].split("_")
    return tuple(part for word in words for part in _SYNONYMS.get(word, word).split("_"))


def _without_stage(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if len(words) > 1 and words[0] in STAGES else words


def _rank_stage(name: str) -> int:
    first = normalise(name)[0]
    return {"val": 0, "test": 1}.get(first, 3 if first == "train" else 2)
