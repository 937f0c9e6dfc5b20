"""MLflow's page of runs, timed like ours: for those who have MLflow in an environment of its own.

`MLFLOW_PYTHON=…/bin/python python -m benchmarks web_app`; without it these rows are left out. One run is
logged by MLflow's client, which makes the tables, and is copied in them as often as it takes.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks.browser import Chromium
from benchmarks.fill import make_runs
from benchmarks.table import Row

_ROW = ".ag-row a[href]"
_START_S = 300
_MAKE = """
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
run_id = client.create_run("0").info.run_id
client.log_metric(run_id, "accuracy", 0.5)
client.log_param(run_id, "seed", "0")
client.set_terminated(run_id)
print(mlflow.__version__)
"""


def measure_mlflow(chromium: Chromium, sizes: Sequence[int], rounds: int) -> list[Row]:
    """Its first rows, with nothing in the cache and opened again; no rows without `MLFLOW_PYTHON`."""
    python = os.environ.get("MLFLOW_PYTHON")
    if not python:
        return []
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="modellab-bench-", ignore_cleanup_errors=True) as folder:
            version = _fill(python, Path(folder), size)
            with _serve(python, Path(folder)) as address:
                cold, again, script = _look(chromium, f"{address}/#/experiments/0/runs", rounds)
        rows.append(
            Row(
                f"MLflow {version}: first rows of {size:,} runs, nothing in the cache (opened again)",
                f"{cold:.0f} ms ({again:.0f} ms), {script / 1000:.0f} kB of script",
                "",
                None,
                "",
                None,
            )
        )
    return rows


def _look(chromium: Chromium, address: str, rounds: int) -> tuple[float, float, int]:
    cold, again = [], []
    for _ in range(rounds):
        with chromium.tab() as tab:
            cold.append(tab.open(address, _ROW))
            script = sum(one.n_bytes for one in tab.list_transfers() if one.is_script)
            again.append(tab.open(address, _ROW))
    return median(cold), median(again), script


def _fill(python: str, folder: Path, size: int) -> str:
    """Make so many runs with 10 metrics and 10 params each; the version of MLflow."""
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    made = subprocess.run(
        [python, "-c", _MAKE, uri], cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    )
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection, connection:
        connection.row_factory = sqlite3.Row
        patterns = {
            name: dict(connection.execute(f"SELECT * FROM {name}").fetchone())
            for name in ("runs", "metrics", "latest_metrics", "params", "tags")
        }
        for table in patterns:
            connection.execute(f"DELETE FROM {table}")
        for number, run in enumerate(make_runs(0, size)):
            at = {"run_uuid": run.run_id}
            times = {
                "start_time": 1_700_000_000_000 + 10_000 * number,
                "end_time": 1_700_000_005_000 + 10_000 * number,
            }
            _copy(connection, "runs", patterns["runs"], [{**at, **times, "name": f"run-{number}"}])
            _copy(connection, "tags", patterns["tags"], [{**at, "value": f"run-{number}"}])
            values = [{**at, "key": key, "value": value} for key, value in run.metrics.items()]
            _copy(connection, "metrics", patterns["metrics"], values)
            _copy(connection, "latest_metrics", patterns["latest_metrics"], values)
            params = [{**at, "key": key, "value": str(value)} for key, value in run.params.items()]
            _copy(connection, "params", patterns["params"], params)
    return made.stdout.split()[-1]


def _copy(
    connection: sqlite3.Connection, table: str, pattern: dict[str, Any], changes: Sequence[dict[str, Any]]
) -> None:
    columns = ", ".join(f'"{name}"' for name in pattern)
    places = ", ".join(f":{name}" for name in pattern)
    rows = [{**pattern, **change} for change in changes]
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)


@contextmanager
def _serve(python: str, folder: Path) -> Iterator[str]:
    """The address of its server, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    arguments = [
        "--backend-store-uri",
        f"sqlite:///{folder / 'mlflow.db'}",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    process = subprocess.Popen(
        [python, "-m", "mlflow", "server", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(f"{address}/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise RuntimeError("MLflow's server did not start.")
