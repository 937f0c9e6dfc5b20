"""From verdicts to sentences: one form for each word, the same everywhere.

The rules: no test goes without its name, no difference without its interval and n, a difference that was not
shown is not called none, and direction is said where smaller is better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from modellab.comparison.findings import Finding
from modellab.records.comparisons import PairVerdict, VerdictWord
from modellab.statistics.verdicts import THRESHOLD
from modellab.statistics.wording import format_p, name_test

LOG_MORE = "Log predictions, or at least 5 seeds (6 if both sides use the same ones)."
"""What makes a difference of single values tellable."""


def describe(verdict: PairVerdict, finding: Finding, *, names_pair: bool = False) -> PairVerdict:
    """The verdict with its sentence. `names_pair` names both sides in every form."""
    sentence = _FORMS[verdict.verdict](verdict, finding, names_pair)
    return replace(verdict, sentence=" ".join((sentence, *_add_notes(verdict))))


def format_effect(value: float, scale: float | None) -> str:
    """A difference with as many decimals as give `scale`, half the width of its interval, two digits.

    What is not 0 gets further ones until that is seen.
    """
    if value == 0:
        return "0"
    size = min(scale or abs(value), 100 * abs(value))
    decimals = max(0, 1 - math.floor(math.log10(size)))
    if decimals > 9:
        return f"{value:.2g}"
    while float(text := f"{value:.{decimals}f}") == 0:
        decimals += 1
    return text


def format_value(value: float | None) -> str:
    """A metric's value with three decimals, or four digits that matter."""
    if value is None:
        return "no value"
    if 0.001 <= abs(value) < 1:
        return f"{value:.3f}"
    return f"{value:.4g}"


def join_names(names: Sequence[str]) -> str:
    """Names in a row, as `A, B and C`."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _say_better(verdict: PairVerdict, finding: Finding, _: bool) -> str:
    size = _effect(abs(verdict.difference or 0.0), verdict)
    plain = verdict.verdict == "better" and verdict.higher_is_better
    shown = [] if plain else [f"difference {_signed(verdict)}"]
    aside = "" if verdict.higher_is_better else "; lower is better"
    details = ", ".join((*shown, *_evidence(verdict)))
    return (
        f"{finding.label_b} is {verdict.verdict} than {finding.label_a} on {verdict.metric} by {size} "
        f"({details}{aside})."
    )


def _say_not_shown(verdict: PairVerdict, finding: Finding, names_pair: bool) -> str:
    between = f" between {finding.label_a} and {finding.label_b}" if names_pair else ""
    missed = ""
    if verdict.p_value is not None and verdict.p_value < THRESHOLD:
        missed = f"; alone it would count, among {verdict.family_size} comparisons it does not"
    elif verdict.minimum_detectable is not None:
        missed = f"; a gap under {_effect(verdict.minimum_detectable, verdict)} could have been missed"
    return (
        f"The data do not show a difference on {verdict.metric}{between}: {_signed(verdict)} "
        f"({', '.join(_evidence(verdict))}){missed}."
    )


def _say_equivalent(verdict: PairVerdict, finding: Finding, _: bool) -> str:
    check = verdict.equivalence
    if check is None:
        return ""
    scale = (check.high - check.low) / 2
    low, high = format_effect(check.low, scale), format_effect(check.high, scale)
    return (
        f"{finding.label_a} and {finding.label_b} differ by less than {check.margin:g} on {verdict.metric} "
        f"({100 * check.level:.0f} % CI {low} to {high}, {_two_one_sided(verdict)}, n = {verdict.n_text})."
    )


def _two_one_sided(verdict: PairVerdict) -> str:
    check = verdict.equivalence
    if check is None:
        return ""
    adjusted = f", Holm-adjusted {_bare(check.adjusted_p)}" if verdict.family_size > 1 else ""
    return f"TOST p {format_p(check.p_value)}{adjusted}"


def _say_cannot_tell(verdict: PairVerdict, finding: Finding, _: bool) -> str:
    scored = (
        f"{finding.label_b} scored {format_value(verdict.b_value)} and {finding.label_a} "
        f"{format_value(verdict.a_value)}"
    )
    on = f" on {verdict.metric}"
    reason = finding.reason or "no test applies"
    needed = f" {verdict.needed}" if verdict.needed else ""
    return f"{scored}{on}; {reason} this cannot be told from chance.{needed}"


def _say_borderline(verdict: PairVerdict, finding: Finding, names_pair: bool) -> str:
    between = f" between {finding.label_a} and {finding.label_b}" if names_pair else ""
    return (
        f"The difference on {verdict.metric}{between} is borderline: {_signed(verdict)} "
        f"({', '.join(_evidence(verdict))}); the p-value and the interval do not agree, so neither is called "
        "better. More data would tell."
    )


def _say_identical(verdict: PairVerdict, finding: Finding, _: bool) -> str:
    return (
        f"{finding.label_a} and {finding.label_b} are identical on {verdict.metric}: they predict the same "
        f"(difference 0, p = 1, n = {verdict.n_text})."
    )


def _evidence(verdict: PairVerdict) -> list[str]:
    """The interval, the test with its p-values, and n."""
    parts = []
    interval = verdict.interval
    if interval is not None and interval.low is not None and interval.high is not None:
        low, high = (_effect(value, verdict) for value in (interval.low, interval.high))
        parts.append(f"{100 * interval.level:.0f} % CI {low} to {high}")
    if verdict.test is not None and verdict.p_value is not None:
        parts.append(f"{name_test(verdict.test)} p {format_p(verdict.p_value)}")
    if verdict.family_size > 1 and verdict.adjusted_p is not None:
        parts.append(f"Holm-adjusted {_bare(verdict.adjusted_p)}")
    return [*parts, f"n = {verdict.n_text}"]


def _add_notes(verdict: PairVerdict) -> list[str]:
    return [note if note.endswith(".") else f"{note[:1].upper()}{note[1:]}." for note in verdict.notes]


def _bare(p: float) -> str:
    return format_p(p).removeprefix("= ")


def _signed(verdict: PairVerdict) -> str:
    text = _effect(verdict.difference or 0.0, verdict)
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"


def _effect(value: float, verdict: PairVerdict) -> str:
    interval = verdict.interval
    if interval is None or interval.low is None or interval.high is None:
        return format_effect(value, None)
    return format_effect(value, (interval.high - interval.low) / 2 or None)


_FORMS: Mapping[VerdictWord, Callable[[PairVerdict, Finding, bool], str]] = {
    "better": _say_better,
    "worse": _say_better,
    "no difference shown": _say_not_shown,
    "equivalent": _say_equivalent,
    "cannot tell": _say_cannot_tell,
    "borderline": _say_borderline,
    "identical": _say_identical,
}
