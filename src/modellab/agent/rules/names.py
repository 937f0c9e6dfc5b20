"""The names that this lab's runs have: metrics, params, tags, datasets, and the values of params."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from modellab.agent.api import LabAPI
from modellab.agent.metrics import normalise
from modellab.records import SYSTEM_PREFIX

MAX_FIELDS = 300
"""Metrics, params or tags that are looked for in a question, those of most runs first."""
_MAX_VALUED = 8
_MAX_VALUES = 50

_SPELLINGS = {
    ("lr",): (("learning", "rate"),),
    ("learning", "rate"): (("lr",),),
    ("batch", "size"): (("bs",), ("batchsize",)),
    ("bs",): (("batch", "size"),),
    ("n", "epochs"): (("epochs",), ("num", "epochs"), ("epoch", "count")),
    ("epochs",): (("n", "epochs"), ("num", "epochs")),
    ("wd",): (("weight", "decay"),),
    ("weight", "decay"): (("wd",),),
    ("model", "name"): (("model",),),
    ("n", "estimators"): (("estimators",), ("trees",)),
    ("max", "depth"): (("depth",),),
}
_TOO_COMMON = frozenset(
    (
        "run",
        "runs",
        "note",
        "name",
        "id",
        "a",
        "i",
        "n",
        "is",
        "data",
        "best",
        "time",
        "task",
        "the",
        "step",
        "k",
    )
)


def split_name(name: str) -> tuple[str, ...]:
    """The words of a name of a param, tag or value, in lower case."""
    return tuple(word for word in re.split(r"[^a-z0-9.]+", name.lower()) if word)


def make_pattern(words: Sequence[str]) -> str:
    """A regular expression for a name, however its words are joined."""
    return r"[\s_\-/:.]*".join(map(re.escape, words))


class Names:
    """Names of one lab, each kind read when first needed."""

    def __init__(self, api: LabAPI) -> None:
        self._api = api
        self._values: dict[str, Sequence[Any]] = {}

    @cached_property
    def _metrics(self) -> Sequence[dict[str, Any]]:
        found: Sequence[dict[str, Any]] = self._api.fields(kind=["metrics"], limit=MAX_FIELDS)["metrics"]
        return found

    @cached_property
    def _fields(self) -> Any:
        return self._api.fields(kind=["params", "tags"], limit=MAX_FIELDS)

    @cached_property
    def metrics(self) -> Sequence[str]:
        """Metrics, those of most runs first, without those of the machine."""
        return [field["name"] for field in self._metrics if not field["name"].startswith(SYSTEM_PREFIX)]

    @cached_property
    def metric_counts(self) -> dict[str, int]:
        """How many runs have each metric."""
        return {field["name"]: field["n_runs"] for field in self._metrics}

    @cached_property
    def metric_words(self) -> frozenset[str]:
        """Every word of a metric's name."""
        return frozenset(word for name in self.metrics for word in normalise(name))

    @cached_property
    def metric_phrases(self) -> Sequence[tuple[tuple[str, ...], str]]:
        """What may be said for a metric, longest first; of those said alike, that of most runs first."""
        phrases = [(normalise(name), name) for name in self.metrics]
        return sorted(phrases, key=lambda one: -len(one[0]))

    @cached_property
    def params(self) -> Sequence[tuple[tuple[str, ...], str]]:
        """What may be said for a param, longest first, and the param."""
        return _spell([field["name"] for field in self._fields["params"]])

    @cached_property
    def tags(self) -> Sequence[tuple[tuple[str, ...], str]]:
        """What may be said for a tag, longest first, and the tag."""
        return _spell([field["name"] for field in self._fields["tags"]])

    @cached_property
    def valued(self) -> Sequence[str]:
        """Fields whose values are words, which people name without the field: `svm runs`."""
        found = [
            field["field"]
            for field in (*self._fields["params"], *self._fields["tags"])
            if not field["is_numeric"] and 1 <= (field["n_values"] or 0) <= _MAX_VALUES
        ]
        return found[:_MAX_VALUED]

    def values(self, field: str) -> Sequence[Any]:
        """The commonest values of a field."""
        if field not in self._values:
            found = self._api.values(field, limit=_MAX_VALUES)
            self._values[field] = [one["value"] for one in found]
        return self._values[field]

    @cached_property
    def datasets(self) -> Sequence[str]:
        """The datasets that runs say they used."""
        return [str(value) for value in self.values("dataset_id")]

    @cached_property
    def projects(self) -> Sequence[str]:
        """The projects that runs belong to."""
        return [str(value) for value in self.values("project_id")]


def _spell(names: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
    known = {split_name(name): name for name in reversed(names)}
    for words, name in list(known.items()):
        for other in _SPELLINGS.get(words, ()):
            known.setdefault(other, name)
    usable = [(words, name) for words, name in known.items() if words and words[0] not in _TOO_COMMON]
    return sorted(usable, key=lambda one: (-len(one[0]), -sum(map(len, one[0]))))
