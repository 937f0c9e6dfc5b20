"""What is said of a column: its type, what is missing, how it is spread."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.datasets.columns import describe_columns
from modellab.datasets.description import describe_file
from modellab.errors import InvalidInput
from modellab.records.datasets import Column

OnlyColumn = Callable[..., Column]


@pytest.mark.parametrize(
    ("values", "kind", "least", "greatest"),
    [
        (["1", "-2", "+3"], "integer", -2, 3),
        (["1", "2.5", "1e3"], "number", 1.0, 1000.0),
        ([".5", "5.", "-inf"], "number", "-inf", 5.0),
        (["1", "NA", "?"], "integer", 1, 1),
        (["1.5", "NaN", "null"], "number", 1.5, 1.5),
        (["true", "False", "TRUE"], "boolean", None, None),
        (["2020-01-31", "2019-12-31"], "date", "2019-12-31", "2020-01-31"),
        (
            ["2020-01-31 10:00", "2020-01-31T09:00:00"],
            "datetime",
            "2020-01-31T09:00:00",
            "2020-01-31T10:00:00",
        ),
        (
            ["2020-01-31T10:00:00Z", "2020-01-31T10:00:00.5+02:00"],
            "datetime",
            "2020-01-31T08:00:00.500000+00:00",
            "2020-01-31T10:00:00+00:00",
        ),
        (["2020-01-31", "2020-02-31"], "text", None, None),
        (["007", "8"], "text", None, None),
        (["1", "99999999999999999999999"], "text", None, None),
        (["1.5", "9999999999999999999"], "text", None, None),
        (["1", "x"], "text", None, None),
        (["NA", "NA"], "text", None, None),
        (["1,5".replace(",", "_"), "2"], "text", None, None),
        (["9223372036854775807", "-9223372036854775808"], "integer", -(2**63), 2**63 - 1),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, list) else "",
)
def test_a_column_has_the_type_that_all_its_values_fit(
    only_column: OnlyColumn, values: Sequence[str], kind: str, least: Any, greatest: Any
) -> None:
    column = only_column(*values)
    assert (column.type, column.min, column.max) == (kind, least, greatest)
    late = only_column(*[values[0]] * 1500, *values)
    assert late.type == kind


def test_words_for_missing_count_as_missing_among_numbers_and_as_text_among_text(
    only_column: OnlyColumn,
) -> None:
    assert only_column("1", "NA", "", "2").n_missing == 2
    assert only_column("NA", "DE", "", "NA").n_missing == 1
    assert only_column("1.0", "nan", "inf").n_missing == 1


def test_frequent_values_come_with_their_counts_and_ties_in_order(only_column: OnlyColumn) -> None:
    column = only_column(*"bbaacde", *(f"z{n:02d}" for n in range(20)))
    top = [(count.value, count.count) for count in column.top]
    assert top == [("a", 2), ("b", 2), ("c", 1), ("d", 1), ("e", 1), *((f"z{n:02d}", 1) for n in range(5))]
    assert (column.n_unique, list(column.examples)) == (25, ["b", "a", "c", "d", "e"])


def test_every_kind_of_column_is_described() -> None:
    frame = pl.DataFrame(
        {
            "float": [1.0, float("nan"), None],
            "infinite": [1.0, float("inf"), 2.0],
            "huge": pl.Series([2**100, 1, None], dtype=pl.Int128),
            "decimal": [Decimal("1.10"), Decimal("2.20"), None],
            "date": [dt.date(2020, 1, 1), None, dt.date(2021, 1, 1)],
            "time": [dt.time(1), dt.time(2), None],
            "duration": [dt.timedelta(seconds=1), None, None],
            "bytes": [b"a", b"\xff", None],
            "category": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
            "list": [[1, 2], [], None],
            "object": [{"a": 1}, {"a": None}, None],
            "null": [None, None, None],
        }
    )
    n_rows, columns = describe_columns(frame.lazy())
    found = {column.name: column for column in columns}
    assert n_rows == 3
    assert {name: (column.type, column.n_missing, column.n_unique) for name, column in found.items()} == {
        "float": ("number", 2, 1),
        "infinite": ("number", 0, 3),
        "huge": ("integer", 1, 2),
        "decimal": ("number", 1, 2),
        "date": ("date", 1, 2),
        "time": ("text", 1, 2),
        "duration": ("text", 2, 1),
        "bytes": ("text", 1, 2),
        "category": ("text", 0, 2),
        "list": ("list", 1, None),
        "object": ("object", 1, None),
        "null": ("text", 3, 0),
    }
    assert (found["infinite"].max, found["infinite"].mean) == ("inf", "inf")
    assert found["huge"].max == str(2**100)
    assert list(found["bytes"].examples) == ["a", "\\xff"]
    assert list(found["object"].examples) == [{"a": 1}, {"a": None}]


@given(
    st.lists(
        st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)).map(lambda v: "" if v is None else str(v)),
        min_size=1,
        max_size=50,
    )
)
def test_integers_are_counted_as_python_counts_them(tmp_path: Path, values: list[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["x,row", *(f"{value},{row}" for row, value in enumerate(values))]))
    found = describe_file(path)
    assert found.columns is not None
    column = found.columns[0]
    given_values = [int(value) for value in values if value]
    assert (column.n_missing, column.n_unique) == (values.count(""), len(set(given_values)))
    if given_values:
        assert (column.min, column.max) == (min(given_values), max(given_values))
        assert column.mean == pytest.approx(sum(given_values) / len(given_values), rel=1e-9, abs=4096)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5), min_size=1, max_size=20))
def test_text_of_any_kind_is_read_without_a_crash(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([["x", "row"], *([cell, row] for row, cell in enumerate(cells))])
    assert describe_file(path).n_rows == len(cells)


@given(st.binary(min_size=1, max_size=200), st.sampled_from(["x.csv", "x.json", "x.jsonl", "x.parquet", "x"]))
def test_any_bytes_are_described_or_refused(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    try:
        found = describe_file(path)
    except InvalidInput:
        return
    assert found.format == "other" or found.columns is not None


@pytest.mark.parametrize(
    ("values", "mean"),
    [
        (("1", "inf"), "inf"),
        (("-inf", "inf"), "nan"),
        ((str(-(2**63)), str(2**63 - 1)), -0.5),
        ((str(2**62),) * 4, 2.0**62),
        ((str(2**53), str(2**53 + 2), ""), 2.0**53),
    ],
    ids=repr,
)
def test_a_mean_is_told_as_it_is(only_column: OnlyColumn, values: tuple[str, ...], mean: float | str) -> None:
    assert only_column(*values).mean == mean


@pytest.mark.parametrize("n_before", [0, 1500])
def test_a_number_beyond_all_floats_stays_text(only_column: OnlyColumn, n_before: int) -> None:
    before = ("1.5",) * n_before
    assert only_column(*before, "2.5", "1e400").type == "text"
    assert only_column(*before, "2.5", "-Infinity").type == "number"


@pytest.mark.parametrize(
    ("values", "edges", "counts"),
    [
        (["1", "2", "2", "3"], [1, 1 + 2 / 3, 1 + 4 / 3, 3], [1, 2, 1]),
        (["5", "5", ""], [5, 5], [2]),
        (["0.5", "0.5", "nan"], [0.5, 0.5], [2]),
        ([str(i / 10) for i in range(101)], [i / 2 for i in range(21)], [5] * 19 + [6]),
        (["0", "9007199254740993"], None, [1] + [0] * 18 + [1]),
    ],
    ids=str,
)
def test_numbers_are_counted_in_bins_from_the_least_to_the_greatest(
    only_column: OnlyColumn, values: Sequence[str], edges: Sequence[float] | None, counts: Sequence[int]
) -> None:
    histogram = only_column(*values).histogram
    assert histogram is not None
    assert histogram.counts == counts
    assert edges is None or list(histogram.edges) == pytest.approx(edges)
    assert len(histogram.edges) == len(histogram.counts) + 1


@pytest.mark.parametrize("values", [["1.5", "inf"], ["a", "b"], ["1e308", "-1e308"], ["true", "false"]])
def test_what_is_not_finite_or_no_number_has_no_bins(only_column: OnlyColumn, values: Sequence[str]) -> None:
    assert only_column(*values).histogram is None


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=50))
def test_every_number_is_in_a_bin(numbers: list[float]) -> None:
    frame = pl.DataFrame({"x": numbers}).lazy()
    histogram = describe_columns(frame)[1][0].histogram
    assert histogram is not None
    assert sum(histogram.counts) == len(numbers)
    assert histogram.edges[0] == min(numbers)
    assert histogram.edges[-1] == max(numbers)
