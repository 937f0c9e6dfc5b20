"""JSON and JSON lines as tables: nested, mixed, with numbers that JSON does not have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modellab.datasets.description import read_preview
from modellab.errors import InvalidInput

Describe = Callable[..., Any]


def summary(found: Any) -> list[tuple[str, str, int, list[Any]]]:
    return [(c.name, c.type, c.n_missing, list(c.examples)) for c in found.columns]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"a": 1}, {"b": "x"}]', [("a", "integer", 1, [1]), ("b", "text", 1, ["x"])]),
        ('{"a": [1, 2], "b": [true, null]}', [("a", "integer", 0, [1, 2]), ("b", "boolean", 1, [True])]),
        ('{"a": {"0": 1, "1": 2}}', [("a", "integer", 0, [1, 2])]),
        ('{"a": 1}', [("a", "integer", 0, [1])]),
        ("[1, 2.5]", [("value", "number", 0, [1.0, 2.5])]),
        ('[{"a": NaN}, {"a": 1.5}, {"a": Infinity}]', [("a", "number", 1, [1.5, "inf"])]),
        ('[{"a": [1, 2]}, {"a": []}]', [("a", "list", 0, [[1, 2], []])]),
        ('[{"a": {"b": [{"c": 1}]}}]', [("a", "object", 0, [{"b": [{"c": 1}]}])]),
        ('[{"a": 123456789012345678901234567890}]', [("a", "text", 0, ["123456789012345678901234567890"])]),
        ('[{"a": null}]', [("a", "text", 1, [])]),
        ("[]", []),
        ("{}", []),
        ('[null, {"a": 1}]', [("a", "integer", 1, [1])]),
        ("[null, 3]", [("value", "integer", 1, [3])]),
        ('[{"a": Infinity}]', [("a", "number", 0, ["inf"])]),
        ('[{"a": 1e400}, {"a": 2.5}]', [("a", "text", 0, ["1e400", "2.5"])]),
        ('[{"a": -1E+400}, {"a": 1}]', [("a", "text", 0, ["-1E+400", "1"])]),
    ],
)
def test_arrays_of_objects_and_objects_of_columns_are_tables(
    describe: Describe, text: str, expected: list[Any]
) -> None:
    found = describe(text, "data.json")
    assert summary(found) == expected
    assert found.unread is None


@pytest.mark.parametrize(
    ("text", "examples"),
    [
        ('[{"a": 1}, {"a": "x"}]', ["1", "x"]),
        ('[{"a": [1, "x"]}, {"a": 2}]', ['[1, "x"]', "2"]),
        ('[{"a": {"b": 1}}, {"a": true}]', ['{"b": 1}', "true"]),
        ('[{"a": 0.5}, {"a": 9007199254740993}]', ["0.5", "9007199254740993"]),
    ],
)
def test_values_of_different_kinds_are_kept_as_text_and_said(
    describe: Describe, text: str, examples: list[str]
) -> None:
    found = describe(text, "data.json")
    assert summary(found) == [("a", "text", 0, examples)]
    assert found.unread == "Columns with values of different kinds were read as text: a."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}\n\n{"a": 2}', [("a", "integer", 0, [1, 2])]),
        ('{"a": 1}\n' * 200 + '{"b": "late"}\n', [("a", "integer", 1, [1]), ("b", "text", 200, ["late"])]),
        ('{"a": NaN}\n{"a": 1}\n', [("a", "number", 1, [1.0])]),
        ('{"a": {"b": 1}}\n{"a": 3}\n', [("a", "text", 0, ['{"b": 1}', "3"])]),
        ('{"a": 1e400}\n{"a": 2.5}\n', [("a", "text", 0, ["1e400", "2.5"])]),
        ('{"a": "\\ud83d\\ude00"}\n', [("a", "text", 0, ["\N{GRINNING FACE}"])]),
        ('{"a": 123456789012345678901234}\n', [("a", "integer", 0, ["123456789012345678901234"])]),
    ],
)
def test_lines_of_objects_are_a_table(describe: Describe, text: str, expected: list[Any]) -> None:
    assert summary(describe(text, "data.jsonl")) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.json", '[{"a": %s}, {"a": 1}, {"a": null}]'), ("x.jsonl", '{"a": %s}\n{"a": 1}\n{}\n')],
)
def test_an_integer_of_thousands_of_digits_is_text(describe: Describe, name: str, text: str) -> None:
    found = describe(text % ("9" * 5000), name)
    assert summary(found) == [("a", "text", 1, ["9" * 199 + "…", "1"])]
    assert found.unread is None


@pytest.mark.parametrize(
    ("name", "text"), [("x.json", "[{}, {}]"), ("x.json", "[null, {}]"), ("x.jsonl", "{}\n{}\n")]
)
def test_objects_without_anything_are_rows_without_columns(
    describe: Describe, tmp_path: Path, name: str, text: str
) -> None:
    found = describe(text, name)
    assert (found.n_rows, found.n_columns) == (2, 0)
    assert read_preview(tmp_path / name, found.format, n_rows=2).rows == [[], []]


def test_json_lines_under_the_name_of_json_are_read_as_such(describe: Describe) -> None:
    assert describe('{"a": 1}\n{"a": 2}\n', "data.json").n_rows == 2


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.json", b"", "The file is empty."),
        ("x.json", b"  \n", "The file is empty."),
        ("x.json", b"{'a': 1}", "The file is not JSON"),
        ("x.json", b'[{"a": 1}', "The file is not JSON"),
        ("x.json", b"3", "one JSON value (int)"),
        ("x.json", b'{"a": [1], "b": [1, 2]}', "different lengths: 1 to 2"),
        ("x.json", b'[{"a": "\xe9"}]', "not UTF-8"),
        ("x.json", b"[" * 200_000, "nested too deeply"),
        ("x.json", rb'[{"a": 1}, {"a": "\ud800"}]', "The value of 'a' in row 2 has a lone surrogate in it"),
        ("x.json", rb'[{"a": ["\udc00"]}]', "The value of 'a' in row 1 has a lone surrogate in it"),
        ("x.json", rb'[{"\ud800": 1}]', "The column name '?' has a lone surrogate in it"),
        (
            "x.jsonl",
            b'{"a": "x"}\n{"a": "\\uD83D"}\n',
            "The value of 'a' in row 2 has a lone surrogate in it",
        ),
        ("x.jsonl", b'{"a": "\\ude00"}\n', "The value of 'a' in row 1 has a lone surrogate in it"),
        ("x.jsonl", b'{"a": 1}\n[2]\n', "Line 2 is no JSON object."),
        ("x.jsonl", b'{"a": 1}\n{"a":\n', "Line 2 is not JSON"),
    ],
)
def test_what_is_no_table_is_refused(describe: Describe, name: str, data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        describe(data, name)
    assert message in caught.value.message


def test_more_columns_than_allowed_are_refused(describe: Describe) -> None:
    wide = "{" + ", ".join(f'"c{n}": 1' for n in range(10_001)) + "}"
    for name in ("x.json", "x.jsonl"):
        with pytest.raises(InvalidInput, match="10001 columns"):
            describe(f"[{wide}]" if name == "x.json" else wide, name)
