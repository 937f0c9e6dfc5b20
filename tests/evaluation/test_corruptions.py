"""Corruptions of data: every kind of table comes back as its own kind, changed as was said and no further."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

from modellab.evaluation.corruptions import FAMILIES, Corruption, Corruptor, Family
from modellab.evaluation.native_tables import Change, Reordering, can_change, change_table, take_rows_of
from modellab.evaluation.table import CategoryColumn, DataTable, NumberColumn
from modellab.evaluation.tables import read_table
from modellab.statistics.streams import Stream

N = 400


def make_columns(n: int = N) -> dict[str, list[Any]]:
    random = np.random.default_rng(0)
    return {
        "income": random.normal(50, 10, n).tolist(),
        "age": random.integers(18, 90, n).tolist(),
        "city": random.choice(["Bern", "Rome", "Oslo"], n).tolist(),
        "member": (random.random(n) < 0.5).tolist(),
    }


def as_rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def as_categorical(columns: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(columns).astype({"city": "category"}).set_axis(np.arange(len(columns["age"])) * 3)


def as_enum(columns: dict[str, list[Any]]) -> pl.DataFrame:
    return pl.DataFrame(columns).with_columns(pl.col("city").cast(pl.Enum(["Bern", "Rome", "Oslo"])))


KINDS: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "pandas": pd.DataFrame,
    "pandas with categories": as_categorical,
    "polars": pl.DataFrame,
    "polars with an enum": as_enum,
    "dicts": as_rows,
    "lists": lambda columns: [list(row) for row in zip(*columns.values(), strict=True)],
    "columns": dict,
    "arrays": lambda columns: {name: np.array(cells) for name, cells in columns.items()},
    "objects": lambda columns: np.array(list(zip(*columns.values(), strict=True)), object),
}


def read(data: Any, n: int = N) -> DataTable:
    table = read_table(data, n)
    assert table is not None
    return table


def find_family(name: str) -> Family:
    return next(family for family in FAMILIES if family.name == name)


def make(data: Any, name: str, *, seed: int = 0) -> Sequence[Corruption]:
    return list(Corruptor(read(data), data, Stream(seed)).make(find_family(name)))


def corrupt(data: Any, name: str, severity: int) -> DataTable:
    """The table as a model would read it, after a corruption."""
    corruption = make(data, name)[severity - 1]
    changed = change_table(data, corruption.changes)
    assert type(changed) is type(data)
    return read(changed)


def numbers(table: DataTable, place: int) -> Any:
    column = table.columns[place]
    assert isinstance(column, NumberColumn)
    return column.values


def texts(table: DataTable, place: int) -> list[str | None]:
    column = table.columns[place]
    assert isinstance(column, CategoryColumn)
    return [None if code < 0 else column.levels[code] for code in column.codes.tolist()]


def list_cells(table: DataTable, place: int) -> list[Any]:
    is_number = isinstance(table.columns[place], NumberColumn)
    return numbers(table, place).tolist() if is_number else texts(table, place)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.replace(" ", "-"))
def data(request: pytest.FixtureRequest) -> Any:
    return KINDS[request.param](make_columns())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_corruption_gives_the_same_kind_of_table_and_leaves_the_users_alone(
    data: Any, family: Family
) -> None:
    before = copy.deepcopy(data)
    for corruption in Corruptor(read(data), data, Stream(0)).make(family):
        if corruption.rows is None:
            changed = change_table(data, corruption.changes)
        else:
            changed = take_rows_of(data, corruption.rows)
        assert type(changed) is type(data)
        table = read(changed, N if corruption.rows is None else len(corruption.rows))
        assert [column.name for column in table.columns] == [column.name for column in read(data).columns]
    assert repr(before) == repr(data)
    for place in range(4):
        assert list_cells(read(before), place) == list_cells(read(data), place)


def test_cells_go_missing_at_the_stated_share(data: Any) -> None:
    for severity, share in enumerate((0.01, 0.05, 0.1, 0.2, 0.4), start=1):
        missing = corrupt(data, "missing_cells", severity).n_missing.sum() / (4 * N)
        assert missing == pytest.approx(share, abs=4 * (share / (4 * N)) ** 0.5)


def test_a_missing_column_leaves_the_others_as_they_are(data: Any) -> None:
    table = corrupt(data, "missing_column", 2)
    assert table.columns[1].missing.all()
    np.testing.assert_array_equal(numbers(table, 0), numbers(read(data), 0))
    assert texts(table, 2) == texts(read(data), 2)
    assert [c.column for c in make(data, "missing_column")] == [c.name for c in read(data).columns]


def test_noise_has_the_stated_size_and_stays_away_from_text(data: Any) -> None:
    clean, noisy = read(data), corrupt(data, "noise", 5)
    for place in (0, 1):
        values = numbers(clean, place)
        sd = 1.4826 * np.median(np.abs(values - np.median(values)))
        assert np.std(numbers(noisy, place) - values) == pytest.approx(sd, rel=0.15)
    assert texts(noisy, 2) == texts(clean, 2)
    assert texts(noisy, 3) == texts(clean, 3)


def test_scale_and_shift_move_all_numbers_alike(data: Any) -> None:
    clean = numbers(read(data), 0)
    np.testing.assert_allclose(numbers(corrupt(data, "scale", 5), 0), 2 * clean)
    moved = numbers(corrupt(data, "shift", 5), 0) - clean
    assert moved.min() == pytest.approx(moved.max())
    assert moved.min() > 0


def test_outliers_lie_ten_robust_sd_to_either_side(data: Any) -> None:
    clean, found = numbers(read(data), 0), numbers(corrupt(data, "outliers", 5), 0)
    sd = 1.4826 * np.median(np.abs(clean - np.median(clean)))
    away = (found[found != clean] - np.median(clean)) / sd
    assert len(away) == pytest.approx(0.2 * N, abs=40)
    np.testing.assert_allclose(np.abs(away), 10)
    assert 0.2 < np.mean(away > 0) < 0.8


def test_text_becomes_a_category_that_was_never_there(data: Any) -> None:
    clean, found = texts(read(data), 2), texts(corrupt(data, "unseen_category", 5), 2)
    swapped = [cell for cell, before in zip(found, clean, strict=True) if cell != before]
    assert set(swapped) == {"unseen category"}
    assert len(swapped) == pytest.approx(0.4 * N, abs=45)
    assert texts(corrupt(data, "unseen_category", 5), 3) == texts(
        read(data), 3
    )  # booleans have no third value


def test_a_shuffled_column_has_the_same_cells_in_other_rows(data: Any) -> None:
    clean, found = read(data), corrupt(data, "shuffled_column", 1)
    assert sorted(numbers(found, 0)) == sorted(numbers(clean, 0))
    assert (numbers(found, 0) != numbers(clean, 0)).any()
    np.testing.assert_array_equal(numbers(found, 1), numbers(clean, 1))


def test_fewer_rows_are_rows_of_the_data(data: Any) -> None:
    for corruption, share in zip(make(data, "fewer_rows"), (0.8, 0.6, 0.4, 0.2, 0.1), strict=True):
        assert corruption.rows is not None
        assert len(corruption.rows) == round(share * N)
        taken = read(take_rows_of(data, corruption.rows), len(corruption.rows))
        np.testing.assert_array_equal(numbers(taken, 0), numbers(read(data), 0)[corruption.rows])


def test_missing_cells_stay_missing_under_noise_and_scale() -> None:
    columns = make_columns()
    columns["income"][:50] = [None] * 50
    for kind in ("pandas", "polars", "dicts", "columns"):
        data = KINDS[kind](columns)
        for family in ("noise", "scale", "shift", "outliers"):
            found = numbers(corrupt(data, family, 5), 0)
            assert np.isnan(found[:50]).all()
            assert not np.isnan(found[50:]).any()


def test_an_array_of_numbers_stays_one_and_keeps_its_shape() -> None:
    images = np.random.default_rng(0).integers(0, 255, (N, 3, 3))
    for family in ("missing_cells", "noise", "shuffled_column"):
        changed = change_table(images, make(images, family)[0].changes)
        assert changed.shape == images.shape
        assert changed.dtype.kind in "if"


def test_a_frame_keeps_its_types_and_index() -> None:
    frame = pd.DataFrame({"x": np.arange(N, dtype=np.float32), "y": np.arange(N)}, index=np.arange(N) * 2)
    change = Change(0, np.arange(N) < 10, np.full(N, 0.5))
    changed = change_table(frame, [change, Reordering(1, np.arange(N)[::-1])])
    assert changed["x"].dtype == np.float32
    assert changed["y"].dtype == frame["y"].dtype
    assert changed.index.equals(frame.index)
    assert changed["y"].tolist() == list(range(N))[::-1]
    assert changed["x"].tolist()[:11] == [0.5] * 10 + [10.0]


def test_a_single_column_is_a_table() -> None:
    for data in (pd.Series(np.arange(20.0), name="x"), pl.Series("x", np.arange(20.0)), np.arange(20.0)):
        changed = change_table(data, [Change(0, np.arange(20) < 5, None)])
        assert type(changed) is type(data)
        assert read(changed, 20).n_missing.sum() == 5


@pytest.mark.parametrize("family", ["missing_cells", "noise", "outliers"])
def test_every_draw_has_a_stream_of_its_own(family: str) -> None:
    columns = make_columns()
    fewer = {name: cells for name, cells in columns.items() if name != "age"}
    whole, part = corrupt(columns, family, 4), corrupt(fewer, family, 4)
    np.testing.assert_array_equal(numbers(whole, 0), numbers(part, 0))  # whatever other columns there are
    moved = [numbers(corrupt(columns, family, severity), 0) != columns["income"] for severity in (4, 5)]
    other = change_table(columns, make(columns, family, seed=1)[3].changes)
    assert list_cells(read(other), 0) != list_cells(whole, 0)
    assert family == "noise" or (moved[0] & ~moved[1]).any()  # severities are drawn apart


def test_columns_are_corrupted_one_by_one_up_to_twenty() -> None:
    wide = np.random.default_rng(0).normal(size=(N, 30))
    corruptor = Corruptor(read(wide), wide, Stream(0))
    assert corruptor.count(find_family("shuffled_column")) == len(make(wide, "shuffled_column")) == 20


@pytest.mark.parametrize(
    ("family", "data", "reason"),
    [
        ("noise", {"city": ["Rome"] * N}, "no column of numbers that vary"),
        ("scale", {"x": [1] * N}, "no column of numbers that vary"),
        ("unseen_category", {"x": list(range(N))}, "no column of text"),
        ("missing_cells", {"x": [None] * N}, "no column of known cells"),
    ],
)
def test_a_family_that_does_not_fit_the_data_says_why(family: str, data: Any, reason: str) -> None:
    corruptor = Corruptor(read(data), data, Stream(0))
    assert corruptor.say_why_not(find_family(family)) == reason
    assert corruptor.count(find_family(family)) == 0
    assert make(data, family) == []


def test_what_is_no_table_cannot_be_corrupted() -> None:
    assert not can_change(np.zeros(3, dtype=[("a", float)]))
    assert not can_change(iter([1, 2]))
