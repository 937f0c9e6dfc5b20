"""Features of any kind of table become numbers and categories."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

from modellab.errors import InvalidInput
from modellab.evaluation.table import CategoryColumn, DataColumn, NumberColumn
from modellab.evaluation.tables import read_table

ROWS: list[dict[str, Any]] = [
    {"age": 31, "city": "Rome"},
    {"age": None, "city": "Oslo"},
    {"age": 18, "city": None},
]
TABLES: list[Callable[[], Any]] = [
    lambda: ROWS,
    lambda: {name: [row[name] for row in ROWS] for name in ("age", "city")},
    lambda: {name: pl.Series([row[name] for row in ROWS]) for name in ("age", "city")},
    lambda: pd.DataFrame(ROWS),
    lambda: pd.DataFrame(ROWS).astype({"age": "Int64", "city": "category"}),
    lambda: pl.DataFrame(ROWS),
    lambda: pl.DataFrame(ROWS, schema_overrides={"city": pl.Categorical}),
]


def read(data: Any, n: int) -> dict[str, DataColumn]:
    table = read_table(data, n)
    assert table is not None
    return {column.name: column for column in table.columns}


def numbers(column: DataColumn) -> list[float]:
    assert isinstance(column, NumberColumn)
    return list(column.values)


def texts(column: DataColumn) -> list[str | None]:
    assert isinstance(column, CategoryColumn)
    assert list(column.levels) == sorted(column.levels)
    return [None if code < 0 else column.levels[code] for code in column.codes]


@pytest.mark.parametrize("make", TABLES)
def test_every_kind_of_table_is_read_the_same(make: Callable[[], Any]) -> None:
    columns = read(make(), 3)
    assert list(columns) == ["age", "city"]
    assert numbers(columns["age"]) == pytest.approx([31, np.nan, 18], nan_ok=True)
    assert texts(columns["city"]) == ["Rome", "Oslo", None]
    assert [column.missing.tolist() for column in columns.values()] == [
        [False, True, False],
        [False, False, True],
    ]


def test_an_array_has_numbered_columns() -> None:
    columns = read(np.array([[1.0, np.inf], [3.0, 4.0]]), 2)
    assert list(columns) == ["feature_0", "feature_1"]
    assert numbers(columns["feature_1"]) == pytest.approx([np.nan, 4], nan_ok=True)
    assert list(read([[1, "a"], [2, "b"]], 2)) == ["feature_0", "feature_1"]
    assert list(read(np.array([1.0, 2.0]), 2)) == ["feature_0"]
    assert list(read([1.0, 2.0], 2)) == ["feature_0"]
    assert list(read(np.zeros((2, 2, 2)), 2)) == [f"feature_{place}" for place in range(4)]
    assert list(read(np.array([(1, "a")], [("x", int), ("y", "U1")]), 1)) == ["x", "y"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([True, False, None], ["True", "False", None]),
        ([1, "a", None], ["1", "a", None]),
        ([datetime.date(2026, 1, 2), None, datetime.date(2026, 1, 1)], ["2026-01-02", None, "2026-01-01"]),
        ([[1, 2], {"k": 1}, None], ["[1, 2]", "{'k': 1}", None]),
        ([None, None, None], [None, None, None]),
    ],
)
def test_what_is_no_number_is_a_category_by_its_text(cells: list[Any], expected: list[str | None]) -> None:
    assert texts(read({"x": cells}, 3)["x"]) == expected


def test_a_row_without_a_key_misses_the_cell() -> None:
    columns = read([{"a": 1}, {"b": "x"}], 2)
    assert numbers(columns["a"]) == pytest.approx([1, np.nan], nan_ok=True)
    assert texts(columns["b"]) == [None, "x"]


def test_whole_numbers_that_no_float_holds_count_as_missing() -> None:
    assert numbers(read({"x": [10**400, 1]}, 2)["x"]) == pytest.approx([np.nan, 1], nan_ok=True)


def test_columns_named_by_numbers_get_names_of_text() -> None:
    assert list(read(pd.DataFrame([[1, 2]], columns=[0, 1]), 1)) == ["0", "1"]


def test_a_single_series_is_a_table_of_one_column() -> None:
    assert list(read(pd.Series([1, 2], name="x"), 2)) == ["x"]


def test_a_table_without_columns_has_none() -> None:
    assert read({}, 2) == {}
    assert read_table(None, 2) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": [1, 2]}, r"The data has 2 rows \(column 'x'\) and there are 3 labels"),
        (pd.DataFrame({"x": [1, 2]}), "The data has 2 rows"),
        ([{"x": 1}, [2], [3]], "The rows of data are of several types"),
        ([[1, 2], [3], [4]], "The rows of data have 1 to 2 values"),
        ([{}, {}, {}], "The rows of data have no columns"),
        ("abc", "Data of type str is no table"),
        (42, "Data of type int is no table"),
        (np.array(3), r"An array of shape \(\) is no table"),
        ({"x": "abc"}, "The column 'x' of data is 'abc'"),
        ({"x": 1}, "The column 'x' of data is 1"),
        (pd.DataFrame([[1, 2]] * 3, columns=["a", "a"]), "'a'"),
        ({1: [1, 2, 3], "1": [1, 2, 3]}, "Two columns of data are called '1'"),
        (pl.LazyFrame({"x": [1, 2, 3]}), "Data of type LazyFrame is no table"),
    ],
)
def test_what_is_no_table_of_these_rows_is_refused(data: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_table(data, 3)
