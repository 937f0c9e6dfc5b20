from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.journal.writer import JournalWriter
from modellab.server.broadcast import MAX_KEPT, Audience, Broadcast
from modellab.settings import Settings
from modellab.store import Store, open_store
from modellab.store.feed import Place, drop_changes

OpenLab = Callable[..., contextlib.AbstractContextManager[Any]]
WaitUntil = Callable[[Callable[[], object]], None]
TIME = 1_763_000_000_000


@dataclasses.dataclass(frozen=True)
class Event:
    """One event of a stream, as a browser hands it over."""

    name: str
    last_id: str
    data: Any


class Listener:
    """A stream of events, read as they come."""

    def __init__(self, address: str, headers: Mapping[str, str] | None = None, **params: Any) -> None:
        self._client = httpx.Client(base_url=address, timeout=30)
        request = self._client.build_request(
            "GET", "/api/modellab/live", params=params, headers=dict(headers or {})
        )
        self.answer = self._client.send(request, stream=True)
        self._lines = self.answer.iter_lines()
        self.last_id = ""

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        """The next event; `StopIteration` where the server has ended the stream."""
        name, data = "", ""
        for line in self._lines:
            key, _, value = line.partition(": ")
            if key == "event":
                name = value
            elif key == "id":
                self.last_id = value
            elif key == "data":
                data = value
            elif not line and data:
                return Event(name, self.last_id, json.loads(data))
        raise StopIteration

    def read_until(self, name: str, run_id: str | None = None) -> list[Event]:
        """The events up to one with this name, and of this run if given."""
        found = []
        for event in self:
            found.append(event)
            if event.name == name and run_id in (None, event.data.get("run_id")):
                return found
        raise AssertionError(f"no {name} in {found}")

    def close(self) -> None:
        self.answer.close()
        self._client.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []

    def listen(address: str, headers: Mapping[str, str] | None = None, **params: Any) -> Listener:
        opened.append(Listener(address, headers, **params))
        return opened[-1]

    yield listen
    for listener in opened:
        listener.close()


@pytest.fixture
def any_lab(any_settings: Settings, open_lab: OpenLab) -> Iterator[Any]:
    """A running server on SQLite and on PostgreSQL."""
    if any_settings.database_url is not None:
        (any_settings.root / ".env").write_text(f"MODELLAB_DATABASE_URL={any_settings.database_url}\n")
    with open_lab(any_settings.root) as lab:
        yield lab


def test_a_stream_greets_with_the_number_to_go_on_from(lab: Any, listen: Callable[..., Listener]) -> None:
    lab.record()
    listener = listen(lab.address)
    assert listener.answer.status_code == 200
    assert listener.answer.headers["content-type"].startswith("text/event-stream")
    assert listener.answer.headers["cache-control"] == "no-store"
    assert listener.answer.headers["x-accel-buffering"] == "no"
    newest = lab.store.feed.newest()
    assert next(listener) == Event("hello", str(newest), {"cursor": str(newest)})


def test_a_run_is_followed_from_its_start_to_its_end(any_lab: Any, listen: Callable[..., Listener]) -> None:
    lab = any_lab
    listener = listen(lab.address)
    assert next(listener).name == "hello"
    writer = lab.write(name="watched", project_id="iris", params={"lr": 0.1})
    started = listener.read_until("run.started", writer.run_id)[-1]
    assert started.data["name"] == "watched"
    assert started.data["status"] == "running"
    assert started.data["params"] == {"lr": 0.1}
    writer.append(encode_points(5, TIME, {"loss": 0.5, "gap": float("nan")}))
    points = listener.read_until("run.points", writer.run_id)[-1]
    assert points.data == {
        "run_id": writer.run_id,
        "project_id": "iris",
        "status": "running",
        "metrics": {
            "gap": {"step": 5, "value": "nan", "count": 1},
            "loss": {"step": 5, "value": 0.5, "count": 1},
        },
    }
    lab.store.runs.set_note(writer.run_id, "look")
    assert listener.read_until("run.changed", writer.run_id)[-1].data["note"] == "look"
    writer.append_event("end", {"status": "completed"})
    writer.close()
    ended = listener.read_until("run.ended", writer.run_id)[-1]
    assert ended.data["status"] == "completed"
    assert ended.data["final_metrics"] == {"gap": "nan", "loss": 0.5}
    assert ended.last_id == str(lab.store.feed.newest())


