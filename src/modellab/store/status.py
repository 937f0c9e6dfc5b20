"""A run's status, from what is known of its writers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_UNTOLD = ("ended", None)  # the state and outcome of an API writer that was told no status

LOST = "The process ended without finishing its record (killed, out of memory, disk full, machine stopped)."


def derive_status(writers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The columns of `runs` that follow from its writers' rows: status, end, error, what was dropped.

    Running while any main writer is live. Otherwise failed if one failed or died, unless a later one
    took the run up again after that one's last sign of life (a resumed run); else completed. Forked
    children log, but do not decide. A status told over HTTP holds until a process takes the run up, and
    for a run that no process writes; such a run without one keeps what it has.
    """
    processes = [writer for writer in writers if writer["role"] != "api"]
    mains = [writer for writer in processes if writer["role"] == "main"] or processes
    found = _derive_from_processes(mains, sum(writer["n_dropped"] for writer in writers)) if mains else {}
    told = [w for w in writers if w["role"] == "api" and (w["state"], w["outcome"]) != _UNTOLD]
    is_newest = told and all(told[0]["started_ms"] >= writer["started_ms"] for writer in mains)
    if is_newest and found.get("status") != "running":
        return found | _as_told(told[0], found)
    return found


def _as_told(writer: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    status = {"pending": "pending", "live": "running"}.get(writer["state"], writer["outcome"])
    if status == "failed":
        error = writer["error"] or found.get("error")
        return {"status": status, "error": error, "traceback": found.get("traceback")}
    end = {} if status == "completed" else {"ended_us": None}
    return {"status": status, "error": None, "traceback": None, **end}


def _derive_from_processes(mains: Sequence[Mapping[str, Any]], dropped: int) -> dict[str, Any]:
    if any(writer["state"] == "live" for writer in mains):
        return {"status": "running", "ended_us": None, "error": None, "traceback": None, "n_dropped": dropped}
    latest_start = max(writer["started_ms"] for writer in mains)
    last = [w for w in mains if w["last_ms"] >= latest_start or w["started_ms"] == latest_start]
    ended_us = max(writer["last_ms"] for writer in last) * 1000
    failed = [w for w in last if w["state"] == "dead" or w["outcome"] == "failed"]
    return {
        "status": "failed" if failed else "completed",
        "ended_us": ended_us,
        "error": (failed[0]["error"] or LOST) if failed else None,
        "traceback": failed[0]["traceback"] if failed else None,
        "n_dropped": dropped,
    }
