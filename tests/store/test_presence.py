"""Writers that send over a network live as long as they are heard of."""

from __future__ import annotations

import pytest

from modellab.errors import Conflict, Forbidden
from modellab.ids import new_run_id, new_writer_id
from modellab.journal.line import encode_event, encode_points
from modellab.store import Store

START = encode_event("start", 1_763_000_000_000, {"params": {}, "project_id": "study"})
POINT = encode_points(0, 1_763_000_000_001, {"loss": 0.5})
END = encode_event("end", 1_763_000_000_002, {"status": "completed"})


def send(store: Store, run_id: str, writer_id: str, offset: int, data: bytes, seen_ms: int | None) -> int:
    return store.ingest(run_id, writer_id, offset, data, seen_ms=seen_ms).offset


def test_a_writer_that_is_not_heard_of_is_dead_and_lives_again_with_its_next_sign(store: Store) -> None:
    run_id, writer_id = new_run_id(), new_writer_id()
    reached = send(store, run_id, writer_id, 0, START, seen_ms=1_000)

    assert store.mark_unheard(1_000) == 0
    assert store.runs.get(run_id).status == "running"
    assert store.mark_unheard(1_001) == 1
    assert store.runs.get(run_id).status == "failed"
    assert store.mark_unheard(1_001) == 0  # told once

    assert store.note_heartbeat(run_id, writer_id, reached) == reached
    assert store.runs.get(run_id).status == "running"
    assert store.mark_unheard(1_001) == 0  # heard of just now


def test_a_dead_writer_lives_again_with_its_next_line(store: Store) -> None:
    run_id, writer_id = new_run_id(), new_writer_id()
    reached = send(store, run_id, writer_id, 0, START, seen_ms=1_000)
    store.mark_unheard(2_000)
    reached = send(store, run_id, writer_id, reached, POINT, seen_ms=3_000)
    assert store.runs.get(run_id).status == "running"
    send(store, run_id, writer_id, reached, END, seen_ms=4_000)
    assert store.mark_unheard(9_000) == 0  # it has ended
    assert store.runs.get(run_id).status == "completed"


def test_a_writer_on_this_machine_is_not_waited_to_be_heard_of(store: Store) -> None:
    run_id, writer_id = new_run_id(), new_writer_id()
    send(store, run_id, writer_id, 0, START, seen_ms=None)
    assert store.mark_unheard(2**62) == 0
    assert store.runs.get(run_id).status == "running"


def test_a_sign_of_life_of_a_writer_whose_bytes_are_missing_says_where_to_begin(store: Store) -> None:
    run_id, writer_id = new_run_id(), new_writer_id()
    with pytest.raises(Conflict) as unknown:
        store.note_heartbeat(run_id, writer_id, 100)
    assert unknown.value.expected == 0
    reached = send(store, run_id, writer_id, 0, START, seen_ms=1_000)
    with pytest.raises(Conflict) as behind:
        store.note_heartbeat(run_id, writer_id, reached + 1)
    assert behind.value.expected == reached


def test_a_run_of_another_project_takes_neither_lines_nor_signs_of_life(store: Store) -> None:
    run_id, writer_id = new_run_id(), new_writer_id()
    with pytest.raises(Forbidden):
        store.ingest(run_id, writer_id, 0, START, visible={"other"})
    assert store.runs.count() == 0
    reached = store.ingest(run_id, writer_id, 0, START, visible={"other", "study"}).offset
    with pytest.raises(Conflict, match="are missing"):  # as for a run that is not there
        store.note_heartbeat(run_id, writer_id, reached, visible={"other"})
    with pytest.raises(Forbidden):
        store.ingest(run_id, writer_id, reached, END, visible={"other"})
    assert store.read_offset(run_id, writer_id) == reached
