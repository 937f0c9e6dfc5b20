"""Which test applies to a pair of runs, or of seed groups, and its outcome: the decision tree.

Predictions on the same rows: a paired test. On other rows: an unpaired one, which the verdict says. No
predictions but groups of seeds: a test over runs. An accuracy and its number of rows: two proportions. Else
there is no test. A curve over steps is never tested: of each run its final value counts, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from modellab.comparison.evidence import Evidence, Source
from modellab.comparison.findings import Finding
from modellab.comparison.group_tests import compare_groups, summarize
from modellab.comparison.latencies import compare_calls, is_latency
from modellab.comparison.measured import Measured
from modellab.comparison.paired_tests import compare_rows
from modellab.comparison.pairing import Mismatch, Pairing, align_classes, pair_rows
from modellab.comparison.questions import Asked
from modellab.comparison.seed_groups import Group
from modellab.comparison.unpaired_tests import compare_apart, compare_counts
from modellab.comparison.wording import LOG_MORE
from modellab.records.comparisons import Basis
from modellab.statistics.studentized import IDENTICAL

NOT_THE_SAME = "Not the same test set"
_DF_OF_ROWS = {"paired_t", "wilcoxon"}


class Pair:
    """Two runs, A and B, and what their predictions have in common; matched once for all metrics."""

    def __init__(self, source: Source, a: Evidence, b: Evidence, split: str) -> None:
        self.source, self.a, self.b, self.split = source, a, b, split
        self.match: Pairing | Mismatch | None = None
        if a.examples is not None and b.examples is not None:
            self.match = pair_rows(a.examples, b.examples)

    @property
    def rows(self) -> Pairing | None:
        """The rows of both, if there are enough."""
        return self.match if isinstance(self.match, Pairing) else None

    def find(self, asked: Sequence[Asked], *, family_size: int = 1, is_primary: bool = True) -> list[Finding]:
        """The findings on some metrics."""
        evaluated = [one.name for one in asked if one.is_evaluated]
        measured: Mapping[str, Measured] = {}
        if isinstance(self.match, Pairing):
            measured = compare_rows(self.match, evaluated, family_size=family_size, is_primary=is_primary)
        elif self.a.examples is not None and self.b.examples is not None and self._are_comparable():
            aligned = align_classes(self.a.examples.problem, self.b.examples.problem)
            measured = compare_apart(self.a.examples, replace(self.b.examples, problem=aligned), evaluated)
        return [self._find(one, measured.get(one.name) if one.is_evaluated else None) for one in asked]

    def _find(self, asked: Asked, measured: Measured | None) -> Finding:
        if not asked.is_evaluated and is_latency(asked.name):
            return self._find_latency(asked)
        if measured is None:
            measured = self._compare_numbers(asked)
        if measured is None:
            return self._give_up(asked)
        test = measured.test
        if test is None or test.p_value is None:
            reason = f"{measured.reason or 'no test applies'}, so"
            return self._make(asked, "nothing", measured, reason=reason, needed=None)
        basis, n_text, notes = self._say_basis()
        df = float(test.n - 1) if test.name in _DF_OF_ROWS else None
        if self.rows is not None and self.rows.n_clusters is not None and "clustered_t" in test.name:
            df = float(self.rows.n_clusters - 1)
        return self._make(asked, basis, measured, df=df, n_text=n_text, notes=notes)

    def _find_latency(self, asked: Asked) -> Finding:
        measured, notes = compare_calls(self.source, self.a, self.b, asked.name)
        if measured.reason is not None:
            return self._make(asked, "nothing", measured, reason=f"{measured.reason}, so")
        if measured.test is None:
            return self._give_up(asked)
        n_text = f"{measured.test.n} calls on the smaller side"
        return self._make(asked, "calls", measured, n_text=n_text, notes=notes)

    def _are_comparable(self) -> bool:
        return isinstance(self.match, Mismatch) and self.match.are_comparable

    def _say_basis(self) -> tuple[Basis, str, list[str]]:
        """What the test rests on, how many there are, and what the verdict has to carry."""
        if isinstance(self.match, Pairing):
            n = f"{self.match.n} paired rows"
            if self.match.n_clusters is not None:
                n += f" in {self.match.n_clusters} clusters"
            return "paired rows", n, [] if self.match.note is None else [self.match.note]
        if isinstance(self.match, Mismatch):
            note = f"{NOT_THE_SAME}: {self.match.reason}"
            return "different rows", f"{self._n(self.a)} and {self._n(self.b)} rows", [note]
        note = "unpaired, conservative: predictions of both on the same rows would tell smaller differences"
        if self._rows_differ():
            note = f"{NOT_THE_SAME}: row ids or labels differ"
        return "final numbers", f"{self._n(self.a)} and {self._n(self.b)} rows", [note]

    def _rows_differ(self) -> bool:
        a, b = self.a.evaluation, self.b.evaluation
        return a is not None and b is not None and a.rows_sha256 != b.rows_sha256

    def _compare_numbers(self, asked: Asked) -> Measured | None:
        """Two accuracies and the numbers of their rows, if that is all that is known."""
        a, b = self.a.evaluation, self.b.evaluation
        if self.match is not None or not asked.is_evaluated or asked.name != "accuracy" or not (a and b):
            return None
        share_a, share_b = a.metrics.get("accuracy"), b.metrics.get("accuracy")
        if share_a is None or share_b is None:
            return None
        return compare_counts(share_a, a.n, share_b, b.n)

    def _give_up(self, asked: Asked) -> Finding:
        """No test: the values, why, and what would make it tellable."""
        values = Measured(a_value=asked.read(self.a, self.split), b_value=asked.read(self.b, self.split))
        if isinstance(self.match, Mismatch):
            return self._make(asked, "nothing", values, reason=f"{self.match.reason}, so", needed=None)
        if values.a_value is None or values.b_value is None:
            label = self.a.label if values.a_value is None else self.b.label
            reason = f"{label} has no value of {asked.name}, so"
            return self._make(asked, "nothing", values, reason=reason, needed=f"Log {asked.name} in both.")
        has_one = [one.examples is not None for one in (self.a, self.b)]
        stored = "no stored predictions"
        if any(has_one) and asked.is_evaluated:
            stored = f"no stored predictions of {(self.b if has_one[0] else self.a).label}"
        elif all(has_one):
            stored = f"predictions that do not give {asked.name}"
        return self._make(asked, "nothing", values, reason=f"with one run each and {stored}", needed=LOG_MORE)

    def _make(self, asked: Asked, basis: Basis, measured: Measured, **more: Any) -> Finding:
        return Finding(
            a=self.a.run_id,
            b=self.b.run_id,
            label_a=self.a.label,
            label_b=self.b.label,
            metric=asked.name,
            higher_is_better=asked.higher_is_better,
            basis=basis,
            a_value=measured.a_value,
            b_value=measured.b_value,
            test=measured.test,
            is_identical=measured.is_identical,
            **more,
        )

    @staticmethod
    def _n(evidence: Evidence) -> int:
        if evidence.examples is not None:
            return evidence.examples.problem.n
        return 0 if evidence.evaluation is None else evidence.evaluation.n


def find_between_groups(
    a: Group, b: Group, labels: Mapping[str, str], asked: Asked, values: Mapping[str, float]
) -> Finding:
    """The finding on two seed groups; `values` are those of the runs that have the metric."""
    names = (labels[a.group_id], labels[b.group_id])
    found = compare_groups(a, b, values, names, higher_is_better=asked.higher_is_better)
    means = [summarize([values[i] for i in group.run_ids if i in values]).estimate for group in (a, b)]
    test = found.test
    reason = found.reason
    if test is not None and test.p_value is None:
        reason = f"{test.note or 'no test applies'}, so"
    return Finding(
        a=a.group_id,
        b=b.group_id,
        label_a=names[0],
        label_b=names[1],
        metric=asked.name,
        higher_is_better=asked.higher_is_better,
        basis=found.basis,
        a_value=means[0],
        b_value=means[1],
        test=test,
        df=found.df,
        n_text=found.n_text,
        is_identical=test is not None and test.note == IDENTICAL,
        reason=reason,
        needed="Log more runs of each." if reason else None,
        notes=found.notes,
    )
