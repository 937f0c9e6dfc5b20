"""What people call a run, and which runs that may mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from modellab.agent.api import LabAPI
from modellab.errors import InvalidInput, NotFound
from modellab.query import Condition, Field, Or
from modellab.query.tree import Operator

MAX_CANDIDATES = 8
"""Runs that are offered where a reference fits several."""

_ID = re.compile(r"[0-9a-f]{32}")
_PART_OF_ID = re.compile(r"[0-9a-f]{4,31}")
_LATEST = re.compile(r"latest(?:~(\d{1,4}))?", re.IGNORECASE)


class AmbiguousRun(InvalidInput):
    """A reference that fits several runs; `candidates` are the newest of them."""

    def __init__(self, reference: str, candidates: Sequence[dict[str, Any]], total: int) -> None:
        names = "; ".join(f"{run['name'] or 'no name'} {run['run_id']}" for run in candidates)
        super().__init__(
            f"{reference[:100]!r} fits {total} runs.", hint=f"Name one by its id. The newest are: {names}."
        )
        self.reference = reference
        self.candidates = candidates
        self.total = total


def find_run(api: LabAPI, reference: str) -> str:
    """The id of the run that is meant. Raises `NotFound`, or `AmbiguousRun`."""
    found = find_candidates(api, reference)
    if not found["rows"]:
        raise NotFound(
            f"There is no run {reference[:100]!r}.",
            hint="A run is called by its id, a beginning or ending of it, or its name.",
        )
    if found["total"] > 1:
        raise AmbiguousRun(reference, found["rows"], found["total"])
    run_id: str = found["rows"][0]["run_id"]
    return run_id


def find_candidates(api: LabAPI, reference: str) -> dict[str, Any]:
    """The runs that a reference may mean, the newest first, as `rows` of the table, and their `total`.

    An id or a name that is the same counts before a name that is like it.
    """
    match = _LATEST.fullmatch(reference)
    if match is not None:
        back = int(match[1] or 0)
        rows = api.table(limit=back + 1)["rows"][back:] if back < 500 else []
        return {"rows": rows, "total": len(rows)}
    for conditions in _list_readings(reference):
        found: dict[str, Any] = api.table(query=_join(conditions), limit=MAX_CANDIDATES)
        if found["rows"]:
            return found
    return {"rows": [], "total": 0}


def _list_readings(reference: str) -> list[list[Condition]]:
    """What a reference may be, the surest first."""
    lowered = reference.lower()
    if _ID.fullmatch(lowered):
        return [[_compare("run_id", "=", lowered)]]
    exact = [_compare("run_id", "=", reference), _compare("name", "=", reference)]
    readings = [exact]
    if _PART_OF_ID.fullmatch(lowered):
        readings.append(
            [_compare("run_id", "like", f"%{lowered}"), _compare("run_id", "like", f"{lowered}%")]
        )
    escaped = re.sub(r"([\\%_])", r"\\\1", reference)
    return [*readings, [_compare("name", "ilike", escaped)], [_compare("name", "ilike", f"%{escaped}%")]]


def _compare(name: str, operator: Operator, value: str) -> Condition:
    return Condition(Field("run", name), operator, (value,))


def _join(conditions: Sequence[Condition]) -> str:
    return str(conditions[0] if len(conditions) == 1 else Or(tuple(conditions)))
