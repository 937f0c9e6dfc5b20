"""Overviews: right counts, right order, right best values, on both databases; from indexes on SQLite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from modellab.errors import InvalidInput, NotFound
from modellab.records.overview import BestValue, Overview
from modellab.store import Store
from modellab.store.tables import metadata

DAY_US = 86_400_000_000
NOW_US = 20_000 * DAY_US + 5_000_000  # 2024-10-04, 5 s after midnight
DIRECTIONS = {"accuracy": True, "loss": False}


def read(store: Store, **wanted: Any) -> Overview:
    return store.overview.read(DIRECTIONS.get, **{"at_us": NOW_US, **wanted})


def test_an_empty_store_has_an_overview(store: Store) -> None:
    found = read(store, days=2)
    assert (found.n_runs, found.n_projects, found.n_datasets, found.n_artifacts, found.n_bytes) == (0,) * 5
    assert found.n_by_status == {"pending": 0, "running": 0, "completed": 0, "failed": 0}
    assert (found.running, found.failed, found.best, found.last_activity_at) == ([], [], [], None)
    assert [(day.day, day.n_runs) for day in found.days] == [("2024-10-03", 0), ("2024-10-04", 0)]


def test_counts_leave_out_the_trash_and_what_the_caller_may_not_see(
    store: Store, add_run: Callable[..., str]
) -> None:
    add_run(project_id="a", started_us=NOW_US - 6_000_000)  # yesterday
    add_run(project_id="a", started_us=NOW_US, end="failed", artifacts=["x", "y"])
    add_run(project_id="b", started_us=NOW_US, end=None)
    add_run(started_us=NOW_US - 400 * DAY_US)
    store.trash.put_run(add_run(project_id="a", started_us=NOW_US, end="failed", final={"accuracy": 1.0}))
    every = read(store, days=2)
    assert (every.n_runs, every.n_projects, every.n_artifacts) == (4, 2, 2)
    assert every.n_by_status == {"pending": 0, "running": 1, "completed": 2, "failed": 1}
    assert [(day.n_runs, day.n_failed) for day in every.days] == [(1, 0), (2, 1)]
    assert every.best == []
    for of_a in (read(store, project_id="a"), read(store, visible={"a"})):
        assert (of_a.n_runs, of_a.n_projects, len(of_a.running), len(of_a.failed)) == (2, 1, 0, 1)
    assert read(store, visible=set()).n_runs == 0
    for wrong in ({"project_id": "c"}, {"project_id": "b", "visible": {"a"}}):
        with pytest.raises(NotFound):
            read(store, **wrong)
    with pytest.raises(InvalidInput, match="366"):
        read(store, days=367)


def test_bytes_of_the_same_content_count_once(store: Store, add_run: Callable[..., str]) -> None:
    for path, data in (("a", b"12345"), ("b", b"12345"), ("c", b"123")):
        run_id = add_run(project_id="p")
        upload = store.files.start()
        upload.write(data)
        store.artifacts.add(run_id, path, upload.finish(), "text/plain")
    add_run(project_id="q")
    assert [read(store, project_id=name).n_bytes for name in (None, "p", "q")] == [8, 8, 0]


def test_running_runs_tell_how_far_they_are(store: Store, add_run: Callable[..., str]) -> None:
    curves = {f"m{i}": [1.0, math.nan, float(i)] for i in range(8)} | {"system/cpu": [5.0] * 9}
    older = add_run(name="older", started_us=NOW_US, end=None, curves=curves)
    newer = add_run(started_us=NOW_US + 1, end=None)
    one, other = read(store).running
    assert (one.run_id, one.n_metrics, one.last_step, one.values) == (newer, 0, None, [])
    assert (other.run_id, other.name, other.n_metrics, other.last_step) == (older, "older", 8, 2)
    assert [(value.metric, value.step, value.value) for value in other.values] == [
        (f"m{i}", 2, float(i)) for i in range(6)
    ]
    assert other.last_at is not None


def test_failed_runs_come_in_the_order_of_their_ends(store: Store, add_run: Callable[..., str]) -> None:
    ids = [add_run(started_us=NOW_US + i * 10_000_000, end="failed") for i in range(25)]
    found = read(store).failed
    assert [run.run_id for run in found] == ids[:4:-1]
    assert all(run.ended_at for run in found)


def best_of(store: Store, metric: str, **wanted: Any) -> BestValue:
    return next(best for best in read(store, **wanted).best if best.metric == metric)


def test_the_best_value_is_that_of_the_run_that_reached_it_first(
    store: Store, add_run: Callable[..., str]
) -> None:
    values = [0.5, 0.7, 0.6, 0.9, 0.9, math.nan, math.inf]
    ids = [
        add_run(
            project_id="p",
            started_us=NOW_US + i,
            final={"accuracy": value, "loss": 1 - value, "unknown": 1.0},
        )
        for i, value in enumerate(values)
    ]
    add_run(project_id="q", started_us=NOW_US + 9, final={"accuracy": 0.95})
    for name in (None, "p"):
        loss = best_of(store, "loss", project_id=name)
        assert (loss.run_id, loss.higher_is_better, loss.n_runs) == (ids[3], False, 5)
        assert (loss.value, loss.previous) == pytest.approx((0.1, 0.3))
    accuracy = best_of(store, "accuracy", project_id="p")
    assert (accuracy.run_id, accuracy.value, accuracy.previous, accuracy.n_runs) == (ids[3], 0.9, 0.7, 5)
    assert best_of(store, "accuracy").value == 0.95
    assert {best.metric for best in read(store).best} == {"accuracy", "loss"}
    store.trash.put_run(ids[3])
    accuracy = best_of(store, "accuracy", project_id="p")
    assert (accuracy.run_id, accuracy.n_runs) == (ids[4], 4)
    store.trash.put_run(ids[4])
    assert best_of(store, "accuracy", project_id="p").value == 0.7


def test_a_first_value_is_better_than_none(store: Store, add_run: Callable[..., str]) -> None:
    add_run(final={"accuracy": 0.5})
    assert best_of(store, "accuracy").previous is None


def test_metrics_of_the_machine_and_of_latencies_are_no_results(
    store: Store, add_run: Callable[..., str]
) -> None:
    add_run(final={"latency/default/p95_ms": 3.0, "loss": 1.0}, curves={"system/cpu": [1.0]})
    assert [best.metric for best in store.overview.read(lambda _: False).best] == ["loss"]


def test_results_come_before_those_on_training_data_and_these_before_costs(
    store: Store, add_run: Callable[..., str]
) -> None:
    names = ("a_ms", "cost", "fit_seconds", "ms", "peak/memory", "runtime_s", "step_time")
    costs = dict.fromkeys(names, 1.0)
    add_run(started_us=NOW_US, final={"val_loss": 1.0, "accuracy": 0.5})
    add_run(started_us=NOW_US + 9, final=costs | {"train_loss": 0.1, "accuracy": 0.4})
    add_run(started_us=NOW_US + 99, final=costs)
    found = store.overview.read(lambda metric: metric == "accuracy", at_us=NOW_US).best
    assert [best.metric for best in found] == ["accuracy", "val_loss", "train_loss", *names[:5]]


def test_what_is_written_while_an_overview_is_read_is_not_half_in_it(
    store: Store, add_run: Callable[..., str]
) -> None:
    add_run(final={"accuracy": 0.5})
    counted = select(func.count()).select_from(metadata.tables["metrics"])
    with store.database.snapshot() as connection:
        assert connection.execute(counted).scalar_one() == 1
        add_run(final={"accuracy": 0.6})
        assert connection.execute(counted).scalar_one() == 1
    with store.database.read() as connection:
        assert connection.execute(counted).scalar_one() == 2
