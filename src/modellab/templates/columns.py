"""Which columns a template learns from, and how each is read; the others are left out with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from modellab.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

ColumnRole = Literal["number", "category"]

MANY_TEXTS = 50
"""Different texts in a column, above which it is free text if they are also more than a tenth of the rows."""
_SAME_TO = 1e-12  # one minus the correlation of a number that is the target in another unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """The columns learnt from, by name, in the table's order; and why the others are not."""

    roles: dict[str, ColumnRole]
    left_out: dict[str, str]

    @property
    def notes(self) -> list[str]:
        """A sentence for each column that was left out."""
        return [f"Column {name!r} is left out: {reason}." for name, reason in self.left_out.items()]

    def take(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The chosen columns: numbers as float64 (dates in days since 1970), categories as text."""
        import polars as pl

        taken = []
        for name, role in self.roles.items():
            column = frame.get_column(name)
            if column.dtype.is_temporal():
                column = _as_days(column)
            if role == "number":
                numbers = column.cast(pl.Float64)
                taken.append(numbers.set(~numbers.is_finite(), None))
            else:
                taken.append(column.cast(pl.String))
        return pl.DataFrame(taken)


def choose_columns(
    frame: pl.DataFrame, target: str, task: str, *, leave_out: Sequence[str] = (), keep: Sequence[str] = ()
) -> ColumnChoice:
    """Choose from the columns of a table with at least one row; raises `InvalidInput` if none is left.

    Left out are columns with nothing or only one value in them, row numbers, identifiers, free text, nested
    values, and those that give the target away: its copies under other names. `keep` overrules that.
    """
    roles: dict[str, ColumnRole] = {}
    left_out = dict.fromkeys(leave_out, "as asked")
    for column in frame.get_columns():
        name = column.name
        if name == target or name in left_out:
            continue
        reason = _find_fault(column)
        if name in keep and not column.dtype.is_nested():
            reason = None
        elif reason is None:
            reason = _find_copy(column, frame.get_column(target), task)
        if reason is None:
            roles[name] = "number" if _is_number(column) else "category"
        else:
            left_out[name] = reason
    if not roles:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:5])
        raise InvalidInput(
            f"No column is left to learn {target!r} from{f' ({why})' if why else ''}.",
            hint="--keep COLUMN keeps one all the same." if left_out else None,
        )
    return ColumnChoice(roles=roles, left_out=left_out)


def _is_number(column: pl.Series) -> bool:
    return column.dtype.is_numeric() or column.dtype.is_temporal()


def _find_fault(column: pl.Series) -> str | None:
    """Why nothing can be learnt from a column by itself."""
    import polars as pl

    if column.dtype.is_nested() or column.dtype == pl.Binary or column.dtype == pl.Object:
        return f"it holds {column.dtype} values"
    known = column.drop_nulls()
    if known.dtype.is_float():
        known = known.drop_nans()
    if known.is_empty():
        return "it is empty"
    n_different = known.n_unique()
    if n_different == 1 and len(known) == len(column):
        return "it has the same value in every row"
    if column.dtype.is_integer() and n_different == len(column) and _counts_rows(known):
        return "it numbers the rows"
    if column.dtype == pl.String and n_different > MANY_TEXTS:
        if n_different == len(known):
            return "every value differs, like an identifier"
        if n_different > len(known) / 10:
            return f"it has {n_different} different texts"
    return None


def _counts_rows(known: pl.Series) -> bool:
    steps = known.diff().drop_nulls().unique()
    return len(steps) == 1 and abs(int(steps[0])) == 1


def _find_copy(column: pl.Series, target: pl.Series, task: str) -> str | None:
    """Whether a column is the target under another name: in other words, or in another unit."""
    import polars as pl

    if task == "classification":
        pairs = pl.DataFrame({"column": column, "target": target}).unique()
        n_classes = target.n_unique()
        if (
            column.n_unique() == n_classes
            and pairs.height == n_classes
            and not (_is_number(column) and column.dtype.is_float() and n_classes > 2)
        ):
            return "it names the target in other words, which gives the answer away"
        return None
    if not column.dtype.is_numeric() or column.null_count():
        return None
    together = pl.DataFrame({"column": column.cast(pl.Float64), "target": target.cast(pl.Float64)})
    correlation = together.select(pl.corr("column", "target")).item()
    if correlation is not None and 1 - abs(correlation) < _SAME_TO:
        return "it is the target in another unit, which gives the answer away"
    return None


def _as_days(column: pl.Series) -> pl.Series:
    """Times as days since 1970, durations as days."""
    import polars as pl

    ms_of_day = 24 * 60 * 60 * 1000
    if column.dtype == pl.Duration:
        return (column.dt.total_milliseconds() / ms_of_day).alias(column.name)
    if column.dtype == pl.Time:
        return (column.cast(pl.Int64) / (ms_of_day * 1_000_000)).alias(column.name)
    return (column.cast(pl.Datetime("ms")).cast(pl.Int64) / ms_of_day).alias(column.name)
