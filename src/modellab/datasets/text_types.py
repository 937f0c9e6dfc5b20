"""What columns of text hold: integers, numbers, booleans, dates, times, or text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "-", "?")
"""Words for "missing" among numbers, booleans and times; in a column of text they are text. (`NaN` among
numbers stays NaN.)"""

_INTEGER = r"^[+-]?(0|[1-9][0-9]*)$"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(nan|NaN|inf|Inf|[iI]nfinity)$"
_CODE = r"^[+-]?(0[0-9]+|[0-9]{16,})$"  # 007, or more digits than a float can keep
_INFINITY = r"[iI]nf"
_BOOLEAN = r"^(true|True|TRUE|false|False|FALSE)$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?$"
_ZONED = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
)
_HEAD = 1000
_CELLS = 200_000
_FEWEST_ROWS = 50
CHUNK = 64
"""Columns in one query: a query's planning grows faster than its columns."""


def guess_types(head: pl.DataFrame) -> dict[str, str]:
    """For each column of text the first type that all its values in `head` fit; `text` if none does.

    The more columns, the fewer rows are looked at: a guess is only where to begin.
    """
    rows = max(_FEWEST_ROWS, _CELLS // max(1, head.width))
    return {name: _guess(head.get_column(name).head(rows).to_list()) for name in head.columns}


def settle_types(frame: pl.LazyFrame) -> pl.LazyFrame:
    """`frame` with each column of text turned into the first type that all its values fit.

    A value is never lost: one that would not come back as it was, such as `007` or an integer of more than
    64 bits, leaves its column text.
    """
    import polars as pl

    texts = [name for name, kind in frame.collect_schema().items() if kind == pl.String]
    head = frame.select(texts).head(_HEAD).collect()
    guessed = guess_types(head)
    # A column without values at its beginning may be anything.
    waiting = {
        name: _candidates(guessed[name], is_known=head[name].null_count() < head.height) for name in texts
    }
    settled: dict[str, str] = {}
    while waiting := {name: kinds for name, kinds in waiting.items() if kinds}:
        fits = _check(frame, {name: kinds[0] for name, kinds in waiting.items()})
        settled |= {name: waiting[name][0] for name in fits}
        waiting = {name: kinds[1:] for name, kinds in waiting.items() if name not in fits}
    if not settled:
        return frame
    return frame.with_columns(convert(name, kind).alias(name) for name, kind in settled.items())


def convert(name: str, kind: str) -> pl.Expr:
    """A column of text as `kind`; what does not fit is missing."""
    import polars as pl

    column = _without_missing(name, kind)
    if kind == "integer":
        return column.cast(pl.Int64, strict=False)
    if kind == "number":
        return column.cast(pl.Float64, strict=False)
    if kind == "boolean":
        return (
            pl.when(column.str.contains(_BOOLEAN))
            .then(column.str.to_lowercase() == "true")
            .otherwise(pl.lit(None, dtype=pl.Boolean))
        )
    if kind == "date":
        return column.str.to_date("%Y-%m-%d", strict=False)
    if kind == "datetime":
        return pl.coalesce(
            column.str.replace("T", " ", literal=True).str.to_datetime(form, strict=False, time_unit="us")
            for form in ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
        )
    if kind == "zoned":
        return column.str.replace(" ", "T", literal=True).str.to_datetime(
            "%+", strict=False, time_unit="us", time_zone="UTC"
        )
    return pl.col(name)


def convert_known(values: pl.Series, kind: str) -> pl.Expr:
    """A column of text as the type that the whole of it is known to have."""
    first = next((value for value in values if value is not None and value not in MISSING), "")
    is_zoned = kind == "datetime" and re.match(_ZONED, first)
    return convert(values.name, "zoned" if is_zoned else kind).alias(values.name)


def in_chunks(names: Sequence[str]) -> Iterable[Sequence[str]]:
    """The names, so many at a time as one query should ask about."""
    return (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))


def _guess(values: Sequence[str | None]) -> str:
    given = [value for value in values if value is not None and value not in MISSING]
    for kind, pattern in _PATTERNS.items() if given else ():
        fits = re.compile(pattern).search
        if all(map(fits, given)) and not (kind == "number" and any(map(re.compile(_CODE).search, given))):
            return kind
    return "text"


def _candidates(guessed: str, *, is_known: bool) -> Sequence[str]:
    if guessed == "integer":
        return ("integer", "number")
    if guessed == "text":
        return () if is_known else tuple(_PATTERNS)
    return (guessed,)


def _check(frame: pl.LazyFrame, kinds: Mapping[str, str]) -> set[str]:
    """Which of these columns have only values that fit the kind asked about."""
    fits: set[str] = set()
    for names in in_chunks(list(kinds)):
        found: dict[str, Any] = (
            frame.select(_misfits(name, kinds[name]) for name in names)
            .collect(engine="streaming")
            .row(0, named=True)
        )
        fits |= {name for name, misfits in found.items() if misfits == 0}
    return fits


def _misfits(name: str, kind: str) -> pl.Expr:
    """How many values would be lost or changed; 1 at least for a column without any."""
    import polars as pl

    column = _without_missing(name, kind)
    fits = convert(name, kind).is_not_null()
    if kind in ("integer", "number"):  # the others are converted by a form that takes nothing else
        fits &= column.str.contains(_PATTERNS[kind])
    if kind == "number":
        fits &= ~column.str.contains(_CODE)
        fits &= convert(name, kind).is_infinite().not_() | column.str.contains(_INFINITY)  # not 1e400
    is_empty = column.is_not_null().sum() == 0
    return (pl.when(is_empty).then(1).otherwise((column.is_not_null() & ~fits).sum())).alias(name)


def _without_missing(name: str, kind: str) -> pl.Expr:
    import polars as pl

    words = [word for word in MISSING if kind != "number" or word not in ("NaN", "nan")]
    return pl.when(pl.col(name).is_in(words)).then(None).otherwise(pl.col(name))


_PATTERNS = {
    "integer": _INTEGER,
    "number": _NUMBER,
    "boolean": _BOOLEAN,
    "date": _DATE,
    "datetime": _TIME,
    "zoned": _ZONED,
}
