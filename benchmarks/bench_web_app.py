"""How soon does one see something in the web app, does it move smoothly, and what does looking cost?

A real browser at a real server, timed by the browser's own clock until the frame is drawn: the first load,
the dashboard and the table with 10 000 runs, a chart of 20 series of a million points, and 50 runs that go
on. The floor is a bare page that fetches the same answer and writes it into a table. MLflow's page stands
beside it where `MLFLOW_PYTHON` names a Python that has MLflow (see `benchmarks/mlflow_page.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks.browser import Chromium, Tab, start_chromium
from benchmarks.fill import fill_ours
from benchmarks.journals import ingest_batches, join_batches, rounded_loss, write_lines
from benchmarks.mlflow_page import measure_mlflow
from benchmarks.project import temporary_project
from benchmarks.servers import OURS, Server
from benchmarks.table import Row
from benchmarks.timing import percentile
from benchmarks.watching import measure_live
from modellab.ids import new_run_id
from modellab.store import open_store

_ROW = "[role=grid] [role=row] a[href]"
_DASHBOARD = "main a[href*='/runs']"
_FIRST_VISIT = "main pre"
_GRID = "[role=grid]"
_CHART = "figure [aria-keyshortcuts]"
_DRAWN = "modellab.chart.draw"
_FRAME_MS = 50
_N_LINES = 20


def measure(quick: bool) -> list[Row]:
    """All of it; the live part takes 5 minutes, or 20 seconds if `quick`."""
    with start_chromium() as chromium:
        return [
            *_measure_first_load(chromium, 2 if quick else 9),
            *_measure_many_runs(chromium, 300 if quick else 10_000, 2 if quick else 9),
            *_measure_chart(chromium, 20_000 if quick else 1_000_000, 2 if quick else 9),
            *measure_live(chromium, 20 if quick else 300),
            *measure_mlflow(chromium, (50,) if quick else (1000, 10_000), 2 if quick else 5),
        ]


@contextmanager
def _serve_runs(n_runs: int) -> Iterator[Server]:
    with temporary_project() as settings:
        open_store(settings).close()
        if n_runs:
            fill_ours(settings.db_path, 0, n_runs)
        with Server(OURS, settings.root) as server:
            yield server


def _at(server: Server, hash_: str = "") -> str:
    return f"http://127.0.0.1:{server.port}/{hash_}"


class _Rounds:
    """What several rounds took: milliseconds on the clock, and of CPU of the page's main thread."""

    def __init__(self, rounds: int, once: Callable[[], tuple[float, float]]) -> None:
        pairs = [once() for _ in range(rounds)]
        self.wall_ms = median(wall for wall, _ in pairs)
        self.work_ms = median(work for _, work in pairs)

    def __str__(self) -> str:
        return f"{self.wall_ms:.0f} ms ({self.work_ms:.0f} ms of CPU)"


def _open_cold(chromium: Chromium, address: str, selector: str) -> tuple[float, float]:
    """A page in a new tab: nothing is in the cache."""
    with chromium.tab() as tab:
        seen = tab.open(address, selector)
        return seen, tab.read_cpu_ms()


def _time_row(question: str, ours: _Rounds, floor: _Rounds | None, target_ms: int) -> Row:
    return Row(
        question,
        str(ours),
        "" if floor is None else f"{floor.wall_ms:.0f} ms (a bare page with the same answer)",
        None if floor is None else ours.wall_ms / floor.wall_ms,
        f"≤ {target_ms} ms",
        ours.wall_ms <= target_ms,
    )


def _measure_first_load(chromium: Chromium, rounds: int) -> list[Row]:
    """Until the dashboard can be used, and what is loaded for it and for the table."""
    with _serve_runs(0) as server:
        rows = [_load_first(chromium, server, _FIRST_VISIT, "empty", rounds)]
    with _serve_runs(30) as server:
        rows.append(_load_first(chromium, server, _DASHBOARD, "30 runs", rounds))
        rows += [_weigh(chromium, server, "#/", _DASHBOARD), _weigh(chromium, server, "#/runs", _ROW)]
    return rows


