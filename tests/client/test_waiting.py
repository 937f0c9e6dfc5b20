"""What `modellab doctor` and `modellab runs` say of runs that were recorded for a server."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from typing import Any

from modellab import start_run
from modellab.settings import load_settings


def _call(machine: Any, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modellab", *arguments],
        cwd=machine.root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _record(machine: Any, *, send_wait_s: float = 0.05) -> None:
    settings = dataclasses.replace(machine.settings, send_wait_s=send_wait_s)
    model = machine.root / "model.bin"
    model.write_bytes(bytes(100_000))
    with start_run(settings=settings) as run:
        run.log_metrics({"loss": 0.5})
        run.log_artifact(model)


def test_runs_that_wait_are_a_problem_until_they_are_sent(
    stopped_server: Any, machine: Any, told: list[str]
) -> None:
    _record(machine)
    sick = _call(machine, "doctor", "--json")
    assert sick.returncode == 1
    (outbox,) = json.loads(sick.stdout)["outboxes"]
    assert (outbox["address"], outbox["n_runs"], outbox["n_waiting"]) == (stopped_server.url, 1, 1)
    assert (outbox["n_live"], outbox["n_files"]) == (0, 1)
    assert outbox["n_bytes"] > 100_000
    problem = _call(machine, "doctor").stdout.partition("1 problem:")[2]
    assert "1 run and 1 file (" in problem
    assert f") not sent to {stopped_server.url} yet: `modellab sync`." in problem
    waiting = _call(machine, "runs")
    assert (waiting.returncode, waiting.stdout) == (0, "")
    assert f"Not sent to {stopped_server.url} yet: 1 run and 1 file (" in waiting.stderr
    assert "`modellab sync` sends what waits." in waiting.stderr
    assert "@log_run" not in waiting.stderr

    stopped_server.start()
    assert _call(machine, "sync").returncode == 0

    well = _call(machine, "doctor")
    assert well.returncode == 0
    assert "waiting: nothing  (1 run recorded here)" in well.stdout
    assert well.stdout.endswith("All is well.\n")
    assert f"1 run went to {stopped_server.url}: look at the page there." in _call(machine, "runs").stderr
    assert not (machine.root / "manifests/manifests.db").exists()


def test_the_server_of_the_settings_is_asked_whether_it_answers(stopped_server: Any, machine: Any) -> None:
    named = {"MODELLAB_API_URL": stopped_server.url}
    away = _call(machine, "doctor", **named)
    assert away.returncode == 1
    assert f"{stopped_server.url} cannot be reached" in away.stdout.partition("1 problem:")[2]
    stopped_server.start()
    there = _call(machine, "doctor", **named)
    assert (there.returncode, f"{stopped_server.url}  answers" in there.stdout) == (0, True)


def test_a_server_that_wants_a_key_is_a_problem(stopped_server: Any, machine: Any) -> None:
    stopped_server.start(login=True)
    refused = json.loads(_call(machine, "doctor", "--json", MODELLAB_API_URL=stopped_server.url).stdout)
    assert refused["server"]["address"] == stopped_server.url
    assert refused["problems"] == [refused["server"]["error"]]


def test_a_list_says_that_it_is_not_that_of_the_server(machine: Any) -> None:
    named = {"MODELLAB_API_URL": "http://lab.example.org"}
    local = load_settings(start=machine.root, environ={})
    with start_run(settings=dataclasses.replace(local, capture_console=False, system_metrics_s=0.0)):
        pass
    assert _call(machine, "runs").stderr == ""
    assert _call(machine, "runs", **named).stderr == (
        "MODELLAB_API_URL is set: these are the runs of this folder's own store, "
        "not of http://lab.example.org.\n"
    )
