"""A run's status follows from its writers: who is alive, who ended, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.records import Run
from modellab.store import Store

MS = 1_700_000_000_000
AddRun = Callable[..., str]


class Story:
    """A run told event by event; times in seconds after its start."""

    def __init__(self, store: Store) -> None:
        self.store, self.run_id = store, new_run_id()
        self._offsets: dict[str, int] = {}

    def tell(self, writer: str, second: float, event: str, **fields: Any) -> Story:
        self._send(writer, encode_event(event, MS + int(second * 1000), fields))
        return self

    def log(self, writer: str, second: float) -> Story:
        self._send(writer, encode_points(int(second), MS + int(second * 1000), {"loss": second}))
        return self

    def die(self, writer: str) -> Story:
        self.store.mark_dead(self.run_id, writer)
        return self

    @property
    def run(self) -> Run:
        return self.store.runs.get(self.run_id)

    def _send(self, writer: str, data: bytes) -> None:
        offset = self._offsets.get(writer, 0)
        self._offsets[writer] = self.store.ingest(self.run_id, writer, offset, data).offset


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def start(story: Story, writer: str = "a", second: float = 0) -> Story:
    return story.tell(writer, second, "start", started_us=(MS + int(second * 1000)) * 1000)


def test_a_run_is_running_until_it_ends(story: Story) -> None:
    assert start(story).run.status == "running"
    assert story.log("a", 1).run.status == "running"
    assert story.run.duration_s is None
    run = story.tell("a", 2.5, "end", status="completed", dropped=3).run
    assert (run.status, run.duration_s, run.error, run.n_dropped) == ("completed", 2.5, None, 3)


def test_an_error_is_a_failure_with_its_traceback(story: Story) -> None:
    start(story).tell("a", 1, "end", status="failed", error="ValueError: x", traceback="Traceback…")
    run = story.run
    assert (run.status, run.error, run.traceback) == ("failed", "ValueError: x", "Traceback…")


def test_a_writer_that_dies_is_a_failure_at_its_last_sign_of_life(story: Story) -> None:
    run = start(story).log("a", 7).die("a").run
    assert run.status == "failed"
    assert run.error is not None
    assert "without finishing" in run.error
    assert run.duration_s == 7
    assert story.die("a").run == run


def test_death_after_the_end_changes_nothing(story: Story) -> None:
    start(story).tell("a", 1, "end", status="completed").die("a")
    assert story.run.status == "completed"
    story.die("nobody")
    story.store.mark_dead(new_run_id(), "nobody")


def test_a_writer_taken_for_dead_that_speaks_again_is_alive(story: Story) -> None:
    assert start(story).log("a", 1).die("a").run.status == "failed"
    run = story.log("a", 2).run
    assert (run.status, run.error, run.duration_s) == ("running", None, None)
    assert story.tell("a", 3, "end", status="completed").run.status == "completed"


def test_a_run_resumed_after_a_crash_is_what_the_resumed_part_becomes(story: Story) -> None:
    start(story, "a").log("a", 5).die("a")
    assert start(story, "b", 100).run.status == "running"
    run = story.tell("b", 120, "end", status="completed").run
    assert (run.status, run.error, run.duration_s) == ("completed", None, 120)


def test_a_run_resumed_after_an_error_can_fail_again(story: Story) -> None:
    start(story, "a").tell("a", 5, "end", status="failed", error="first")
    start(story, "b", 100).tell("b", 120, "end", status="failed", error="second")
    assert (story.run.status, story.run.error) == ("failed", "second")


def test_one_dead_rank_of_two_fails_the_run(story: Story) -> None:
    start(story, "rank0"), start(story, "rank1", 0.2)
    story.log("rank0", 8).log("rank1", 10).die("rank0")
    assert story.run.status == "running"
    run = story.tell("rank1", 20, "end", status="completed").run
    assert run.status == "failed"
    assert run.duration_s == 20


def test_all_ranks_completed_is_completed(story: Story) -> None:
    start(story, "rank0"), start(story, "rank1", 0.2)
    assert story.tell("rank0", 5, "end", status="completed").run.status == "running"
    assert story.tell("rank1", 6, "end", status="completed").run.status == "completed"


def test_the_death_of_a_forked_child_does_not_matter(story: Story) -> None:
    start(story).tell("child", 1, "fork", parent_pid=1).log("child", 2).die("child")
    assert story.run.status == "running"
    assert story.tell("a", 3, "end", status="completed").run.status == "completed"
    assert story.log("child", 4).run.status == "completed"


def test_what_all_writers_dropped_is_added_up(story: Story) -> None:
    start(story, "rank0"), start(story, "rank1")
    story.tell("rank0", 5, "end", status="completed", dropped=2)
    assert story.tell("rank1", 6, "end", status="completed", dropped=5).run.n_dropped == 7


def test_a_run_starts_with_its_start_event_whoever_comes_in_first(story: Story) -> None:
    story.tell("child", 30, "fork", parent_pid=1).log("child", 31)
    assert story.run.timestamp == "2023-11-14T22:13:50.000000+00:00"
    start(story, "a")
    assert story.run.timestamp == "2023-11-14T22:13:20.000000+00:00"
    assert story.tell("a", 40, "end", status="completed").run.duration_s == 40
    start(story, "b", 100)
    assert story.run.timestamp == "2023-11-14T22:13:20.000000+00:00"


def test_a_resumed_run_keeps_what_it_was_started_with(story: Story) -> None:
    story.tell("a", 0, "start", name="first", seed=1, params={"lr": 1, "a": 1}, note="n", tags={"t": "1"})
    story.tell("a", 0, "context", git_hash="old", git_dirty=False, pip_freeze="x==1")
    story.tell("b", 10, "start", name="second", seed=2, params={"lr": 2}, tags={"u": "2"})
    story.tell("b", 10, "context", git_hash="new", git_dirty=True, pip_freeze="x==2", user="me")
    run = story.run
    assert (run.name, run.seed, run.git_hash, run.git_dirty, run.pip_freeze) == (
        "first",
        1,
        "old",
        False,
        "x==1",
    )
    assert (run.params, run.tags, run.note, run.user) == ({"lr": 2, "a": 1}, {"t": "1", "u": "2"}, "n", "me")


def test_a_run_shorter_than_a_millisecond_did_not_end_before_it_started(story: Story) -> None:
    story.tell("a", 0, "start", started_us=MS * 1000 + 999).tell("a", 0, "end", status="completed")
    assert story.run.duration_s == 0


def test_of_several_processes_the_run_is_running_until_the_last_has_ended(story: Story) -> None:
    start(start(story, "a"), "b")
    assert story.tell("a", 1, "end", status="completed").run.status == "running"
    assert story.tell("b", 2, "end", status="completed").run.status == "completed"
