"""The words of a query: a text as tokens, each with the position at which it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from modellab.errors import InvalidQuery
from modellab.query.tree import BARE_NAME

TokenKind = Literal["word", "path", "string", "number", "symbol", "end"]

KEYWORDS = frozenset(
    ("and", "or", "not", "like", "ilike", "in", "between", "is", "null", "nan", "exists", "true", "false")
)

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?\b)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d]\w*")
_SUMMARY = re.compile(r"\.(\w+)")
_SYMBOL = re.compile(r"==|!=|<>|<=|>=|[=<>(),]")
_QUOTES = {quote: re.compile(f"{quote}((?:[^{quote}]|{quote}{quote})*){quote}") for quote in "'\"`"}
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `text` is what stands there; `parts` are the parts of a path, `value` what a string holds.

    `is_quoted` says whether the name in a path is in quotes, which makes all of it the name.
    """

    kind: TokenKind
    text: str
    position: int
    parts: tuple[str, ...] = ()
    is_quoted: bool = False

    @property
    def keyword(self) -> str | None:
        """The keyword that this is, in small letters."""
        word = self.text.lower()
        return word if self.kind == "word" and word in KEYWORDS else None


def read_tokens(text: str) -> list[Token]:
    """The tokens of a text, and a last one for its end; raises `InvalidQuery`."""
    unkeepable = _UNKEEPABLE.search(text)
    if unkeepable:
        raise InvalidQuery(
            "The query has a character that no text can hold: NUL, or half of a surrogate pair.",
            text=text,
            position=unkeepable.start(),
        )
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        space = _SPACE.match(text, position)
        if space:
            position = space.end()
            continue
        token = _read_token(text, position)
        tokens.append(token)
        position += len(token.text)
    return [*tokens, Token("end", "", len(text))]


def _read_token(text: str, position: int) -> Token:
    character = text[position]
    if character in "'\"":
        end, value = _read_quoted(text, position)
        return Token("string", text[position:end], position, (value,))
    number = _NUMBER.match(text, position)
    if number:
        return _check_number(text, number)
    if character == "`" or _WORD.match(text, position):
        return _read_path(text, position)
    symbol = _SYMBOL.match(text, position)
    if symbol:
        return Token("symbol", symbol[0], position)
    raise InvalidQuery(f"There is no place for {character!r} in a query.", text=text, position=position)


def _check_number(text: str, number: re.Match[str]) -> Token:
    following = _WORD.match(text, number.end())
    if following:
        shown = number[0] + following[0]
        raise InvalidQuery(
            f"{shown[:60]!r} is no number, and text stands in quotes.", text=text, position=number.start()
        )
    return Token("number", number[0], number.start())


def _read_path(text: str, position: int) -> Token:
    """A word, or a path such as `metrics.val_loss.min` and `params."learning rate"`."""
    end, head = _read_part(text, position, _WORD)
    if text[end : end + 1] != ".":
        return Token("word" if text[position] != "`" else "path", text[position:end], position, (head,))
    is_quoted = text[end + 1 : end + 2] in ("'", '"', "`")
    end, name = _read_part(text, end + 1, BARE_NAME)
    if not is_quoted:
        return Token("path", text[position:end], position, (head, name))
    summary = _SUMMARY.match(text, end)
    if summary:
        return Token("path", text[position : summary.end()], position, (head, name, summary[1]), True)
    return Token("path", text[position:end], position, (head, name), True)


def _read_part(text: str, position: int, bare: re.Pattern[str]) -> tuple[int, str]:
    if text[position : position + 1] in _QUOTES:
        end, name = _read_quoted(text, position)
        if not name:
            raise InvalidQuery("The name in these quotes is empty.", text=text, position=position)
        return end, name
    match = bare.match(text, position)
    if match is None:
        raise InvalidQuery(
            "A name is missing after the dot; one with blanks or signs stands in quotes.",
            text=text,
            position=position,
        )
    return match.end(), match[0]


def _read_quoted(text: str, position: int) -> tuple[int, str]:
    quote = text[position]
    match = _QUOTES[quote].match(text, position)
    if match is None:
        raise InvalidQuery(
            f"The text that begins here has no closing {quote}. Within it, {quote} is written twice.",
            text=text,
            position=position,
        )
    return match.end(), match[1].replace(quote * 2, quote)
