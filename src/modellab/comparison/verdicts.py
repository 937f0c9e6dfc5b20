"""From findings to verdicts: the rules by which a difference counts as shown, one family at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from modellab.comparison.findings import Finding, estimate_error
from modellab.comparison.wording import describe
from modellab.records.comparisons import EquivalenceCheck, PairVerdict
from modellab.statistics.corrections import holm
from modellab.statistics.equivalence import assess_equivalence, minimum_detectable_effect
from modellab.statistics.verdicts import THRESHOLD, choose_word


def judge_family(
    findings: Sequence[Finding], min_effect: float | None = None, *, names_pairs: bool = False
) -> list[PairVerdict]:
    """The verdicts on the findings of one metric, with p-values adjusted for how many of them are tests.

    `min_effect` is the smallest difference that matters, in the unit of the metric. `names_pairs` says both
    names in every sentence, as it takes where there are several pairs.
    """
    adjusted = holm([finding.p_value for finding in findings])
    checks = [_check_equivalence(finding, min_effect) for finding in findings]
    adjusted_checks = holm([None if check is None else check.p_value for check in checks])
    n_tests = sum(p is not None for p in adjusted)
    verdicts = []
    for finding, p, check, check_p in zip(findings, adjusted, checks, adjusted_checks, strict=True):
        if check is not None and check_p is not None:
            check = replace(check, adjusted_p=check_p)
        verdicts.append(_judge(finding, p, n_tests, check, names_pairs))
    return verdicts


def _judge(
    finding: Finding, p: float | None, n_tests: int, check: EquivalenceCheck | None, names_pairs: bool
) -> PairVerdict:
    test = finding.test
    interval = None if test is None else test.interval
    word = choose_word(
        higher_is_better=finding.higher_is_better,
        interval=interval,
        p_value=finding.p_value,
        adjusted_p=p,
        is_identical=finding.is_identical,
        is_equivalent=check is not None and _is_equivalent(check),
    )
    verdict = PairVerdict(
        a=finding.a,
        b=finding.b,
        metric=finding.metric,
        higher_is_better=finding.higher_is_better,
        verdict=word,
        sentence="",
        basis=finding.basis,
        a_value=finding.a_value,
        b_value=finding.b_value,
        difference=finding.difference,
        interval=interval,
        test=None if test is None else test.name,
        p_value=finding.p_value,
        adjusted_p=p,
        family_size=n_tests,
        n=0 if test is None else test.n,
        n_text=finding.n_text,
        minimum_detectable=_find_minimum(finding),
        equivalence=check,
        needed=finding.needed,
        notes=tuple(finding.notes),
    )
    return describe(verdict, finding, names_pair=names_pairs)


def _check_equivalence(finding: Finding, margin: float | None) -> EquivalenceCheck | None:
    """Two one-sided tests, not yet adjusted; `None` where none was asked for or none is possible."""
    if margin is None or finding.test is None or finding.p_value is None:
        return None
    error = 0.0 if finding.is_identical else estimate_error(finding.test)
    difference = finding.difference
    if error is None or difference is None or (error == 0 and not finding.is_identical):
        return None
    found = assess_equivalence(difference, error, margin, finding.df)
    return EquivalenceCheck(
        margin=margin,
        low=found.low,
        high=found.high,
        level=found.level,
        p_value=found.p_value,
        adjusted_p=found.p_value,
    )


def _is_equivalent(check: EquivalenceCheck) -> bool:
    return check.adjusted_p < THRESHOLD and -check.margin < check.low and check.high < check.margin


def _find_minimum(finding: Finding) -> float | None:
    """The gap that this comparison would have found with a chance of 80 %."""
    error = None if finding.test is None or finding.p_value is None else estimate_error(finding.test)
    if not error:
        return None
    return minimum_detectable_effect(error, df=finding.df)
