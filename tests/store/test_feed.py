from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from modellab.errors import InvalidInput
from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.store import Store
from modellab.store.feed import MAX_LATEST, News, Place, drop_changes
from modellab.store.tables import runs

AddRun = Callable[..., str]
TIME = 1_763_000_000_000
START = Place(0, 0)


class Writer:
    """A run's journal, handed to the store line by line."""

    def __init__(self, store: Store, run_id: str | None = None, writer_id: str = "w") -> None:
        self.store = store
        self.run_id = run_id or new_run_id()
        self.writer_id = writer_id
        self.offset = 0

    def send(self, *lines: bytes) -> None:
        data = b"".join(lines)
        self.offset = self.store.ingest(self.run_id, self.writer_id, self.offset, data).offset

    def start(self, **fields: Any) -> None:
        self.send(encode_event("start", TIME, {"started_us": TIME * 1000, **fields}))

    def tell(self, kind: str, **fields: Any) -> None:
        self.send(encode_event(kind, TIME, fields))


def at(number: int) -> Place:
    return Place(number, number)


def kinds(news: News, after: int) -> list[tuple[str, list[str]]]:
    return [(change.run.run_id, list(change.kinds_after(after))) for change in news.changes]


def test_a_store_without_runs_has_no_news(store: Store) -> None:
    assert store.feed.newest() == 0
    assert store.feed.read(START) == News(changes=[], known=0, place=START)


def test_a_run_is_told_as_started_then_with_points_then_as_ended(store: Store) -> None:
    writer = Writer(store)
    steps: Sequence[tuple[Callable[[], None], list[str]]] = (
        (lambda: writer.start(name="first"), ["started"]),
        (lambda: writer.send(encode_points(3, TIME, {"loss": 0.5})), ["points"]),
        (lambda: writer.tell("tags", tags={"team": "vision"}), ["changed"]),
        (lambda: writer.tell("end", status="completed"), ["ended"]),
    )
    for step, expected in steps:
        before = store.feed.newest()
        step()
        news = store.feed.read(at(before))
        assert kinds(news, before) == [(writer.run_id, expected)]
        assert news.place == at(store.feed.newest())
        assert store.feed.newest() > before


def test_who_was_away_gets_each_run_once_with_all_that_happened_and_as_it_is_now(store: Store) -> None:
    first, second = Writer(store), Writer(store)
    first.start()
    second.start()
    first.send(encode_points(0, TIME, {"loss": 2.0}))
    first.send(encode_points(7, TIME, {"loss": 1.0, "lr": 0.1}))
    first.tell("end", status="failed", error="boom")
    news = store.feed.read(START)
    assert kinds(news, 0) == [(second.run_id, ["started"]), (first.run_id, ["started", "points", "ended"])]
    change = news.changes[1]
    assert change.run.status == "failed"
    assert change.metrics is not None
    assert {name: (v.step, v.value, v.count) for name, v in change.metrics.items()} == {
        "loss": (7, 1.0, 2),
        "lr": (7, 0.1, 1),
    }
    assert news.changes[0].metrics is None


def test_lines_that_change_nothing_that_is_shown_are_no_news(store: Store) -> None:
    writer = Writer(store)
    writer.start()
    before = store.feed.newest()
    writer.tell("console", stream="stdout", text="epoch 1")
    store.ingest(writer.run_id, "w", 0, b"")
    assert store.feed.newest() == before


def test_bytes_that_come_a_second_time_are_no_news(store: Store) -> None:
    writer = Writer(store)
    writer.start()
    line = encode_points(0, TIME, {"loss": 1.0})
    offset = writer.offset
    writer.send(line)
    before = store.feed.newest()
    store.ingest(writer.run_id, "w", offset, line)
    assert store.feed.newest() == before


def test_a_note_and_a_lost_process_are_news(store: Store) -> None:
    writer = Writer(store)
    writer.start()
    before = store.feed.newest()
    store.runs.set_note(writer.run_id, "look at this")
    news = store.feed.read(at(before))
    assert kinds(news, before) == [(writer.run_id, ["changed"])]
    assert news.changes[0].run.note == "look at this"
    before = store.feed.newest()
    store.mark_dead(writer.run_id, "w")
    news = store.feed.read(at(before))
    assert kinds(news, before) == [(writer.run_id, ["ended"])]
    assert news.changes[0].run.status == "failed"


def test_a_child_process_that_is_lost_does_not_end_its_run(store: Store) -> None:
    writer = Writer(store)
    writer.start()
    child = Writer(store, writer.run_id, "child")
    child.tell("fork")
    before = store.feed.newest()
    store.mark_dead(writer.run_id, "child")
    assert kinds(store.feed.read(at(before)), before) == [(writer.run_id, ["changed"])]


