from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Project

SMALL = (
    "--models",
    "linear_svm",
    "--seeds",
    "0",
    "--learning_rates",
    "0.01",
    "--n_epochs",
    "2",
    "--task_name",
    "iris",
)


@contextmanager
def serving(project: Project, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A command that serves, once it has named its address; ends with Ctrl-C and exit code 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "modellab", *arguments],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        announced = "".join(lines)
        found = re.search(
            r"^ModelLab serves cli-under-test at (http://127\.0\.0\.1:\d+)$", announced, re.MULTILINE
        )
        assert found, announced + process.communicate(timeout=30)[1]
        yield process, found[1], announced
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.communicate()


def read(address: str) -> object:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def test_a_server_names_its_address_and_what_to_try_and_stops_at_ctrl_c(project: Project) -> None:
    run_id = project.record({"accuracy": 0.5})
    project.collect()
    with serving(project, "serve", "--port", "0") as (_, address, announced):
        for path in re.findall(rf"^  curl '{re.escape(address)}(/.*)'$", announced, re.MULTILINE):
            listed = read(f"{address}{path}")
            assert isinstance(listed, list)
            assert [run["run_id"] for run in listed] == [run_id]
        assert announced.count("curl") == 2


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_refused_at_once(project: Project, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = project.start(command, "--port", port)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert f"error: Port {port} " in outcome.stderr
    assert "\nhint: Choose another with --port" in outcome.stderr


def test_addresses_of_other_machines_are_refused(project: Project) -> None:
    outcome = project.start("serve", "--host", "0.0.0.0")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "0.0.0.0" in outcome.stderr
    assert "hint: " in outcome.stderr


@pytest.mark.parametrize(
    ("absent", "command", "hint"),
    [
        ("uvicorn", "serve", "pip install 'modellab[server]'"),
        ("fastapi", "demo", "pip install 'modellab[server]'"),
        ("sklearn", "demo", "pip install 'modellab[examples]'"),
    ],
)
def test_a_missing_extra_is_named_with_how_to_install_it(
    project: Project, absent: str, command: str, hint: str
) -> None:
    # `None` in sys.modules is how Python itself marks a module that cannot be imported.
    program = f"import sys; sys.modules[{absent!r}] = None; from modellab.cli import main; main()"
    options = ["--port", "0"]
    outcome = subprocess.run(
        [sys.executable, "-c", program, command, *options],
        cwd=project.folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith("error: ")
    assert f"\nhint: {hint}\n" in outcome.stderr


def test_the_demo_trains_and_then_serves_its_runs(project: Project) -> None:
    pytest.importorskip("sklearn")
    output = ("--output_dir", str(project.folder / "out"))
    with serving(project, "demo", "--port", "0", "--", *SMALL, *output) as (_, address, announced):
        listed = read(f"{address}/runs")
        assert isinstance(listed, list)
        (run,) = listed
        assert f"curl '{address}/runs/{run['run_id']}'" in announced
        for path in re.findall(rf"^  curl '{re.escape(address)}(/.*)'$", announced, re.MULTILINE):
            assert isinstance(read(f"{address}{path}"), (dict, list))
        assert "Test scores" in announced


def test_the_demo_can_only_train(project: Project) -> None:
    pytest.importorskip("sklearn")
    elsewhere = project.folder / "elsewhere.db"
    output = ("--output_dir", project.folder / "out")
    outcome = project.start("--db", elsewhere, "demo", "--no-serve", "--", *SMALL, *output)
    assert outcome.returncode == 0, outcome.stderr
    (run,) = project.call("--db", elsewhere, "runs", "--json").json()
    assert run["params"]["model_name"] == "linear_svm"
    assert f"modellab show {run['run_id'][-8:]}" in outcome.stdout
    assert not project.database.exists()


def test_an_option_that_the_sweep_refuses_exits_with_2(project: Project) -> None:
    pytest.importorskip("sklearn")
    outcome = project.start("demo", "--no-serve", "--", "--models", "oracle")
    assert outcome.returncode == 2
    assert "oracle" in outcome.stderr
    assert not project.database.exists()
