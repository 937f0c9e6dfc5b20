"""What runs log on one machine arrives on the server, whole and once, while they run and when they end."""

from __future__ import annotations

import dataclasses
import math
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modellab import start_run

WaitUntil = Callable[[Callable[[], object]], None]


def test_a_run_is_on_the_server_when_finish_returns(server: Any, machine: Any) -> None:
    with start_run("remote", params={"lr": 0.1}, tags={"team": "vision"}, settings=machine.settings) as run:
        for step in range(1000):
            run.log_metrics({"loss": 1 / (step + 1), "odd": math.nan})
        run.set_note("sent over the network")

    kept = server.store.runs.get(run.id)
    assert (kept.status, kept.name, kept.note) == ("completed", "remote", "sent over the network")
    assert (kept.params, kept.tags) == ({"lr": 0.1}, {"team": "vision"})
    series = server.store.series.read(run.id, "loss")
    assert list(series.values) == [1 / (step + 1) for step in range(1000)]
    assert kept.metrics["odd"].n_nonfinite == 1000
    assert machine.waiting() == []
    assert not machine.settings.db_path.exists()  # nothing is kept twice


def test_what_a_run_logs_is_on_the_server_while_it_goes_on(
    server: Any, machine: Any, wait_until: WaitUntil
) -> None:
    with start_run(settings=machine.settings) as run:
        run.log_metrics({"loss": 0.5})
        wait_until(lambda: server.count(run.id, "loss") == 1)
        assert server.store.runs.get(run.id).status == "running"
        run.log_metrics({"loss": 0.25})
        wait_until(lambda: server.count(run.id, "loss") == 2)


def test_a_run_that_raises_is_failed_with_its_error(server: Any, machine: Any) -> None:
    with pytest.raises(ZeroDivisionError), start_run(settings=machine.settings) as run:
        run.log_metrics({"loss": 1 / 0})
    kept = server.store.runs.get(run.id)
    assert (kept.status, kept.error) == ("failed", "ZeroDivisionError: division by zero")


def test_the_files_of_a_run_are_sent_and_not_left_behind(server: Any, machine: Any) -> None:
    content = os.urandom(3_000_000)
    model = machine.root / "model.bin"
    model.write_bytes(content)
    with start_run(settings=machine.settings) as run:
        run.log_artifact(model)
        model.write_bytes(b"overwritten by the next epoch")

    kept = server.store.artifacts.list(run.id).items
    assert [(item.size, item.is_stored) for item in kept] == [(len(content), True)]
    assert b"".join(server.store.files.read(kept[0].sha256)) == content
    assert machine.waiting() == []


def test_a_server_that_has_a_file_does_not_get_it_again(server: Any, machine: Any) -> None:
    model = machine.root / "model.bin"
    model.write_bytes(b"the same for both")
    for _ in range(2):
        with start_run(settings=machine.settings) as run:
            run.log_artifact(model)
        assert server.store.artifacts.list(run.id).items[0].is_stored
        assert machine.waiting() == []


def test_a_run_is_taken_up_again_where_it_was_left(server: Any, machine: Any) -> None:
    with start_run(settings=machine.settings) as first:
        for _ in range(10):
            first.log_metrics({"loss": 0.5})
    with start_run(run_id=first.id, settings=machine.settings) as second:
        second.log_metrics({"loss": 0.25})
    series = server.store.series.read(first.id, "loss")
    assert list(series.steps) == list(range(11))


_RANK = """
from modellab import start_run
with start_run(run_id=RUN_ID) as run:
    for step in range(500):
        run.log_metrics({RANK: float(step)}, step=step)
"""


def test_two_processes_log_to_one_run(server: Any, machine: Any) -> None:
    run_id = "18b2f6c3a1d40e57a0c4f1e29b7d3586"
    ranks = ("rank0", "rank1")
    scripts = [_RANK.replace("RUN_ID", repr(run_id)).replace("RANK", repr(rank)) for rank in ranks]
    processes = [machine.start(script) for script in scripts]
    for process in processes:
        assert process.wait(60) == 0, process.communicate()
        process.communicate()

    kept = server.store.runs.get(run_id)
    assert kept.status == "completed"
    assert {name: metric.count for name, metric in kept.metrics.items() if name in ranks} == {
        "rank0": 500,
        "rank1": 500,
    }


_FORK = """
import os
from modellab import start_run
with start_run() as run:
    run.log_metrics({"parent": 1.0})
    child = os.fork()
    if not child:
        for step in range(100):
            run.log_metrics({"child": float(step)}, step=step)
        os._exit(0)
    os.waitpid(child, 0)
    run.log_metrics({"parent": 2.0})
"""


def test_what_a_forked_child_logs_is_sent_by_its_parent(server: Any, machine: Any) -> None:
    machine.run(_FORK)
    (run,) = server.store.runs.list().items
    kept = server.store.runs.get(run.run_id)
    assert kept.status == "completed"
    assert {name: kept.metrics[name].count for name in ("parent", "child")} == {"parent": 2, "child": 100}
    assert machine.waiting() == []


_LEFT_OPEN = """
from modellab import start_run
run = start_run()
for step in range(1000):
    run.log_metrics({"loss": float(step)})
"""


def test_a_run_that_is_left_open_is_sent_when_its_process_ends(server: Any, machine: Any) -> None:
    machine.run(_LEFT_OPEN)
    (run,) = server.store.runs.list().items
    assert run.status == "completed"
    assert server.store.runs.get(run.run_id).metrics["loss"].count == 1000


_KILLED = (
    _LEFT_OPEN + "print('logged', flush=True)\nimport sys; sys.stdin.read()\nimport time; time.sleep(60)\n"
)


def test_a_process_that_was_killed_is_sent_by_sync_and_failed_at_once(
    server: Any, machine: Any, sync: Callable[[Any], Any]
) -> None:
    process = machine.start(_KILLED)
    assert process.stdout.readline() == "logged\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()

    done = sync(machine)

    assert done.problems == {}
    (run,) = server.store.runs.list().items
    kept = server.store.runs.get(run.run_id)
    assert (kept.status, kept.metrics["loss"].count) == ("failed", 1000)
    assert machine.waiting() == []


def test_the_key_is_in_no_file_and_no_message(stopped_server: Any, machine: Any, told: list[str]) -> None:
    key = f"mlk_{os.urandom(16).hex()}"
    settings = dataclasses.replace(machine.settings, api_key=key, send_wait_s=0.2)
    with start_run(settings=settings) as run:
        run.log_metrics({"loss": 0.5})
    assert told
    assert not any(key in message for message in told)
    files = [path for path in Path(machine.root).rglob("*") if path.is_file()]
    assert files
    assert not any(key.encode() in path.read_bytes() for path in files)
