"""What a comparison of runs says: verdicts with their tests, what differs, a leaderboard with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modellab.records.estimates import Interval

VerdictWord = Literal[
    "better", "worse", "no difference shown", "equivalent", "cannot tell", "borderline", "identical"
]
Basis = Literal["paired rows", "different rows", "seeds", "folds", "calls", "final numbers", "nothing"]
"""What a verdict rests on."""

MIN_COMPARED = 2
MAX_COMPARED = 50
"""Runs in one comparison with verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceCheck:
    """Two one-sided tests against `margin` (in the unit of the metric); `low` and `high` are of `level`."""

    margin: float
    low: float
    high: float
    level: float
    p_value: float
    adjusted_p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairVerdict:
    """Whether B is better than A on one metric, and how that is known.

    `a` and `b` are ids of runs or of seed groups; `a_value` and `b_value` are on the rows that were compared.
    `difference` and `interval` are B - A, in the unit of the metric. `p_value` is that of `test`, and
    `adjusted_p` is adjusted for the `family_size` pairs of the same metric (Holm). `n` is a number of rows or
    runs, as `n_text` says. `minimum_detectable` is the gap found with a chance of 80 %. `needed` says what
    would make it tellable. `sentence` says all of it in words.
    """

    a: str
    b: str
    metric: str
    higher_is_better: bool
    verdict: VerdictWord
    sentence: str
    basis: Basis
    a_value: float | None
    b_value: float | None
    difference: float | None
    interval: Interval | None
    test: str | None
    p_value: float | None
    adjusted_p: float | None
    family_size: int
    n: int
    n_text: str
    minimum_detectable: float | None
    equivalence: EquivalenceCheck | None
    needed: str | None
    notes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """A run that was compared. `label` is what sentences call it; `n` and `rows_sha256` are of its test rows.

    `group` is the seed group that it was found to be in; `primary` is its value of the primary metric.
    """

    run_id: str
    label: str
    name: str | None
    project_id: str | None
    status: str
    timestamp: str
    seed: int | None
    group: str | None
    n: int | None
    rows_sha256: str | None
    primary: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedGroup:
    """Runs of one configuration that differ by their seed alone (or by their fold), at least three.

    `values` are those of the primary metric by run, `mean` is their mean with its t interval.
    """

    group_id: str
    label: str
    run_ids: Sequence[str]
    seeds: Sequence[int | None]
    values: Mapping[str, float]
    mean: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One metric of all runs: values with their own intervals where an evaluation gave them."""

    metric: str
    higher_is_better: bool | None
    is_primary: bool
    values: Mapping[str, Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceVerdict:
    """Two runs on one part of the test rows; `adjusted_p` is adjusted for all `family_size` tested slices.

    `note` says why a slice was not tested.
    """

    a: str
    b: str
    attribute: str
    value: str
    n: int
    metric: str
    a_value: float | None
    b_value: float | None
    difference: float | None
    interval: Interval | None
    test: str | None
    p_value: float | None
    adjusted_p: float | None
    family_size: int
    verdict: VerdictWord
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedExamples:
    """Rows that A had wrong and B has right (`fixed`), and the reverse (`broken`): counts and first ids."""

    a: str
    b: str
    n: int
    n_fixed: int
    n_broken: int
    n_both_right: int
    n_both_wrong: int
    fixed: Sequence[str | int]
    broken: Sequence[str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something in which runs differ: its value by run id; a run without it is not named."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDifference:
    """How the code of B differs from that of A. `diff` compares what was not committed."""

    a: str
    b: str
    same_commit: bool | None
    same_changes: bool | None
    diff: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """In what runs differ beside their results. What is the same in all is left out."""

    params: Sequence[Difference]
    config: Sequence[Difference]
    code: Sequence[CodeDifference]
    environment: Sequence[Difference]
    packages: Sequence[Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarPoint:
    """A value on an axis: itself and its interval, and where these lie from 0 (centre) to 1 (best)."""

    value: float
    low: float | None
    high: float | None
    position: float
    position_low: float | None
    position_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarAxis:
    """A metric with its declared range; `is_inverted` axes have their smallest values outside."""

    metric: str
    label: str
    low: float
    high: float
    is_inverted: bool
    points: Mapping[str, RadarPoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Radar:
    """Three to eight axes, or none and a `note` that says why. Areas mean nothing."""

    axes: Sequence[RadarAxis]
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What can be said of two or more runs.

    `verdicts` are on the primary metric, between runs or, where there are seed groups, between those;
    `secondary` are on the other metrics, not adjusted for how many metrics there are. `sentences` say the
    verdicts in words, the first ones first, and what they hold for; `warnings` what to beware of.
    """

    runs: Sequence[ComparedRun]
    baseline: str | None
    split: str
    primary_metric: str | None
    higher_is_better: bool | None
    min_effect: float | None
    verdicts: Sequence[PairVerdict]
    secondary: Sequence[PairVerdict]
    metrics: Sequence[MetricRow]
    groups: Sequence[SeedGroup]
    slices: Sequence[SliceVerdict]
    changed_examples: Sequence[ChangedExamples]
    differences: Differences
    radar: Radar
    warnings: Sequence[str]
    sentences: Sequence[str]

    def __str__(self) -> str:
        """The sentences and the warnings, one a line."""
        return "\n".join((*self.sentences, *(f"Beware: {warning}" for warning in self.warnings)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardEntry:
    """A run on a leaderboard; `value` and `interval` are its own, the rest is run - first.

    `can_be_told_apart` is `None` for the first, and where no test was possible (`note` says why).
    """

    rank: int
    run_id: str
    label: str
    name: str | None
    value: float
    interval: Interval | None
    n: int | None
    difference: float | None
    difference_interval: Interval | None
    test: str | None
    p_value: float | None
    adjusted_p: float | None
    can_be_told_apart: bool | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """Runs in the order of one metric, best first, of `n_considered` that have it."""

    metric: str
    split: str
    higher_is_better: bool
    n_considered: int
    family_size: int
    entries: Sequence[LeaderboardEntry]
    warnings: Sequence[str]
    sentences: Sequence[str]

    def __str__(self) -> str:
        """The sentences and the warnings, one a line."""
        return "\n".join((*self.sentences, *(f"Beware: {warning}" for warning in self.warnings)))
