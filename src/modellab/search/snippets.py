"""Where the words that are looked for stand in a text, and the part of it that is worth showing."""

from __future__ import annotations

from collections.abc import Sequence

from modellab.records.search import Snippet
from modellab.search.words import Term, Word, find_words

SNIPPET_LENGTH = 160
"""Characters of a text that are shown."""
_BEFORE = 40  # of them before the first match
_CUT = "…"


def find_matches(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in a text: start and end, in order, none inside another."""
    if text.isascii():  # most texts hold nothing of it, which is known without taking them apart
        lowered = text.lower()
        terms = [term for term in terms if all(word in lowered for word in term.words)]
    words = find_words(text) if terms else []
    found = [place for term in terms for place in _find_term(words, term)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def make_snippet(field: str, text: str, terms: Sequence[Term]) -> Snippet | None:
    """The part of a text around its first match, on one line; `None` if nothing matches."""
    plain = "".join(" " if character.isspace() else character for character in text)
    ranges = find_matches(plain, terms)
    return cut(field, plain, ranges) if ranges else None


def cut(field: str, text: str, ranges: Sequence[tuple[int, int]] = ()) -> Snippet:
    """At most `SNIPPET_LENGTH` characters of a text from before its first match, signs where it goes on."""
    start = max(0, ranges[0][0] - _BEFORE) if ranges else 0
    if len(text) <= SNIPPET_LENGTH:
        start = 0
    end = min(len(text), start + SNIPPET_LENGTH)
    before, after = _CUT if start else "", _CUT if end < len(text) else ""
    shift = len(before) - start
    shown = [(first + shift, min(last, end) + shift) for first, last in ranges if start <= first < end]
    return Snippet(field=field, text=f"{before}{text[start:end]}{after}", ranges=shown)


def _find_term(words: Sequence[Word], term: Term) -> list[tuple[int, int]]:
    *whole, last = term.words
    n = len(term.words)
    found = []
    for place in range(len(words) - n + 1):
        final = words[place + n - 1]
        if not (final.text.startswith(last) if term.is_prefix else final.text == last):
            continue
        if all(words[place + i].text == word for i, word in enumerate(whole)):
            found.append((words[place].start, final.end))
    return found