def test_what_is_done_over_http_is_told_as_well(lab: Any, listen: Callable[..., Listener]) -> None:
    base = "/api/modellab"
    listener = listen(lab.address)
    next(listener)
    run_id = lab.api.post(f"{base}/runs", json={"name": "by hand"}).json()["run_id"]
    assert listener.read_until("run.started", run_id)[-1].data["status"] == "pending"
    lab.api.put(f"{base}/runs/{run_id}", json={"status": "running", "metrics": {"loss": 1.0}})
    points = listener.read_until("run.points", run_id)[-1]
    assert points.data["status"] == "running"
    assert points.data["metrics"]["loss"]["value"] == 1.0
    lab.api.put(f"{base}/runs/{run_id}", json={"status": "completed"})
    assert listener.read_until("run.ended", run_id)[-1].data["status"] == "completed"
    files = {"file": ("roc.txt", b"roc", "text/plain")}
    lab.api.post(f"{base}/artifacts/{run_id}", files=files)
    assert listener.read_until("run.changed", run_id)[-1].data["n_artifacts"] == 1
    lab.api.delete(f"{base}/runs/{run_id}")
    assert listener.read_until("run.changed", run_id)[-1].data["deleted_at"] is not None


def test_who_was_away_is_told_of_each_run_once_and_in_order(
    any_lab: Any, listen: Callable[..., Listener]
) -> None:
    lab = any_lab
    listener = listen(lab.address)
    first = lab.record(points={"loss": [3.0]})
    left = listener.read_until("run.ended", first)[-1].last_id
    listener.close()
    ids = [lab.record(points={"loss": [3.0, 2.0, 1.0]}, name=f"run {i}") for i in range(60)]
    lab.store.runs.set_note(ids[0], "changed last")
    back = listen(lab.address, headers={"Last-Event-ID": left})
    assert next(back) == Event("hello", left, {"cursor": left})
    events = back.read_until("run.changed", ids[0])
    expected = [(kind, run_id) for run_id in ids[1:] for kind in ("started", "points", "ended")]
    expected += [(kind, ids[0]) for kind in ("started", "points", "ended", "changed")]
    assert [(event.name.removeprefix("run."), event.data["run_id"]) for event in events] == expected
    assert events[1].data["metrics"]["loss"] == {"step": 2, "value": 1.0, "count": 3}
    assert events[-1].data["note"] == "changed last"


def test_only_the_last_of_a_runs_events_has_an_id_so_that_none_is_lost_between_them(
    lab: Any, listen: Callable[..., Listener]
) -> None:
    run_id = lab.record(points={"loss": [1.0]})
    listener = listen(lab.address, cursor=0)
    started, points, ended = listener.read_until("run.ended", run_id)[1:]
    assert (started.last_id, points.last_id) == ("0", "0")
    assert ended.last_id == str(lab.store.feed.newest())


def test_a_stream_that_breaks_in_the_middle_of_many_goes_on_without_a_loss(
    lab: Any, listen: Callable[..., Listener]
) -> None:
    ids = [lab.record() for _ in range(5)]
    listener = listen(lab.address, cursor=0)
    seen = listener.read_until("run.ended", ids[1])
    listener.close()
    lab.store.runs.set_note(ids[2], "moved to the end")
    seen += listen(lab.address, cursor=seen[-1].last_id).read_until("run.changed", ids[2])
    for name in ("run.started", "run.ended"):
        told = [event.data["run_id"] for event in seen if event.name == name]
        assert told == [*ids[:2], *ids[3:], ids[2]]


