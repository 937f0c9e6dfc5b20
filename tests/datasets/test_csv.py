"""CSV as it is found in the wild: delimiters, encodings, line ends, names, uneven lines."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from modellab.datasets.description import describe_file, read_preview
from modellab.errors import InvalidInput

Describe = Callable[..., Any]


def types(found: Any) -> dict[str, str]:
    return {column.name: column.type for column in found.columns}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_common_delimiters_are_found(describe: Describe, delimiter: str) -> None:
    lines = ["a,b,c", '1,"x,;\t|y",2.5', "2,z,3.5"]
    text = "\n".join(line if '"' in line else line.replace(",", delimiter) for line in lines)
    text = text.replace('1,"x,;\t|y",2.5', delimiter.join(["1", '"x,;\t|y"', "2.5"]))
    assert types(describe(text)) == {"a": "integer", "b": "text", "c": "number"}


def test_one_column_needs_no_delimiter(describe: Describe) -> None:
    assert types(describe("x\n1\n2\n")) == {"x": "integer"}


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ("a,b\né,1\n".encode(), None),
        (codecs.BOM_UTF8 + "a,b\né,1\n".encode(), None),
        (codecs.BOM_UTF16_LE + "a,b\né,1\n".encode("utf-16-le"), None),
        (codecs.BOM_UTF16_BE + "a,b\né,1\n".encode("utf-16-be"), None),
        (codecs.BOM_UTF32_LE + "a,b\né,1\n".encode("utf-32-le"), None),
        ("a,b\né,1\n".encode("latin-1"), "The file is not UTF-8; it was read as Latin-1."),
        (b"a,b\r\xc3\xa9,1\r", None),
        (b"a,b\r\n\xc3\xa9,1\r\n", None),
        (b"\n\na,b\n\xc3\xa9,1", None),
    ],
    ids=[
        "utf-8",
        "with BOM",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "latin-1",
        "CR",
        "CRLF",
        "blank lines first",
    ],
)
def test_encodings_and_line_ends_make_no_difference(
    describe: Describe, data: bytes, note: str | None
) -> None:
    found = describe(data)
    assert types(found) == {"a": "text", "b": "integer"}
    assert (found.n_rows, list(found.columns[0].examples), found.unread) == (1, ["é"], note)


def test_a_byte_that_is_no_utf8_is_found_also_far_below(describe: Describe) -> None:
    found = describe(b"a\n" + b"x\n" * 600_000 + b"\xe9\n")
    assert (found.n_rows, found.columns[0].n_unique) == (600_001, 2)
    assert "Latin-1" in found.unread


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,a,a", ["a", "a_2", "a_3"]),
        ("a,a,a_2", ["a", "a_3", "a_2"]),
        ("a,,", ["a", "column_2", "column_3"]),
        ('"a,b","c ""d""",e', ["a,b", 'c "d"', "e"]),
        ('"a\nb",c,d', ["a\nb", "c", "d"]),
    ],
)
def test_names_of_columns_are_all_different(describe: Describe, header: str, names: list[str]) -> None:
    found = describe(f"{header}\n1,2,3\n")
    assert list(types(found)) == names
    assert (found.unread is None) == (names[1] not in ("a_2", "a_3", "column_2"))


