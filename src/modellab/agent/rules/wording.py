"""How answers speak of runs, numbers and filters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MAX_SHOWN_PARAMS = 6


def name_run(run: Mapping[str, Any]) -> str:
    """A run's name with the end of its id, or that end alone."""
    short = run["run_id"][-8:]
    return f"{run['name']} ({short})" if run.get("name") else f"run {short}"


def write_number(value: Any) -> str:
    """A number with four digits that matter; what is no number as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e9):
        return str(int(value))
    return f"{value:.4g}"


def write_value(value: Any) -> str:
    """The value of a param: numbers in full, texts cut."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def write_entries(entries: Mapping[str, Any], most: int = MAX_SHOWN_PARAMS) -> str:
    """Params or metrics in a row, as `lr = 0.1, model = svm`."""
    shown = [
        f"{name} = {write_number(value) if isinstance(value, float) else write_value(value)}"
        for name, value in list(entries.items())[:most]
    ]
    more = len(entries) - len(shown)
    return ", ".join([*shown, *([f"and {more} more"] if more > 0 else [])])


def write_time(timestamp: str | None) -> str:
    """A time to the minute, in UTC."""
    return f"{timestamp[:16].replace('T', ' ')} UTC" if timestamp else "an unknown time"


def count_runs(n: int) -> str:
    """`1 run`, `2 runs`."""
    return f"{n} run" if n == 1 else f"{n} runs"


def join_names(names: Sequence[str]) -> str:
    """Names in a row, as `A, B and C`."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def say_filter(query: str | None) -> str:
    """The filter of an answer, to stand after what it narrows; ids are left to `used_run_ids`."""
    rest = re.sub(r"(?: and )?run_id in \([^)]*\)", "", query or "").removeprefix(" and ")
    named = " among those named" if rest != (query or "") else ""
    return f"{named} with `{rest}`" if rest else named


def end_sentence(text: str) -> str:
    """A text that ends as sentences do."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."
