"""What it costs to watch runs that go on: memory of the page, work of the server, number of requests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil

from benchmarks.browser import Chromium, Tab
from benchmarks.project import start_python, temporary_project
from benchmarks.servers import OURS, Server
from benchmarks.table import Row
from modellab.settings import Settings

_N_RUNS = 50
_STEPS_PER_S = 2
_WARM_S = 20
"""Until then a page still fills its caches and JavaScript is still being compiled."""
_SELECTORS = {"dashboard": "main h2", "table": "[role=grid] [role=row] a[href]", "charts": "main figure"}


def measure_live(chromium: Chromium, seconds: int) -> list[Row]:
    """Three pages beside each other for so long, while 50 runs log 5 metrics twice a second each."""
    with temporary_project() as settings, _log_on(settings), Server(OURS, settings.root) as server:
        process = psutil.Process(server.process.pid)
        run_ids = _list_runs(server)
        share_alone = _measure_share(process, max(seconds / 10, 5))
        base = f"http://127.0.0.1:{server.port}/"
        curves = "&".join(f"run={run_id}" for run_id in run_ids)
        hashes = {"dashboard": "#/", "table": "#/runs", "charts": f"#/compare?{curves}&tab=curves"}
        with ExitStack() as stack:
            tabs = {name: stack.enter_context(chromium.tab()) for name in hashes}
            for name, tab in tabs.items():
                tab.open(base + hashes[name], _SELECTORS[name])
            time.sleep(min(_WARM_S, seconds))
            before = {name: _Look(tab) for name, tab in tabs.items()}
            share = _measure_share(process, seconds)
            after = {name: _Look(tab) for name, tab in tabs.items()}
    return [
        *(_page_row(name, before[name], after[name], seconds) for name in hashes),
        Row(
            f"web app: {_N_RUNS} runs watched on {len(hashes)} pages: CPU of the server",
            f"{share:.0f} % of a core",
            f"{share_alone:.0f} % (nobody looks)",
            None,
            "≤ 25 % more",
            share - share_alone <= 25,
        ),
    ]


class _Look:
    """A page at a moment."""

    def __init__(self, tab: Tab) -> None:
        self.heap = tab.measure_heap()
        self.cpu_ms = tab.read_cpu_ms()
        self.n_requests = tab.count_requests()


def _page_row(name: str, before: _Look, after: _Look, seconds: int) -> Row:
    grown = (after.heap - before.heap) / 1e6
    share = (after.cpu_ms - before.cpu_ms) / 10 / seconds
    minutes = seconds / 60
    return Row(
        f"web app: {_N_RUNS} live runs on the {name} for {seconds} s: heap, CPU of the page, requests",
        f"{before.heap / 1e6:.1f} MB {grown:+.1f}, {share:.0f} %, "
        f"{(after.n_requests - before.n_requests) / minutes:.0f} a minute",
        "",
        None,
        "heap flat (± 2 MB)",
        abs(grown) <= 2,
    )


@contextmanager
def _log_on(settings: Settings) -> Iterator[None]:
    child = start_python(
        "-m", "benchmarks.children.many_live", str(settings.root), str(_N_RUNS), str(_STEPS_PER_S)
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()
        yield
    finally:
        child.kill()
        child.communicate()


def _list_runs(server: Server) -> list[str]:
    """The runs, once the server knows all of them."""
    while True:
        items = server.connection.get_json(f"/api/modellab/runs?limit={_N_RUNS}")["items"]
        if len(items) == _N_RUNS:
            return [item["run_id"] for item in items]
        time.sleep(0.2)


def _measure_share(process: psutil.Process, seconds: float) -> float:
    """The percentage of a core that a process uses."""
    before, start = process.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    after, passed = process.cpu_times(), time.perf_counter() - start
    used: float = 100 * (after.user + after.system - before.user - before.system) / passed
    return used
