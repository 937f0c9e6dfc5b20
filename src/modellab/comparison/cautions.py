"""What to beware of in a comparison, and what its verdicts hold for."""

from __future__ import annotations

from collections.abc import Sequence

from modellab.comparison.choose import Pair
from modellab.comparison.evidence import Evidence
from modellab.comparison.questions import Asked
from modellab.comparison.seed_groups import Group
from modellab.comparison.wording import join_names
from modellab.evaluation.metrics import METRICS
from modellab.records.comparisons import PairVerdict
from modellab.store.comparability import TEST, find_different_data

_ROWS = ("paired rows", "different rows", "final numbers")
_RUNS = ("seeds", "folds")


def warn_of_runs(evidence: Sequence[Evidence], asked: Asked | None, split: str) -> list[str]:
    """What is missing or odd about single runs, and about the metric."""
    warnings = [
        f"Run {one.label} is {one.run.status}; its numbers may not be its last."
        for one in evidence
        if one.run.status in ("pending", "running", "failed")
    ]
    if asked is None:
        return warnings
    if asked.is_evaluated:
        warnings += [f"{_begin(one.missing)}." for one in evidence if one.missing is not None]
    if asked.assumed:
        warnings.append(
            f"Whether more is better of {asked.name} is not known; more is taken to be better "
            "(higher_is_better says otherwise)."
        )
    before, _, name = asked.name.rpartition("/")
    if not asked.is_evaluated and before and name in METRICS and before != split:
        warnings.append(
            f"{asked.name} was read as single values; split {before!r} would compare its predictions."
        )
    return warnings


def warn_of_data(evidence: Sequence[Evidence], pairs: Sequence[Pair]) -> list[str]:
    """That test sets differ. Where rows were matched one by one, only that their files differ."""
    runs = [one.run for one in evidence]
    if not pairs or any(pair.rows is None for pair in pairs):
        return list(find_different_data(runs))
    files = {frozenset(use.sha256 for use in run.datasets if use.split == TEST) for run in runs}
    if len(files - {frozenset()}) > 1:
        return [
            "The runs were tested on different files, whose rows have the same ids and labels: "
            "check that the inputs are the same too."
        ]
    return []


def warn_of_groups(groups: Sequence[Group], compared: bool, evidence: Sequence[Evidence]) -> list[str]:
    """Which runs a comparison of groups leaves out, or that seeds are compared as if they were models."""
    if compared:
        inside = {run_id for group in groups for run_id in group.run_ids}
        alone = [one.label for one in evidence if one.run_id not in inside]
        if not alone:
            return []
        verb = "is" if len(alone) == 1 else "are"
        return [
            f"{join_names(alone)} {verb} in no group of at least 3 seeds and {verb} left out. "
            "To compare single runs, name no more than two of a group."
        ]
    return [
        f"{len(group.runs)} of these runs differ by their seed alone; as there is no second such group, "
        "they are compared run by run."
        for group in groups
    ]


def say_scope(verdicts: Sequence[PairVerdict]) -> list[str]:
    """What the verdicts hold for, and what they do not cover."""
    bases = {verdict.basis for verdict in verdicts}
    said = []
    if bases & {*_ROWS}:
        begin = "This holds" if len(verdicts) == 1 else "Each verdict holds"
        said.append(
            f"{begin} for this test set, these two trained models; what other seeds give is not covered."
        )
    if bases & {*_RUNS}:
        said.append("The spread is that of runs; that the test set is one of many is not covered.")
    return said


def warn_of_selection(n: int, baseline: str | None) -> list[str]:
    """That the best of many looks better than it is."""
    if n < 3 or baseline is not None:
        return []
    return [warn_of_best(n)]


def warn_of_best(n: int) -> str:
    """That a run was selected on the set that scores it."""
    return (
        f"A run selected as best of {n} on this set has a score that is likely too good; "
        "score it again on rows that were not used to choose."
    )


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]
