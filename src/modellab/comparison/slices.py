"""Two runs on parts of the test rows, with p-values adjusted for all the parts that were looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.measured import Measured
from modellab.comparison.paired_tests import compare_rows
from modellab.comparison.pairing import Pairing
from modellab.comparison.questions import Asked
from modellab.evaluation.metrics import find_metric
from modellab.evaluation.problem import Classification
from modellab.evaluation.slices import MIN_PER_CLASS, MIN_ROWS
from modellab.records.comparisons import SliceVerdict
from modellab.statistics.corrections import holm
from modellab.statistics.verdicts import choose_word

_OF_A_MODEL = "confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    a: str
    b: str
    attribute: str
    value: str
    n: int
    measured: Measured | None
    note: str | None


def compare_slices(pairs: Sequence[tuple[str, str, Pairing]], asked: Asked) -> list[SliceVerdict]:
    """Every slice of every pair (A, B and their rows), on one metric; all of them are one family.

    Slices by the confidence of a model are left out: they are another cut for each model, and the one whose
    confidence cuts would look better in its own upper slices.
    """
    n_slices = sum(1 for _, _, pairing in pairs for _ in _cut(pairing))
    parts = [
        _compare(a, b, pairing, cut, asked, n_slices) for a, b, pairing in pairs for cut in _cut(pairing)
    ]
    adjusted = holm([_read_p(part) for part in parts])
    n_tests = sum(p is not None for p in adjusted)
    return [_judge(part, p, asked, n_tests) for part, p in zip(parts, adjusted, strict=True)]


_Cut = tuple[str, str, NDArray[np.int64]]


def _cut(pairing: Pairing) -> Iterator[_Cut]:
    """Attribute, value and rows of each slice."""
    for key, (codes, levels) in pairing.slices.items():
        kind, _, attribute = key.partition(":")
        if kind == _OF_A_MODEL:
            continue
        for code, level in enumerate(levels):
            rows = np.flatnonzero(codes == code)
            if len(rows):
                yield f"{attribute} ({kind})" if kind != "feature" else attribute, level, rows


def _compare(a: str, b: str, pairing: Pairing, cut: _Cut, asked: Asked, n_slices: int) -> _Part:
    attribute, value, rows = cut
    part = Pairing(
        a=pairing.a.take(rows),
        b=pairing.b.take(rows),
        row_ids=(),
        clusters=None if pairing.clusters is None else pairing.clusters[rows],
        slices={},
        note=None,
    )
    note = _refuse(part, asked.name)
    measured = None if note else compare_rows(part, [asked.name], family_size=n_slices)[asked.name]
    if measured is not None and measured.test is None:
        note = measured.reason
    return _Part(a=a, b=b, attribute=attribute, value=value, n=len(rows), measured=measured, note=note)


def _refuse(part: Pairing, name: str) -> str | None:
    """Why a slice is too small to test."""
    if part.n < MIN_ROWS:
        return f"not tested: {part.n} rows, {MIN_ROWS} are needed"
    if isinstance(part.a, Classification) and find_metric(name).kind == "scores":
        counts = np.bincount(part.a.labels, minlength=len(part.a.classes))
        if part.a.is_binary and counts.min() < MIN_PER_CLASS:
            return f"not tested: {counts.min()} rows of a class, {MIN_PER_CLASS} are needed"
    return None


def _read_p(part: _Part) -> float | None:
    return None if part.measured is None or part.measured.test is None else part.measured.test.p_value


def _judge(part: _Part, adjusted_p: float | None, asked: Asked, n_tests: int) -> SliceVerdict:
    measured = part.measured
    test = None if measured is None else measured.test
    interval = None if test is None else test.interval
    word = choose_word(
        higher_is_better=asked.higher_is_better,
        interval=interval,
        p_value=_read_p(part),
        adjusted_p=adjusted_p,
        is_identical=measured is not None and measured.is_identical,
    )
    return SliceVerdict(
        a=part.a,
        b=part.b,
        attribute=part.attribute,
        value=part.value,
        n=part.n,
        metric=asked.name,
        a_value=None if measured is None else measured.a_value,
        b_value=None if measured is None else measured.b_value,
        difference=None if interval is None else interval.estimate,
        interval=interval,
        test=None if test is None else test.name,
        p_value=_read_p(part),
        adjusted_p=adjusted_p,
        family_size=n_tests,
        verdict=word,
        note=part.note,
    )