def test_the_id_that_a_browser_sends_wins_over_the_cursor_of_the_address(
    lab: Any, listen: Callable[..., Listener]
) -> None:
    lab.record()
    newest = lab.store.feed.newest()
    listener = listen(lab.address, headers={"Last-Event-ID": str(newest)}, cursor=0)
    assert next(listener).data == {"cursor": str(newest)}
    run_id = lab.record()
    assert next(listener).data["run_id"] == run_id


def test_a_stream_goes_on_at_a_new_server_after_the_old_one_was_killed(
    any_settings: Settings, start_server: Callable[..., Any], listen: Callable[..., Listener]
) -> None:
    if any_settings.database_url is not None:
        (any_settings.root / ".env").write_text(f"MODELLAB_DATABASE_URL={any_settings.database_url}\n")
    server = start_server()
    address = server.read_until("http://").strip()
    listener = listen(address)
    next(listener)
    run_id = _train(any_settings, {"loss": 1.0})
    left = listener.read_until("run.ended", run_id)[-1].last_id
    server.stop(signal.SIGKILL)
    missed = _train(any_settings, {"loss": 2.0})
    address = start_server().read_until("http://").strip()
    events = listen(address, headers={"Last-Event-ID": left}).read_until("run.ended", missed)
    assert [event.name for event in events] == ["hello", "run.started", "run.points", "run.ended"]
    assert {event.data["run_id"] for event in events[1:]} == {missed}


def test_a_stream_can_be_narrowed_to_a_project_or_a_run(lab: Any, listen: Callable[..., Listener]) -> None:
    own, other = lab.write(project_id="own"), lab.write(project_id="other")
    for writer in (own, other):
        lab.store.collector.collect_run(writer.run_id)
    by_project = listen(lab.address, cursor=0, project_id="other")
    by_run = listen(lab.address, cursor=0, run_id=own.run_id)
    for writer in (own, other):
        writer.append_event("end", {"status": "completed"})
        writer.close()
    assert {e.data["run_id"] for e in by_project.read_until("run.ended")[1:]} == {other.run_id}
    assert {e.data["run_id"] for e in by_run.read_until("run.ended")[1:]} == {own.run_id}


def test_a_run_that_is_not_there_cannot_be_followed(lab: Any, read_problem: Callable[..., Any]) -> None:
    for path in ("live", "changes"):
        answer = lab.api.get(f"/api/modellab/{path}", params={"run_id": "nobody"})
        assert answer.status_code == 404
        assert "nobody" in read_problem(answer)["detail"]


@pytest.mark.parametrize("cursor", ["-1", "1e3", "1" * 17, "x", "1-2-3"])
def test_what_is_no_number_of_a_change_is_refused(
    lab: Any, read_problem: Callable[..., Any], cursor: str
) -> None:
    for path in ("live", "changes"):
        answer = lab.api.get(f"/api/modellab/{path}", params={"cursor": cursor})
        assert answer.status_code == 422
        assert "cursor" in read_problem(answer)["detail"]
    answer = lab.api.get("/api/modellab/live", headers={"Last-Event-ID": cursor})
    assert answer.status_code == 422


def test_a_number_that_the_database_has_not_reached_means_to_begin_anew(
    lab: Any, listen: Callable[..., Listener]
) -> None:
    lab.record()
    newest = lab.store.feed.newest()
    assert next(listen(lab.address, cursor=newest + 1)) == Event(
        "reset", str(newest), {"cursor": str(newest)}
    )
    answer = lab.get("/api/modellab/changes", cursor=newest + 1)
    assert answer == {"items": [], "next_cursor": str(newest), "is_all": True, "is_reset": True}


def test_a_listener_is_told_when_the_database_is_not_the_one_it_was(
    lab: Any, listen: Callable[..., Listener]
) -> None:
    for _ in range(3):
        lab.record()
    listener = listen(lab.address)
    next(listener)
    last = lab.record()
    listener.read_until("run.ended", last)
    with lab.store.database.write() as connection:
        drop_changes(connection, lab.store.database, [1, 2, 3, 4])
    assert next(listener) == Event("reset", "0", {"cursor": "0"})
    run_id = lab.record()
    assert next(listener).data["run_id"] == run_id


