"""Confusion matrices of A after random swaps of A's and B's answers, drawn without touching rows.

Rows with the same label and the same two answers are alike: of `count` such rows, Binomial(count, 1/2) have
them one way round. So a swap of all rows costs one draw for each kind of row, and is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.statistics.columns import read_clusters, read_codes
from modellab.statistics.confusion import count_confusion
from modellab.statistics.streams import Stream

_NUMBERS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class Changes:
    """Sums (size,) that draws change: what they are when every draw is 0, and what each draw adds where."""

    start: NDArray[np.float64]
    draws: NDArray[np.int64]
    """Of each change, the draw that it belongs to; sorted by the sum that it changes."""
    amounts: NDArray[np.float64]
    sums: NDArray[np.int64]
    """The sums that change, ascending."""
    starts: NDArray[np.int64]
    """Where the changes of each of them start."""

    @classmethod
    def sort(
        cls,
        start: NDArray[np.float64],
        draws: NDArray[np.int64],
        sums: NDArray[np.int64],
        amounts: NDArray[np.float64],
    ) -> Changes:
        """From changes in any order; `amounts` are whole numbers, so that the order does not matter."""
        order = np.argsort(sums, kind="stable")
        changed, starts = np.unique(sums[order], return_index=True)
        return cls(start, draws[order], amounts[order], changed, starts)

    def apply(self, drawn: NDArray[Any]) -> NDArray[np.float64]:
        """The sums (B, size) under draws (B, draws)."""
        found = np.tile(self.start, (len(drawn), 1))
        if len(self.starts):
            changes = drawn.take(self.draws, axis=1) * self.amounts
            found[:, self.sums] += np.add.reduceat(changes, self.starts, axis=1)
        return found


@dataclass(frozen=True, slots=True)
class SwappedCells:
    """The matrix (K, K) of A as it was seen, that of A and B together, and what swaps change in A's."""

    seen: NDArray[np.int64]
    total: NDArray[np.int64]
    counts: NDArray[np.int64]
    """How many rows, each swapped or not, a draw counts: (draws,)."""
    changes: Changes

    def draw(self, n_permutations: int, stream: Stream) -> Iterator[NDArray[np.int64]]:
        """Matrices of A, (some, K, K) at a time; that of B is `total` minus it."""
        widest = max(self.total.size, len(self.changes.draws), len(self.counts), int(self.counts.sum()) // 64)
        at_once = max(1, _NUMBERS_AT_ONCE // widest)
        for first in range(0, n_permutations, at_once):
            drawn = draw_halves(self.counts, min(at_once, n_permutations - first), stream)
            yield self.changes.apply(drawn).astype(np.int64).reshape(-1, *self.total.shape)


def swap_cells(
    labels: ArrayLike,
    predicted_a: ArrayLike,
    predicted_b: ArrayLike,
    n_classes: int,
    clusters: ArrayLike | None = None,
) -> SwappedCells:
    """From class codes (n,) each, and clusters (n,) that swap as a whole."""
    names = {"labels": labels, "predicted_a": predicted_a, "predicted_b": predicted_b}
    y, a, b = (read_codes(name, column, n_classes) for name, column in names.items())
    if not len(y) == len(a) == len(b):
        raise InvalidInput(f"There are {len(y)} labels, {len(a)} predictions of A and {len(b)} of B.")
    seen = count_confusion(y, a, n_classes)
    total = seen + count_confusion(y, b, n_classes)
    differ = a != b
    if clusters is None:
        return _swap_kinds(seen, total, y[differ], a[differ], b[differ])
    codes, n_clusters = read_clusters(clusters, len(y))
    cells_a, cells_b = (y * n_classes + a)[differ], (y * n_classes + b)[differ]
    changes = Changes.sort(
        seen.reshape(-1).astype(np.float64),
        np.tile(codes[differ], 2),
        np.concatenate([cells_a, cells_b]),
        np.repeat([-1.0, 1.0], len(cells_a)),
    )
    return SwappedCells(seen, total, np.ones(n_clusters, np.int64), changes)


def draw_halves(counts: NDArray[np.int64], size: int, stream: Stream) -> NDArray[np.int64]:
    """Draws (size, len(counts)) of Binomial(count, 1/2): how many of `count` random bits are set.

    Counts are at least 1.
    """
    if not len(counts):
        return np.zeros((size, 0), np.int64)
    words = (counts + 63) // 64
    ends = np.cumsum(words)
    masks = np.full(int(ends[-1]), np.uint64(2**64 - 1))
    masks[ends - 1] >>= (words * 64 - counts).astype(np.uint64)
    bits = np.bitwise_count(stream.raw(size * len(masks)).reshape(size, -1) & masks)
    return np.add.reduceat(bits, ends - words, axis=1, dtype=np.int64)


def _swap_kinds(
    seen: NDArray[np.int64],
    total: NDArray[np.int64],
    y: NDArray[np.int64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
) -> SwappedCells:
    """Rows that differ, by label and both answers, whichever is whose: so A and B are alike to the draws."""
    n_classes = len(seen)
    codes = (y * n_classes + np.minimum(a, b)) * n_classes + np.maximum(a, b)
    kinds, counts = np.unique(codes, return_counts=True)
    low = kinds // n_classes
    high = low // n_classes * n_classes + kinds % n_classes
    start = (seen - count_confusion(y, a, n_classes)).reshape(-1).astype(np.float64)
    np.add.at(start, high, counts)
    changes = Changes.sort(
        start,
        np.tile(np.arange(len(kinds)), 2),
        np.concatenate([low, high]),
        np.repeat([1.0, -1.0], len(kinds)),
    )
    return SwappedCells(seen, total, counts.astype(np.int64), changes)
