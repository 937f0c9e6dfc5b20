"""How strongly one column goes with another: on ranks, with p-values of permutations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modellab.statistics.streams import Stream

FEWEST = 10
"""Rows of which nothing is said with fewer."""
_NUMBERS = 4_000_000
_FEWEST_DRAWN, _MOST_DRAWN = 2000, 20_000
_SAME = 1e-9
_AT_ONCE = 500

Measure = Literal["spearman", "eta_squared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """The size of an association, and the chance of one as large if there were none.

    `value` is Spearman's rank correlation, or eta²: the share of the variance of ranks that lies between
    groups. `strength` lies in 0 to 1 on one scale: the size of the correlation, or the root of eta² without
    what chance alone gives so many groups (epsilon²).
    """

    measure: Measure
    value: float
    strength: float
    p_value: float


class Permutations:
    """The rows of a table in random orders, the same for every column that is held against the outcome.

    Of rows that lack a value, the order of those that have one is as random as that of all.
    """

    def __init__(self, n_rows: int, stream: Stream) -> None:
        self.count = int(min(_MOST_DRAWN, max(_FEWEST_DRAWN, _NUMBERS // max(1, n_rows))))
        parts = range(0, self.count, _AT_ONCE)
        drawn = [
            stream.raw(n_rows * min(_AT_ONCE, self.count - start)).reshape(-1, n_rows) for start in parts
        ]
        self._orders = np.concatenate([np.argsort(part, axis=1).astype(np.int32) for part in drawn])

    def correlate(
        self, column: NDArray[np.float64], outcome: NDArray[np.float64], there: NDArray[np.bool_]
    ) -> Association:
        """Spearman's correlation of numbers (n,) with an outcome (n,), over the rows that are `there`."""
        x, y = rank_evenly(column[there]), self._rank(outcome, there)
        x -= x.mean()
        scale = float(np.sqrt(np.square(x).sum() * np.square(y[there]).sum()))
        value = float(x @ y[there]) / scale
        drawn = self._permute(y, there, x[:, None])[:, 0] / scale
        return Association(
            measure="spearman",
            value=value,
            strength=min(1.0, abs(value)),
            p_value=self._share(np.abs(drawn), abs(value)),
        )

    def compare_groups(
        self, codes: NDArray[np.int64], outcome: NDArray[np.float64], there: NDArray[np.bool_]
    ) -> Association:
        """Eta² of groups (codes from 0, (n,)) on the ranks of an outcome, over the rows that are `there`."""
        groups, y = codes[there], self._rank(outcome, there)
        sizes = np.bincount(groups)
        members = np.zeros((len(groups), len(sizes)))
        members[np.arange(len(groups)), groups] = 1 / np.sqrt(sizes)[groups]
        total = float(np.square(y[there]).sum())
        value = float(np.square(y[there] @ members).sum()) / total
        drawn = np.square(self._permute(y, there, members)).sum(axis=1) / total
        n, k = len(groups), len(sizes)
        beyond_chance = max(0.0, 1 - (1 - value) * (n - 1) / (n - k))
        return Association(
            measure="eta_squared",
            value=min(1.0, value),
            strength=min(1.0, beyond_chance**0.5),
            p_value=self._share(drawn, value),
        )

    def _rank(self, outcome: NDArray[np.float64], there: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Ranks around 0, in their places among all rows."""
        ranks = rank_evenly(outcome[there])
        placed = np.zeros(len(outcome))
        placed[there] = ranks - ranks.mean()
        return placed

    def _permute(
        self, y: NDArray[np.float64], there: NDArray[np.bool_], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The weighted sums of the outcome in every order, shape (orders, columns of weights)."""
        found = []
        for start in range(0, self.count, _AT_ONCE):
            orders = self._orders[start : start + _AT_ONCE]
            kept = orders if there.all() else orders[there[orders]].reshape(len(orders), -1)
            found.append(y[kept] @ weights)
        return np.concatenate(found)

    def _share(self, drawn: NDArray[np.float64], seen: float) -> float:
        """(1 + orders at least as far) / (1 + orders), which is never 0 (Phipson & Smyth 2010)."""
        return (1 + int(np.count_nonzero(drawn >= seen - _SAME))) / (1 + self.count)


def rank_evenly(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[places], dtype=np.float64)


def code_values(values: Sequence[object]) -> NDArray[np.int64]:
    """Codes from 0, the same for equal values."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.int64)
