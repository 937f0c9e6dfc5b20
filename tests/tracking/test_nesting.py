"""Runs within runs, and which one is the current one."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import modellab
from modellab import InvalidInput, current_run, log_run, start_run


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    """All tests here record into an empty project."""


def _parents() -> dict[str | None, str | None]:
    found = modellab.list_runs()
    names = {run.run_id: run.name for run in found}
    return {run.name: run.parent_id and names[run.parent_id] for run in found}


def test_a_run_started_within_another_is_nested_in_it() -> None:
    @log_run(name="inner")
    def inner() -> None:
        modellab.log_metrics({"depth": 2})

    @log_run(name="outer")
    def outer() -> None:
        inner()
        modellab.log_metrics({"depth": 1})

    outer()
    assert _parents() == {"outer": None, "inner": "outer"}
    assert {run.name: run.final_metrics["depth"] for run in modellab.list_runs()} == {"outer": 1, "inner": 2}


def test_the_outer_run_is_the_current_one_again_also_after_an_exception() -> None:
    assert current_run() is None
    with start_run("outer") as outer:
        with start_run("inner") as inner:
            assert current_run() is inner
        assert current_run() is outer
        with pytest.raises(ValueError, match="stop"), start_run("failing"):
            raise ValueError("stop")
        assert current_run() is outer
    assert current_run() is None


def test_runs_may_end_in_any_order() -> None:
    first, second, third = start_run("first"), start_run("second"), start_run("third")
    second.finish()
    assert current_run() is third
    third.finish()
    assert current_run() is first
    first.finish()
    assert current_run() is None
    assert _parents() == {"first": None, "second": "first", "third": "second"}


def test_a_run_that_was_finished_in_another_thread_is_not_current_any_more() -> None:
    run = start_run()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(run.finish).result()
    assert current_run() is None
    with start_run("next"):
        pass
    assert _parents()["next"] is None


def test_a_task_that_outlives_its_run_is_not_in_it_any_more() -> None:
    async def main() -> None:
        ended = asyncio.Event()

        async def later() -> None:
            await ended.wait()
            assert current_run() is None

        with start_run():
            task = asyncio.create_task(later())
        ended.set()
        await task

    asyncio.run(main())


def test_runs_in_threads_are_not_children_of_each_other() -> None:
    barrier = threading.Barrier(3, timeout=30)

    @log_run
    def train(mine: int) -> None:
        barrier.wait()  # all have begun
        modellab.log_metrics({"mine": mine})
        barrier.wait()  # none has ended

    with start_run("main"), ThreadPoolExecutor(3) as pool:
        list(pool.map(train, range(3)))
    found = [run for run in modellab.list_runs() if run.name is None]
    assert [run.parent_id for run in found] == [None] * 3
    assert all(run.final_metrics == {"mine": run.params["mine"]} for run in found)


def test_a_plain_thread_logs_to_the_only_active_run() -> None:
    with start_run() as run, ThreadPoolExecutor(1) as pool:
        pool.submit(modellab.log_metrics, {"from_thread": 1}, step=0).result()
        assert pool.submit(current_run).result() is run
    assert modellab.get_run(run.run_id).final_metrics == {"from_thread": 1.0}


def test_a_plain_thread_does_not_choose_among_several_runs() -> None:
    with start_run(), start_run(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(current_run).result() is None
        with pytest.raises(InvalidInput, match="No run is being recorded here"):
            pool.submit(modellab.log_metrics, {"loss": 1}).result()


@pytest.mark.parametrize(
    ("verb", "argument"),
    [
        ("log_metrics", {"a": 1}),
        ("log_params", {"a": 1}),
        ("log_artifact", "x"),
        ("set_tags", {"a": "b"}),
        ("set_note", "x"),
    ],
)
def test_logging_without_a_run_is_refused_with_a_hint(verb: str, argument: Any) -> None:
    with pytest.raises(InvalidInput, match=r"No run is being recorded here[^@]*@log_run"):
        getattr(modellab, verb)(argument)


def test_the_verbs_of_the_package_are_those_of_the_current_run(project: Any) -> None:
    (project.root / "a.txt").touch()
    with start_run() as run:
        modellab.log_metrics({"a": 1}, step=3)
        modellab.log_metric("b", 2, step=4)
        modellab.log_params({"p": "x"})
        modellab.log_artifact("a.txt")
        modellab.set_tags({"t": "y"})
        modellab.set_note("fine")
    found = modellab.get_run(run.id)
    assert (found.final_metrics, found.params) == ({"a": 1.0, "b": 2.0}, {"p": "x"})
    assert (found.artifacts, found.tags, found.note) == (["a.txt"], {"t": "y"}, "fine")


def test_threads_that_log_to_one_run_count_their_own_steps_and_lose_nothing() -> None:
    def work(name: str) -> None:
        barrier.wait()
        for value in range(2000):
            run.log_metrics({name: value})

    names = [f"thread{number}" for number in range(4)]
    barrier = threading.Barrier(4, timeout=30)
    with start_run() as run, ThreadPoolExecutor(4) as pool:
        list(pool.map(work, names))
    for name in names:
        points = modellab.get_metric_history(run.run_id, name)
        assert [(point.step, point.value) for point in points] == [(i, i) for i in range(2000)]
