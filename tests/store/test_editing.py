"""Runs that are made and changed by hand, and how that goes together with processes that record them."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from modellab.errors import Conflict, Forbidden, InvalidInput, NotFound
from modellab.ids import new_run_id
from modellab.journal.line import encode_event
from modellab.records import Run, RunFilter
from modellab.store import Store
from modellab.store.editing import MAX_POINTS, StepMetrics

AddRun = Callable[..., str]


def steps_of(store: Store, run_id: str, name: str) -> list[tuple[int, float]]:
    series = store.series.read(run_id, name)
    assert series is not None
    return list(zip(series.steps, series.values, strict=True))


def test_a_new_run_has_what_was_said_of_it(store: Store) -> None:
    run = store.editing.create(
        name="baseline",
        project_id="iris",
        seed=3,
        dataset_id="iris-v1",
        git_hash="abc",
        params={"lr": 0.1, "api_key": "geheim"},
        config={"model": {"depth": 3}},
        tags={"team": "vision", "tries": 2},
        description="A floor.",
        note="n",
        metrics={"accuracy": 0.9, "loss": math.nan},
    )
    assert (run.status, run.duration_s, run.error) == ("pending", None, None)
    assert (run.name, run.project_id, run.seed, run.dataset_id, run.git_hash) == (
        "baseline",
        "iris",
        3,
        "iris-v1",
        "abc",
    )
    assert run.params["lr"] == 0.1
    assert run.params["api_key"] != "geheim"
    assert (run.config, run.description, run.note) == ({"model": {"depth": 3}}, "A floor.", "n")
    assert run.tags == {"team": "vision", "tries": "2"}
    assert run.final_metrics["accuracy"] == 0.9
    assert math.isnan(run.final_metrics["loss"])
    assert store.projects.get("iris").statistics.n_runs == 1


def test_a_new_run_is_found_by_its_params_metrics_and_tags(store: Store) -> None:
    run = store.editing.create(params={"model": "svm"}, metrics={"accuracy": 0.9}, tags={"team": "vision"})
    for query in ('params.model = "svm"', "metrics.accuracy > 0.8", 'tags.team = "vision"'):
        assert [found.run_id for found in store.runs.list(RunFilter(query=query)).items] == [run.run_id]
    store.editing.update(run.run_id, tags={"team": None})
    assert store.runs.list(RunFilter(query='tags.team = "vision"')).items == []


def test_a_status_that_is_told_is_the_status(store: Store) -> None:
    run_id = store.editing.create().run_id
    assert store.editing.update(run_id, status="running").status == "running"
    failed = store.editing.update(run_id, status="failed", error="ValueError: x")
    assert (failed.status, failed.error) == ("failed", "ValueError: x")
    completed = store.editing.update(run_id, status="completed")
    assert (completed.status, completed.error) == ("completed", None)
    assert completed.duration_s == failed.duration_s is not None
    assert store.editing.update(run_id, status="pending").duration_s is None


def test_a_run_that_is_told_to_run_again_gets_a_new_end(store: Store) -> None:
    run_id = store.editing.create(status="completed").run_id
    ended = store.editing.update(run_id, status="failed")
    assert store.editing.update(run_id, status="running").duration_s is None
    again = store.editing.update(run_id, status="failed")
    assert again.timestamp == ended.timestamp
    assert again.duration_s is not None
    assert ended.duration_s is not None
    assert again.duration_s >= ended.duration_s


def test_of_several_who_make_a_run_at_the_same_moment_one_does(store: Store) -> None:
    def make(number: int) -> Run | None:
        try:
            return store.editing.create(run_id=f"run-{number % 20}", params={str(number): 1})
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [run for run in pool.map(make, sorted(range(160), key=lambda i: i % 20)) if run]
    assert sorted(run.run_id for run in made) == sorted(f"run-{i}" for i in range(20))
    assert all(len(run.params) == 1 for run in made)


def test_a_run_starts_when_it_is_no_longer_pending(store: Store) -> None:
    made = store.editing.create()
    begun = store.editing.update(made.run_id, status="running")
    assert begun.timestamp > made.timestamp
    assert store.editing.update(made.run_id, note="n").timestamp == begun.timestamp


def test_what_is_not_given_stays(store: Store) -> None:
    run_id = store.editing.create(name="a", params={"lr": 1}, tags={"x": "1"}, config={"a": 1}).run_id
    run = store.editing.update(run_id, params={"wd": 2}, tags={"y": "2"}, description="d")
    assert (run.name, run.params, run.tags) == ("a", {"lr": 1, "wd": 2}, {"x": "1", "y": "2"})
    assert (run.config, run.description) == ({"a": 1}, "d")
    run = store.editing.update(run_id, tags={"x": None}, config={"b": 2}, name=None, description=None)
    assert (run.name, run.tags, run.config, run.description) == (None, {"y": "2"}, {"b": 2}, None)


def test_metrics_go_on_after_their_last_step(store: Store) -> None:
    run_id = store.editing.create(metrics={"a": 1}).run_id
    store.editing.update(run_id, metrics={"a": 2, "b": 5})
    store.editing.update(run_id, metrics={"a": 3}, step=10)
    store.editing.update(
        run_id,
        points=[StepMetrics(step=20, metrics={"a": 4}, time_ms=5), StepMetrics(step=11, metrics={"b": 6})],
        metrics={"a": 7},
    )
    assert steps_of(store, run_id, "a") == [(0, 1), (1, 2), (10, 3), (20, 4), (21, 7)]
    assert steps_of(store, run_id, "b") == [(0, 5), (11, 6)]


def test_changes_at_the_same_moment_are_all_kept(store: Store) -> None:
    run_id = store.editing.create().run_id
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda i: store.editing.update(run_id, metrics={"a": i}, tags={str(i): "x"}), range(40))
        )
    run = store.runs.get(run_id)
    assert [step for step, _ in steps_of(store, run_id, "a")] == list(range(40))
    assert len(run.tags) == 40


def test_changing_the_run_of_a_process_does_not_change_its_status(store: Store, add_run: AddRun) -> None:
    live, ended = add_run(end=None), add_run(end="failed")
    for run_id, status in ((live, "running"), (ended, "failed")):
        before = store.runs.get(run_id)
        run = store.editing.update(run_id, note="n", tags={"a": "b"}, metrics={"extra": 1})
        assert (run.status, run.duration_s, run.error) == (status, before.duration_s, before.error)
        assert (run.note, run.tags, run.final_metrics) == ("n", {"a": "b"}, {"extra": 1})


def test_a_run_that_came_in_by_plain_sql_can_be_changed(store: Store) -> None:
    with store.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO manifests (run_id, timestamp) VALUES ('old-1', '2026-01-01')")
    assert store.editing.update("old-1", note="n").status == "completed"
    assert store.editing.update("old-1", status="failed").status == "failed"
    assert store.editing.update("old-1", tags={"a": "b"}).status == "failed"


def test_the_status_of_a_run_that_a_process_records_cannot_be_set(store: Store, add_run: AddRun) -> None:
    run_id = add_run(end=None)
    with pytest.raises(Conflict, match="a process is still recording it"):
        store.editing.update(run_id, status="completed", note="not written either")
    assert store.runs.get(run_id).note is None


def test_the_status_of_a_run_that_has_ended_can_be_set_right(store: Store, add_run: AddRun) -> None:
    run_id = add_run(end="completed")
    before = store.runs.get(run_id)
    run = store.editing.update(run_id, status="failed", error="the labels were wrong")
    assert (run.status, run.error, run.duration_s) == ("failed", "the labels were wrong", before.duration_s)
    again = store.editing.update(run_id, status="completed")
    assert (again.status, again.error, again.duration_s) == ("completed", None, before.duration_s)


def test_a_process_that_takes_up_a_pending_run_decides_from_then_on(store: Store) -> None:
    made = store.editing.create(name="queued", params={"lr": 1})
    later_ms = 4_000_000_000_000
    store.ingest(made.run_id, "w", 0, encode_event("start", later_ms, {"started_us": later_ms * 1000}))
    run = store.runs.get(made.run_id)
    assert (run.status, run.name, run.params) == ("running", "queued", {"lr": 1})
    assert run.timestamp == "2096-10-02T07:06:40.000000+00:00"
    offset = store.read_offset(made.run_id, "w")
    store.ingest(made.run_id, "w", offset, encode_event("end", later_ms + 1000, {"status": "completed"}))
    assert store.runs.get(made.run_id).status == "completed"
    assert store.runs.get(made.run_id).duration_s == 1


def test_an_id_that_is_given_is_used_once(store: Store) -> None:
    assert store.editing.create(run_id="my-run.1").run_id == "my-run.1"
    with pytest.raises(Conflict, match=r"There is a run my-run.1 already"):
        store.editing.create(run_id="my-run.1", name="other")
    assert store.runs.get("my-run.1").name is None


@pytest.mark.parametrize(
    "said",
    [
        {"run_id": "../x"},
        {"run_id": ""},
        {"name": ""},
        {"name": "x" * 251},
        {"project_id": "a\x00b"},
        {"note": "x" * 100_001},
        {"description": "x" * 20_001},
        {"tags": {"": "x"}},
        {"params": {"x" * 251: 1}},
        {"config": {"a": "x" * 65_536}},
        {"metrics": {"": 1}},
        {"metrics": {"a": 1}, "step": 2**53 + 1},
        {"points": [StepMetrics(step=0, metrics={"a": 1}, time_ms=-1)]},
        {"points": [StepMetrics(step=0, metrics={"a": 1})] * (MAX_POINTS + 1)},
        {"status": "paused"},
        {"status": "completed", "error": "but why"},
        {"status": "failed", "error": "x" * 2001},
    ],
    ids=lambda said: "-".join(said),
)
def test_what_cannot_be_recorded_leaves_nothing_behind(store: Store, said: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        store.editing.create(**said)
    assert store.runs.count() == 0
    assert store.projects.list().items == []
    run_id = store.editing.create(note="before").run_id
    if not said.keys() & {"run_id", "project_id"}:
        with pytest.raises(InvalidInput):
            store.editing.update(run_id, **{"tags": {"new": "1"}, **said})
        assert (store.runs.get(run_id).note, store.runs.get(run_id).tags) == ("before", {})


def test_there_must_be_a_run_to_change(store: Store) -> None:
    with pytest.raises(NotFound):
        store.editing.update(new_run_id(), note="n")
    run_id = store.editing.create().run_id
    store.trash.put_run(run_id)
    with pytest.raises(NotFound, match="There is no run"):
        store.editing.update(run_id, note="n")


def test_events_are_recorded_all_or_none(store: Store) -> None:
    run_id = store.editing.create(project_id="mine").run_id
    note, bad = encode_event("note", 1, {"note": "n"}), encode_event("note", 1, {"note": 5})
    with pytest.raises(InvalidInput, match="cannot be recorded"):
        store.record(run_id, [note, bad])
    with pytest.raises(Forbidden):
        store.record(run_id, [note], visible=["other"])
    assert store.runs.get(run_id).note is None
    assert store.record(run_id, [note], visible=["mine"]).n_events == 1
    assert store.runs.get(run_id).note == "n"


def test_no_process_speaks_for_the_api(store: Store) -> None:
    run_id = store.editing.create().run_id
    store.editing.update(run_id, status="running")
    assert not store.mark_dead(run_id, "api")
    store.editing.update(run_id, status="pending")
    with pytest.raises(InvalidInput, match="No process may call itself 'api'"):
        store.ingest(run_id, "api", 0, encode_event("note", 1, {"note": "n"}))
    store.ingest(run_id, "w", 0, encode_event("status", 1, {"status": "completed"}))
    assert store.runs.get(run_id).status == "running"  # as that of a process that writes: it is found out


def test_a_run_names_the_runs_nested_in_it(store: Store) -> None:
    parent = store.editing.create().run_id
    children = [store.editing.create(parent_id=parent).run_id for _ in range(3)]
    store.trash.put_run(children[1])
    assert store.runs.get(parent).children == [children[0], children[2]]
