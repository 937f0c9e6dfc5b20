"""Ways to corrupt data, by family and severity: what stress tests hand to a model.

Every draw has a stream of its own, named by family, severity and column: one more family, severity or column
changes no other number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.data_quality import robust_scale
from modellab.evaluation.native_tables import Change, Reordering, read_cell
from modellab.evaluation.table import CategoryColumn, DataColumn, DataTable, NumberColumn
from modellab.statistics.streams import Stream

MAX_SINGLE_COLUMNS = 20
"""Columns that are corrupted one at a time."""

OUTLIER_SD = 10.0
UNSEEN = "unseen category"

Needs = Literal["columns", "numbers", "texts", "rows"]
Corrupt = Callable[[int, DataColumn, float, Stream], Change | Reordering]
"""From a column and its place, an amount and a stream of its own, how it is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of corruptions.

    `amounts` are those of severity 1 to 5, and `unit` says of what; a family without amounts goes column by
    column. `corrupt` is `None` where rows are taken out instead.
    """

    name: str
    unit: str
    needs: Needs
    amounts: tuple[float, ...] = ()
    corrupt: Corrupt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corruption:
    """One corrupted version: `changes` of cells, or the `rows` (indices) that are left.

    `severity` is 1 to 5, and `column` `None`; or the other way round where columns are taken one by one.
    """

    family: Family
    severity: int | None = None
    column: str | None = None
    amount: float | None = None
    changes: Sequence[Change | Reordering] = ()
    rows: NDArray[np.int64] | None = None

    @property
    def name(self) -> str:
        """Family and severity or column, in words."""
        return f"{self.family.name} {self.column if self.severity is None else self.severity}"


class Corruptor:
    """Makes the corruptions of some data."""

    def __init__(self, table: DataTable, data: Any, stream: Stream) -> None:
        self._table, self._stream = table, stream
        columns = list(enumerate(table.columns))
        self._places: dict[Needs, list[int]] = {
            "columns": [place for place, column in columns if not column.missing.all()],
            "numbers": [place for place, column in columns if _find_scale(column) > 0],
            "texts": [place for place, column in columns if _is_text(column, data, place)],
            "rows": list(range(table.n)),
        }

    def say_why_not(self, family: Family) -> str | None:
        """Why a family cannot be applied to this data; `None` if it can."""
        what = {"columns": "known cells", "numbers": "numbers that vary", "texts": "text"}
        if family.needs == "rows":
            return None if self._table.n >= 2 * len(family.amounts) else f"{self._table.n} rows are too few"
        return None if self._places[family.needs] else f"no column of {what[family.needs]}"

    def count(self, family: Family) -> int:
        """How many corruptions there are of a family."""
        if self.say_why_not(family) is not None:
            return 0
        return len(family.amounts) or min(MAX_SINGLE_COLUMNS, len(self._places[family.needs]))

    def make(self, family: Family) -> Iterator[Corruption]:
        """The corruptions of a family, each made when it is asked for."""
        if self.say_why_not(family) is not None:
            return
        if family.amounts:
            yield from self._make_severities(family)
        else:
            yield from self._make_columns(family)

    def _make_severities(self, family: Family) -> Iterator[Corruption]:
        for severity, amount in enumerate(family.amounts, start=1):
            stream = self._stream.child(family.name, str(severity))
            rows, changes = None, []
            if family.corrupt is None:
                rows = stream.choose(self._table.n, max(2, round(amount * self._table.n)))
            else:
                places = self._places[family.needs]
                changes = [self._corrupt(family.corrupt, place, amount, stream) for place in places]
            yield Corruption(family=family, severity=severity, amount=amount, changes=changes, rows=rows)

    def _make_columns(self, family: Family) -> Iterator[Corruption]:
        stream = self._stream.child(family.name, "column")
        for place in self._places[family.needs][:MAX_SINGLE_COLUMNS]:
            if family.corrupt is not None:
                change = self._corrupt(family.corrupt, place, 1.0, stream)
                yield Corruption(family=family, column=self._table.columns[place].name, changes=[change])

    def _corrupt(self, corrupt: Corrupt, place: int, amount: float, stream: Stream) -> Change | Reordering:
        column = self._table.columns[place]
        return corrupt(place, column, amount, stream.child(column.name))


def _remove_cells(place: int, column: DataColumn, share: float, stream: Stream) -> Change:
    return Change(place, _draw_cells(column, share, stream), None)


def _add_noise(place: int, column: DataColumn, amount: float, stream: Stream) -> Change:
    values = _values(column)
    noise = amount * _find_scale(column) * stream.normal(len(values))
    return Change(place, ~column.missing, values + noise)


def _scale(place: int, column: DataColumn, factor: float, _: Stream) -> Change:
    return Change(place, ~column.missing, _values(column) * factor)


def _shift(place: int, column: DataColumn, amount: float, _: Stream) -> Change:
    return Change(place, ~column.missing, _values(column) + amount * _find_scale(column))


def _put_outliers(place: int, column: DataColumn, share: float, stream: Stream) -> Change:
    median = float(np.median(_values(column)[~column.missing]))
    sides = stream.child("side").signs(len(column.missing)).astype(np.float64)
    values = median + OUTLIER_SD * _find_scale(column) * sides
    return Change(place, _draw_cells(column, share, stream), values)


def _swap_to_unseen(place: int, column: DataColumn, share: float, stream: Stream) -> Change:
    unseen = UNSEEN
    while isinstance(column, CategoryColumn) and unseen in column.levels:
        unseen += "_"
    return Change(place, _draw_cells(column, share, stream), unseen)


def _shuffle(place: int, column: DataColumn, _: float, stream: Stream) -> Reordering:
    return Reordering(place, stream.permutation(len(column.missing)))


_SHARES = (0.01, 0.05, 0.1, 0.2, 0.4)

FAMILIES: tuple[Family, ...] = (
    Family(
        name="missing_cells",
        unit="share of the known cells that go missing, at random",
        needs="columns",
        amounts=_SHARES,
        corrupt=_remove_cells,
    ),
    Family(
        name="missing_column", unit="a whole column that goes missing", needs="columns", corrupt=_remove_cells
    ),
    Family(
        name="noise",
        unit="standard deviation of normal noise, in robust sd of the column",
        needs="numbers",
        amounts=(0.05, 0.1, 0.25, 0.5, 1.0),
        corrupt=_add_noise,
    ),
    Family(
        name="scale",
        unit="factor by which all numbers are multiplied",
        needs="numbers",
        amounts=(1.05, 1.1, 1.25, 1.5, 2.0),
        corrupt=_scale,
    ),
    Family(
        name="shift",
        unit="what is added to all numbers, in robust sd of the column",
        needs="numbers",
        amounts=(0.05, 0.1, 0.25, 0.5, 1.0),
        corrupt=_shift,
    ),
    Family(
        name="outliers",
        unit=f"share of the known numbers that move to {OUTLIER_SD:g} robust sd from the median",
        needs="numbers",
        amounts=(0.01, 0.02, 0.05, 0.1, 0.2),
        corrupt=_put_outliers,
    ),
    Family(
        name="unseen_category",
        unit="share of the known text cells that become a category never seen",
        needs="texts",
        amounts=_SHARES,
        corrupt=_swap_to_unseen,
    ),
    Family(
        name="shuffled_column",
        unit="a column whose cells change rows, at random",
        needs="columns",
        corrupt=_shuffle,
    ),
    Family(
        name="fewer_rows",
        unit="share of the rows that are left, whatever their labels",
        needs="rows",
        amounts=(0.8, 0.6, 0.4, 0.2, 0.1),
    ),
)


def _draw_cells(column: DataColumn, share: float, stream: Stream) -> NDArray[np.bool_]:
    """Each known cell with the chance `share`."""
    drawn: NDArray[np.bool_] = stream.uniform(len(column.missing)) < share
    return drawn & ~column.missing


def _values(column: DataColumn) -> NDArray[np.float64]:
    if not isinstance(column, NumberColumn):
        raise TypeError(f"The column {column.name} has no numbers.")
    return column.values


def _find_scale(column: DataColumn) -> float:
    """The robust sd of known numbers, or their sd if more than half are equal; 0 if all are, or for text."""
    if not isinstance(column, NumberColumn) or column.missing.all():
        return 0.0
    known = column.values[~column.missing]
    return robust_scale(known)[1] or float(np.std(known))


def _is_text(column: DataColumn, data: Any, place: int) -> bool:
    if not isinstance(column, CategoryColumn) or column.missing.all():
        return False
    return isinstance(read_cell(data, int(np.argmin(column.missing)), place), str)
