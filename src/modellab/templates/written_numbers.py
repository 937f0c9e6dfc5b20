"""Numbers as people write them: with decimal commas, or with commas or points between thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modellab.datasets.text_types import MISSING

if TYPE_CHECKING:
    import polars as pl

_FORMS = (
    # Each with what shows that it is meant: 1,234 alone may be either of the two.
    (
        r"^[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?$",
        r",([0-9]{1,2}|[0-9]{4,})$|\.[0-9]{3},|^[+-]?(0|[0-9]{4,}),",
        ".",
    ),
    (r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$", r",[0-9]{3}[.,]", ","),
)
_SHOWN = 5


def read_numbers(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The table with columns of text turned into numbers if all their values are so written; and notes.

    A column of which it cannot be told which of the two its commas are stays text.
    """
    import polars as pl

    found = []
    for column in frame.get_columns():
        if column.dtype == pl.String and (numbers := _read(column)) is not None:
            found.append(numbers)
    if not found:
        return frame, []
    names = ", ".join(repr(column.name) for column in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    note = f"Read as numbers, with decimal commas or with marks between thousands: {names}{more}."
    return frame.with_columns(found), [note]


def _read(column: pl.Series) -> pl.Series | None:
    import polars as pl

    known = column.set(column.is_in(list(MISSING)), None)
    texts = known.drop_nulls()
    if texts.is_empty():
        return None
    for form, proof, thousands in _FORMS:
        if texts.str.contains(form).all() and texts.str.contains(proof).any():
            plain = known.str.replace_all(thousands, "", literal=True).str.replace(",", ".", literal=True)
            return plain.cast(pl.Float64)
    return None
