"""The floor for the server: a bare FastAPI app on `sqlite3`, run as `python -m benchmarks.raw_app DATABASE`.

One connection, `async` routes without a thread pool, answers written by orjson, joins in the best order:
what is left when nothing is checked, documented or kept apart. A second argument names a file whose bytes are
served from memory, and there is a bare page that fetches them and writes what is in them into a table.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI, Response

from benchmarks.fill import RAW_TABLES

_COLUMNS = "r.id, r.run_id, r.timestamp, r.git_hash, r.command, r.dataset_id, r.wandb_url"
_NEWEST = f"SELECT {_COLUMNS} FROM runs r ORDER BY r.id DESC LIMIT ?"
_BY_IDS = "SELECT {} FROM runs r WHERE r.id IN ({}) ORDER BY r.id DESC"
# The newest run with the param first, and its metric looked up: for conditions that many runs meet.
_PARAM_FIRST = (
    "SELECT p.run FROM params p CROSS JOIN metrics m ON m.run = p.run AND m.key = ? AND m.value >= ? "
    "WHERE p.key = ? AND p.text = ? ORDER BY p.run DESC LIMIT ?"
)
# The runs with such a metric first: for a bound that few reach.
_METRIC_FIRST = (
    "SELECT m.run FROM metrics m CROSS JOIN params p ON p.run = m.run AND p.key = ? AND p.text = ? "
    "WHERE m.key = ? AND m.value >= ? ORDER BY m.run DESC LIMIT ?"
)
_BEST = (
    f"SELECT {_COLUMNS} FROM metrics m CROSS JOIN runs r ON r.id = m.run WHERE m.key = ? "
    "ORDER BY m.value DESC LIMIT ?"
)
_PAGE = """<!doctype html><title>bare</title><table id="t"></table><script>
const write = (content) => {
  const items = content.rows ?? content.days ?? [content];
  document.getElementById("t").innerHTML = items.map((item) =>
    `<tr>${Object.values(item).map((value) => `<td>${String(value)}</td>`).join("")}</tr>`).join("");
};
fetch("/bytes").then((answer) => answer.json()).then(write);
</script>"""
_METRICS = "SELECT run, key, value FROM metrics WHERE run IN ({})"


def make_app(path: Path, blob: bytes) -> FastAPI:
    """The app on one database file."""
    app = FastAPI()
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.executescript(f"{RAW_TABLES} PRAGMA cache_size=-16000;")

    def as_list(rows: list[tuple[Any, ...]]) -> Response:
        runs = {
            row[0]: {
                "run_id": row[1],
                "timestamp": row[2],
                "git_hash": row[3],
                "command": row[4],
                "dataset_id": row[5],
                "wandb_url": row[6],
                "final_metrics": {},
            }
            for row in rows
        }
        statement = _METRICS.format(",".join("?" * len(runs)))
        for run, key, value in connection.execute(statement, list(runs)):
            runs[run]["final_metrics"][key] = value
        return reply(list(runs.values()))

    @app.get("/health")
    async def health() -> Response:
        return reply({"status": "ok"})

    @app.get("/bytes")
    async def read_bytes() -> Response:
        return Response(blob, media_type="application/json")

    @app.get("/page")
    async def read_page() -> Response:
        return Response(_PAGE, media_type="text/html")

    @app.get("/runs")
    async def newest(limit: int = 50) -> Response:
        return as_list(connection.execute(_NEWEST, (limit,)).fetchall())

    @app.get("/runs/filter")
    async def filtered(
        metric_name: str,
        metric_min: float,
        param_name: str,
        param_value: str,
        limit: int = 50,
        rare: bool = False,
    ) -> Response:
        metric, param = (metric_name, metric_min), (param_name, param_value)
        found = (
            connection.execute(_METRIC_FIRST, (*param, *metric, limit))
            if rare
            else connection.execute(_PARAM_FIRST, (*metric, *param, limit))
        )
        ids = [run for (run,) in found]
        statement = _BY_IDS.format(_COLUMNS, ",".join("?" * len(ids)))
        return as_list(connection.execute(statement, ids).fetchall())

    @app.get("/runs/leaderboard")
    async def leaderboard(metric_name: str, top_k: int = 10) -> Response:
        return as_list(connection.execute(_BEST, (metric_name, top_k)).fetchall())

    @app.get("/runs/{run_id}")
    async def detail(run_id: str) -> Response:
        cursor = connection.execute("SELECT * FROM runs WHERE run_id = ?", (run_id,))
        names = [column[0] for column in cursor.description]
        run = dict(zip(names, cursor.fetchone(), strict=True))
        number = run.pop("id")
        run["artifacts"] = orjson.loads(run["artifacts"])
        run["params"] = dict(
            connection.execute("SELECT key, text FROM params WHERE run = ?", (number,)).fetchall()
        )
        run["final_metrics"] = dict(
            connection.execute("SELECT key, value FROM metrics WHERE run = ?", (number,)).fetchall()
        )
        return reply(run)

    return app


def reply(content: Any) -> Response:
    """`content` as a JSON answer."""
    return Response(orjson.dumps(content), media_type="application/json")


def main() -> None:
    """Serve on any free port, and print the address once it listens."""
    blob = Path(sys.argv[2]).read_bytes() if len(sys.argv) > 2 else b"{}"
    listener = socket.create_server(("127.0.0.1", 0))
    app = make_app(Path(sys.argv[1]), blob)
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", ws="none"))
    print(f"serving at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
