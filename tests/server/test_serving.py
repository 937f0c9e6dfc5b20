from __future__ import annotations

import dataclasses
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
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
from modellab.server.serving import SHUTDOWN_TIMEOUT_S, serve
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


def test_uploads_that_a_killed_server_left_are_removed_at_the_next_start(
    start_server: Callable[..., Any], settings: Settings, wait_until: Callable[..., None]
) -> None:
    incoming = settings.home / "artifacts" / "incoming"
    incoming.mkdir(parents=True)
    for name, age_s in (("1-a.part", 3700), ("1-b.part", 3000)):
        (incoming / name).write_bytes(b"half of a file")
        os.utime(incoming / name, (time.time() - age_s,) * 2)
    server = start_server()
    server.read_until("http://")
    wait_until(lambda: [path.name for path in incoming.iterdir()] == ["1-b.part"])
    assert server.stop() == 0


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


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_address_that_others_can_reach_needs_an_admin(settings: Settings, host: str) -> None:
    with open_store(settings) as store:
        store.accounts.add("vera", "viewer", "correct horse battery")
    with pytest.raises(InvalidInput, match="no admin") as caught:
        serve(settings, host=host, port=0)
    assert caught.value.hint == "modellab users add NAME --role admin"


@pytest.mark.parametrize("host", ["", "example.org", "0.0.0.0.0", "localhost.evil.example"])
def test_a_host_that_is_no_address_is_refused(settings: Settings, host: str) -> None:
    with pytest.raises(InvalidInput, match="in numbers"):
        serve(settings, host=host, port=0)
    assert not settings.db_path.exists()


def test_an_address_of_another_machine_cannot_be_listened_on(settings: Settings) -> None:
    with pytest.raises(InvalidInput, match=re.escape("192.0.2.7")):
        serve(settings, host="192.0.2.7", port=0)


def test_a_login_that_is_turned_off_does_not_open_the_server_to_others(settings: Settings) -> None:
    with open_store(settings) as store:
        store.accounts.add("ada", "admin", "correct horse battery")
    with pytest.raises(InvalidInput, match="MODELLAB_LOGIN"):
        serve(dataclasses.replace(settings, login=False), host="0.0.0.0", port=0)


def start_command(*options: str) -> tuple[str, ...]:
    return ("-m", "modellab", "serve", "--port", "0", *options)


def test_with_an_admin_others_are_let_in_with_a_key(
    start_server: Callable[..., Any], settings: Settings
) -> None:
    with open_store(settings) as store:
        store.accounts.add("ada", "admin", "correct horse battery")
        key = store.keys.add("ada", "a test", "read").token
    server = start_server(*start_command("--host", "0.0.0.0"))
    port = server.read_until("http://0.0.0.0:").rpartition(":")[2]
    server.read_until("Ctrl-C")
    assert "Authorization: Bearer" in server.output
    address = f"http://127.0.0.1:{port}"
    assert httpx.get(f"{address}/health").json()["status"] == "ok"
    assert httpx.get(f"{address}/runs").status_code == 401
    assert httpx.get(f"{address}/runs", headers={"X-API-Key": key}).json() == []
    assert server.stop() == 0


def test_a_server_of_this_machine_needs_no_login_whoever_the_users_are(
    start_server: Callable[..., Any], settings: Settings
) -> None:
    with open_store(settings) as store:
        store.accounts.add("ada", "admin", "correct horse battery")
    server = start_server(*start_command())
    address = server.read_until("ModelLab serves").split()[-1]
    assert httpx.get(f"{address}/runs").json() == []
    server.stop()


@pytest.mark.parametrize("line", ["MODELLAB_ALLOWED_HOSTS=lab.example.org", "MODELLAB_LOGIN=1"])
def test_a_server_behind_a_proxy_asks_for_a_login(
    start_server: Callable[..., Any], settings: Settings, line: str
) -> None:
    with open_store(settings) as store:
        store.accounts.add("ada", "admin", "correct horse battery")
    (settings.root / ".env").write_text(f"{line}\n")
    server = start_server(*start_command())
    address = server.read_until("ModelLab serves").split()[-1]
    assert httpx.get(f"{address}/runs").status_code == 401
    server.read_until("Ctrl-C")
    assert "modellab keys add" in server.output
    assert "curl" not in server.output  # it would be refused
    server.stop()


def test_uvicorn_asks_for_a_login_once_there_is_a_user(
    start_server: Callable[..., Any], settings: Settings
) -> None:
    with open_store(settings) as store:
        store.accounts.add("vera", "viewer", "correct horse battery")
    server = start_server("-m", "uvicorn", "modellab.server:app", "--port", "0")
    address = server.read_until("running on http://").split("running on ")[1].split()[0]
    assert httpx.get(f"{address}/runs").status_code == 401
    server.stop()


def test_a_log_in_json_has_a_line_for_every_request_and_no_secrets(
    start_server: Callable[..., Any], settings: Settings
) -> None:
    with open_store(settings) as store:
        store.accounts.add("ada", "admin", "correct horse battery")
        key = store.keys.add("ada", "a test", "read").token
    (settings.root / ".env").write_text("MODELLAB_LOGIN=1\n")
    server = start_server(*start_command("--log-format", "json"))
    address = server.read_until("ModelLab serves").split()[-1]
    known = {"Authorization": f"Bearer {key}", "Cookie": "modellab_session=a-cookie"}
    answer = httpx.get(f"{address}/runs?note_substring=a-query", headers=known)
    httpx.post(f"{address}/api/modellab/login", json={"name": "ada", "password": "a-password"})
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["logger"] == "modellab.requests"]
    assert [(line["method"], line["path"], line["status"]) for line in requests] == [
        ("GET", "/runs", 200),
        ("POST", "/api/modellab/login", 401),
    ]
    first = requests[0]
    assert first["request_id"] == answer.headers["x-request-id"]
    assert (first["actor"], first["key_id"]) == ("ada", key.split("_")[1])
    assert first["duration_ms"] > 0
    assert first["time"].endswith("+00:00")
    assert [line for line in lines if line["level"] == "warning" and "failed" in line["message"]]
    for secret in (key, key.split("_", 2)[2], "a-cookie", "a-query", "a-password"):
        assert secret not in server.output


def test_a_server_that_stops_ends_the_streams_it_serves(start_server: Callable[..., Any]) -> None:
    server = start_server()
    address = server.read_until("http://")
    with httpx.stream("GET", f"{address}/api/modellab/live", timeout=30) as stream:
        assert stream.status_code == 200
        pieces = stream.iter_raw()
        next(pieces)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for _ in pieces:
            pass
    assert server.stop() == 0
    assert time.monotonic() - begun < SHUTDOWN_TIMEOUT_S
    assert "Traceback" not in server.output


def test_readiness_follows_the_database(open_lab: Any, tmp_path: Path, read_problem: Any) -> None:
    with open_lab(tmp_path) as lab:
        assert lab.get("/health/ready") == {"status": "ok", "schema": lab.store.schema_number}
        assert lab.get("/health/live") == {"status": "ok"}
        with sqlite3.connect(lab.settings.db_path) as connection:
            connection.execute("ALTER TABLE modellab_migrations RENAME TO gone")
        connection.close()
        answer = lab.api.get("/health/ready")
        assert answer.status_code == 503
        assert read_problem(answer)["type"] == "/problems/store-unavailable"
        assert lab.get("/health/live") == {"status": "ok"}


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
