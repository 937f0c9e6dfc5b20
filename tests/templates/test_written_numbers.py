"""Numbers that are written with decimal commas, or with marks between thousands."""

from __future__ import annotations

import polars as pl
import pytest

from modellab.templates.written_numbers import read_numbers


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1,5", "-2,25", "3"], [1.5, -2.25, 3.0]),
        (["0,762", "12,345"], [0.762, 12.345]),
        (["1234,567", "1,000"], [1234.567, 1.0]),
        (["1.234,50", "12"], [1234.5, 12.0]),
        (["1,036.75", "12.50"], [1036.75, 12.5]),
        (["1,234,567", "12"], [1234567.0, 12.0]),
        (["1,5", None, "NA", ""], [1.5, None, None, None]),
    ],
)
def test_a_column_that_is_written_like_that_is_read_and_said_so(
    texts: list[str | None], numbers: list[float | None]
) -> None:
    frame, notes = read_numbers(pl.DataFrame({"a": texts, "b": ["x"] * len(texts)}))
    assert frame["a"].to_list() == numbers
    assert frame["b"].dtype == pl.String
    assert notes == ["Read as numbers, with decimal commas or with marks between thousands: 'a'."]


@pytest.mark.parametrize("texts", [["1,234", "5,678"], ["1,5", "1.5"], ["1,5", "x"], [None, "NA"], ["1,2,3"]])
def test_what_may_mean_either_or_is_no_number_stays_text(texts: list[str | None]) -> None:
    frame, notes = read_numbers(pl.DataFrame({"a": pl.Series(texts, dtype=pl.String)}))
    assert frame["a"].to_list() == texts
    assert notes == []
