"""Runs for the tests of the store, made as a training process makes them: as lines of journals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.store import Store

START_MS = 1_700_000_000_000

Curve = Sequence[float]


def write_run(
    *,
    started_us: int | None = START_MS * 1000,
    curves: Mapping[str, Curve] | None = None,
    final: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    artifacts: Sequence[str] = (),
    end: str | None = "completed",
    **start: Any,
) -> bytes:
    """The journal of a run; `end=None` leaves it open."""
    begin_ms = (started_us or START_MS * 1000) // 1000
    lines = [encode_event("start", begin_ms, {"started_us": started_us, **start})]
    if context:
        lines.append(encode_event("context", begin_ms, context))
    for step in range(max(map(len, (curves or {}).values()), default=0)):
        metrics = {name: curve[step] for name, curve in (curves or {}).items() if step < len(curve)}
        lines.append(encode_points(step, begin_ms + step, metrics))
    lines += [encode_event("artifact", begin_ms, {"path": path}) for path in artifacts]
    if final is not None:
        lines.append(encode_event("final", begin_ms, {"metrics": final}))
    if end is not None:
        lines.append(encode_event("end", begin_ms + 1000, {"status": end}))
    return b"".join(lines)


AddRun = Callable[..., str]


@pytest.fixture
def add_run(store: Store) -> AddRun:
    """A function that puts a run into the store; the run's id. Takes what `write_run` takes."""

    def add(*, run_id: str | None = None, **contents: Any) -> str:
        run_id = run_id or new_run_id()
        store.ingest(run_id, "w", 0, write_run(**contents))
        return run_id

    return add
