"""Tests of two groups of runs by one number a run: over seeds, or over the folds of a cross-validation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from modellab.comparison.measured import SEED
from modellab.comparison.seed_groups import FEWEST, Draw, Group
from modellab.records.comparisons import Basis
from modellab.records.estimates import Interval, Test
from modellab.statistics.aggregates import probability_of_improvement
from modellab.statistics.distributions import critical_value
from modellab.statistics.seeds import T_FROM, almost_stochastic_order, compare_seeds, compare_splits
from modellab.statistics.streams import Stream
from modellab.statistics.unpaired import compare_welch


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTest:
    """The test of B - A over runs, what it rests on, and its degrees of freedom."""

    test: Test | None
    basis: Basis
    n_text: str
    df: float | None = None
    reason: str | None = None
    notes: Sequence[str] = ()


def compare_groups(
    a: Group, b: Group, values: Mapping[str, float], names: tuple[str, str], *, higher_is_better: bool
) -> GroupTest:
    """The mean difference of two groups that are called `names`; `values` are of the runs that have one."""
    sides = [
        {
            draw: values[run.run_id]
            for run, draw in zip(group.runs, group.draws, strict=True)
            if run.run_id in values
        }
        for group in (a, b)
    ]
    n_known = [sum(run_id in values for run_id in group.run_ids) for group in (a, b)]
    if min(n_known) < FEWEST:
        reason = f"only {min(n_known)} runs of a group have a value;"
        return GroupTest(test=None, basis="nothing", n_text="", reason=reason)
    is_paired = a.is_distinct and b.is_distinct and sides[0].keys() == sides[1].keys()
    if a.has_folds or b.has_folds:
        if is_paired:
            return _compare_folds(sides[0], sides[1])
        reason = (
            "the folds of the two groups are not the same, and folds of one data set are not independent;"
        )
        return GroupTest(test=None, basis="nothing", n_text="", reason=reason)
    if is_paired:
        draws = sorted(sides[0], key=repr)
        test = compare_seeds([sides[0][draw] for draw in draws], [sides[1][draw] for draw in draws])
        n = len(draws)
        return GroupTest(
            test=test, basis="seeds", n_text=f"{n} pairs of seeds", df=n - 1, notes=_read_note(test)
        )
    of_a, of_b = ([values[run_id] for run_id in group.run_ids if run_id in values] for group in (a, b))
    return GroupTest(
        test=compare_welch(of_a, of_b),
        basis="seeds",
        n_text=f"{len(of_a)} and {len(of_b)} seeds",
        df=_find_df(of_a, of_b),
        notes=_compare_distributions(of_a, of_b, names, higher_is_better),
    )


def summarize(values: Sequence[float]) -> Interval:
    """The mean of runs with its t interval."""
    n = len(values)
    if n == 0:
        return Interval(estimate=None, low=None, high=None, method="t", note="no run has a value")
    mean = float(np.mean(values))
    if n < FEWEST:
        return Interval(estimate=mean, low=None, high=None, method="t", note="too few runs")
    reach = critical_value(df=n - 1) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return Interval(estimate=mean, low=mean - reach, high=mean + reach, method="t")


def _compare_folds(a: Mapping[Draw, float], b: Mapping[Draw, float]) -> GroupTest:
    """Folds of one cross-validation, or of several with other seeds: their training rows overlap."""
    draws = sorted(a, key=repr)
    n_folds = len({fold for _, fold in draws})
    n = len(draws)
    repeats = n // n_folds if n % n_folds == 0 else 1
    test = compare_splits([b[draw] - a[draw] for draw in draws], n_folds - 1, 1, repeats=repeats)
    text = f"{n} pairs of folds" if repeats == 1 else f"{n} pairs of folds in {repeats} repeats"
    return GroupTest(test=test, basis="folds", n_text=text, df=n - 1, notes=_read_note(test))


def _compare_distributions(
    a: Sequence[float], b: Sequence[float], names: tuple[str, str], higher_is_better: bool
) -> list[str]:
    """With many seeds: how often a run of B beats one of A, and almost stochastic order."""
    if min(len(a), len(b)) < T_FROM:
        return []
    sign = 1.0 if higher_is_better else -1.0
    side_a, side_b = sign * np.asarray(a), sign * np.asarray(b)
    stream = Stream(SEED, "comparison", "seeds")
    chance = probability_of_improvement(side_a[:, None], side_b[:, None], stream=stream.child("improvement"))
    order = almost_stochastic_order(side_a, side_b, stream=stream.child("order"))
    said = []
    if chance.estimate is not None and chance.low is not None and chance.high is not None:
        said.append(
            f"A run of {names[1]} beats one of {names[0]} in {100 * chance.estimate:.0f} % of pairs "
            f"(95 % CI {100 * chance.low:.0f} to {100 * chance.high:.0f})"
        )
    if order.eps_min is not None:
        said.append(
            f"Almost stochastic order of {names[1]} over {names[0]}: "
            f"eps_min = {order.eps_min:.2f} (clear below 0.2)"
        )
    return said


def _read_note(test: Test) -> list[str]:
    return [] if test.note is None or test.note == "identical" else [test.note]


def _find_df(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Welch and Satterthwaite's degrees of freedom."""
    parts = [float(np.var(side, ddof=1)) / len(side) for side in (a, b)]
    below = sum(part**2 / (len(side) - 1) for part, side in zip(parts, (a, b), strict=True))
    return (sum(parts) ** 2 / below) if below > 0 else None