def test_a_run_that_is_taken_up_again_is_told_as_changed_and_ends_again(store: Store) -> None:
    writer = Writer(store)
    writer.start()
    writer.tell("end", status="failed")
    again = Writer(store, writer.run_id, "again")
    before = store.feed.newest()
    again.send(encode_event("start", TIME + 60_000, {}))
    assert kinds(store.feed.read(at(before)), before) == [(writer.run_id, ["changed"])]
    before = store.feed.newest()
    again.send(encode_event("end", TIME + 120_000, {"status": "completed"}))
    assert kinds(store.feed.read(at(before)), before) == [(writer.run_id, ["ended"])]


def test_news_come_in_pages_that_leave_nothing_out(store: Store, add_run: AddRun) -> None:
    ids = [add_run() for _ in range(7)]
    found, after = [], START
    for expected in (False, False, True):
        news = store.feed.read(after, 3)
        found += [change.run.run_id for change in news.changes]
        after = news.place
        assert news.is_all is expected
    assert found == ids
    assert store.feed.read(after).changes == []
    assert store.feed.read(after).place == after


def test_what_happened_is_not_lost_when_a_run_moves_on_between_two_pages(store: Store) -> None:
    writers = [Writer(store) for _ in range(4)]
    for writer in writers:
        writer.start()
    first = store.feed.read(START, 2)
    assert kinds(first, first.known) == [(writer.run_id, ["started"]) for writer in writers[:2]]
    assert not first.is_all
    writers[2].tell("end", status="completed")
    second = store.feed.read(Place.parse(str(first.place)))
    assert kinds(second, second.known) == [
        (writers[3].run_id, ["started"]),
        (writers[2].run_id, ["started", "ended"]),
    ]
    assert second.is_all


@pytest.mark.parametrize("text", ["", "x", "-1", "1-", "1-2-3", "٣", "1" * 17, "1\n"])
def test_what_is_no_place_in_the_feed_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no place"):
        Place.parse(text)


def test_news_can_be_narrowed_to_a_run_to_a_project_and_to_what_may_be_seen(
    store: Store, add_run: AddRun
) -> None:
    own, other, none = add_run(project_id="own"), add_run(project_id="other"), add_run()

    def ids(**narrowed: Any) -> list[str]:
        return [change.run.run_id for change in store.feed.read(START, **narrowed).changes]

    assert ids() == [own, other, none]
    assert ids(project_id="other") == [other]
    assert ids(run_id=none) == [none]
    assert ids(visible={"own"}) == [own]
    assert ids(visible={"own"}, run_id=other) == []
    assert ids(visible=set()) == []
    # Who sees nothing of what happened still gets on.
    assert store.feed.read(START, visible=set()).place == at(store.feed.newest())


def test_of_many_metrics_the_first_by_name_are_told_and_nan_is_kept(store: Store) -> None:
    writer = Writer(store)
    writer.start()
    names = [f"m{i:04}" for i in range(MAX_LATEST + 5)]
    writer.send(encode_points(1, TIME, dict.fromkeys(names, math.nan)))
    (change,) = store.feed.read(START).changes
    assert change.metrics is not None
    assert list(change.metrics) == names[:MAX_LATEST]
    assert math.isnan(change.metrics["m0000"].value)


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_its_limits(store: Store, limit: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 1000"):
        store.feed.read(START, limit)


def test_purged_runs_leave_the_feed_and_their_numbers_do_not_come_again(
    store: Store, add_run: AddRun
) -> None:
    kept, gone = add_run(), add_run()
    newest = store.feed.newest()
    with store.database.write() as connection:
        number = connection.execute(select(runs.c.id).where(runs.c.run_id == gone)).scalar_one()
        drop_changes(connection, store.database, [number])
    assert [change.run.run_id for change in store.feed.read(START).changes] == [kept]
    assert store.feed.newest() == newest
    added = add_run()
    assert [change.run.run_id for change in store.feed.read(at(newest)).changes] == [added]


def test_no_change_is_passed_over_while_many_write_at_once(store: Store) -> None:
    runs_each, threads = 5, 4
    written: queue.Queue[str] = queue.Queue()

    def write() -> None:
        for _ in range(runs_each):
            writer = Writer(store)
            writer.start()
            writer.send(encode_points(0, TIME, {"loss": 1.0}))
            written.put(writer.run_id)

    workers = [threading.Thread(target=write) for _ in range(threads)]
    for worker in workers:
        worker.start()
    expected, points, after = set(), [], START
    for _ in range(runs_each * threads):
        expected.add(written.get(timeout=30))
        news = store.feed.read(after)
        points += [c.run.run_id for c in news.changes if "points" in c.kinds_after(after.known)]
        after = news.place
        assert expected <= set(points)
    assert len(points) == len(expected) == runs_each * threads
