"""The columns of `data` that stand beside the predictions: what slices, failures and stress tests look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberColumn:
    """Numbers, float64, shape (n,); a missing cell is NaN (also what was infinite)."""

    name: str
    values: NDArray[np.float64]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells are missing, shape (n,)."""
        return np.isnan(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryColumn:
    """Categories: text, booleans, mixed things, dates by their text.

    `codes`, int64, shape (n,), are places in `levels`; -1 is missing. `levels` are texts, sorted.
    """

    name: str
    codes: NDArray[np.int64]
    levels: tuple[str, ...]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells are missing, shape (n,)."""
        absent: NDArray[np.bool_] = self.codes < 0
        return absent


DataColumn = NumberColumn | CategoryColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTable:
    """Columns of one length `n`, in the order of the user's table, with names that differ."""

    n: int
    columns: Sequence[DataColumn]

    @property
    def n_missing(self) -> NDArray[np.int64]:
        """How many cells are missing in each row, shape (n,)."""
        total = np.zeros(self.n, np.int64)
        for column in self.columns:
            total += column.missing
        return total
