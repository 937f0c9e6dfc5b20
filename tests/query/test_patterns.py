from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.query.patterns import make_matcher, to_glob, to_like

LETTERS = st.text(alphabet="aAäÄ%_\\*?[]^-\n", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "found", "passed_over"),
    [
        ("svm", ["svm"], ["SVM", "svm2", " svm", ""]),
        ("vision%", ["vision", "vision-b", "vision\nlab"], ["a vision", "Vision"]),
        ("%bad%", ["bad", "so bad it is"], ["BAD"]),
        ("a_c", ["abc", "a\nc", "aäc"], ["ac", "abbc"]),
        (r"50\%", ["50%"], ["500", r"50\%"]),
        (r"a\_b", ["a_b"], ["axb"]),
        (r"C:\x", [r"C:\x"], ["C:x"]),
        (r"a\\%", ["a\\", "a\\b"], ["a", "a%"]),
        ("a%a", ["aa", "aba"], ["a", "ab"]),
        ("", [""], ["a"]),
        ("%", ["", "a"], []),
        ("[a-z]*?", ["[a-z]*?"], ["b", "abc"]),
    ],
)
def test_a_pattern_matches_the_whole_of_a_text(
    pattern: str, found: list[str], passed_over: list[str]
) -> None:
    matches = make_matcher(pattern, ignore_case=False)
    assert [text for text in [*found, *passed_over] if matches(text)] == found


def test_letter_case_is_ignored_for_a_to_z_only() -> None:
    matches = make_matcher("%Ärger%SVM", ignore_case=True)
    assert matches("viel Ärger mit svm")
    assert not matches("viel ärger mit svm")


@given(LETTERS, LETTERS)
def test_sqlite_and_python_agree_on_every_pattern(pattern: str, text: str) -> None:
    expected = re.fullmatch(_as_expression(pattern), text, re.DOTALL) is not None
    assert make_matcher(pattern, ignore_case=False)(text) == expected
    with closing(sqlite3.connect(":memory:")) as database:
        glob, like = database.execute(
            r"SELECT ? GLOB ?, ? LIKE ? ESCAPE '\'", (text, to_glob(pattern), text, to_like(pattern))
        ).fetchone()
    assert bool(glob) == expected
    assert bool(like) == make_matcher(pattern, ignore_case=True)(text)


def _as_expression(pattern: str) -> str:
    """The pattern said in another way: as one regular expression."""
    signs = re.findall(r"\\[%_\\]|[\s\S]", pattern)
    return "".join({"%": ".*", "_": "."}.get(sign) or re.escape(sign[-1]) for sign in signs)


def test_a_pattern_of_many_wildcards_takes_no_longer_than_the_text_is_long() -> None:
    matches = make_matcher("%a" * 2000 + "b", ignore_case=False)
    start = time.process_time()
    assert not matches("a" * 100_000)
    assert time.process_time() - start < 10  # one regular expression of it would take for ever
