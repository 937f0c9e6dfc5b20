"""A run is taken up again by its id, and several processes may share one."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

import modellab
from modellab import NotFound, new_run_id, start_run


def _history(run_id: str, name: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in modellab.get_metric_history(run_id, name)]


def test_a_run_that_is_taken_up_again_goes_on_where_it_was(project: Any) -> None:
    with start_run("first", params={"lr": 0.1}, tags={"a": "1"}, note="one") as run:
        run.log_metrics({"loss": 3})
        run.log_metrics({"loss": 2})
    before = modellab.get_run(run.id)
    with start_run(run_id=run.id, params={"epochs": 5}, tags={"b": "2"}) as again:
        assert again.id == run.id
        assert modellab.get_run(run.id).status == "running"
        again.log_metrics({"loss": 1})
        again.log_metrics({"new": 1})
    after = modellab.get_run(run.id)
    assert _history(run.id, "loss") == [(0, 3), (1, 2), (2, 1)]
    assert _history(run.id, "new") == [(0, 1)]
    assert (after.status, after.name, after.note) == ("completed", "first", "one")
    assert (after.params, after.tags) == ({"lr": 0.1, "epochs": 5}, {"a": "1", "b": "2"})
    assert after.timestamp == before.timestamp
    assert len(modellab.list_runs()) == 1


def test_it_keeps_what_its_first_process_ran_on(project: Any) -> None:
    script = "import modellab\nmodellab.start_run(run_id=RUN).finish()\n"
    run_id = new_run_id()
    project.run(script.replace("RUN", repr(run_id)))
    first = modellab.get_run(run_id)
    assert first.command is not None
    assert "train.py" in first.command
    start_run(run_id=run_id).finish()
    assert modellab.get_run(run_id).command == first.command


def test_a_failed_run_that_is_taken_up_again_may_complete(project: Any) -> None:
    with pytest.raises(ValueError, match="bad"), start_run() as run:
        raise ValueError("bad")
    assert modellab.get_run(run.id).status == "failed"
    start_run(run_id=run.id).finish()
    found = modellab.get_run(run.id)
    assert (found.status, found.error, found.traceback) == ("completed", None, None)


def test_a_killed_run_is_taken_up_from_its_journal(project: Any) -> None:
    run_id = new_run_id()
    project.run(
        f"""
import os, modellab
run = modellab.start_run(run_id={run_id!r})
for _ in range(10): run.log_metrics({{"loss": 1}})
os.kill(os.getpid(), 9)
""",
        exit_code=-9,
    )
    with start_run(run_id=run_id) as run:
        run.log_metrics({"loss": 2})
    assert _history(run_id, "loss")[-2:] == [(9, 1), (10, 2)]
    assert modellab.get_run(run_id).status == "completed"


def test_a_run_that_another_tool_wrote_can_be_taken_up(project: Any) -> None:
    start_run().finish()  # makes the database
    with sqlite3.connect(project.root / "manifests" / "manifests.db") as connection:
        connection.execute(
            "INSERT INTO manifests (run_id, timestamp, params_json, final_metrics_json, note) "
            "VALUES ('old-run_1.a', '2024-05-01T10:00:00+00:00', '{\"lr\": 1}', '{\"acc\": 0.5}', 'kept')"
        )
    connection.close()
    with start_run(run_id="old-run_1.a") as run:
        run.log_metrics({"loss": 0.25}, step=0)
    found = modellab.get_run("old-run_1.a")
    assert (found.params, found.note) == ({"lr": 1}, "kept")
    assert found.final_metrics == {"acc": 0.5, "loss": 0.25}
    assert found.timestamp == "2024-05-01T10:00:00+00:00"


@pytest.mark.parametrize("with_a_database", [False, True])
def test_an_id_that_is_no_new_one_must_be_there(project: Any, with_a_database: bool) -> None:
    if with_a_database:
        start_run().finish()
    with pytest.raises(NotFound, match=r"There is no run 'my-run' to take up"):
        start_run(run_id="my-run")
    assert not (project.journals / "my-run").exists()


def test_a_new_id_may_be_made_before_the_run(project: Any) -> None:
    run_id = new_run_id()
    with start_run("mine", run_id=run_id):
        pass
    assert modellab.get_run(run_id).name == "mine"


RANKS = """
import multiprocessing, modellab

def work(run_id, rank, barrier):
    with modellab.start_run(run_id=run_id) as run:
        barrier.wait(30)  # a rank that began after another's end would take the run up again
        for step in range(200):
            run.log_metrics({"shared": rank, f"rank{rank}": step}, step=step)
        if rank == FAILING:
            raise SystemExit(1)

if __name__ == "__main__":
    context = multiprocessing.get_context(METHOD)
    run_id = modellab.new_run_id()
    barrier = context.Barrier(2)
    ranks = [context.Process(target=work, args=(run_id, rank, barrier)) for rank in range(2)]
    for rank in ranks: rank.start()
    for rank in ranks: rank.join()
"""


@pytest.mark.parametrize(("method", "failing"), [("fork", None), ("spawn", None), ("fork", 1)])
def test_several_processes_log_to_one_run(project: Any, method: str, failing: int | None) -> None:
    project.run(RANKS.replace("METHOD", repr(method)).replace("FAILING", repr(failing)))
    [found] = modellab.list_runs()
    run = modellab.get_run(found.run_id)
    assert run.status == ("completed" if failing is None else "failed")
    counts = {name: metric.count for name, metric in run.metrics.items()}
    assert counts == {"shared": 400, "rank0": 200, "rank1": 200}
    assert len(list((project.journals / run.run_id).glob("*.jsonl"))) == 2
