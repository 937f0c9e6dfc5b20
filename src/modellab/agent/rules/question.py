"""The text of a question, and what of it has not been understood yet."""

from __future__ import annotations

import re

_NUMBERS = {
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "dozen": "12",
    "twenty": "20",
}
_NUMBER_WORD = re.compile(rf"\b({'|'.join(_NUMBERS)})\b(?!\s*(?:of|that|is|was|with|which)\b)", re.IGNORECASE)
_QUOTED = re.compile(r"\"([^\"]{1,500})\"|“([^”]{1,500})”|`([^`]{1,500})`|(?<!\w)'([^']{1,500})'(?!\w)")
_JOINING = r"(?:(?:for|on|in|of|from|with|using|used?|have|having|tagged|an?|the|those|any|runs?)[ -])*$"
_LEAVES_OUT = r"except|excluding|exclude|other than|apart from|without|ignoring|but not"
_NOT = re.compile(
    rf"\b(?:{_LEAVES_OUT}|not|non|(?:is|are|was|were|do|does|did)n't)\b[ -]{_JOINING}", re.IGNORECASE
)
_NOT_RUN = re.compile(rf"\b(?:{_LEAVES_OUT})\b[ -]{_JOINING}", re.IGNORECASE)
NEGATION = re.compile(rf"\b(?:{_LEAVES_OUT}|not|(?:is|are|was|were|do|does|did)n't)\b", re.IGNORECASE)
_GAP = "·"
"""What stands where something was read, so that its neighbours are not taken for one phrase."""


class Question:
    """A question that is read piece by piece; `rest` is what nobody has read."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.quoted: list[str] = []
        plain = _QUOTED.sub(self._keep_quoted, self.text)
        plain = plain.translate({0x2019: "'", 0x2013: "-"})
        plain = re.sub(r"\b(what|who|how|where|that|it|which)'s\b", r"\1 is", plain, flags=re.IGNORECASE)
        plain = re.sub(r"\s+", " ", plain)
        self.plain = _NUMBER_WORD.sub(lambda match: _NUMBERS[match[0].lower()], plain).strip()
        """The question on one line, number words as digits, what was quoted as `¦0`, `¦1`, …"""
        self.rest = f" {self.plain} "

    def take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        """The first place that fits, which then counts as read."""
        match = _compile(pattern).search(self.rest)
        if match is not None:
            self._mark_read(match.start(), match.end())
        return match

    def take_not(self, before: int, *, of_run: bool = False) -> bool:
        """Whether what is read at a place is to be left out: `except`, `without`; then that is read too.

        `not` before a run may belong to its verb, as in `why did not svm converge`.
        """
        match = (_NOT_RUN if of_run else _NOT).search(self.rest[:before])
        if match is not None:
            self._mark_read(match.start(), match.end())
        return match is not None

    def has(self, pattern: str | re.Pattern[str]) -> bool:
        """Whether a pattern fits anywhere in the question, read or not."""
        return _compile(pattern).search(self.plain) is not None

    def fill(self, text: str) -> str:
        """A piece of the question with what was quoted in it put back."""
        return re.sub(r"¦(\d+)", lambda match: self.quoted[int(match[1])], text).strip()

    def _mark_read(self, start: int, end: int) -> None:
        gap = _GAP.center(end - start)  # places stay what they are
        self.rest = f"{self.rest[:start]}{gap}{self.rest[end:]}"

    def _keep_quoted(self, match: re.Match[str]) -> str:
        self.quoted.append(next(filter(None, match.groups())))
        return f" ¦{len(self.quoted) - 1} "


def _compile(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
