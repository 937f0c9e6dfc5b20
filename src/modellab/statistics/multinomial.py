"""Draws from a multinomial distribution: the law of bootstrap counts, exact and fast.

Brown & Bromberg (1984): independent Poisson counts with slightly too small means, given their total, are
multinomial; what is missing to n is then drawn one by one. A draw with too many is thrown away, which changes
nothing, as the law holds for every total. The Poisson counts come from tables (Chen & Asau 1974): most random
keys of 16 bits settle a count by one look-up, the few that do not get further bits and a search. The tables
are made by multiplication and division alone, so that they are the same on every machine.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.statistics.streams import Stream

_SLACK = 2.0  # how many standard deviations the Poisson total stays below n: 2.3 % of draws are thrown away
_BITS = 12  # of a key that look a count up: 4096 entries, which stay in the fastest cache
_UNSETTLED = -1
_PIECE = 1 << 15  # counts that are drawn at a time, so that they stay in the cache

Counts = NDArray[np.signedinteger[Any]]
"""How often each of some cells or rows was drawn: 32 bits where they do, else 64."""


class Multinomial:
    """How `n` things fall into cells whose probabilities are proportional to `weights` (C,).

    Of equal weights one table serves all cells; each further distinct weight costs a table of 16 KB.
    """

    def __init__(self, n: int, weights: Counts | NDArray[np.float64]) -> None:
        if weights.ndim != 1 or not len(weights) or not np.all(weights >= 0) or not weights.sum() > 0:
            raise InvalidInput("the weights of cells have to be numbers ≥ 0 that are not all 0")
        self._n, self._n_cells = n, len(weights)
        self._dtype: type[np.signedinteger[Any]] = np.int32 if n < 2**30 else np.int64
        self._places: NDArray[np.int64] | None = None
        groups = [(float(weights[0]), len(weights))]
        if np.any(weights != weights[0]):
            distinct, which, sizes = np.unique(weights, return_inverse=True, return_counts=True)
            order = np.argsort(which, kind="stable")  # cells of one weight side by side
            self._ends, self._places = np.cumsum(weights[order]), np.argsort(order)
            groups = list(zip(distinct.tolist(), sizes.tolist(), strict=True))
        mean = max(0.0, n - _SLACK * math.sqrt(n)) / float(weights.sum())
        self._groups = [(_PoissonTable(mean * weight, self._dtype), size) for weight, size in groups]

    def draw(self, stream: Stream, size: int) -> Counts:
        """`size` draws (size, C); each row sums to n."""
        drawn = self._draw_poisson(stream, size)
        missing = self._n - drawn.sum(axis=1, dtype=self._dtype)
        while len(again := np.flatnonzero(missing < 0)):
            drawn[again] = self._draw_poisson(stream, len(again))
            missing[again] = self._n - drawn[again].sum(axis=1, dtype=self._dtype)
        self._fill_up(drawn, missing, stream)
        return drawn if self._places is None else drawn.take(self._places, axis=1)

    def _draw_poisson(self, stream: Stream, size: int) -> Counts:
        drawn = np.empty((size, self._n_cells), self._dtype)
        start = 0
        for table, width in self._groups:
            drawn[:, start : start + width] = table.draw(stream, size * width).reshape(size, width)
            start += width
        return drawn

    def _fill_up(self, drawn: Counts, missing: Counts, stream: Stream) -> None:
        n_parts = 1 + int(missing.sum()) // _PIECE
        for rows, few in zip(np.array_split(drawn, n_parts), np.array_split(missing, n_parts), strict=True):
            starts = np.repeat(np.arange(len(few)) * self._n_cells, few)
            places = starts + self._choose_cells(stream, len(starts))
            np.add.at(rows.reshape(-1), places, self._dtype(1))  # a one of the same type is far quicker

    def _choose_cells(self, stream: Stream, n: int) -> NDArray[np.int64]:
        """Which cell each of `n` things falls into."""
        if self._places is None:
            return stream.integers(self._n_cells, n)
        if self._ends.dtype.kind == "f":
            found = np.searchsorted(self._ends, stream.uniform(n) * self._ends[-1], side="right")
            return np.asarray(np.minimum(found, self._n_cells - 1), np.int64)
        return np.searchsorted(self._ends, stream.integers(int(self._ends[-1]), n), side="right")


class _PoissonTable:
    """Poisson counts of one mean, by inversion."""

    def __init__(self, mean: float, dtype: type[np.signedinteger[Any]]) -> None:
        self._lowest, self._cdf = _sum_poisson(mean)
        edges = np.arange(2**_BITS + 1) / 2**_BITS
        least = np.searchsorted(self._cdf, edges[:-1], side="right")
        most = np.searchsorted(self._cdf, edges[1:], side="left")
        self._table: Counts = np.where(least == most, least + self._lowest, _UNSETTLED).astype(dtype)

    def draw(self, stream: Stream, n: int) -> Counts:
        counts: Counts = np.empty(n, self._table.dtype)
        for start in range(0, n, _PIECE):
            part = counts[start : start + _PIECE]
            keys = stream.keys(len(part))
            np.take(self._table, keys >> (16 - _BITS), out=part, mode="wrap")  # quicker than with a check
            unsettled = np.flatnonzero(part == _UNSETTLED)
            if len(unsettled):
                uniform = (keys[unsettled] + stream.uniform(len(unsettled))) / 65536
                found = np.searchsorted(self._cdf, uniform, side="right")
                part[unsettled] = np.minimum(found, len(self._cdf) - 1) + self._lowest
        return counts


def _sum_poisson(mean: float) -> tuple[int, NDArray[np.float64]]:
    """The lowest count that can occur, and the probabilities of at most each count from there on."""
    if mean == 0:
        return 0, np.ones(1)
    mode, reach = int(mean), int(9 * math.sqrt(mean)) + 40  # beyond lies less than 1e-18
    lowest = max(0, mode - reach)
    up = np.cumprod(mean / np.arange(mode + 1, mode + reach + 1))
    down = np.cumprod(np.arange(mode, lowest, -1) / mean)
    cdf = np.cumsum(np.concatenate([down[::-1], [1.0], up]))
    return lowest, cdf / cdf[-1]
