"""Runs in the order of a metric of their evaluations, and which cannot be told apart from the first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from modellab.comparison.cautions import warn_of_best
from modellab.comparison.choose import Pair
from modellab.comparison.evidence import Evidence, Source, gather
from modellab.comparison.families import adjust_against_first
from modellab.comparison.findings import Finding
from modellab.comparison.questions import Asked, find_direction
from modellab.comparison.wording import format_value, join_names
from modellab.errors import InvalidInput, NotFound
from modellab.records import RunFilter, RunSummary
from modellab.records.comparisons import MAX_COMPARED, Leaderboard, LeaderboardEntry
from modellab.records.evaluations import DEFAULT_EVALUATION, check_evaluation_name
from modellab.statistics.verdicts import choose_word

MAX_CONSIDERED = 10_000
"""Runs that are looked at; the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    run: RunSummary
    value: float


def rank_runs(
    source: Source,
    metric: str,
    *,
    split: str = DEFAULT_EVALUATION,
    top_k: int = 10,
    query: str | None = None,
    dataset_id: str | None = None,
    visible: frozenset[str] | None = None,
    higher_is_better: bool | None = None,
) -> Leaderboard:
    """The `top_k` (1 to 50) best runs by a metric of their evaluations, each tested against the first.

    `query` is a text of the query language that the runs meet, `dataset_id` what they name as their data;
    `visible` are the projects that the caller may see, `None` for all. The first was picked because it is
    first, so p-values are adjusted for all pairs of the runs that are shown. Raises `NotFound` where no run
    has the metric, and `InvalidInput`.
    """
    check_evaluation_name(split)
    bare = metric.removeprefix(f"{split}/")
    if not 1 <= top_k <= MAX_COMPARED:
        raise InvalidInput(f"top_k is {top_k}; it may be 1 to {MAX_COMPARED}.")
    known, assumed = find_direction(bare)
    better = known if higher_is_better is None else higher_is_better
    name = f"{split}/{bare}"
    wanted = RunFilter(metric_name=name, query=query, dataset_id=dataset_id, visible=visible)
    ranked = _rank(source, wanted, name, better)
    if not ranked:
        raise NotFound(
            f"No run has {bare!r} of an evaluation {split!r}.",
            hint="`run.log_evaluation(predictions=..., labels=...)` makes one.",
        )
    asked = Asked(
        name=bare, is_evaluated=True, higher_is_better=better, assumed=assumed and higher_is_better is None
    )
    evidence = gather(source, [one.run.run_id for one in ranked[:top_k]], split)
    n_pairs = math.comb(len(evidence), 2)
    findings = [
        Pair(source, evidence[0], other, split).find([asked], family_size=n_pairs)[0]
        for other in evidence[1:]
    ]
    return _assemble(evidence, ranked, findings, asked, split)


def _rank(source: Source, wanted: RunFilter, name: str, higher_is_better: bool) -> list[_Ranked]:
    """The runs that have a finite value, best first; of equal ones the older first."""
    found = [
        _Ranked(run=run, value=run.final_metrics[name])
        for run in source.runs.list(wanted, limit=MAX_CONSIDERED).items
        if math.isfinite(run.final_metrics.get(name, math.nan))
    ]
    sign = -1.0 if higher_is_better else 1.0
    return sorted(found, key=lambda one: (sign * one.value, one.run.timestamp, one.run.run_id))


def _assemble(
    evidence: Sequence[Evidence],
    ranked: Sequence[_Ranked],
    findings: Sequence[Finding],
    asked: Asked,
    split: str,
) -> Leaderboard:
    adjusted, n_pairs = adjust_against_first([finding.p_value for finding in findings])
    entries = [_describe(1, evidence[0], ranked[0], asked)]
    for place, (finding, p) in enumerate(zip(findings, adjusted, strict=True), start=1):
        entries.append(_describe(place + 1, evidence[place], ranked[place], asked, finding, p))
    return Leaderboard(
        metric=asked.name,
        split=split,
        higher_is_better=asked.higher_is_better,
        n_considered=len(ranked),
        family_size=n_pairs,
        entries=entries,
        warnings=_warn(evidence, findings, asked, len(ranked)),
        sentences=_say(entries, findings, asked, split, len(ranked), n_pairs),
    )


