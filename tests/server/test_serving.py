from __future__ import annotations

import http.client
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from modellab.errors import InvalidInput, NotADatabase
from modellab.ids import new_run_id
from modellab.journal.line import encode_points
from modellab.journal.writer import JournalWriter
from modellab.server.serving import serve
from modellab.settings import Settings
from modellab.store import open_store

DOCUMENTED_TABLE = """
CREATE TABLE manifests (
    run_id TEXT PRIMARY KEY, timestamp TEXT, git_hash TEXT, git_diff TEXT, command TEXT, python_version TEXT,
    pip_freeze TEXT, device_info TEXT, dataset_id TEXT, params_json TEXT, final_metrics_json TEXT,
    artifacts_json TEXT, wandb_url TEXT, note TEXT)
"""


def test_the_server_says_where_it_is_and_ends_well_when_told_to(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()
    address = server.read_until("http://127.0.0.1:")
    assert httpx.get(f"{address}/health").json() == {"status": "ok", "project": "tested"}
    assert server.stop() == 0
    assert server.output.strip() == address


def test_an_interrupt_ends_the_server_well_too(start_server: Callable[..., Any]) -> None:
    server = start_server()
    server.read_until("http://127.0.0.1:")
    assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in server.output


def test_what_is_logged_up_to_the_end_of_the_server_is_in_the_store(
    start_server: Callable[..., Any], settings: Settings
) -> None:
    server = start_server()
    server.read_until("http://")
    writer = JournalWriter(settings.journals, new_run_id())
    writer.append_event("start", {"started_us": 1_763_000_000_000_000, "params": {}})
    for step in range(5000):
        writer.append(encode_points(step, 1_763_000_000_000, {"loss": 1.0}))
    assert server.stop() == 0
    with open_store(settings) as store:
        assert store.runs.get(writer.run_id).metrics["loss"].count == 5000
        assert store.runs.get(writer.run_id).status == "running"
    writer.close()


def test_the_server_ends_while_a_client_keeps_its_connection(start_server: Callable[..., Any]) -> None:
    server = start_server()
    address = urlsplit(server.read_until("http://"))
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", "/health")
    assert connection.getresponse().read()
    assert server.stop() == 0
    connection.close()


def test_uvicorn_serves_the_project_of_the_current_folder(start_server: Callable[..., Any]) -> None:
    server = start_server("-m", "uvicorn", "modellab.server:app", "--port", "0")
    address = server.read_until("running on http://").split("running on ")[1].split()[0]
    assert httpx.get(f"{address}/health").json() == {"status": "ok", "project": "tested"}
    assert httpx.get(f"{address}/runs").json() == []
    server.stop()
    assert "Application shutdown complete" in server.output
    assert "Traceback" not in server.output


def test_the_app_of_the_module_is_made_once_and_other_names_are_not_there(tmp_path: Path) -> None:
    code = """
import modellab.server as server
assert server.app is server.app
assert not hasattr(server, "application_of_another_name")
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "example.org"])
def test_an_address_that_others_can_reach_is_refused(settings: Settings, host: str) -> None:
    with pytest.raises(InvalidInput, match="no login") as caught:
        serve(settings, host=host, port=0)
    assert "SSH tunnel" in str(caught.value.hint)


def test_a_port_in_use_is_named(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InvalidInput, match=str(port)) as caught:
            serve(settings, port=port)
    assert "--port" in str(caught.value.hint)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be_is_refused(settings: Settings, port: int) -> None:
    with pytest.raises(InvalidInput, match="65535"):
        serve(settings, port=port)


def test_a_file_that_is_no_database_is_refused_and_left_alone(settings: Settings) -> None:
    settings.db_path.write_text("my notes, not a database")
    with pytest.raises(NotADatabase):
        serve(settings, port=0)
    assert settings.db_path.read_text() == "my notes, not a database"


def test_an_existing_users_database_is_adopted_and_seen_over_http(open_lab: Any, tmp_path: Path) -> None:
    path = tmp_path / "manifests" / "manifests.db"
    path.parent.mkdir()
    row = (
        "old-1",
        "2025-12-01T10:00:00",
        "abc",
        "a diff",
        "python old.py",
        "3.11",
        "numpy==1",
        "cpu",
        "iris",
    )
    jsons = ('{"lr": 0.5, "model": "svm"}', '{"accuracy": 0.75}', '["model.pkl"]', None, "from before")
    with sqlite3.connect(path) as connection:
        connection.execute(DOCUMENTED_TABLE)
        connection.execute(f"INSERT INTO manifests VALUES ({','.join('?' * 14)})", (*row, *jsons))
        connection.execute("INSERT INTO manifests (run_id) VALUES ('bare')")
    connection.close()
    with open_lab(tmp_path) as lab:
        assert sorted(lab.ids()) == ["bare", "old-1"]
        assert lab.ids(metric_name="accuracy", metric_min=0.7) == ["old-1"]
        assert lab.ids(param_name="model", param_value="svm", has_artifacts=True) == ["old-1"]
        board = lab.get("/runs/leaderboard", metric_name="accuracy")
        assert [run["run_id"] for run in board] == ["old-1"]
        assert lab.get("/runs/old-1") == {
            "run_id": "old-1",
            "timestamp": "2025-12-01T10:00:00",
            "git_hash": "abc",
            "git_diff": "a diff",
            "command": "python old.py",
            "python_version": "3.11",
            "pip_freeze": "numpy==1",
            "device_info": "cpu",
            "dataset_id": "iris",
            "params": {"lr": 0.5, "model": "svm"},
            "final_metrics": {"accuracy": 0.75},
            "artifacts": ["model.pkl"],
            "wandb_url": None,
            "note": "from before",
        }
        answer = lab.api.patch("/runs/old-1/note", json={"note": "seen"})
        assert answer.json()["note"] == "seen"
