"""`modellab sync` sends what waits, says what it did, and leaves what is refused where it is."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from typing import Any

from modellab import start_run


def _call(machine: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modellab", "sync", *arguments],
        cwd=machine.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _record(machine: Any, *, send_wait_s: float = 0.05) -> str:
    settings = dataclasses.replace(machine.settings, send_wait_s=send_wait_s)
    model = machine.root / "model.bin"
    model.write_bytes(bytes(100_000))
    with start_run(settings=settings) as run:
        for step in range(100):
            run.log_metrics({"loss": 0.5, "accuracy": 0.9}, step=step)
        run.log_artifact(model)
    return str(run.id)


def test_what_waits_is_sent_and_told(stopped_server: Any, machine: Any, told: list[str]) -> None:
    run_id = _record(machine)
    away = _call(machine)
    assert (away.returncode, "cannot be reached" in away.stderr) == (1, True)

    stopped_server.start()
    done = _call(machine)

    assert done.returncode == 0, done.stderr
    assert f"{stopped_server.url}: 1 run with 200 points, 1 file, " in done.stdout
    assert stopped_server.store.runs.get(run_id).status == "completed"
    assert stopped_server.store.artifacts.list(run_id).items[0].is_stored
    assert machine.waiting() == []

    again = _call(machine)
    assert (again.returncode, again.stdout) == (0, f"{stopped_server.url}: nothing waits.\n")


def test_everything_is_sent_again_with_all(server: Any, machine: Any) -> None:
    with start_run(settings=machine.settings) as run:
        run.log_metrics({"loss": 0.5})
    assert "nothing waits" in _call(machine).stdout
    done = _call(machine, "--all")
    assert done.returncode == 0, done.stderr
    assert server.store.runs.get(run.id).metrics["loss"].count == 1


def test_files_that_only_the_server_had_are_told_when_it_lost_them(server: Any, machine: Any) -> None:
    run_id = _record(machine, send_wait_s=30)
    whole = _call(machine, "--all")
    assert (whole.returncode, whole.stderr) == (0, "")
    server.lose_database()
    shutil.rmtree(server.settings.home / "artifacts")
    server.start()

    done = _call(machine, "--all")

    assert done.returncode == 1
    assert "1 run with 200 points" in done.stdout
    assert done.stderr == (
        "warning: 1 file that the journals name is not on this machine (any more), "
        f"and not on {server.url}.\n"
    )
    assert server.store.runs.get(run_id).status == "completed"


def test_a_server_that_wants_a_key_leaves_all_where_it_is(
    told: list[str], stopped_server: Any, machine: Any
) -> None:
    _record(machine)
    waiting = machine.waiting()
    stopped_server.start(login=True)
    refused = _call(machine)
    assert refused.returncode == 1
    assert "still wait" in refused.stderr or "waits" in refused.stderr
    assert machine.waiting() == waiting


def test_a_server_that_nothing_was_recorded_for_is_named_with_those_that_there_are(
    told: list[str], stopped_server: Any, machine: Any
) -> None:
    _record(machine)
    wrong = _call(machine, "--url", "http://127.0.0.1:9")
    assert wrong.returncode == 1
    assert "http://127.0.0.1:9" in wrong.stderr
    assert stopped_server.url in wrong.stderr


def test_without_an_outbox_nothing_waits(stopped_server: Any, machine: Any) -> None:
    done = _call(machine)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing waits" in done.stderr
