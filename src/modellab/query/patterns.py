"""Patterns of `like`: `%` is any text, `_` any one character, and a backslash makes either of them plain.

Letter case of `ilike` is ignored for A to Z only, which is what every database can do alike.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import NamedTuple

ANY, ONE = object(), object()
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def read_pattern(pattern: str) -> list[object]:
    """A pattern as characters, `ANY` for `%` and `ONE` for `_`."""
    parts: list[object] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            parts += [following] if following in ("%", "_", "\\") and following else ["\\", *following]
        else:
            parts.append({"%": ANY, "_": ONE}.get(character, character))
    return parts


def to_like(pattern: str) -> str:
    """The same pattern for SQL's LIKE, with a backslash as its escape character."""
    return "".join(_say_like(part) for part in read_pattern(pattern))


def to_glob(pattern: str) -> str:
    """The same pattern for SQLite's GLOB, which unlike its LIKE tells large from small letters."""
    return "".join(_say_glob(part) for part in read_pattern(pattern))


def make_matcher(pattern: str, *, ignore_case: bool) -> Callable[[str], bool]:
    """A function that says whether a text has the form of the pattern, in time linear in both."""
    if ignore_case:
        matches = make_matcher(pattern.translate(_LOWER), ignore_case=False)
        return lambda text: matches(text.translate(_LOWER))
    # Piece by piece: one regular expression with many `.*` may take for ever.
    first, *others = map(_compile, _split(read_pattern(pattern)))
    if not others:
        return lambda text: first.expression.fullmatch(text) is not None
    *middle, last = others

    def matches_pieces(text: str) -> bool:
        found = first.expression.match(text)
        for piece in middle:
            found = found and piece.expression.search(text, found.end())
        tail = len(text) - last.length
        return found is not None and tail >= found.end() and last.expression.match(text, tail) is not None

    return matches_pieces


class _Piece(NamedTuple):
    """What stands between two `%`; `length` is that of every text it matches."""

    expression: re.Pattern[str]
    length: int


def _split(parts: list[object]) -> list[list[object]]:
    pieces: list[list[object]] = [[]]
    for part in parts:
        if part is ANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    return pieces


def _compile(parts: list[object]) -> _Piece:
    source = "".join("." if part is ONE else re.escape(str(part)) for part in parts)
    return _Piece(re.compile(source, re.DOTALL), len(parts))


def _say_like(part: object) -> str:
    if part is ANY:
        return "%"
    if part is ONE:
        return "_"
    return f"\\{part}" if part in ("%", "_", "\\") else str(part)


def _say_glob(part: object) -> str:
    if part is ANY:
        return "*"
    if part is ONE:
        return "?"
    return f"[{part}]" if part in ("*", "?", "[") else str(part)
