"""What kind of answer is asked for, by the words of the question. The first that fits counts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import cast

from modellab.agent.answer import Intent

_RUN = r"(?:run|experiment|model|trial|training|job|attempt)s?"
_IMPERATIVE = (
    r"(?:^|[.;,!?]\s*|\b(?:please|and|then|also|to|go ahead and|can you|could you|would you|will you|"
    r"i want you to|i'd like you to|let's|now)\s+)(?:please\s+|also\s+|then\s+|just\s+)?"
)

COMMAND_FLAG = re.compile(
    rf"{_IMPERATIVE}(?:flag|nominate|promote|publish|mark\b.*\b(?:publish\w*|publication|release|ready)|"
    r"tag\b.*\bpublish\w*)\b",
    re.IGNORECASE,
)
COMMAND_NOTE = re.compile(
    rf"{_IMPERATIVE}(?:(?:add|write|leave|set|update|append|attach|put|make|save|change|replace)\b.*\b(?:note|comment|remark)s?\b"
    r"|annotate\b|(?:write|put|jot down)\s+¦\d+\s+(?:on|to|under|for)\b|note\b|comment on\b)",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"\b(?:do not|don't|never|stop)\s+(?:\w+\s+)?(?:flag|publish|annotat|add|note\b|noting)"
    r"|\bwithout\s+(?:flagging|publishing|annotating|adding|noting)\b",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(
    rf"{_IMPERATIVE}(?:unflag|untag|unpublish|tag|clear|reset|undo|revoke|take\b.*\b(?:off|away|back)|delete|remove|erase|drop|purge|destroy|wipe|rename|stop|kill|cancel|start|launch|train|restart|rerun|"
    r"re-run|retrain|upload|deploy|move|restore)\b",
    re.IGNORECASE,
)


@cache
def _read_phrases() -> Sequence[tuple[Intent, re.Pattern[str]]]:
    """Each intent with all its phrases as one pattern, in the order of the file."""
    known = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))
    return [
        (cast(Intent, intent), re.compile("|".join(forms).replace("{RUN}", _RUN), re.IGNORECASE))
        for intent, forms in known.items()
    ]


def find_intent(text: str) -> Intent:
    """The kind of answer that is asked for; `help` where nothing fits."""
    text = text.strip()
    if NEGATED.search(text) is None:
        if COMMAND_NOTE.search(text):
            return "note"
        if COMMAND_FLAG.search(text):
            return "flag"
    return next((intent for intent, form in _read_phrases() if form.search(text)), "help")
