"""What a template learns from: tables that nobody prepared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modellab.errors import InvalidInput
from modellab.templates.table import TrainingTable, read_table, table_file


def write(folder: Path, text: str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(n: int, line: str = "{i},{k},{v}") -> str:
    return "".join(f"{line.format(i=i, k='ab'[i % 2], v=i * 1.5)}\n" for i in range(n))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write(tmp_path, "amount,kind,y\n" + "".join(f"{i % 7},{'ab'[i % 2]},{i % 3}\n" for i in range(40)))


def test_columns_come_as_numbers_and_categories_and_the_target_as_places_of_classes(small: Path) -> None:
    table = read_table(small, "classification", target="y")
    assert table.columns.roles == {"amount": "number", "kind": "category"}
    assert table.classes == (0, 1, 2)
    assert table.target.tolist() == [i % 3 for i in range(40)]
    assert table.features.get_column("kind").to_list()[:3] == ["a", "b", "a"]
    assert table.row_ids.tolist() == list(range(40))
    assert table.notes == []


def test_rows_without_a_target_are_left_out_and_the_others_keep_their_places(tmp_path: Path) -> None:
    lines = [f"{i % 5},{'' if i % 4 == 0 else 'xy'[i % 2]}" for i in range(60)]
    table = read_table(write(tmp_path, "a,y\n" + "\n".join(lines)), "classification", target="y")
    assert table.n == 45
    assert table.row_ids.tolist() == [i for i in range(60) if i % 4]
    assert "15 of 60 rows have no 'y'" in table.notes[0]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ([f"id-{i:05}" for i in range(80)], "identifier"),
        ([str(i + 1) for i in range(80)], "numbers the rows"),
        (["7"] * 80, "same value"),
        ([""] * 80, "empty"),
        ([f"some words of {i // 1.2}" for i in range(80)], "different texts"),
        ([("no", "yes")[i % 2] for i in range(80)], "other words"),
    ],
)
def test_a_column_that_tells_nothing_or_everything_is_left_out_with_a_reason(
    tmp_path: Path, column: list[str], reason: str
) -> None:
    lines = [f"{cell},{i % 7},{i % 2}" for i, cell in enumerate(column)]
    path = write(tmp_path, "odd,a,y\n" + "\n".join(lines) + "\n")
    table = read_table(path, "classification", target="y")
    assert table.columns.roles == {"a": "number"}
    assert reason in table.columns.left_out["odd"]
    assert any("'odd' is left out" in note for note in table.notes)


def test_a_column_to_keep_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "n,a,y\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(40)))
    assert "n" not in read_table(path, "classification", target="y").columns.roles
    assert read_table(path, "classification", target="y", keep=["n"]).columns.roles["n"] == "number"


def test_the_target_in_another_unit_is_left_out_of_a_regression(tmp_path: Path) -> None:
    path = write(
        tmp_path, "celsius,a,kelvin\n" + "".join(f"{i * i},{i % 3},{i * i + 273.15}\n" for i in range(40))
    )
    table = read_table(path, "regression", target="kelvin")
    assert table.columns.roles == {"a": "number"}
    assert "another unit" in table.columns.left_out["celsius"]


def test_dates_are_days_and_what_is_infinite_is_missing(tmp_path: Path) -> None:
    lines = [f"2024-01-{i % 28 + 1:02},{'inf' if i == 3 else i / 2},{i % 2}" for i in range(40)]
    table = read_table(write(tmp_path, "day,x,y\n" + "\n".join(lines)), "classification", target="y")
    assert table.columns.roles == {"day": "number", "x": "number"}
    days = table.features.get_column("day").to_list()
    assert days[1] - days[0] == 1
    assert days[0] == 19723
    assert table.features.get_column("x").null_count() == 1


def test_a_positive_class_stands_last(small: Path, tmp_path: Path) -> None:
    path = write(
        tmp_path, "a,y\n" + "".join(f"{i % 5},{('sick', 'well')[i % 2]}\n" for i in range(40)), "w.csv"
    )
    assert read_table(path, "classification", target="y").classes == ("sick", "well")
    assert read_table(path, "classification", target="y", positive="sick").classes == ("well", "sick")
    with pytest.raises(InvalidInput, match="no class 'ill'"):
        read_table(path, "classification", target="y", positive="ill")
    with pytest.raises(InvalidInput, match="has 3"):
        read_table(small, "classification", target="y", positive="1")


@pytest.mark.parametrize(
    ("text", "task", "said"),
    [
        ("a,y\n" + rows(30, "{i},{v}"), "classification", "look like amounts"),
        ("a,y\n" + rows(30, "{i},{k}"), "regression", "no number"),
        ("a,y\n" + rows(30, "{i},5"), "regression", "nothing to learn"),
        ("a,y\n" + rows(30, "{i},b"), "classification", "nothing to learn"),
        ("a,y\n" + rows(5, "{v},{k}"), "classification", "at least 20"),
        ("a,y\n" + rows(30, "{v},name{i}"), "classification", "30 classes"),
        ("a,y\n" + rows(40, "3,{k}"), "classification", "No column is left"),
        ("a,b\n" + rows(40, "3,{k}"), "classification", "no column 'y'"),
        ("a,y\n", "classification", "0 rows"),
        ("a,y\n" + rows(30, "{i},{v}") + "1,inf\n", "regression", "infinite"),
        ("a,y\n" + rows(30, "{i},{v}") + "1,2,3\n", "regression", "."),
    ],
)
def test_what_cannot_be_learnt_is_refused(tmp_path: Path, text: str, task: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_table(write(tmp_path, text), task, target="y")  # type: ignore[arg-type]


def test_files_that_are_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no file"), table_file(tmp_path / "none.csv"):
        pass
    with pytest.raises(InvalidInput, match="is no table"):
        read_table(write(tmp_path, "hello", "data.txt"), "classification", target="y")
    with pytest.raises(InvalidInput, match="empty"):
        read_table(write(tmp_path, ""), "classification", target="y")


def test_a_data_frame_is_read_like_a_file() -> None:
    import pandas as pd  # type: ignore[import-untyped]
    import polars as pl

    columns = {
        "a": [i % 7 for i in range(40)],
        "kind": ["uv"[i % 2] for i in range(40)],
        "y": [i % 3 for i in range(40)],
    }
    found: list[TrainingTable] = []
    for frame in (pl.DataFrame(columns), pd.DataFrame(columns)):
        with table_file(frame) as path:
            found.append(read_table(path, "classification", target="y"))
    assert found[0].features.equals(found[1].features)
    assert np.array_equal(found[0].target, found[1].target)


def test_the_value_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a,y\n" + "".join(f"{i % 7},{'12 or so' if i == 9 else i}\n" for i in range(30)))
    with pytest.raises(InvalidInput, match="holds '12 or so', which is no number"):
        read_table(path, "regression", target="y")


def test_decimal_commas_are_numbers_here_too(tmp_path: Path) -> None:
    path = write(tmp_path, "a;y\n" + "".join(f"{i % 7},5;{i},25\n" for i in range(30)))
    table = read_table(path, "regression", target="y")
    assert table.columns.roles == {"a": "number"}
    assert table.target[:2].tolist() == [0.25, 1.25]
    assert "decimal commas" in table.notes[0]
