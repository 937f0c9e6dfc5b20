"""What a comparison asks: on which metric, which way is better, and where its values come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modellab.comparison.evidence import Evidence
from modellab.comparison.latencies import is_latency
from modellab.errors import InvalidInput, list_nearest
from modellab.evaluation.metrics import METRICS
from modellab.records import SYSTEM_PREFIX
from modellab.records.directions import is_of_training, says_less_is_better, split_words
from modellab.records.evaluations import HEADLINE_METRICS, LATENCY_FOLDER

_MOST_LATENCIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A metric that is asked about. `is_evaluated` says that it comes from evaluations on the split.

    `assumed` says that nobody knows which way is better, and larger values are taken to be.
    """

    name: str
    is_evaluated: bool
    higher_is_better: bool
    assumed: bool = False

    def read(self, evidence: Evidence, split: str) -> float | None:
        """The value that a run has of it, as it was recorded."""
        finals = evidence.run.final_metrics
        if not self.is_evaluated:
            return finals.get(self.name)
        if evidence.evaluation is not None:
            return evidence.evaluation.metrics.get(self.name)
        return finals.get(f"{split}/{self.name}", finals.get(self.name))


def settle(
    evidence: Sequence[Evidence], metric: str | None, split: str, higher_is_better: bool | None
) -> Asked | None:
    """The primary metric: the one that was chosen, or the first that there is; `None` if no run has any.

    Raises `InvalidInput` for a metric that no run has.
    """
    name = metric if metric is not None else _find_first(evidence)
    if name is None:
        return None
    bare = name.removeprefix(f"{split}/")
    if any(one.evaluation is not None and bare in one.evaluation.metrics for one in evidence):
        return _ask(bare, True, higher_is_better)
    if not any(name in one.run.final_metrics for one in evidence):
        raise InvalidInput(f"None of these runs has a metric {name!r}.", hint=_list_names(evidence, name))
    return _ask(name, False, higher_is_better)


def list_secondary(evidence: Sequence[Evidence], primary: Asked) -> list[Asked]:
    """The other metrics that are looked at: headline ones of the evaluations, that two runs or more have."""
    found = []
    for name in HEADLINE_METRICS:
        n = sum(
            one.evaluation is not None and one.evaluation.metrics.get(name) is not None for one in evidence
        )
        if n >= 2 and name != primary.name and name in METRICS:
            found.append(_ask(name, True, None))
    return found + _list_latencies(evidence, primary)


def list_logged(evidence: Sequence[Evidence], besides: Sequence[Asked], split: str) -> list[Asked]:
    """The metrics that runs logged besides those, of most runs first; not what the evaluations have too."""
    known = {one.name for one in besides}
    evaluated = {f"{split}/{name}" for one in evidence if one.evaluation for name in one.evaluation.metrics}
    counts = Counter(name for one in evidence for name in _drop_machine(one.run.final_metrics))
    names = sorted(counts.keys() - known - evaluated, key=lambda name: (-counts[name], name))
    return [_ask(name, False, None) for name in names]


def _list_latencies(evidence: Sequence[Evidence], primary: Asked) -> list[Asked]:
    """The median and the 95th percentile of measured calls, that two runs or more have."""
    counts = Counter(name for one in evidence for name in one.run.final_metrics if is_latency(name))
    return [
        _ask(name, False, None)
        for name, n in sorted(counts.items())
        if n >= 2 and name != primary.name and not name.endswith("/p99_ms")
    ][:_MOST_LATENCIES]


def find_direction(name: str) -> tuple[bool, bool]:
    """Whether more is better of a metric by that name, and whether that is only assumed."""
    plain = "_".join(split_words(name))
    known = METRICS.get(name) or METRICS.get(plain) or METRICS.get(name.rpartition("/")[2])
    if known is not None and known.higher_is_better is not None:
        return known.higher_is_better, False
    if says_less_is_better(name):
        return False, False
    return True, True


def _ask(name: str, is_evaluated: bool, higher_is_better: bool | None) -> Asked:
    if higher_is_better is not None:
        return Asked(name=name, is_evaluated=is_evaluated, higher_is_better=higher_is_better)
    found, assumed = find_direction(name)
    return Asked(name=name, is_evaluated=is_evaluated, higher_is_better=found, assumed=assumed)


def _find_first(evidence: Sequence[Evidence]) -> str | None:
    """The primary metric of the first evaluation; else a metric that most runs have, known ones first.

    Of runs that have nothing but measured calls it is the 95th percentile.
    """
    for one in evidence:
        if one.evaluation is not None:
            return one.evaluation.primary_metric
    every = {name for one in evidence for name in one.run.final_metrics}
    names = _drop_machine(every) or [name for name in every if is_latency(name)]

    def rank(name: str) -> tuple[int, bool, bool, bool, str]:
        n = sum(name in one.run.final_metrics for one in evidence)
        is_training = is_of_training(name)
        is_other_percentile = is_latency(name) and not name.endswith("/p95_ms")
        return (-n, is_training, is_other_percentile, find_direction(name)[1], name)

    return min(names, key=rank, default=None)


def _drop_machine(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith((SYSTEM_PREFIX, f"{LATENCY_FOLDER}/"))]


def _list_names(evidence: Sequence[Evidence], name: str) -> str:
    names = {known for one in evidence for known in one.run.final_metrics}
    names |= {known for one in evidence if one.evaluation is not None for known in one.evaluation.metrics}
    if not names:
        return "They have logged none."
    return list_nearest(name, sorted(names))