def test_a_header_alone_is_a_table_without_rows(describe: Describe) -> None:
    for text in ("a,b", "a,b\n", "a,b\r\n"):
        found = describe(text)
        assert (found.n_rows, found.n_columns, types(found)) == (0, 2, {"a": "text", "b": "text"})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "The file is empty."),
        ("\n\n\n", "The file is empty."),
        (codecs.BOM_UTF8, "The file is empty."),
        ("a,b\n1,2\n1,2,3\n", "Line 3 has 3 values, but there are 2 columns."),
        ('a,b\n"x\ny",2\n1,2,3\n', "Line 4 has 3 values"),
        ('a,b\n"x,1\ny,2\n', "The record after line 1 cannot be read: unexpected end of data."),
        ('a,b\nx,1\n"a"b,2\n', "The record after line 2 cannot be read"),
        (b"a,b\n\0,1\n", "zero bytes"),
        ("a,b\n1,2\n".encode("utf-16-le"), "zero bytes"),
        (codecs.BOM_UTF16_LE + b"a\0,\0b\0\n\0x", "says that it is UTF-16"),
        (",".join(f"c{n}" for n in range(10_001)), "10001 columns; a dataset may have at most 10000"),
        ("x" * 1001 + "\n1\n", "has 1001 characters; at most 1000"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_what_is_no_table_is_refused_with_the_line(describe: Describe, data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        describe(data)
    assert message in caught.value.message


def test_ten_thousand_columns_are_described(describe: Describe) -> None:
    names = [f"c{n}" for n in range(10_000)]
    found = describe("\n".join([",".join(names), ",".join("1" if n % 2 else "x" for n in range(10_000))]))
    assert found.n_columns == 10_000
    assert [column.type for column in found.columns[:2]] == ["text", "integer"]


def test_short_lines_are_missing_values_and_said(describe: Describe) -> None:
    found = describe("a,b,c\n1,2,3\n4\n5,6\n")
    assert [column.n_missing for column in found.columns] == [0, 1, 2]
    assert found.unread == (
        "2 lines have fewer values than there are columns (the first is line 3); the rest is missing."
    )


def test_lines_without_any_value_are_passed_over_and_said(describe: Describe) -> None:
    found = describe("a,b\n1,2\n\n3,4\n,\n\n")
    assert (found.n_rows, found.unread) == (2, "3 lines without any value passed over.")
    assert describe("a\n1\n\n3\n").columns[0].n_missing == 1  # of one column it is how a value is missing


def test_a_preview_has_the_types_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,\n" * 2000 + "1.5,x\n")
    preview = read_preview(path, "csv", n=1)
    assert (preview.types, preview.rows) == (["number", "text"], [[1.0, None]])
    for n in (0, 101):
        with pytest.raises(InvalidInput, match="may be 1 to 100"):
            read_preview(path, "csv", n=n)


@pytest.mark.parametrize(
    "data",
    [
        "a,b,c\n1,,2020-01-01\n\n2,x,NA\n" + "1.5,y,2020-01-01\n" * 2000,
        "a,b\n2020-01-01T10:00:00Z,true\n2020-01-01T10:00:00+02:00,False\n",
        "a,a\n2020-01-01 10:00,nan\nNA,1e3\n",
        codecs.BOM_UTF16_LE + "a,b\né,007\n".encode("utf-16-le"),
        "a,b\né,1\n".encode("latin-1"),
        "a\n\n" + "\n" * 3000 + "1\n",
        "a,b\n" + ",\n" * 3000 + "1,2\n",
        "a,b\n",
    ],
    ids=["late types", "zones", "times", "UTF-16", "Latin-1", "missing", "blank", "header"],
)
def test_a_preview_that_reads_only_the_beginning_shows_the_same(tmp_path: Path, data: str | bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    columns = describe_file(path).columns
    assert read_preview(path, "csv", n=3, columns=columns) == read_preview(path, "csv", n=3)


def test_a_preview_shows_at_most_a_thousand_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join(f"c{n}" for n in range(1200)) + "\n")
    assert len(read_preview(path, "csv").columns) == 1000


def test_a_long_cell_is_cut(describe: Describe) -> None:
    [example] = describe("a\n" + "x" * 300_000 + "\n").columns[0].examples
    assert (len(example), example[-1]) == (200, "…")


def test_a_table_too_large_for_memory_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    pl.DataFrame({"a": range(5000), "b": ["x", "y", None, "z", "z"] * 1000}).write_csv(path)
    whole, large = describe_file(path), describe_file(path, in_memory_bytes=1000)
    assert large.columns is not None
    assert whole.columns is not None
    assert large.columns[1] == whole.columns[1]
    assert large.columns[0].n_unique == pytest.approx(5000, rel=0.25)
    assert (large.n_rows, large.columns[0].min, large.columns[0].max) == (5000, 0, 4999)


def test_a_delimiter_within_quotation_marks_hides_no_short_line(describe: Describe) -> None:
    found = describe('a,b\n"x,y",1\nz\n')
    assert found.unread == (
        "1 line has fewer values than there are columns (the first is line 3); the rest is missing."
    )
    assert describe("a,b\nx,1\ny,\n").unread is None