def test_many_idle_streams_leave_the_threads_to_requests(lab: Any, listen: Callable[..., Listener]) -> None:
    listeners = [listen(lab.address) for _ in range(20)]
    assert {next(listener).name for listener in listeners} == {"hello"}
    assert lab.ids() == []
    run_id = lab.record()
    for listener in listeners:
        assert listener.read_until("run.ended")[-1].data["run_id"] == run_id


def test_streams_end_at_once_when_the_server_is_told_to_stop(
    start_server: Callable[..., Any], listen: Callable[..., Listener]
) -> None:
    server = start_server()
    address = server.read_until("http://").strip()
    listeners = [listen(address) for _ in range(3)]
    for listener in listeners:
        next(listener)
    server.process.send_signal(signal.SIGTERM)
    # To their proper end: a server that cuts them off makes the client raise.
    assert [list(listener) for listener in listeners] == [[], [], []]
    assert server.stop() == 0


@pytest.fixture
def keys(settings: Settings) -> dict[str, Any]:
    """A project with an administrator and a member of the project `own`; a key of each."""
    with open_store(settings) as store:
        store.accounts.add("ada", "admin", "long enough for all")
        store.accounts.add("mia", "member", "long enough for all")
        store.ingest(new_run_id(), "w", 0, encode_event("start", TIME, {"project_id": "own"}))
        store.accounts.join("mia", "own", "viewer")
        return {name: store.keys.add(name, "laptop", "read") for name in ("ada", "mia")}


def test_a_member_hears_of_its_projects_only(
    settings: Settings, open_lab: OpenLab, keys: dict[str, Any], listen: Callable[..., Listener]
) -> None:
    headers = {"Authorization": f"Bearer {keys['mia'].token}"}
    with open_lab(settings.root) as lab:
        assert lab.api.get("/api/modellab/live").status_code == 401
        for path in ("live", "changes"):
            answer = lab.api.get(f"/api/modellab/{path}", params={"project_id": "other"}, headers=headers)
            assert answer.status_code == 404
        listener = listen(lab.address, headers)
        assert next(listener).name == "hello"
        hidden, last = lab.record(project_id="other"), lab.record(project_id="own")
        assert {event.data["run_id"] for event in listener.read_until("run.ended")} == {last}
        answer = lab.api.get("/api/modellab/changes", params={"cursor": "0"}, headers=headers).json()
        assert [item["run"]["run_id"] for item in answer["items"]][1:] == [last]
        assert hidden not in str(answer)
        listener.close()


def test_a_stream_ends_soon_after_its_key_was_revoked(
    settings: Settings, open_lab: OpenLab, keys: dict[str, Any], listen: Callable[..., Listener]
) -> None:
    apps: list[FastAPI] = []
    with open_lab(settings.root, apps.append) as lab:
        stopping = apps[0].state.stopping
        apps[0].state.broadcast = Broadcast(lab.store.feed, stopping.is_set, keep_alive_s=0.1, check_s=0.05)
        revoked, kept = (listen(lab.address, {"X-API-Key": keys[name].token}) for name in ("mia", "ada"))
        assert [next(revoked).name, next(kept).name] == ["hello", "hello"]
        lab.store.keys.revoke(keys["mia"].key.key_id)
        assert list(revoked) == []
        run_id = lab.record()
        assert kept.read_until("run.ended")[-1].data["run_id"] == run_id
        kept.close()


