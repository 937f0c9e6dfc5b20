"""What scores of two classes need to be resampled: the law of their counts, and the metrics of any counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from modellab.statistics.cells import average_precision, make_cells, measure_cells
from modellab.statistics.multinomial import Counts, Multinomial
from modellab.statistics.ranking import ascend, count_distinct, group_ties, measure, rank
from modellab.statistics.rows import BATCH
from modellab.statistics.streams import Stream

Replicates = dict[str, NDArray[np.float64]]

Prepared = tuple[Multinomial, int, Callable[[Counts], Replicates]]
"""The law of some counts, how many draws make a batch, and the metrics (B,) of counts (B, C)."""


def prepare_scores(
    hits: NDArray[np.float64], misses: NDArray[np.float64], metrics: Sequence[str], max_exact: int
) -> Prepared:
    """What scores of both classes need to be resampled; these arrays are put in order."""
    hits, misses = ascend(hits), ascend(misses)
    if count_distinct(hits) + count_distinct(misses) <= max_exact or not len(hits) or not len(misses):
        return _prepare_exactly(hits[::-1], misses[::-1], metrics)
    return _prepare_cells(hits, misses, metrics)


def _prepare_exactly(
    hits: NDArray[np.float64], misses: NDArray[np.float64], metrics: Sequence[str]
) -> Prepared:
    """Of the distinct scores of each class, which descend."""
    n = len(hits) + len(misses)
    hits, hit_counts = group_ties(hits)
    misses, miss_counts = group_ties(misses)
    ranking = rank(hits, misses, n, calibrate="expected_calibration_error" in metrics)
    n_hits, width = len(hits), len(hits) + len(misses)

    def measure_counts(drawn: Counts) -> Replicates:
        return measure(ranking, drawn[:, :n_hits], drawn[:, n_hits:], metrics)

    return Multinomial(n, np.concatenate([hit_counts, miss_counts])), max(1, BATCH // width), measure_counts


def _prepare_cells(
    hits: NDArray[np.float64], misses: NDArray[np.float64], metrics: Sequence[str]
) -> Prepared:
    """Of cells of the scores of each class, which ascend.

    The more rows, the more tables to draw from, so that a batch is drawn large and measured in parts.
    """
    cells = make_cells(hits, misses)
    size = len(cells.positives)
    counts = np.concatenate([cells.positives, cells.negatives])
    moved = {}
    if "pr_auc" in metrics:
        of_cells = measure_cells(cells, counts[None, :size], counts[None, size:], ("pr_auc",))["pr_auc"]
        moved["pr_auc"] = average_precision(hits, misses) - of_cells

    def measure_counts(drawn: Counts) -> Replicates:
        parts = np.array_split(drawn, 1 + drawn.size // BATCH)
        found = join_batches(measure_cells(cells, part[:, :size], part[:, size:], metrics) for part in parts)
        return {name: values + moved.get(name, 0.0) for name, values in found.items()}

    n = len(hits) + len(misses)
    return Multinomial(n, counts), max(8 * BATCH, n // 4) // len(counts), measure_counts


def draw_batches(law: Multinomial, batch: int, n_resamples: int, stream: Stream) -> Iterator[Counts]:
    """Counts (B, C), until there were `n_resamples`."""
    for start in range(0, n_resamples, batch):
        yield law.draw(stream, min(batch, n_resamples - start))


def join_batches(parts: Iterable[Replicates]) -> Replicates:
    """The replicates of all batches, in one array for each metric."""
    found = list(parts)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}
