"""Which rows of the data are doubtful: missing cells, numbers far out, categories hardly ever seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.table import CategoryColumn, DataColumn, DataTable, NumberColumn

FAR_OUT = 5.0
"""A number is far out beyond so many robust standard deviations from the median of its column."""

FEW_ROWS = 5
"""A category with fewer rows is hardly ever seen."""

MAD_TO_SD = 1.4826
"""The standard deviation of a normal distribution over its median absolute deviation."""

_MOSTLY = 0.5  # a column of which more rows hold rare categories is an identifier or free text


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulColumn:
    """What is doubtful in one column; each mask has the shape (n,)."""

    column: DataColumn
    missing: NDArray[np.bool_]
    unusual: NDArray[np.bool_]

    def say(self, row: int) -> str | None:
        """What is doubtful about this row, in a clause."""
        if self.missing[row]:
            return f"{self.column.name} is missing"
        return self._say_unusual(row) if self.unusual[row] else None

    def _say_unusual(self, row: int) -> str:
        column = self.column
        if isinstance(column, CategoryColumn):
            code = int(column.codes[row])
            times = int(np.count_nonzero(column.codes == code))
            seen = "once" if times == 1 else f"{times} times"
            return f"{column.name} {column.levels[code]!r} is seen {seen}"
        median, sd = robust_scale(column.values[~column.missing])
        away = abs(column.values[row] - median) / sd
        return f"{column.name} is {away:.3g} robust sd from the median"


def find_doubts(table: DataTable) -> list[DoubtfulColumn]:
    """What is doubtful in each column.

    Numbers are not looked at where more than half of them are equal (there is no robust standard deviation),
    nor categories where more than half of the rows hold one that is hardly ever seen.
    """
    return [
        DoubtfulColumn(column=column, missing=column.missing, unusual=_find_unusual(column))
        for column in table.columns
    ]


def robust_scale(values: NDArray[np.float64]) -> tuple[float, float]:
    """The median of finite values (at least one) and their robust sd: 1.4826 times the MAD (Hampel 1974)."""
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest float the sd is infinite
        median = float(np.median(values))
        return median, MAD_TO_SD * float(np.median(np.abs(values - median)))


def _find_unusual(column: DataColumn) -> NDArray[np.bool_]:
    unusual = np.zeros(len(column.missing), np.bool_)
    known = ~column.missing
    if not known.any():
        return unusual
    if isinstance(column, NumberColumn):
        median, sd = robust_scale(column.values[known])
        if 0 < sd < np.inf:
            unusual[known] = np.abs(column.values[known] - median) > FAR_OUT * sd
        return unusual
    rare = np.bincount(column.codes[known], minlength=len(column.levels)) < FEW_ROWS
    unusual[known] = rare[column.codes[known]]
    return unusual if unusual.mean() <= _MOSTLY else np.zeros_like(unusual)