def test_changes_can_be_asked_for_without_a_stream(lab: Any) -> None:
    start = lab.get("/api/modellab/changes")
    assert start == {"items": [], "next_cursor": "0", "is_all": True, "is_reset": False}
    ids = [lab.record(points={"loss": [2.0, 1.0]}) for _ in range(3)]
    cursor, found = start["next_cursor"], []
    for expected in (False, True):
        answer = lab.get("/api/modellab/changes", cursor=cursor, limit=2)
        assert answer["is_all"] is expected
        cursor = answer["next_cursor"]
        found += answer["items"]
    assert [item["run"]["run_id"] for item in found] == ids
    assert found[0]["kinds"] == ["started", "points", "ended"]
    assert found[0]["metrics"] == {"loss": {"step": 1, "value": 1.0, "count": 2}}
    lab.store.runs.set_note(ids[1], "hm")
    (item,) = lab.get("/api/modellab/changes", cursor=cursor)["items"]
    assert (item["kinds"], item["metrics"], item["run"]["note"]) == (["changed"], None, "hm")


def test_a_listener_that_is_further_behind_than_what_is_kept_loses_nothing(
    sqlite_store: Store, add_runs: Callable[[int], list[str]]
) -> None:
    async def read() -> tuple[list[str], list[str]]:
        broadcast = Broadcast(sqlite_store.feed, lambda: False)
        slow = broadcast.follow(Place(0, 0), Audience())
        quick = broadcast.follow(Place(0, 0), Audience())
        async with contextlib.aclosing(slow), contextlib.aclosing(quick):
            first = add_runs(1)
            seen = [await anext(slow)]
            added: list[str] = []
            while len(added) <= MAX_KEPT:
                added += add_runs(300)
                await _read_runs(quick, 300 if len(added) > 300 else 301)
            return first + added, [_run_id(seen[0]), *await _read_runs(slow, len(added))]

    added, told = asyncio.run(asyncio.wait_for(read(), 60))
    assert told == added


def test_more_news_than_are_kept_at_once_reach_every_listener(
    sqlite_store: Store, add_runs: Callable[[int], list[str]]
) -> None:
    async def read() -> tuple[list[str], list[str]]:
        broadcast = Broadcast(sqlite_store.feed, lambda: False)
        async with contextlib.aclosing(broadcast.follow(Place(0, 0), Audience())) as listener:
            added = add_runs(1)
            told = await _read_runs(listener, 1)
            added += add_runs(800)
            return added, told + await _read_runs(listener, 800)

    added, told = asyncio.run(asyncio.wait_for(read(), 60))
    assert told == added


def test_a_listener_that_is_not_welcome_any_more_is_sent_away(sqlite_store: Store) -> None:
    asked = threading.Event()

    def is_welcome() -> bool:
        was_asked = asked.is_set()
        asked.set()
        return not was_asked

    async def listen() -> list[bytes]:
        broadcast = Broadcast(sqlite_store.feed, lambda: False, keep_alive_s=0.1, check_s=0.01)
        return [text async for text in broadcast.follow(Place(0, 0), Audience(), is_welcome)]

    told = asyncio.run(asyncio.wait_for(listen(), 60))
    assert set(told) == {b":\n\n"}  # a comment, to keep the connection alive


async def _read_runs(stream: AsyncIterator[bytes], count: int) -> list[str]:
    """The runs of the next events; comments that keep the stream alive may come between them."""
    told: list[str] = []
    while len(told) < count:
        text = await anext(stream)
        if not text.startswith(b":"):
            told.append(_run_id(text))
    return told


def _run_id(text: bytes) -> str:
    return str(json.loads(text.partition(b"data: ")[2])["run_id"])


@pytest.fixture
def add_runs(sqlite_store: Store) -> Callable[[int], list[str]]:
    def add(count: int) -> list[str]:
        ids = [new_run_id() for _ in range(count)]
        for run_id in ids:
            sqlite_store.ingest(run_id, "w", 0, encode_event("start", TIME, {}))
        return ids

    return add


def _train(settings: Settings, metrics: Mapping[str, float]) -> str:
    """A run of another process, as far as the server can tell."""
    writer = JournalWriter(settings.journals, new_run_id())
    writer.append_event("start", {"started_us": time.time_ns() // 1000, "params": {}})
    writer.append(encode_points(0, TIME, metrics))
    writer.append_event("end", {"status": "completed"})
    writer.close()
    return writer.run_id
