"""Runs listed page by page, ranked, compared, found by a part of their id, and annotated."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable

import pytest

from modellab.errors import InvalidInput, NotFound
from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.records import MAX_NOTE_LENGTH, RunFilter
from modellab.store import Store

AddRun = Callable[..., str]
US = 1_700_000_000_000_000


def page_through(store: Store, limit: int, wanted: RunFilter | None = None) -> list[str]:
    found, cursor = [], None
    while True:
        page = store.runs.list(wanted, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        found += [run.run_id for run in page.items]
        cursor = page.cursor
        if cursor is None:
            return found
        assert len(page.items) == limit


def test_pages_visit_every_run_once_newest_first(store: Store, add_run: AddRun) -> None:
    moments = [0, 5, 5, 5, 5, 5, 7, 2, 9, 9, 9]
    ids = [add_run(started_us=US + moment, final={"m": i % 2}) for i, moment in enumerate(moments)]
    expected = [ids[i] for i in sorted(range(len(ids)), key=lambda i: (moments[i], i), reverse=True)]
    for limit in (1, 2, 3, 4, 10, 11, 12):
        assert page_through(store, limit) == expected
    wanted = RunFilter(metric_name="m", metric_min=1)
    assert page_through(store, 2, wanted) == [run_id for run_id in expected if ids.index(run_id) % 2]
    assert store.runs.count() == 11


def test_runs_that_come_while_one_turns_pages_are_not_in_the_way(store: Store, add_run: AddRun) -> None:
    ids = [add_run(started_us=US + i) for i in range(6)]
    first = store.runs.list(limit=3)
    add_run(started_us=US + 100)
    second = store.runs.list(limit=3, cursor=first.cursor)
    assert [run.run_id for page in (first, second) for run in page.items] == ids[::-1]


def test_what_is_no_cursor_is_refused(store: Store) -> None:
    for text in ("", "x", "12", ".1", "1.2.3", "a.b", "1e5.2", f"{10**22}.1", f"1.{10**22}"):
        cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        with pytest.raises(InvalidInput, match="is no cursor"):
            store.runs.list(cursor=cursor)
    for cursor in ("x", "äö", "!!!!", "_____"):
        with pytest.raises(InvalidInput, match="is no cursor"):
            store.runs.list(cursor=cursor)


def test_counts_out_of_range_are_refused(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    for limit in (0, -1, 10_001):
        with pytest.raises(InvalidInput, match=f"limit is {limit}; it may be 1 to 10000"):
            store.runs.list(limit=limit)
    for top_k in (0, -1, 1001):
        with pytest.raises(InvalidInput, match=f"top_k is {top_k}; it may be 1 to 1000"):
            store.runs.rank("m", top_k=top_k)
    for ids in ([], [f"r{i}" for i in range(101)]):
        with pytest.raises(InvalidInput, match=f"is {len(ids)}; it may be 1 to 100"):
            store.runs.compare(ids)
    assert len(store.runs.compare([run_id] * 101).runs) == 1


def test_a_leaderboard_is_in_order_and_leaves_nan_out(store: Store, add_run: AddRun) -> None:
    values = [0.5, "nan", 0.9, 0.9, "inf", "-inf", -1.0, 0.5]
    ids = [add_run(final={"acc": value}, started_us=US + i) for i, value in enumerate(values)]
    add_run(final={"other": 5.0})
    # Of equal ones the newer is first when the largest is asked for, the older when the smallest is.
    assert [ids.index(run.run_id) for run in store.runs.rank("acc")] == [4, 3, 2, 7, 0, 6, 5]
    assert [ids.index(run.run_id) for run in store.runs.rank("acc", ascending=True)] == [5, 6, 0, 7, 2, 3, 4]
    assert [ids.index(run.run_id) for run in store.runs.rank("acc", top_k=2)] == [4, 3]
    assert store.runs.rank("nothing") == []


def test_runs_are_compared_in_the_order_asked_for(store: Store, add_run: AddRun) -> None:
    one = add_run(params={"lr": 1, "a": 1}, final={"acc": 0.5})
    two = add_run(params={"lr": 2, "b": 1}, final={"acc": 0.6, "f1": 0.1})
    comparison = store.runs.compare([two, one, two])
    assert [run.run_id for run in comparison.runs] == [two, one]
    assert comparison.metric_keys == ["acc", "f1"]
    assert comparison.param_keys == ["a", "b", "lr"]


def test_the_metrics_of_a_run_come_in_one_order_whatever_was_written_last(store: Store) -> None:
    run_id = new_run_id()
    lines = encode_event("start", 1, {"started_us": 1000})
    for step, name in enumerate(("loss", "acc", "f1", "loss", "acc")):
        lines += encode_points(step, step, {name: step})
        store.ingest(run_id, "w", store.read_offset(run_id, "w"), lines)
        lines = b""
    assert list(store.runs.get(run_id).metrics) == ["acc", "f1", "loss"]


def test_unknown_runs_are_named(store: Store, add_run: AddRun) -> None:
    known = add_run()
    with pytest.raises(NotFound, match=r"There is no run nothing\."):
        store.runs.get("nothing")
    with pytest.raises(NotFound, match=r"There are no runs a, b\."):
        store.runs.compare([known, "a", "b"])
    with pytest.raises(NotFound, match="There is no run"):
        store.runs.set_note("nothing", "x")
    with pytest.raises(NotFound, match=r"r0, r1, r2, r3, r4, …"):
        store.runs.get_many([f"r{i}" for i in range(10_000)])
    for strange in ("", "%", "_", "'", "x" * 10_000, "ä"):
        with pytest.raises(NotFound):
            store.runs.get(strange)
    with pytest.raises((NotFound, InvalidInput)):
        store.runs.get("a\x00b")
    assert store.runs.read_console("nothing") == ""
    assert store.read_offset("nothing", "w") == 0


def test_a_run_is_found_by_the_beginning_or_end_of_its_id(store: Store, add_run: AddRun) -> None:
    for run_id in ("abc1xyz", "abc2xyw", "q_1", "qa1", "abc"):
        add_run(run_id=run_id)
    assert store.runs.find("abc1") == "abc1xyz"
    assert store.runs.find("xyw") == "abc2xyw"
    assert store.runs.find("abc") == "abc"
    assert store.runs.find("q_") == "q_1"
    assert store.runs.find("abc2xyw") == "abc2xyw"
    with pytest.raises(InvalidInput, match="at least one character"):
        store.runs.find("")
    for ambiguous in ("ab", "q", "1"):
        with pytest.raises(InvalidInput, match="More than one run id fits"):
            store.runs.find(ambiguous)
    assert store.runs.find("ABC1") == "abc1xyz"
    for unknown in ("zzz", "%", "xyz1"):
        with pytest.raises(NotFound):
            store.runs.find(unknown)


def test_no_text_finds_no_run_not_even_the_only_one(store: Store, add_run: AddRun) -> None:
    add_run()
    with pytest.raises(InvalidInput):
        store.runs.find("")


def test_a_note_replaces_the_one_before(store: Store, add_run: AddRun) -> None:
    run_id = add_run(note="first")
    assert store.runs.get(run_id).note == "first"
    assert store.runs.set_note(run_id, "PUBLISH: ä 🎉").note == "PUBLISH: ä 🎉"
    assert store.runs.set_note(run_id, "a\x00b").note == "a\N{REPLACEMENT CHARACTER}b"
    assert store.runs.set_note(run_id, "x" * MAX_NOTE_LENGTH).note == "x" * MAX_NOTE_LENGTH
    assert store.runs.set_note(run_id, "").note == ""
    with pytest.raises(InvalidInput, match=f"has {MAX_NOTE_LENGTH + 1} characters"):
        store.runs.set_note(run_id, "x" * (MAX_NOTE_LENGTH + 1))
    assert store.runs.get(run_id).note == ""


def test_a_note_made_by_a_reader_is_not_undone_by_what_the_run_logs(store: Store) -> None:
    run_id = new_run_id()
    offset = store.ingest(run_id, "w", 0, encode_event("start", 1, {"note": "mine"})).offset
    store.runs.set_note(run_id, "theirs")
    offset = store.ingest(run_id, "w", offset, encode_points(0, 2, {"m": 1})).offset
    store.ingest(run_id, "w", offset, encode_event("end", 3, {"status": "completed"}))
    assert store.runs.get(run_id).note == "theirs"


def test_numbers_that_json_has_no_word_for_come_back(store: Store, add_run: AddRun) -> None:
    run_id = add_run(final={"a": "nan", "b": "inf", "c": "-inf"})
    final = store.runs.get(run_id).final_metrics
    assert math.isnan(final["a"])
    assert (final["b"], final["c"]) == (math.inf, -math.inf)
    assert store.runs.get(run_id).metrics["b"].final == math.inf
