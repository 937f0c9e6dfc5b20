"""Every byte of a journal counts exactly once, whoever sends it, how often and in what pieces."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import func, select

from modellab.errors import Conflict, NotFound
from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.store import Store
from modellab.store.tables import metric_chunks, params, runs, texts, writers

MS = 1_700_000_000_000


def write_journal(count: int = 60) -> bytes:
    lines = [
        encode_event(
            "start",
            MS,
            {"started_us": MS * 1000 + 7, "params": {"lr": 0.1, "opt": "sgd"}, "name": "n", "seed": 3},
        ),
        encode_event("context", MS + 1, {"git_diff": "+1", "pip_freeze": "numpy==2", "git_hash": "abc"}),
    ]
    for step in range(count):
        lines.append(
            encode_points(
                step, MS + step, {"loss": 1 / (step + 1), "acc": float("nan") if step % 5 else step}
            )
        )
        if step % 9 == 0:
            lines.append(encode_event("console", MS + step, {"stream": "stdout", "text": f"line {step}"}))
            lines.append(encode_event("params", MS + step, {"params": {f"p{step}": step}}))
            lines.append(encode_event("artifact", MS + step, {"path": f"file{step % 2}"}))
    lines.append(encode_event("tags", MS, {"tags": {"kind": "test"}}))
    lines.append(encode_event("note", MS, {"note": "a note"}))
    lines.append(encode_event("final", MS + 500, {"metrics": {"acc": 0.9, "f1": "nan"}}))
    lines.append(encode_event("end", MS + 900, {"status": "completed", "dropped": 2}))
    return b"".join(lines)


JOURNAL = write_journal()


def describe(store: Store, run_id: str) -> Any:
    """Everything a reader can see of a run."""
    run = replace(store.runs.get(run_id), run_id="")
    series = [store.series.read(run_id, name) for name in run.metrics]
    points = [[(p.step, repr(p.value), p.time) for p in s.points()] for s in series if s]
    return repr(run), points, store.runs.read_console(run_id)


def test_a_journal_becomes_a_run(store: Store) -> None:
    run_id = new_run_id()
    result = store.ingest(run_id, "w", 0, JOURNAL)
    assert (result.offset, result.n_points, result.is_ended) == (len(JOURNAL), 120, True)
    assert result.bad == []
    run = store.runs.get(run_id)
    assert (run.name, run.seed, run.status, run.note) == ("n", 3, "completed", "a note")
    assert run.timestamp == "2023-11-14T22:13:20.000007+00:00"
    assert run.duration_s == pytest.approx(0.9, abs=1e-3)
    assert run.params["lr"] == 0.1
    assert run.params["p54"] == 54
    assert run.tags == {"kind": "test"}
    assert run.artifacts == ["file0", "file1"]
    assert (run.git_diff, run.pip_freeze, run.git_hash) == ("+1", "numpy==2", "abc")
    assert run.n_dropped == 2
    assert run.final_metrics["acc"] == 0.9
    assert store.runs.read_console(run_id).startswith("line 0\nline 9\n")
    assert store.read_offset(run_id, "w") == len(JOURNAL)


@given(
    cuts=st.lists(st.integers(0, len(JOURNAL)), max_size=8),
    order=st.randoms(use_true_random=False),
    extra=st.integers(0, 3),
)
@profile(max_examples=15)
def test_any_pieces_in_any_order_sent_any_number_of_times_give_the_same_run(
    store: Store, cuts: list[int], order: Any, extra: int
) -> None:
    run_id, whole_id = new_run_id(), new_run_id()
    store.ingest(whole_id, "w", 0, JOURNAL)
    bounds = sorted({0, len(JOURNAL), *cuts})
    pieces = list(pairwise(bounds))
    pieces += [(start, order.choice(bounds)) for start, _ in order.choices(pieces, k=extra)]  # overlaps
    while store.read_offset(run_id, "w") < len(JOURNAL):
        order.shuffle(pieces)
        for start, stop in pieces:
            reached = store.read_offset(run_id, "w")
            # What is sent begins where a line does, as a sender that was told `expected` does.
            start = JOURNAL.rfind(b"\n", 0, start) + 1
            if start <= reached:
                assert store.ingest(run_id, "w", start, JOURNAL[start:stop]).offset >= reached
                continue
            with pytest.raises(Conflict) as refused:
                store.ingest(run_id, "w", start, JOURNAL[start:stop])
            assert refused.value.expected == reached
    assert describe(store, run_id) == describe(store, whole_id)


def test_two_ingesters_at_once_give_the_same_run_as_one(store: Store) -> None:
    run_ids = [new_run_id() for _ in range(6)]
    problems: list[BaseException] = []
    together = threading.Barrier(2)

    def send(size: int) -> None:
        try:
            together.wait()
            for run_id in run_ids:
                offset = 0
                while offset < len(JOURNAL):
                    try:
                        offset = store.ingest(run_id, "w", offset, JOURNAL[offset : offset + size]).offset
                    except Conflict as conflict:
                        offset = conflict.expected or 0
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=send, args=(size,)) for size in (700, 1900)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    whole_id = new_run_id()
    store.ingest(whole_id, "w", 0, JOURNAL)
    for run_id in run_ids:
        assert describe(store, run_id) == describe(store, whole_id)


def test_missing_bytes_are_a_conflict_that_says_where_to_go_on(store: Store) -> None:
    run_id = new_run_id()
    cut = JOURNAL.index(b"\n", 300) + 1
    with pytest.raises(Conflict) as refused:
        store.ingest(run_id, "w", cut, JOURNAL[cut:])
    assert refused.value.expected == 0
    with pytest.raises(NotFound):
        store.runs.get(run_id)
    store.ingest(run_id, "w", 0, JOURNAL[:cut])
    with pytest.raises(Conflict) as refused:
        store.ingest(run_id, "w", cut + 5, JOURNAL[cut + 5 :])
    assert refused.value.expected == cut
    assert store.ingest(run_id, "w", cut, JOURNAL[cut:]).offset == len(JOURNAL)


@pytest.mark.parametrize("data", [b"", b'[1,2,{"torn":'])
def test_no_whole_line_makes_no_run(store: Store, data: bytes) -> None:
    run_id = new_run_id()
    assert store.ingest(run_id, "w", 0, data).offset == 0
    with pytest.raises(NotFound):
        store.runs.get(run_id)
    with pytest.raises(Conflict):
        store.ingest(run_id, "w", 10, data)


def test_the_end_is_told_to_whoever_sends_it_again(store: Store) -> None:
    run_id = new_run_id()
    assert not store.ingest(run_id, "w", 0, JOURNAL[: JOURNAL.rindex(b"\n{") + 1]).is_ended
    assert store.ingest(run_id, "w", 0, JOURNAL).is_ended
    assert store.ingest(run_id, "w", 0, JOURNAL).is_ended


def test_several_writers_log_into_one_run(store: Store) -> None:
    run_id = new_run_id()
    for writer in range(3):
        lines = [
            encode_event("start", MS + writer, {"started_us": MS * 1000, "params": {"rank": writer, "lr": 1}})
        ]
        lines += [encode_points(step, MS + step, {"loss": writer * 100 + step}) for step in range(10)]
        store.ingest(run_id, f"w{writer}", 0, b"".join(lines))
    series = store.series.read(run_id, "loss")
    assert series is not None
    assert list(series.steps) == sorted(list(range(10)) * 3)
    assert sorted(series.values) == sorted(w * 100 + s for w in range(3) for s in range(10))
    assert store.runs.get(run_id).params == {"rank": 2, "lr": 1}
    assert store.runs.get(run_id).metrics["loss"].count == 30


def test_large_texts_are_kept_once(store: Store) -> None:
    for _ in range(3):
        store.ingest(new_run_id(), "w", 0, JOURNAL)
    with store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(texts)).scalar_one() == 2


STRANGE_EVENTS: list[dict[str, Any]] = [
    {"event": "start", "seed": 2**63},
    {"event": "start", "seed": "abc"},
    {"event": "start", "seed": 1.5},
    {"event": "start", "name": 5},
    {"event": "start", "name": ["a"]},
    {"event": "start", "started_us": "soon"},
    {"event": "start", "started_us": 2**62},
    {"event": "start", "started_us": -1},
    {"event": "start", "started_us": True},
    {"event": "start", "params": [1, 2]},
    {"event": "start", "params": {"p": {"deep": [1, None]}}},
    {"event": "params", "params": {"": 1, "a\x00b": "c\x00d", "long" * 200: 1, "big": 2**64 - 1}},
    {"event": "params"},
    {"event": "context", "git_hash": 5, "git_dirty": "x"},
    {"event": "context", "git_dirty": 10**18, "git_diff": 5},
    {"event": "context", "git_diff": "a\x00b", "hostname": "\x00"},
    {"event": "tags", "tags": ["a"]},
    {"event": "tags", "tags": {"a\x00": 5}},
    {"event": "note", "note": 5},
    {"event": "note", "note": "a\x00b"},
    {"event": "artifact", "path": 5},
    {"event": "artifact"},
    {"event": "final", "metrics": {"a\x00b": 1}},
    {"event": "final", "metrics": {"ok": 1, "": 2}},
    {"event": "final", "metrics": {"long" * 200: 1}},
    {"event": "final", "metrics": {"m": "high"}},
    {"event": "final", "metrics": {"m": None}},
    {"event": "final", "metrics": [1]},
    {"event": "wandb", "url": 5},
    {"event": "console", "stream": 1, "text": 2},
    {"event": "console"},
    {"event": "end", "status": 5, "error": 5, "traceback": [], "dropped": "many"},
    {"event": "end", "status": "completed", "dropped": 2**63},
    {"event": "end", "status": "completed", "dropped": -1},
    {"event": "teleport", "to": "a newer ModelLab"},
]


def test_an_event_that_makes_no_sense_does_not_stop_the_others(store: Store) -> None:
    for event in STRANGE_EVENTS:
        check_strange_event(store, event, first=True)
        check_strange_event(store, event, first=False)


def check_strange_event(store: Store, event: dict[str, Any], *, first: bool) -> None:
    run_id = new_run_id()
    strange = encode_event(event["event"], MS, event)
    start = encode_event("start", MS, {"started_us": MS * 1000, "params": {"lr": 0.1}})
    rest = encode_points(0, MS, {"loss": 0.5}) + encode_event("artifact", MS, {"path": "model.bin"})
    data = strange + start + rest if first else start + rest + strange
    assert store.ingest(run_id, "w", 0, data).offset == len(data)
    run = store.runs.get(run_id)
    assert run.params["lr"] == 0.1
    assert run.final_metrics["loss"] == 0.5
    assert "model.bin" in run.artifacts
    assert all(isinstance(path, str) for path in run.artifacts)
    assert run.seed is None or isinstance(run.seed, int)
    for name in ("name", "note", "git_hash", "git_diff", "error", "traceback", "wandb_url", "timestamp"):
        assert isinstance(getattr(run, name), str | None), name
    assert run_id in [run.run_id for run in store.runs.list().items]
    store.runs.read_console(run_id)


@given(
    edits=st.lists(st.tuples(st.integers(0, len(JOURNAL) - 1), st.integers(1, 255)), min_size=1, max_size=30)
)
@profile(max_examples=40)
def test_a_damaged_journal_is_taken_in_as_far_as_it_can_be_read(
    store: Store, edits: list[tuple[int, int]]
) -> None:
    damaged = bytearray(JOURNAL)
    for place, mask in edits:
        damaged[place] ^= mask
    data = bytes(damaged)
    data = data[: data.rfind(b"\n") + 1]
    run_id = new_run_id()
    assert store.ingest(run_id, "w", 0, data).offset == len(data)
    if not data:
        return
    store.runs.get(run_id)
    series = store.series.read(run_id, "loss")
    lines = set(data.split(b"\n"))
    untouched = {step for step in range(60) if point_line(step) in lines}
    assert untouched <= set(series.steps if series else ())


def point_line(step: int) -> bytes:
    metrics = {"loss": 1 / (step + 1), "acc": float("nan") if step % 5 else step}
    return encode_points(step, MS + step, metrics)[:-1]


def test_nothing_is_left_half_done_when_the_database_refuses(store: Store) -> None:
    run_id = new_run_id()
    store.ingest(run_id, "w", 0, JOURNAL[: JOURNAL.index(b"\n") + 1])
    before = describe(store, run_id)

    def change_and_fail() -> None:
        with store.database.write() as connection:
            connection.execute(runs.update().values(note="half"))
            connection.execute(params.delete())
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        change_and_fail()
    assert describe(store, run_id) == before


def test_one_small_write_at_a_time_leaves_few_blocks(store: Store) -> None:
    run_id, offset, count = new_run_id(), 0, 4500 if store.database.is_sqlite else 900
    most = 0
    for step in range(0, count, 3):
        lines = b"".join(encode_points(i, MS + i, {"loss": i / 7}) for i in range(step, step + 3))
        offset = store.ingest(run_id, "w", offset, lines).offset
        if step % 300 == 0:
            with store.database.read() as connection:
                blocks = connection.execute(select(func.count()).select_from(metric_chunks)).scalar_one()
            most = max(most, blocks - step // 4096)
    assert most <= 9
    store.ingest(run_id, "w", offset, encode_event("end", MS, {"status": "completed"}))
    with store.database.read() as connection:
        blocks = connection.execute(select(func.count()).select_from(metric_chunks)).scalar_one()
        assert connection.execute(select(writers.c.offset)).scalar_one() > offset
    assert blocks == -(-count // 4096)
    series = store.series.read(run_id, "loss")
    assert series is not None
    assert list(series.steps) == list(range(count))
    assert list(series.values) == [step / 7 for step in range(count)]
