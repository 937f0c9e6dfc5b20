"""Which pairs are compared, and p-values adjusted for how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from modellab.statistics.corrections import holm

PairOfIds = tuple[str, str]
"""A and B: a difference is B - A."""


def make_pairs(ids: Sequence[str], baseline: str | None) -> list[PairOfIds]:
    """Every other one against the baseline, if there is one; else all pairs, in the order given."""
    if baseline is not None:
        return [(baseline, other) for other in ids if other != baseline]
    return list(combinations(ids, 2))


def adjust_against_first(p_values: Sequence[float | None]) -> tuple[list[float | None], int]:
    """Tests against a run that was chosen because it is the best, and the size of their family.

    The best was picked by looking at all of them, so every pair counts, though only those with the first
    are tested; `docs/concepts/verdicts.md` shows what happens otherwise.
    """
    n_runs = 1 + sum(p is not None for p in p_values)
    n_pairs = n_runs * (n_runs - 1) // 2
    others: list[float | None] = [1.0] * (n_pairs - (n_runs - 1))
    return holm([*p_values, *others])[: len(p_values)], n_pairs