def _load_first(chromium: Chromium, server: Server, selector: str, name: str, rounds: int) -> Row:
    with _serve_bare(server, "/api/modellab/overview") as bare:
        floor = _Rounds(rounds, lambda: _open_cold(chromium, bare, "td"))
    ours = _Rounds(rounds, lambda: _open_cold(chromium, _at(server), selector))
    return _time_row(f"web app: first load until usable, {name}", ours, floor, 1000)


def _weigh(chromium: Chromium, server: Server, hash_: str, selector: str) -> Row:
    with chromium.tab() as tab:
        tab.open(_at(server, hash_), selector)
        tab.wait_for_network()
        scripts = [one for one in tab.list_transfers() if one.is_script]
    size = sum(one.n_bytes for one in scripts) / 1000
    return Row(
        f"web app: script of the first load, `{hash_}`, gzip",
        f"{size:.0f} kB in {len(scripts)} files",
        "",
        None,
        "≤ 350 kB",
        size <= 350,
    )


def _measure_many_runs(chromium: Chromium, n_runs: int, rounds: int) -> list[Row]:
    """The dashboard and the table with many runs, and scrolling in it."""
    table = "/api/modellab/table?offset=0&limit=200"
    overview = "/api/modellab/overview?days=90"
    with _serve_runs(n_runs) as server, chromium.tab() as tab:
        with _serve_bare(server, overview) as bare:
            floor = _Rounds(rounds, lambda: _open_cold(chromium, bare, "td"))
        cold = _Rounds(rounds, lambda: _open_cold(chromium, _at(server), _DASHBOARD))
        rows = [_time_row(f"web app: dashboard, {n_runs:,} runs, nothing in the cache", cold, floor, 1000)]
        with _serve_bare(server, table) as bare:
            floor = _Rounds(rounds, lambda: _open_cold(chromium, bare, "td"))
        cold = _Rounds(rounds, lambda: _open_cold(chromium, _at(server, "#/runs"), _ROW))
        tab.open(_at(server, "#/runs"), _ROW)
        again = _Rounds(rounds, lambda: _go_there_and_back(tab, "#/runs", _ROW, "#/settings", "main h1"))
        reload = _Rounds(rounds, lambda: _reopen(tab, _at(server, "#/runs"), _ROW))
        name = f"web app: first rows of {n_runs:,} runs"
        rows += [
            _time_row(f"{name}, nothing in the cache", cold, floor, 1000),
            _time_row(f"{name}, opened again", reload, floor, 500),
            _time_row(f"{name}, from another page of the app", again, None, 500),
            _scroll(tab, n_runs),
        ]
        return rows


def _reopen(tab: Tab, address: str, selector: str) -> tuple[float, float]:
    seen = tab.open(address, selector)
    return seen, tab.read_cpu_ms()


def _go_there_and_back(tab: Tab, hash_: str, selector: str, other: str, there: str) -> tuple[float, float]:
    tab.go(other, there)
    before = tab.read_cpu_ms()
    seen = tab.go(hash_, selector)
    return seen, tab.read_cpu_ms() - before


