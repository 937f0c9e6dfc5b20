"""Local journals are brought in as they grow, and what a crash left behind is found."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modellab.errors import NotFound
from modellab.ids import new_run_id
from modellab.journal.line import encode_points
from modellab.journal.place import list_open, mark_open
from modellab.journal.writer import JournalWriter
from modellab.store import Store, open_store
from modellab.store.collector import Collector

MS = 1_700_000_000_000


def point_line(step: int) -> bytes:
    return encode_points(step, MS + step, {"loss": step / 2})


def start_run(store: Store, run_id: str | None = None) -> JournalWriter:
    writer = JournalWriter(store.settings.journals, run_id or new_run_id())
    writer.append_event("start", {"params": {"lr": 0.1}})
    return writer


def leave(writer: JournalWriter) -> Path:
    """Let go of a journal without an end, as a crash does."""
    path = writer.path
    writer.close()
    return path


def steps(store: Store, run_id: str) -> list[int]:
    series = store.series.read(run_id, "loss")
    return list(series.steps) if series else []


@pytest.fixture
def writer(store: Store) -> Iterator[JournalWriter]:
    writer = start_run(store)
    yield writer
    writer.close()


def test_a_live_journal_is_followed(store: Store, writer: JournalWriter) -> None:
    for step in range(5):
        writer.append(point_line(step))
        collected = store.collector.collect_open()
        assert (collected.n_points, set(collected.run_ids), collected.n_bad) == (1, {writer.run_id}, 0)
        assert steps(store, writer.run_id) == list(range(step + 1))
    assert store.collector.collect_open().run_ids == set()
    assert store.runs.get(writer.run_id).status == "running"
    writer.append_event("end", {"status": "completed"})
    writer.close()
    assert store.collector.collect_open().run_ids == {writer.run_id}
    assert store.runs.get(writer.run_id).status == "completed"
    assert list_open(store.settings.journals) == []
    assert store.collector.collect_open().run_ids == set()
    assert store.collector.collect_run(writer.run_id).run_ids == set()


def test_a_torn_line_of_a_live_writer_waits(store: Store, writer: JournalWriter) -> None:
    line = point_line(1)
    writer.append(point_line(0) + line[:9])
    assert store.collector.collect_open().n_points == 1
    assert store.collector.collect_open().n_points == 0
    writer.append(line[9:])
    assert store.collector.collect_open().n_points == 1
    assert steps(store, writer.run_id) == [0, 1]


def test_a_dead_writer_fails_its_run_and_its_torn_line_is_set_aside_once(
    store: Store, writer: JournalWriter
) -> None:
    writer.append(point_line(0) + b'[1,2,{"torn')
    store.collector.collect_open()
    path = leave(writer)
    with pytest.warns(RuntimeWarning, match=writer.run_id):
        assert store.collector.collect_open().run_ids == {writer.run_id}
    run = store.runs.get(writer.run_id)
    assert run.status == "failed"
    assert steps(store, writer.run_id) == [0]
    assert path.with_suffix(".bad").read_bytes() == b'[1,2,{"torn\n'
    assert list_open(store.settings.journals) == []
    # Nobody is told a second time, whoever looks again.
    assert store.collector.collect_run(writer.run_id).run_ids == set()
    assert Collector(store.database, store.settings.journals).collect_all().run_ids == set()


def test_an_unreadable_line_is_set_aside_with_a_warning(store: Store, writer: JournalWriter) -> None:
    writer.append(point_line(0) + b"garbage\x00\xff\n" + point_line(1))
    with pytest.warns(RuntimeWarning, match=f"{writer.run_id}: some lines .*bad"):
        collected = store.collector.collect_open()
    assert (collected.n_points, collected.n_bad) == (2, 1)
    assert writer.path.with_suffix(".bad").read_bytes() == b"garbage\x00\xff\n"
    assert steps(store, writer.run_id) == [0, 1]


def test_a_store_that_was_lost_is_filled_again_from_the_journals(store: Store) -> None:
    for i in range(5):
        writer = start_run(store)
        writer.append(b"".join(point_line(step) for step in range(i + 1)))
        writer.append_event("end", {"status": "completed"})
        writer.close()
    store.collector.collect_open()
    before = store.runs.list().items
    shutil.copytree(store.settings.journals, store.settings.root / "other" / "journals")
    home = store.settings.root / "other"
    elsewhere = replace(store.settings, db_path=home / "manifests.db", home=home, database_url=None)
    with open_store(elsewhere) as other:
        assert other.collector.collect_all().n_points == 15
        assert other.runs.list().items == before
        assert other.collector.collect_all().n_points == 0


def test_a_collector_finds_its_place_in_another_ones_work(store: Store, writer: JournalWriter) -> None:
    collectors = [Collector(store.database, store.settings.journals) for _ in range(3)]
    for step in range(9):
        writer.append(point_line(step))
        collectors[step % 3].collect_open()
    assert [collector.collect_open().n_points for collector in collectors] == [0, 0, 0]
    assert steps(store, writer.run_id) == list(range(9))


def test_a_journal_that_cannot_be_read_does_not_stop_the_others(store: Store) -> None:
    first, second = start_run(store), start_run(store)
    second.append(point_line(0))
    path = leave(first)
    path.unlink()
    path.mkdir()  # not even a file
    with pytest.warns(RuntimeWarning, match=first.run_id):
        assert store.collector.collect_open().run_ids == {second.run_id}
    assert steps(store, second.run_id) == [0]
    second.append(point_line(1))
    with warnings.catch_warnings(action="error"):  # said once
        assert store.collector.collect_open().n_points == 1
    second.close()


def test_a_mark_without_a_journal_is_taken_away(store: Store) -> None:
    mark_open(store.settings.journals, new_run_id(), "w")
    (store.settings.journals / ".open" / "what").touch()
    assert store.collector.collect_open().run_ids == set()
    assert list_open(store.settings.journals) == []


def test_no_journals_are_no_news(store: Store) -> None:
    for collected in (store.collector.collect_open(), store.collector.collect_all()):
        assert (collected.n_points, set(collected.run_ids)) == (0, set())
    assert store.collector.collect_run("nothing").n_points == 0
    with pytest.raises(NotFound):
        store.runs.get("nothing")


def test_a_run_with_a_large_journal_comes_in_whole(store: Store, writer: JournalWriter) -> None:
    count = 150_000 if store.database.is_sqlite else 20_000
    for start in range(0, count, 10_000):
        writer.append(b"".join(point_line(step) for step in range(start, start + 10_000)))
    assert store.collector.collect_open().n_points == count
    assert steps(store, writer.run_id) == list(range(count))


def test_a_writer_that_ends_leaves_the_others_to_bring_in_their_own(store: Store) -> None:
    """Else each of many processes would read the journals of all."""
    run_id = new_run_id()
    mine, other = (JournalWriter(store.settings.journals, run_id) for _ in range(2))
    for writer in (mine, other):
        writer.append_event("start", {"started_us": 1_700_000_000_000_000})
        writer.append(encode_points(0, 1_700_000_000_001, {"loss": 1.0}))
        writer.append_event("end", {"status": "completed"})
    mine.close()
    store.collector.collect_ended(run_id, mine.writer_id)
    assert (store.runs.get(run_id).status, store.runs.get(run_id).metrics["loss"].count) == ("running", 1)
    other.close()
    store.collector.collect_ended(run_id, other.writer_id)
    assert (store.runs.get(run_id).status, store.runs.get(run_id).metrics["loss"].count) == ("completed", 2)
