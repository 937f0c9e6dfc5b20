"""Metrics of scores after random swaps of A's and B's scores, row by row.

All scores of both models are sorted once. A swap only says which of a row's two places counts for A, so
that sums over the sorted places give the metrics of A, and what remains of all places those of B.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.statistics.columns import read_clusters, read_codes, sum_by_cluster
from modellab.statistics.ranking import N_BINS, find_bins
from modellab.statistics.streams import Stream
from modellab.statistics.swapped_cells import Changes

CALIBRATION = "expected_calibration_error"
NAMES = ("roc_auc", "pr_auc", CALIBRATION)

Swapped = tuple[tuple[float, float], NDArray[np.float64]]
"""A metric of A and of B as they were seen, and the differences B - A after swaps, (R,)."""

_NUMBERS_AT_ONCE = 1 << 17  # stays in the cache


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows in an order that depends on what they hold and not on who is A: the lesser scores come first."""

    labels: NDArray[Any]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    is_a_first: NDArray[np.bool_]
    clusters: NDArray[np.int64] | None
    n_clusters: int

    def draw(self, n_permutations: int, at_once: int, stream: Stream) -> Iterator[NDArray[np.bool_]]:
        """Whether A has the first scores of each row, (some, rows) at a time."""
        n = len(self.labels) if self.clusters is None else self.n_clusters
        for start in range(0, n_permutations, at_once):
            size = min(at_once, n_permutations - start)
            signs = (stream.signs(size * n) > 0).reshape(size, n)
            yield signs if self.clusters is None else signs[:, self.clusters] ^ self.is_a_first


