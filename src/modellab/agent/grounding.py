"""Whether an answer says only what tools have said: its numbers, its runs, and its judgements.

A model may invent. What it writes is held against the results of the tools it has called; an answer with one
number or run that none of them has is not shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_NUMBER = re.compile(
    r"(?<![\w.])[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?\s?%?(?![\w])"
)
_LOOSE_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?")
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)
_ID = re.compile(r"(?<![\w-])(?=[0-9a-f]*\d)[0-9a-f]{8,64}(?![\w-])", re.IGNORECASE)
_JUDGES = re.compile(
    r"\b(?:better|worse|outperform\w*|superior|inferior|beats?|improves? on|significant(?:ly)?)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not?|cannot|can't|never|neither|nor|whether|unclear|if|without)\b|n't\b|\bno difference\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAIMS_FLAG = re.compile(r"\b(?:is|was|are|been|have|has|now|I) (?:now )?(?:been )?flagged\b", re.IGNORECASE)
_CLAIMS_NOTE = re.compile(
    r"\b(?:note|comment)s?\b[^.]*\b(?:was|has been|is now) (?:added|written|updated|saved|replaced)\b"
    r"|\bI(?:'ve| have)? (?:added|written|updated|wrote|replaced)\b[^.]*\bnote\b",
    re.IGNORECASE,
)
_SHOWN = frozenset(("better", "worse"))


def find_ungrounded(
    text: str, used_run_ids: Sequence[str], results: Sequence[Mapping[str, Any]], question: str
) -> list[str]:
    """What in an answer no tool has said, each in words; empty if all of it is known.

    Numbers of the question itself may be repeated, and numbers may be rounded or written as percents.
    """
    known = _Known(results)
    asked = _Known([{"question": question}])
    problems = [f"run {run_id}" for run_id in used_run_ids if run_id not in known.ids]
    plain = _LIST_MARK.sub("", text)
    for match in _ID.finditer(plain):
        if not known.has_id(match[0]) and not _is_plain_number(match[0]):
            problems.append(f"run {match[0]}")
    problems += [
        f"the number {written}"
        for written in _list_numbers(_ID.sub(" ", plain))
        if not known.has_number(written) and not asked.has_number(written)
    ]
    return list(dict.fromkeys([*problems, *_find_unshown(text, results), *_find_undone(text, results)]))


def _find_unshown(text: str, results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sentences that call something better, where no comparison has shown that."""
    verdicts = [one for result in results for one in result.get("verdicts") or () if isinstance(one, Mapping)]
    is_shown = any(one.get("verdict") in _SHOWN for one in verdicts)
    if is_shown:
        return _find_reversed(text, results)
    return [
        f"the judgement “{sentence.strip()[:120]}”"
        for sentence in _SENTENCE_END.split(text)
        if _JUDGES.search(sentence) and not _DENIES.search(sentence)
    ]


def _find_undone(text: str, results: Sequence[Mapping[str, Any]]) -> list[str]:
    """A claim that something was written, where nothing was."""
    problems = []
    if _CLAIMS_FLAG.search(text) and not any(
        (one.get("tags") or {}).get("publish") == "true" for one in _walk_mappings(results)
    ):
        problems.append("that a run is flagged")
    if _CLAIMS_NOTE.search(text) and not any("note_before" in one for one in results):
        problems.append("that a note was written")
    return problems


def _walk_mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for item in value.values():
            yield from _walk_mappings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _walk_mappings(item)


def _find_reversed(text: str, results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sentences that have a verdict the wrong way round."""
    problems = []
    for result in results:
        labels = {run["run_id"]: _list_labels(run) for run in result.get("runs") or () if "label" in run}
        for one in result.get("verdicts") or ():
            if one.get("verdict") not in _SHOWN or not {one["a"], one["b"]} <= set(labels):
                continue
            better, worse = (one["b"], one["a"]) if one["verdict"] == "better" else (one["a"], one["b"])
            says = r"\b(?:is|was|performs|does|scores)\b[^.]*?\bbetter than\b"
            form = rf"(?:{labels[worse]})\W[^.]*?{says}[^.]*?(?:{labels[better]})"
            match = re.search(form, text, re.IGNORECASE)
            if match is not None and not _DENIES.search(match[0]):
                problems.append(f"the judgement “{match[0][:120]}”")
    return problems


def _list_labels(run: Mapping[str, Any]) -> str:
    known = [run["run_id"], run["run_id"][-8:], run.get("label"), run.get("name")]
    return "|".join(re.escape(name) for name in known if name)


class _Known:
    """All numbers and ids that occur in results, wherever."""

    def __init__(self, results: Sequence[Mapping[str, Any]]) -> None:
        self.ids: set[str] = set()
        self._numbers: set[float] = set()
        for value in _walk(list(results)):
            self._add(value)

    def has_id(self, written: str) -> bool:
        """Whether this is an id, or the beginning or end of one."""
        lowered = written.lower()
        return any(one.startswith(lowered) or one.endswith(lowered) for one in self.ids)

    def has_number(self, written: str) -> bool:
        """Whether a number that is known would be written so."""
        is_percent = written.endswith("%")
        digits = written.rstrip("% ").replace(",", "").replace("\u2212", "-")
        value = float(digits)
        if not math.isfinite(value):
            return False
        half = _half_of_last_digit(digits)
        for known in self._numbers:
            for scale in (1.0, 100.0) if is_percent else (1.0,):
                if abs(abs(known) * scale - abs(value)) <= half * (1 + 1e-9):
                    return True
        return False

    def _add(self, value: Any) -> None:
        if isinstance(value, bool) or value is None:
            return
        if isinstance(value, (int, float)):
            if math.isfinite(value):
                self._numbers.add(float(value))
            return
        text = str(value)
        if re.fullmatch(r"[0-9a-zA-Z][0-9a-zA-Z._-]{5,127}", text):
            self.ids.add(text.lower())
            self.ids.add(text)
        for match in _LOOSE_NUMBER.finditer(text):
            number = float(match[0].replace(",", ""))
            if math.isfinite(number):
                self._numbers.add(number)


def _walk(value: Any) -> Iterator[Any]:
    """Every value in a result, every name, and the length of every list."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield name
            yield from _walk(item)
    elif isinstance(value, (list, tuple)):
        yield len(value)
        for item in value:
            yield from _walk(item)
    else:
        yield value


def _list_numbers(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        yield match[0].strip()


def _half_of_last_digit(digits: str) -> float:
    mantissa, _, exponent = digits.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    if decimals == 0 and not exponent:
        return 0.0  # whole numbers are counts, steps and sizes: exact
    return float(0.5 * 10.0 ** (int(exponent or 0) - decimals))


def _is_plain_number(text: str) -> bool:
    return text.isdecimal()
