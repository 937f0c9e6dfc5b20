"""Slices of the data: how good the model is on each, against the rest, and which one stands out.

Looking at many slices finds bad ones by chance alone, so p-values are adjusted for how many are tested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics import find_metric
from modellab.evaluation.problem import Classification, Problem
from modellab.evaluation.slice_cuts import MAX_COLUMNS, N_DECILES, Cut, SliceKind, cut_rows
from modellab.evaluation.slice_measures import Mask, Measure, choose_measure
from modellab.evaluation.slice_nesting import Standout, explain_by_others
from modellab.evaluation.table import DataTable
from modellab.records.estimates import LEVEL, Interval
from modellab.statistics.corrections import holm

MIN_ROWS = 20
"""Rows that a slice, and the rest, must have to be tested."""

MIN_PER_CLASS = 10
"""Rows of each class that they must have where a metric ranks rows of one class against another's."""

MAX_EXPLAINED = 50
"""So many slices that stand out, the furthest ones, are asked whether another one explains them."""

_OF_DATA: tuple[SliceKind, ...] = ("feature", "missingness")
_RANKING = ("roc_auc", "pr_auc", "roc_auc_weighted", "roc_auc_ovo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The rows with `value` of `attribute`: `n` of them.

    `interval` is that of the metric on the slice. `difference` is slice minus rest of the data, in the unit
    of the metric, with its limits; `p_value` is that of `test`, and `adjusted_p` adjusted for all slices of
    the same family. `None` is what is undefined or not tested, and `note` says why. Confidence deciles carry
    the mean confidence, and the gap: mean confidence minus accuracy. `explained_by` names another slice
    that explains why this one stands out: one around it, or one in the rest.
    """

    kind: SliceKind
    attribute: str
    value: str
    n: int
    metric: str
    interval: Interval
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    test: str | None = None
    mean_confidence: float | None = None
    gap: float | None = None
    explained_by: str | None = None
    note: str | None = None

    @property
    def estimate(self) -> float | None:
        """The metric on the slice."""
        return self.interval.estimate

    @property
    def name(self) -> str:
        """The slice in words."""
        prefix = "" if self.kind in ("feature", "confidence", "target") else "missingness of "
        return f"{prefix}{self.attribute}: {self.value}"

    @property
    def stands_out(self) -> bool:
        """Whether it differs from the rest, adjusted for how many slices were looked at."""
        return self.adjusted_p is not None and self.adjusted_p < 1 - LEVEL

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "kind": self.kind,
            "attribute": self.attribute,
            "value": self.value,
            "n": self.n,
            "metric": self.metric,
            "estimate": self.interval.estimate,
            "low": self.interval.low,
            "high": self.interval.high,
            "level": self.interval.level,
            "method": self.interval.method,
            "difference": self.difference,
            "difference_low": self.difference_low,
            "difference_high": self.difference_high,
            "p_value": self.p_value,
            "adjusted_p": self.adjusted_p,
            "test": self.test,
            "mean_confidence": self.mean_confidence,
            "gap": self.gap,
            "explained_by": self.explained_by,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceReport:
    """All slices, and the `worst`: of those of the data that stand out, the one furthest to the bad side.

    `n_tested` different splits of the data were tested; confidence deciles and quartiles of the target are
    not among them, nor are they ever the worst. `higher_is_better` is `None` for a metric without a good
    side.
    """

    slices: Sequence[Slice]
    worst: Slice | None
    metric: str
    higher_is_better: bool | None
    n_tested: int
    notes: Sequence[str]

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "metric": self.metric,
            "higher_is_better": self.higher_is_better,
            "n_tested": self.n_tested,
            "worst": None if self.worst is None else self.worst.as_dict(),
            "slices": [slice_.as_dict() for slice_ in self.slices],
            "notes": list(self.notes),
        }


def find_slices(
    problem: Problem,
    table: DataTable | None,
    *,
    attributes: Sequence[str] | None = None,
    metric: str,
    cuts: Sequence[Cut] | None = None,
) -> SliceReport:
    """Compare each slice with the rest of the data.

    `attributes` are the columns to cut by, `None` is all; `cuts` are those of `cut_rows`, if they are made
    already. Confidence deciles are of accuracy, everything
    else of `metric`. Holm's correction counts each way to split the rows once, in a family of the slices of
    the data and one of those by confidence or target. Raises `InvalidInput` for a metric or column that is
    not there.
    """
    cuts = cut_rows(problem, table, attributes) if cuts is None else cuts
    measure = choose_measure(problem, metric)
    accuracy = choose_measure(problem, "accuracy") if isinstance(problem, Classification) else measure
    slices, splits = [], []
    places = [(cut, code) for cut in cuts for code in range(len(cut.levels))]
    for cut, code in places:
        chosen, name = (accuracy, "accuracy") if cut.kind == "confidence" else (measure, metric)
        rows = cut.codes == code
        slices.append(_compare(problem, cut, code, rows, chosen, name))
        splits.append(_name_split(rows))
    slices, n_tested = _adjust(slices, splits)
    slices = _group(slices, places, measure)
    higher_is_better = find_metric(metric).higher_is_better
    return SliceReport(
        slices=slices,
        worst=_find_worst(slices, higher_is_better),
        metric=metric,
        higher_is_better=higher_is_better,
        n_tested=n_tested,
        notes=_note(cuts, table, attributes),
    )


def assign_slices(cuts: Sequence[Cut]) -> Mapping[str, tuple[NDArray[np.int32], tuple[str, ...]]]:
    """The slice of each row by every attribute: codes (n,), -1 for none, and the slices' names.

    All cuts but that by confidence, which another model does not share. Keys are `kind:attribute`.
    """
    return {cut.key: (cut.codes, cut.levels) for cut in cuts if cut.kind != "confidence"}


def say_too_few(problem: Problem, metric: str, inside: Mask, outside: Mask) -> str | None:
    """Why rows are too few to be tested; `None` if they are enough."""
    for rows, where in ((inside, "in the slice"), (outside, "in the rest")):
        n = int(np.count_nonzero(rows))
        if n < MIN_ROWS:
            return f"not tested: {n} rows {where}, fewer than {MIN_ROWS}"
        if metric in _RANKING and isinstance(problem, Classification):
            counts = np.bincount(problem.labels[rows], minlength=len(problem.classes))
            fewest = int(counts.min() if problem.is_binary else counts[counts > 0].min())
            if fewest < MIN_PER_CLASS:
                return f"not tested: {fewest} rows of a class {where}, fewer than {MIN_PER_CLASS}"
    return None


def _compare(problem: Problem, cut: Cut, code: int, rows: Mask, measure: Measure, metric: str) -> Slice:
    comparison = measure.compare(rows, ~rows)
    test, interval = comparison.test, comparison.estimate
    found = Slice(
        kind=cut.kind,
        attribute=cut.attribute,
        value=cut.levels[code],
        n=int(np.count_nonzero(rows)),
        metric=metric,
        interval=interval,
        note=interval.note,
    )
    if cut.kind == "confidence" and isinstance(problem, Classification):
        found = _add_confidence(found, problem, rows)
    if test is None:
        return replace(found, note=f"not tested: {'all' if rows.all() else 'no other'} rows")
    found = replace(
        found,
        difference=test.interval.estimate,
        difference_low=test.interval.low,
        difference_high=test.interval.high,
    )
    few = say_too_few(problem, metric, rows, ~rows)
    if few is not None:
        return replace(found, note=few)
    if test.p_value is None:
        return replace(found, note=_join(interval.note, test.note))
    return replace(found, p_value=test.p_value, test=test.name)


def _join(*notes: str | None) -> str | None:
    return "; ".join(dict.fromkeys(note for note in notes if note)) or None


def _add_confidence(slice_: Slice, problem: Classification, rows: Mask) -> Slice:
    if problem.confidences is None or slice_.estimate is None:
        return slice_
    mean = float(problem.confidences[rows].mean())
    return replace(slice_, mean_confidence=mean, gap=mean - slice_.estimate)


def _adjust(slices: Sequence[Slice], splits: Sequence[bytes]) -> tuple[list[Slice], int]:
    """The slices with adjusted p-values, and how many splits of the data were tested."""
    adjusted = list(slices)
    n_tested = 0
    for family in (_OF_DATA, ("confidence",), ("target",)):
        places = [i for i, s in enumerate(slices) if s.kind in family and s.p_value is not None]
        p_values: dict[bytes, float | None] = {}
        for place in places:
            p_values.setdefault(splits[place], slices[place].p_value)
        by_split = dict(zip(p_values, holm(list(p_values.values())), strict=True))
        for place in places:
            adjusted[place] = replace(slices[place], adjusted_p=by_split[splits[place]])
        if family == _OF_DATA:
            n_tested = len(p_values)
    return adjusted, n_tested


def _name_split(rows: Mask) -> bytes:
    """The same for a mask and its complement: they are one split of the rows, and one test."""
    return hashlib.sha256(np.packbits(rows ^ rows[0]).tobytes()).digest()


def _group(slices: Sequence[Slice], places: Sequence[tuple[Cut, int]], measure: Measure) -> list[Slice]:
    found = [
        (abs(slice_.difference), place)
        for place, slice_ in enumerate(slices)
        if slice_.kind in _OF_DATA and slice_.stands_out and slice_.difference is not None
    ]
    strongest = sorted(found, key=lambda pair: -pair[0])[:MAX_EXPLAINED]
    standouts = []
    for _, place in sorted(strongest, key=lambda pair: pair[1]):
        cut, code = places[place]
        standouts.append(Standout(slices[place].name, cut.codes == code, slices[place].difference or 0.0))
    explained = explain_by_others(standouts, measure)
    return [
        replace(slice_, explained_by=explained[slice_.name]) if slice_.name in explained else slice_
        for slice_ in slices
    ]


def _find_worst(slices: Sequence[Slice], higher_is_better: bool | None) -> Slice | None:
    if higher_is_better is None:
        return None
    sign = -1.0 if higher_is_better else 1.0
    bad = [
        (sign * slice_.difference, slice_)
        for slice_ in slices
        if slice_.kind in _OF_DATA
        and slice_.stands_out
        and slice_.explained_by is None
        and slice_.difference is not None
        and sign * slice_.difference > 0
    ]
    return max(bad, key=lambda pair: pair[0])[1] if bad else None


def _note(cuts: Sequence[Cut], table: DataTable | None, attributes: Sequence[str] | None) -> list[str]:
    notes = []
    for cut in cuts:
        if cut.kind == "confidence" and len(cut.levels) < N_DECILES:
            notes.append(
                f"{len(cut.levels)} slices by confidence, not {N_DECILES}: equal confidences stay together"
            )
    if table is None:
        notes.append("no slices of the data: only predictions and labels were handed over")
    elif attributes is None and len(table.columns) > MAX_COLUMNS:
        notes.append(
            f"the first {MAX_COLUMNS} of {len(table.columns)} columns; name others in slice_attributes"
        )
    if table is not None and not table.n_missing.any():
        notes.append("no cell is missing")
    return notes