@dataclass(frozen=True, slots=True)
class _Places:
    """The 2n scores of both models from the highest down, and where positives stand among them.

    For each positive: its place, the first place of its tie group and the one after the last, and the same
    two bounds of its tie group counted among positives.
    """

    metric: str
    order: NDArray[np.int64]
    places: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    starts_hit: NDArray[np.int64]
    ends_hit: NDArray[np.int64]

    def measure(self, is_a_first: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
        """The metric of A and of B, (B,) each, where A has the first scores of the rows in (B, n)."""
        n_hits = len(self.places) // 2
        n_misses = len(self.order) // 2 - n_hits
        taken = np.concatenate([is_a_first, ~is_a_first], axis=1).view(np.uint8).take(self.order, axis=1)
        counted, hit = _cumulate(taken), taken.take(self.places, axis=1)
        counted_hit = _cumulate(hit)
        upto, upto_hit = counted.take(self.ends, axis=1), counted_hit.take(self.ends_hit, axis=1)
        if self.metric == "pr_auc":
            of_a = upto_hit / np.maximum(upto, 1)
            of_b = (self.ends_hit - upto_hit) / np.maximum(self.ends - upto, 1)
            return (of_a * hit).sum(axis=1) / n_hits, (of_b * (1 - hit)).sum(axis=1) / n_hits
        above, above_hit = counted.take(self.starts, axis=1), counted_hit.take(self.starts_hit, axis=1)
        misses = (upto - upto_hit) + (above - above_hit)  # twice those above, those of the same score once
        all_misses = (self.ends - self.ends_hit) + (self.starts - self.starts_hit)
        won_a = ((2 * n_misses - misses) * hit).sum(axis=1, dtype=np.int64)
        won_b = ((2 * n_misses - (all_misses - misses)) * (1 - hit)).sum(axis=1, dtype=np.int64)
        return won_a / (2 * n_hits * n_misses), won_b / (2 * n_hits * n_misses)


@dataclass(frozen=True, slots=True)
class _Bins:
    """Sums of score - label of A in each bin, as whole numbers, and of A and B together."""

    changes: Changes
    total: NDArray[np.float64]
    scale: float

    def measure(self, is_a_first: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
        """The calibration error of A and of B, (B,) each."""
        a = self.changes.apply(is_a_first.view(np.uint8))
        return np.abs(a).sum(axis=1) / self.scale, np.abs(self.total - a).sum(axis=1) / self.scale


def swap_ranked(
    labels: ArrayLike,
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    metric: str,
    n_permutations: int,
    stream: Stream,
    clusters: ArrayLike | None,
) -> Swapped:
    """By one sort for each class; the metric is one of `NAMES`."""
    if metric not in NAMES:
        raise InvalidInput(f"{metric!r} is no metric of scores; {', '.join(NAMES)} are, or a function.")
    n_columns = np.shape(scores_a)[-1] if np.ndim(scores_a) == 2 else 2
    rows = _read(read_codes("labels", labels, n_columns), scores_a, scores_b, clusters)
    views = _view_classes(rows, metric)
    if not views:
        return (np.nan, np.nan), np.empty(0)

    def compare(is_a_first: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.asarray(np.mean([view.measure(is_a_first) for view in views], axis=0))

    at_once = max(1, _NUMBERS_AT_ONCE // len(rows.labels))
    drawn = [np.diff(compare(flags), axis=0)[0] for flags in rows.draw(n_permutations, at_once, stream)]
    a, b = compare(rows.is_a_first[None])[:, 0].tolist()
    return (a, b), np.concatenate(drawn)


def swap_rows(
    labels: ArrayLike,
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    metric: Callable[[NDArray[Any], NDArray[np.float64]], float],
    n_permutations: int,
    stream: Stream,
    clusters: ArrayLike | None,
) -> Swapped:
    """By calling the metric on the swapped scores."""
    rows = _read(labels, scores_a, scores_b, clusters)
    shape = np.shape(scores_a)

    def compare(is_a_first: NDArray[np.bool_]) -> tuple[float, float]:
        a, b = (
            np.where(side[:, None], rows.first, rows.second).reshape(shape)
            for side in (is_a_first, ~is_a_first)
        )
        return float(metric(rows.labels, a)), float(metric(rows.labels, b))

    drawn = np.array([compare(flags[0]) for flags in rows.draw(n_permutations, 1, stream)])
    return compare(rows.is_a_first), drawn[:, 1] - drawn[:, 0]


def _read(labels: ArrayLike, scores_a: ArrayLike, scores_b: ArrayLike, clusters: ArrayLike | None) -> _Rows:
    y, a, b = np.asarray(labels), np.asarray(scores_a, np.float64), np.asarray(scores_b, np.float64)
    if a.shape != b.shape or a.ndim not in (1, 2) or y.shape != a.shape[:1] or a.size == 0:
        raise InvalidInput(
            f"labels has the shape {y.shape}, scores_a {a.shape}, scores_b {b.shape}; they need equal rows."
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InvalidInput("Some scores are not finite numbers.")
    a, b = a.reshape(len(y), -1), b.reshape(len(y), -1)
    column = np.argmax(a != b, axis=1)[:, None]  # the first in which they differ says who comes first
    is_a_first = np.take_along_axis(a <= b, column, axis=1)
    first, second = np.where(is_a_first, a, b), np.where(is_a_first, b, a)
    held = np.ascontiguousarray(np.column_stack([y, first, second]).astype(np.float64))
    order = np.argsort(held.view(f"V{held.itemsize * held.shape[1]}")[:, 0], kind="stable")
    groups, n_clusters = (None, 0) if clusters is None else read_clusters(clusters, len(y))
    return _Rows(
        labels=y[order],
        first=first[order],
        second=second[order],
        is_a_first=is_a_first[order, 0],
        clusters=None if groups is None else groups[order],
        n_clusters=n_clusters,
    )


def _view_classes(rows: _Rows, metric: str) -> list[_Places] | list[_Bins]:
    """Two classes: the second is positive. More: each class against the rest, or the top label."""
    n_columns = rows.first.shape[1]
    two = n_columns <= 2
    if metric == CALIBRATION:
        sides = (rows.first, rows.second)
        scores = [side[:, -1] if two else side.max(axis=1) for side in sides]
        hits = [rows.labels == (1 if two else side.argmax(axis=1)) for side in sides]
        return [_bin(scores, hits)]
    columns = {1: rows.first.shape[1] - 1} if two else {k: k for k in range(n_columns)}
    return [
        _rank(metric, rows.first[:, column], rows.second[:, column], rows.labels == k)
        for k, column in columns.items()
        if 0 < np.count_nonzero(rows.labels == k) < len(rows.labels)
    ]


def _rank(
    metric: str, first: NDArray[np.float64], second: NDArray[np.float64], is_hit: NDArray[np.bool_]
) -> _Places:
    scores = np.concatenate([first, second])
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    opens = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    closes = np.append(opens[1:], len(ordered))
    hits = np.tile(is_hit, 2)[order]
    places = np.flatnonzero(hits)
    group = np.searchsorted(opens, places, side="right") - 1
    upto = np.concatenate([[0], np.cumsum(hits)])
    starts, ends = opens[group], closes[group]
    return _Places(metric, order, places, starts, ends, upto[starts], upto[ends])


def _bin(scores: list[NDArray[np.float64]], hits: list[NDArray[np.bool_]]) -> _Bins:
    n = len(scores[0])
    scale = 2.0 ** (51 - n.bit_length())  # so that every sum is a whole number below 2**53, and exact
    bins = [find_bins(side) for side in scores]
    amounts = [np.rint((side - hit) * scale) for side, hit in zip(scores, hits, strict=True)]
    sums = [sum_by_cluster(values, places, N_BINS) for values, places in zip(amounts, bins, strict=True)]
    changes = Changes.sort(
        sums[1], np.tile(np.arange(n), 2), np.concatenate(bins), np.concatenate([amounts[0], -amounts[1]])
    )
    return _Bins(changes, sums[0] + sums[1], scale * n)


def _cumulate(taken: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The sums of the first 0, 1, 2, … numbers of each row."""
    sums = np.zeros((len(taken), taken.shape[1] + 1), np.int32)
    np.cumsum(taken, axis=1, dtype=np.int32, out=sums[:, 1:])
    return sums
