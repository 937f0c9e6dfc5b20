"""Runs and reports cut to what a reader needs, so that no answer of a tool grows without bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modellab.records import SYSTEM_PREFIX

MAX_ENTRIES = 40
"""Metrics, params or tags of one run."""
MAX_TEXT = 300
"""Characters of a text in a list; a run on its own shows `MAX_LONG_TEXT`."""
MAX_LONG_TEXT = 4000


def shorten_run(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run of a list, without what it does not have."""
    shown = {
        "run_id": run["run_id"],
        "name": run["name"],
        "status": run["status"],
        "started_at": run["timestamp"],
        "duration_s": run["duration_s"],
        "duration": write_duration(run["duration_s"]),
        "project_id": run["project_id"],
        "dataset_id": run["dataset_id"],
        "seed": run["seed"],
        "metrics": shorten_metrics(run["final_metrics"]),
        "params": shorten_entries(run["params"]),
        "tags": shorten_entries(run["tags"]),
        "note": shorten_text(run["note"]),
        "error": shorten_text(run["error"]),
    }
    return drop_empty(shown, keep=("run_id", "name", "status"))


def shorten_metrics(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Final values by name, without those of the machine."""
    own = {name: value for name, value in metrics.items() if not name.startswith(SYSTEM_PREFIX)}
    return dict(list(own.items())[:MAX_ENTRIES])


def shorten_entries(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The first entries of an object, long texts in them cut."""
    return {name: _shorten_value(value) for name, value in list(entries.items())[:MAX_ENTRIES]}


def shorten_text(text: str | None, most: int = MAX_TEXT) -> str | None:
    """A text, cut where it is longer than `most` characters."""
    if text is None or len(text) <= most:
        return text
    return f"{text[:most]}…"


def write_duration(seconds: float | None) -> str | None:
    """A time that something took, such as `1 h 5 min`."""
    if seconds is None:
        return None
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"


def drop_empty(content: Mapping[str, Any], keep: Sequence[str] = ()) -> dict[str, Any]:
    """An object without what is null or empty, but for the names in `keep`."""
    return {name: value for name, value in content.items() if name in keep or value not in (None, {}, [], "")}


def _shorten_value(value: Any) -> Any:
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    return shorten_text(value if isinstance(value, str) else str(value), 200)