def _describe(
    rank: int,
    evidence: Evidence,
    ranked: _Ranked,
    asked: Asked,
    finding: Finding | None = None,
    adjusted_p: float | None = None,
) -> LeaderboardEntry:
    evaluation = evidence.evaluation
    test = None if finding is None else finding.test
    told_apart = note = None
    if finding is not None:
        told_apart = _tell_apart(finding, adjusted_p)
        note = "; ".join(finding.notes) or None
        if told_apart is None:
            note = f"no test: {finding.why}"
    return LeaderboardEntry(
        rank=rank,
        run_id=evidence.run_id,
        label=evidence.label,
        name=evidence.run.name,
        value=ranked.value,
        interval=None if evaluation is None else evaluation.intervals.get(asked.name),
        n=None if evaluation is None else evaluation.n,
        difference=None if finding is None else finding.difference,
        difference_interval=None if test is None else test.interval,
        test=None if test is None else test.name,
        p_value=None if test is None else test.p_value,
        adjusted_p=adjusted_p,
        can_be_told_apart=told_apart,
        note=note,
    )


def _tell_apart(finding: Finding, adjusted_p: float | None) -> bool | None:
    word = choose_word(
        higher_is_better=finding.higher_is_better,
        interval=None if finding.test is None else finding.test.interval,
        p_value=finding.p_value,
        adjusted_p=adjusted_p,
        is_identical=finding.is_identical,
    )
    return None if word == "cannot tell" else word in ("better", "worse")


def _warn(
    evidence: Sequence[Evidence], findings: Sequence[Finding], asked: Asked, n_considered: int
) -> list[str]:
    warnings = []
    if n_considered > 1:
        warnings.append(warn_of_best(n_considered))
    apart = [finding.label_b for finding in findings if finding.basis == "different rows"]
    if apart:
        verb = "was" if len(apart) == 1 else "were"
        warnings.append(
            f"{join_names(apart)} {verb} evaluated on other rows than {evidence[0].label}: "
            "not the same test set, so ranks may be those of the rows."
        )
    if asked.assumed:
        warnings.append(f"Whether more is better of {asked.name} is not known; more is taken to be better.")
    if n_considered == MAX_CONSIDERED:
        warnings.append(f"Only the newest {MAX_CONSIDERED} runs are looked at.")
    return warnings


def _say(
    entries: Sequence[LeaderboardEntry],
    findings: Sequence[Finding],
    asked: Asked,
    split: str,
    n_considered: int,
    n_pairs: int,
) -> list[str]:
    first, others = entries[0], list(zip(entries[1:], findings, strict=True))
    scored = f"{format_value(first.value)}{_say_interval(first)}"
    direction = "highest" if asked.higher_is_better else "lowest"
    said = [
        f"{first.label} has the {direction} {asked.name} on {split} of {_plural(n_considered)}: {scored}."
    ]
    same = [finding for entry, finding in others if entry.can_be_told_apart is False]
    apart = [finding for entry, finding in others if entry.can_be_told_apart]
    unknown: dict[str, list[str]] = {}
    for entry, finding in others:
        if entry.can_be_told_apart is None:
            unknown.setdefault(_say_why(finding), []).append(entry.label)
    if same:
        said.append(f"{_join(same)} cannot be told apart from it ({_name_tests(same, n_pairs)}).")
    if apart:
        verb = "is" if len(apart) == 1 else "are"
        said.append(f"{_join(apart)} {verb} worse ({_name_tests(apart, n_pairs)}).")
    said += [f"Of {join_names(labels)} it cannot be told: {why}." for why, labels in unknown.items()]
    return said


def _join(findings: Sequence[Finding]) -> str:
    return join_names([finding.label_b for finding in findings])


def _name_tests(findings: Sequence[Finding], n_pairs: int) -> str:
    are_paired = {finding.basis == "paired rows" for finding in findings}
    kind = (
        "paired" if are_paired == {True} else "unpaired" if are_paired == {False} else "paired and unpaired"
    )
    if n_pairs > 1:
        return f"{kind} tests, Holm-adjusted for {n_pairs} pairs"
    return f"{'an' if kind == 'unpaired' else 'a'} {kind} test"


def _say_why(finding: Finding) -> str:
    if finding.reason is None or finding.needed is not None:
        return "there are no predictions to compare"
    return finding.why


def _say_interval(entry: LeaderboardEntry) -> str:
    found = entry.interval
    if found is None or found.low is None or found.high is None:
        return ""
    low, high = format_value(found.low), format_value(found.high)
    return f" ({100 * found.level:.0f} % CI {low} to {high}, n = {entry.n})"


def _plural(n: int) -> str:
    return "1 run" if n == 1 else f"{n} runs"
