"""Confusion matrices, and the bootstrap of whatever depends on them alone.

Resampled rows fall into the cells of the matrix as Multinomial(n, C/n); so the cells are drawn and not the
rows, which is the same law at a cost that does not grow with n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from modellab.statistics.multinomial import Multinomial
from modellab.statistics.streams import Stream

ConfusionStatistic = Callable[[NDArray[np.int64]], NDArray[np.float64]]
"""Takes matrices (…, K, K), rows = labels, columns = predictions; gives values (…), NaN = undefined."""

_BATCH = 1 << 20  # cells of matrices that are in memory at a time: 8 MB
_MOST_LEFT_OUT = 2_000_000_000  # cells that a jackknife looks at; a second or two for each statistic


def count_confusion(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int
) -> NDArray[np.int64]:
    """How often each label met each prediction, (K, K); both (n,) are codes from 0 to K - 1."""
    return count_cells(np.asarray(labels, np.int64) * n_classes + predicted, n_classes)


def count_cells(cells: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """The matrix (K, K) of cells given as label * K + prediction."""
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def resample_confusion_statistics(
    confusion: NDArray[np.int64],
    statistics: Mapping[str, ConfusionStatistic],
    *,
    n_resamples: int = 1000,
    stream: Stream,
) -> dict[str, NDArray[np.float64]]:
    """Bootstrap replicates (R,) of each statistic, all of the same matrices; few are in memory at a time."""
    found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in statistics}
    for matrices in _draw_matrices(confusion, n_resamples, stream):
        for name, statistic in statistics.items():
            found[name].append(statistic(matrices))
    return {name: np.concatenate(values) for name, values in found.items()}


def leave_one_out_confusion(
    confusion: NDArray[np.int64], statistic: ConfusionStatistic
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The statistic without one row, for each cell that has rows, and how many rows that is: (cells,) each.

    Both are empty where that would mean looking at more than 2e9 numbers (many rows and a thousand classes).
    """
    cells = np.flatnonzero(confusion)
    if len(cells) * confusion.size > _MOST_LEFT_OUT:
        return np.empty(0), np.empty(0, np.int64)
    values = []
    for part in np.array_split(cells, 1 + len(cells) * confusion.size // _BATCH):
        matrices = np.repeat(confusion[None], len(part), axis=0)
        matrices.reshape(len(part), -1)[np.arange(len(part)), part] -= 1
        values.append(statistic(matrices))
    return np.concatenate(values), confusion.reshape(-1)[cells]


def _draw_matrices(
    confusion: NDArray[np.int64], n_resamples: int, stream: Stream
) -> Iterator[NDArray[np.int64]]:
    cells = np.flatnonzero(confusion)
    law = Multinomial(int(confusion.sum()), confusion.reshape(-1)[cells])
    batch = max(1, _BATCH // confusion.size)
    for start in range(0, n_resamples, batch):
        size = min(batch, n_resamples - start)
        matrices = np.zeros((size, confusion.size), np.int64)
        matrices[:, cells] = law.draw(stream, size)
        yield matrices.reshape(size, *confusion.shape)
