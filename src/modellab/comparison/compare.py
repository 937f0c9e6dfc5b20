"""A whole comparison of two runs or more: the verdicts first, and what else helps to understand them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modellab.comparison import cautions, overview
from modellab.comparison.changed_examples import find_changed
from modellab.comparison.choose import Pair, find_between_groups
from modellab.comparison.differences import find_differences
from modellab.comparison.evidence import Evidence, Source, check_runs, gather
from modellab.comparison.families import make_pairs
from modellab.comparison.findings import Finding
from modellab.comparison.questions import Asked, list_secondary, settle
from modellab.comparison.radar import draw_radar
from modellab.comparison.seed_groups import find_groups
from modellab.comparison.slices import compare_slices
from modellab.comparison.verdicts import judge_family
from modellab.errors import InvalidInput
from modellab.records.comparisons import (
    MAX_COMPARED,
    MIN_COMPARED,
    ChangedExamples,
    Comparison,
    PairVerdict,
    SeedGroup,
    SliceVerdict,
)
from modellab.records.evaluations import DEFAULT_EVALUATION, check_evaluation_name

MOST_ROWS = 10_000_000
"""Rows of all pairs together, where there is more than one pair."""
MOST_SECONDARY_PAIRS = 50
"""Pairs up to which the other metrics are tested too."""
N_EXAMPLES = 20
"""Ids of fixed and of broken rows that are named, of each pair."""

_NOTHING = "None of these runs has a metric, so there is nothing to compare."


def compare(
    source: Source,
    run_ids: Sequence[str],
    *,
    baseline: str | None = None,
    metric: str | None = None,
    min_effect: float | None = None,
    split: str = DEFAULT_EVALUATION,
    slices: bool = False,
    secondary: bool = True,
    higher_is_better: bool | None = None,
    n_examples: int = N_EXAMPLES,
) -> Comparison:
    """Compare 2 to 50 runs by their evaluations on `split`, or by what else is known of them.

    The verdicts are on `metric`, or on the primary one of the first evaluation: every run against `baseline`
    if there is one, else all pairs, adjusted for how many. Where the runs are two seed groups or more, those
    are compared. `min_effect` is the smallest difference that matters, in the unit of the metric. `slices`
    compares parts of the test rows too, `secondary` other metrics. `higher_is_better` says the direction of a
    metric that is not known. At most `n_examples` ids of fixed and of broken rows are named.
    Raises `NotFound` and `InvalidInput`.
    """
    check_runs(run_ids, baseline, MIN_COMPARED, MAX_COMPARED)
    check_evaluation_name(split)
    if min_effect is not None and not (math.isfinite(min_effect) and min_effect > 0):
        raise InvalidInput(
            f"min_effect is {min_effect!r}; it is a positive number in the unit of the metric."
        )
    evidence = gather(source, run_ids, split)
    asked = settle(evidence, metric, split, higher_is_better)
    request = _Request(source, evidence, baseline, asked, min_effect, split)
    verdicts, on_others = request.judge(secondary)
    others = [] if asked is None else request.others
    metrics = overview.list_metrics(evidence, asked, others, split)
    parts, slice_warnings = request.compare_slices() if slices else ((), [])
    return Comparison(
        runs=overview.describe_runs(evidence, request.groups, asked, split),
        baseline=baseline,
        split=split,
        primary_metric=None if asked is None else asked.name,
        higher_is_better=None if asked is None else asked.higher_is_better,
        min_effect=min_effect,
        verdicts=verdicts,
        secondary=on_others,
        metrics=metrics,
        groups=request.describe_groups(),
        slices=parts,
        changed_examples=request.find_changed(n_examples),
        differences=find_differences(
            [one.run for one in evidence], make_pairs(list(run_ids), baseline or run_ids[0])
        ),
        radar=draw_radar(metrics),
        warnings=[*request.warn(), *slice_warnings],
        sentences=[*(verdict.sentence for verdict in verdicts), *cautions.say_scope(verdicts)] or [_NOTHING],
    )


class _Request:
    """One comparison while it is worked out: its runs, its pairs or groups, and what was asked."""

    def __init__(
        self,
        source: Source,
        evidence: Sequence[Evidence],
        baseline: str | None,
        asked: Asked | None,
        min_effect: float | None,
        split: str,
    ) -> None:
        self.evidence = evidence
        self.baseline, self.asked, self.min_effect, self.split = baseline, asked, min_effect, split
        self.groups = find_groups([one.run for one in evidence])
        self.labels = overview.name_groups(self.groups)
        self.by_groups = len(self.groups) > 1  # one alone has nothing to be compared with
        self.others = [] if asked is None else list_secondary(evidence, asked)
        by_id = {one.run_id: one for one in evidence}
        pairs = [] if self.by_groups else make_pairs(list(by_id), baseline)
        _check_size([(by_id[a], by_id[b]) for a, b in pairs])
        self.pairs = [Pair(source, by_id[a], by_id[b], split) for a, b in pairs]
        self.tests_others = len(self.pairs) <= MOST_SECONDARY_PAIRS

    def judge(self, secondary: bool) -> tuple[list[PairVerdict], list[PairVerdict]]:
        """The verdicts on the primary metric, and on the others."""
        if self.asked is None:
            return [], []
        find = self._find_between_groups if self.by_groups else self._find_between_runs
        verdicts = self._judge(find([self.asked], True)[0], self.min_effect)
        others = find(self.others, False) if secondary and self.others and self.tests_others else []
        return verdicts, [verdict for family in others for verdict in self._judge(family, None)]

    def compare_slices(self) -> tuple[list[SliceVerdict], list[str]]:
        """The verdicts on slices, and what is said where there are none."""
        rows = [(pair.a.run_id, pair.b.run_id, pair.rows) for pair in self.pairs]
        matched = [(a, b, pairing) for a, b, pairing in rows if pairing is not None]
        if not matched or self.asked is None or not self.asked.is_evaluated:
            return [], ["No slices are compared: there are no predictions of two runs on the same rows."]
        found = compare_slices(matched, self.asked)
        said = (
            [] if found else ["No slices are compared: the evaluations were made without data to slice by."]
        )
        return found, said

    def find_changed(self, most: int) -> list[ChangedExamples]:
        """Fixed and broken rows of each pair whose rows are matched."""
        found = [
            find_changed(pair.a.run_id, pair.b.run_id, pair.rows, most)
            for pair in self.pairs
            if pair.rows is not None
        ]
        return [changed for changed in found if changed is not None]

    def describe_groups(self) -> Sequence[SeedGroup]:
        """The seed groups that were found."""
        values = {} if self.asked is None else overview.read_values(self.evidence, self.asked, self.split)
        return overview.describe_groups(self.groups, self.labels, values)

    def warn(self) -> list[str]:
        """What to beware of."""
        warnings = cautions.warn_of_runs(self.evidence, self.asked, self.split)
        warnings += cautions.warn_of_data(self.evidence, self.pairs)
        warnings += cautions.warn_of_groups(self.groups, self.by_groups, self.evidence)
        units = self.groups if self.by_groups else self.evidence
        warnings += cautions.warn_of_selection(len(units), self.baseline)
        if not self.tests_others:
            warnings.append(
                f"Of {len(self.pairs)} pairs only the primary metric is tested; name a baseline for more."
            )
        return warnings

    def _find_between_runs(self, asked: Sequence[Asked], is_primary: bool) -> list[list[Finding]]:
        """For each metric, the findings on all pairs."""
        found = [pair.find(asked, family_size=len(self.pairs), is_primary=is_primary) for pair in self.pairs]
        return [list(family) for family in zip(*found, strict=True)]

    def _find_between_groups(self, asked: Sequence[Asked], _: bool) -> list[list[Finding]]:
        by_id = {group.group_id: group for group in self.groups}
        first = next((key for key, group in by_id.items() if self.baseline in group.run_ids), None)
        pairs = make_pairs(list(by_id), first)
        found = []
        for one in asked:
            values = overview.read_values(self.evidence, one, self.split)
            found.append(
                [find_between_groups(by_id[a], by_id[b], self.labels, one, values) for a, b in pairs]
            )
        return found

    def _judge(self, findings: Sequence[Finding], min_effect: float | None) -> list[PairVerdict]:
        return judge_family(findings, min_effect, names_pairs=self.by_groups or len(findings) > 1)


def _check_size(pairs: Sequence[tuple[Evidence, Evidence]]) -> None:
    """Raise `InvalidInput` for so many pairs of so many rows that nobody would wait for the answer."""
    examples = [one.examples for pair in pairs for one in pair if one.examples is not None]
    n_rows = sum(one.problem.n for one in examples) // 2
    if len(pairs) > 1 and n_rows > MOST_ROWS:
        raise InvalidInput(
            f"{len(pairs)} pairs have {n_rows:,} rows together; at most {MOST_ROWS:,} are compared at once.",
            hint="Name a baseline, or fewer runs.",
        )
