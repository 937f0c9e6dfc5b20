"""What counts as a word: the same in what is kept, in what is looked for, and on every database.

A word is a run of letters and digits without accents, in small letters; all else stands between words, so
no character can be wrong in what is looked for. Chinese and Japanese, which write no blanks, are words of
one character each.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_WORD_LENGTH = 64
"""Characters of a word that count."""
MAX_TERMS = 32
"""Words and phrases that are looked for at once; further ones are left out."""

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_SINGLE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_WORD = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")
_QUOTED = re.compile(r'"([^"]*)(?:"|$)|[^\s"]+')


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands in its text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other; with `is_prefix` the last is the beginning of one."""

    words: tuple[str, ...]
    is_prefix: bool = False


def list_words(text: str) -> list[str]:
    """The words of a text, in their order."""
    found = _ASCII_WORD.findall(text.lower()) if text.isascii() else _WORD.findall(_fold(text)[0])
    return [word[:MAX_WORD_LENGTH] for word in found]


def find_words(text: str) -> list[Word]:
    """The words of a text with their places, counted in characters (code points)."""
    if text.isascii():
        matches = _ASCII_WORD.finditer(text.lower())
        return [Word(match[0][:MAX_WORD_LENGTH], match.start(), match.end()) for match in matches]
    folded, starts, ends = _fold(text)
    return [
        Word(match[0][:MAX_WORD_LENGTH], starts[match.start()], ends[match.end() - 1])
        for match in _WORD.finditer(folded)
    ]


def read_terms(text: str, *, all_go_on: bool = False) -> tuple[Term, ...]:
    """What is looked for: all of these must be there. Quotes hold a phrase together.

    What is written without blanks is a phrase too, as `val/loss` or `0.01`. The last word may go on, or each
    with `all_go_on`, unless it is quoted. A quote that is not closed goes on to the end.
    """
    terms: list[Term] = []
    for match in _QUOTED.finditer(text):
        words = tuple(list_words(match[0]))
        if words:
            goes_on = all_go_on or not list_words(text[match.end() :])
            terms.append(Term(words, is_prefix=goes_on and match[1] is None))
    return tuple(dict.fromkeys(terms))


def _fold(text: str) -> tuple[str, list[int], list[int]]:
    """A text as it is compared; for each of its characters, where the one it comes from starts and ends."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, character in enumerate(text):
        plain = _fold_character(character)
        if not plain and ends:  # an accent that stands by itself belongs to the letter before it
            ends[-1] = place + 1
        folded.append(plain)
        starts += [place] * len(plain)
        ends += [place + 1] * len(plain)
    return "".join(folded), starts, ends


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """A letter or digit without its accents, nothing for an accent alone, and a blank for all else."""
    if unicodedata.category(character) == "Mn":
        return ""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(filter(str.isalnum, plain)) or " "
