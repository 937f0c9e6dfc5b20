"""Runs and forked processes: nothing is doubled, mixed up or ended by the wrong one."""

from __future__ import annotations

from typing import Any

import modellab

IN_A_CHILD = """
import multiprocessing, modellab

@modellab.log_run(name="child")
def train(x):
    modellab.log_metrics({"x": x})
    return {"score": x}

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    modellab.start_run("before").finish()      # an open store is inherited and must not be used
    children = [context.Process(target=train, args=(x,)) for x in range(3)]
    for child in children: child.start()
    for child in children: child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    train(3)
"""


def test_a_decorated_function_in_a_forked_child_is_a_run_of_its_own(project: Any) -> None:
    project.run(IN_A_CHILD)
    found = [run for run in modellab.list_runs() if run.name == "child"]
    assert sorted(run.params["x"] for run in found) == [0, 1, 2, 3]
    assert all(run.status == "completed" and run.parent_id is None for run in found)
    assert all(run.final_metrics == {"x": run.params["x"], "score": run.params["x"]} for run in found)


FORK = """
import os, sys, modellab
with modellab.start_run() as run:
    run.log_metrics({"loss": 1}, step=0)
    child = os.fork()
    if child == 0:
        print("from the child")
        run.log_metrics({"loss": 2, "child": 1}, step=1)
        run.set_tags({"by": "child"})
        {child_ends}
    _, status = os.waitpid(child, 0)
    run.log_metrics({"loss": 3}, step=2)
"""


def _check_fork(project: Any, child_ends: str) -> None:
    project.run(FORK.replace("{child_ends}", child_ends))
    [found] = modellab.list_runs()
    run = modellab.get_run(found.run_id)
    assert (run.status, run.error, run.n_dropped) == ("completed", None, 0)
    points = modellab.get_metric_history(run.run_id, "loss")
    assert [(point.step, point.value) for point in points] == [(0, 1), (1, 2), (2, 3)]
    assert (run.metrics["child"].count, run.tags) == (1, {"by": "child"})
    assert len(list((project.journals / run.run_id).glob("*.jsonl"))) == 2


def test_a_child_forked_inside_a_run_logs_to_it_in_a_journal_of_its_own(project: Any) -> None:
    _check_fork(project, "os._exit(0)")


def test_a_child_that_leaves_the_run_by_exit_does_not_end_it(project: Any) -> None:
    _check_fork(project, "sys.exit(3)")


def test_a_child_that_ends_the_run_ends_only_its_own_journal(project: Any) -> None:
    _check_fork(project, "run.finish(); os._exit(0)")


def test_a_child_that_is_killed_does_not_fail_the_run(project: Any) -> None:
    _check_fork(project, "os.kill(os.getpid(), 9)")


POOL = """
import multiprocessing, modellab

def load(index):
    modellab.log_metrics({"loaded": index}, step=index)
    return index

if __name__ == "__main__":
    with modellab.start_run("outer"):
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert sorted(pool.map(load, range(30), chunksize=1)) == list(range(30))
            pool.close()
            pool.join()
"""


def test_the_workers_of_a_pool_log_to_the_run_they_were_forked_in(project: Any) -> None:
    project.run(POOL)
    [run] = modellab.list_runs()
    points = modellab.get_metric_history(run.run_id, "loaded")
    assert [point.step for point in points] == list(range(30))
    assert run.status == "completed"


SAMPLED = """
import os, modellab
with modellab.start_run() as run:
    for _ in range(50):
        child = os.fork()
        if child == 0:
            run.log_metrics({"in_child": 1})
            run.finish()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
"""


def test_forks_do_not_hang_while_the_load_is_sampled(project: Any) -> None:
    (project.root / ".env").write_text("MODELLAB_SYSTEM_METRICS_S=0.001\n")
    project.run(SAMPLED)
    [run] = modellab.list_runs()
    assert modellab.get_run(run.run_id).metrics["in_child"].count == 50
