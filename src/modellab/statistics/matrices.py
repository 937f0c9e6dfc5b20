"""Bootstrap confusion matrices of one or more models under the same resampled rows or clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from modellab.statistics.multinomial import Counts, Multinomial
from modellab.statistics.rows import RowWeights
from modellab.statistics.streams import Stream

_BATCH = 1 << 20  # numbers in memory at a time


class Matrices:
    """The law of the matrices (K, K) of codes `labels` (n,) against each of `predictions` (n,).

    Rows with the same label and predictions are one cell; cells are drawn and not rows. With `clusters`
    (codes from 0) clusters are drawn, and bring the rows that they have in each cell.
    """

    def __init__(
        self,
        labels: NDArray[np.int64],
        predictions: Sequence[NDArray[np.int64]],
        n_classes: int,
        clusters: NDArray[np.int64] | None,
    ) -> None:
        self._n_classes = n_classes
        joint = labels
        for column in predictions:
            joint = np.unique(joint * n_classes + column, return_inverse=True)[1]
        first, self._sizes = np.unique(joint, return_index=True, return_counts=True)[1:]
        self._targets = [_Target(labels[first] * n_classes + column[first]) for column in predictions]
        self._law = Multinomial(len(labels), self._sizes)
        self._clusters = None if clusters is None else _Clusters(joint, clusters)

    def draw(self, stream: Stream, n_resamples: int) -> Iterator[list[NDArray[np.int64]]]:
        """For each of the predictions, matrices (B, K, K), until there were `n_resamples`."""
        batch = max(1, _BATCH // (self._n_classes**2 + len(self._sizes)))
        for start in range(0, n_resamples, batch):
            size = min(batch, n_resamples - start)
            if self._clusters is None:
                counts = self._law.draw(stream, size)
            else:
                counts = self._clusters.draw(stream, size)
            yield [target.add_up(counts, self._n_classes) for target in self._targets]


class _Target:
    """Which cell of a matrix each joint cell falls into."""

    def __init__(self, cells: NDArray[np.int64]) -> None:
        self._order = np.argsort(cells, kind="stable")
        ordered = cells[self._order]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        self._cells = ordered[self._starts]

    def add_up(self, counts: Counts, n_classes: int) -> NDArray[np.int64]:
        matrices = np.zeros((len(counts), n_classes**2), np.int64)
        matrices[:, self._cells] = np.add.reduceat(counts[:, self._order], self._starts, axis=1)
        return matrices.reshape(len(counts), n_classes, n_classes)


class _Clusters:
    """How many rows each cluster has in each joint cell."""

    def __init__(self, joint: NDArray[np.int64], clusters: NDArray[np.int64]) -> None:
        n_clusters = int(clusters.max()) + 1
        pairs, self._sizes = np.unique(joint * n_clusters + clusters, return_counts=True)
        self._of_pair = pairs % n_clusters
        self._starts = np.flatnonzero(np.diff(pairs // n_clusters, prepend=-1))
        self._law = RowWeights(n_clusters)

    def draw(self, stream: Stream, size: int) -> NDArray[np.int64]:
        # Clusters may be as many as rows, so only the sums of what is drawn of them are kept.
        found = [
            np.add.reduceat(drawn[:, self._of_pair] * self._sizes, self._starts, axis=1)
            for drawn in self._law.draw(stream, size)
        ]
        return np.concatenate(found)