def _scroll(tab: Tab, n_runs: int) -> Row:
    """Some rows a frame through the table, and then in strides through all of it."""
    tab.open(tab.page.url, _ROW)
    tab.wait_for_network()
    before = tab.read_cpu_ms()
    slow = tab.scroll(_GRID, 60, 200)
    fast = tab.scroll(_GRID, 32 * n_runs // 150, 150)
    frames = slow + fast
    cpu = (tab.read_cpu_ms() - before) / len(frames)
    long = [taken for taken in frames if taken > _FRAME_MS]
    p95 = percentile(frames, 95)
    return Row(
        f"web app: scrolling through {n_runs:,} runs, {len(frames)} frames",
        f"{len(long)} over {_FRAME_MS} ms, longest {max(frames):.0f} ms, p95 {p95:.0f} ms; "
        f"{cpu:.1f} ms of CPU a frame",
        "16.7 ms (60 frames a second)",
        p95 / 16.7,
        f"none over {_FRAME_MS} ms",
        not long,
    )


def _measure_chart(chromium: Chromium, n_points: int, rounds: int) -> list[Row]:
    """Twenty long series in one chart: until it is drawn, and drawn anew when one looks closer."""
    with temporary_project() as settings:
        run_ids = [new_run_id() for _ in range(_N_LINES)]
        batches = list(join_batches(write_lines({"loss": rounded_loss(6)}, n_points)))
        with open_store(settings) as store:
            for run_id in run_ids:
                ingest_batches(store, run_id, batches)
        del batches
        with Server(OURS, settings.root) as server, chromium.tab() as tab:
            address = _at(server, f"#/compare?{'&'.join(f'run={one}' for one in run_ids)}&tab=curves")
            charts = [_look_at_chart(tab, address) for _ in range(rounds + 1)][
                1:
            ]  # the first fills the cache
    name = f"web app: chart of {_N_LINES} series of {n_points:,} points"
    answer, first, zoom, finer = (median(one[at] for one in charts) for at in range(4))
    return [
        Row(
            f"{name}: first drawing, from asking for the curves",
            f"{first:.0f} ms",
            f"{answer:.0f} ms, the answer alone",
            first / answer,
            "≤ 500 ms",
            first <= 500,
        ),
        Row(f"{name}: zoom by a key, until drawn", f"{zoom:.0f} ms", "", None, "≤ 100 ms", zoom <= 100),
        Row(
            f"{name}: finer points of what is zoomed into, until drawn",
            f"{finer:.0f} ms",
            "200 ms, until the hand has come to rest",
            finer / 200,
            "",
            None,
        ),
    ]


# Waits for an answer with curves, all of them or those of a stretch of steps, and for the drawing after it.
_WAIT_FOR_CURVES = """
async ([measure, lines, isStretch]) => {
  for (;;) {
    const asked = performance.getEntriesByType("resource").filter(({ name, responseEnd }) =>
      name.includes("/curves?") && responseEnd > 0 && name.split("run_id=").length > lines
      && name.includes("from_step=") === isStretch).at(-1);
    const drawn = asked && window.benchMeasures.find(({ name, end, detail }) =>
      name === measure && end > asked.responseEnd && detail.lines === lines);
    if (drawn) return [asked.startTime, asked.responseEnd, drawn.end];
    await new Promise(requestAnimationFrame);
  }
}
"""
_PRESS_PLUS = """
async ([selector, measure]) => {
  const start = performance.now();
  document.querySelector(selector).dispatchEvent(new KeyboardEvent("keydown", { key: "+", bubbles: true }));
  for (;;) {
    const drawn = window.benchMeasures.find(({ name, end }) => name === measure && end > start);
    if (drawn) return [start, drawn.end];
    await new Promise(requestAnimationFrame);
  }
}
"""


def _look_at_chart(tab: Tab, address: str) -> tuple[float, float, float, float]:
    """Milliseconds of the answer, of the first drawing, of a zoom, and until that has its finer points."""
    tab.open(address, _CHART)
    asked, answered, drawn = tab.evaluate(_WAIT_FOR_CURVES, [_DRAWN, _N_LINES, False])
    tab.wait_for_network()
    pressed, zoomed = tab.evaluate(_PRESS_PLUS, [_CHART, _DRAWN])
    _, _, refined = tab.evaluate(_WAIT_FOR_CURVES, [_DRAWN, _N_LINES, True])
    return answered - asked, drawn - asked, zoomed - pressed, refined - pressed


@contextmanager
def _serve_bare(server: Server, path: str) -> Iterator[str]:
    """The address of a bare page that shows the same answer."""
    with temporary_project() as settings:
        blob = settings.root / "answer.json"
        blob.write_bytes(server.connection.get(path))
        arguments = ("-m", "benchmarks.raw_app", str(settings.root / "raw.db"), str(blob))
        with Server(arguments, settings.root) as bare:
            yield f"http://127.0.0.1:{bare.port}/page"
