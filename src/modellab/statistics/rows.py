"""Weights of rows: how often each row, or the cluster it belongs to, is drawn in a bootstrap resample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from modellab.statistics.multinomial import Counts, Multinomial
from modellab.statistics.streams import Stream

BATCH = 1 << 16  # weights that are in memory at a time, so that they stay in the cache
_MOST_WEIGHTS = 1_000_000_000  # drawn for one answer: some seconds
_FEWEST = 100  # resamples, however many rows there are


class RowWeights:
    """The law of the weights of n rows; with `clusters` (codes from 0, one a row) whole ones are drawn."""

    def __init__(self, n: int, clusters: NDArray[np.int64] | None = None) -> None:
        self._n = n
        self._clusters = clusters
        sizes = np.ones(n, np.int64) if clusters is None else np.bincount(clusters)
        self._law = Multinomial(len(sizes), np.ones(len(sizes), np.int64))
        self.most = int(sizes.max()) * len(sizes)
        """A bound of the sum of weights."""

    def draw(self, stream: Stream, n_resamples: int) -> Iterator[Counts]:
        """The weights (B, n) of `n_resamples` resamples, a batch at a time."""
        batch = max(1, BATCH // self._n)
        for start in range(0, n_resamples, batch):
            weights = self._law.draw(stream, min(batch, n_resamples - start))
            if self._clusters is not None:
                weights = weights.take(self._clusters, axis=1)
            yield weights if self.most < 2**30 else weights.astype(np.int64)


def limit_resamples(n_resamples: int, n: int, n_times: int = 1) -> int:
    """How many resamples of `n` rows, each looked at `n_times`, are made: fewer of very many rows."""
    return min(n_resamples, max(_FEWEST, _MOST_WEIGHTS // (n * n_times)))


def order_rows(columns: NDArray[np.float64]) -> NDArray[np.int64]:
    """The order of rows by what is in their columns (n, m), the first column first."""
    width = min(2, columns.shape[1])
    while True:
        order = np.lexsort(columns[:, :width].T[::-1])
        sorted_ = columns[order, :width]
        if width == columns.shape[1] or not np.any(np.all(sorted_[1:] == sorted_[:-1], axis=1)):
            return order
        width = min(4 * width, columns.shape[1])
