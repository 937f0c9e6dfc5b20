"""A real browser at a real server: Debian's Chromium, driven by Playwright, and nothing in between."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from tests.browser.content import fill_large, fill_study

import modellab
from modellab.settings import load_settings

AXE = Path(__file__).resolve().parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
DEADLINE_MS = 30_000  # the machine may be busy; nothing waits longer than it has to
SOURCE = Path(modellab.__file__).parents[1]
expect.set_options(timeout=DEADLINE_MS)

_SERVE = """
import sys
from pathlib import Path
from modellab.server.serving import serve
from modellab.settings import load_settings
where, port = Path(sys.argv[1]), int(sys.argv[2])
serve(load_settings(start=where), port=port, on_ready=lambda address, _: print(address, flush=True))
"""

_TRAIN = """
import sys
import modellab
name, n_epochs = sys.argv[1], int(sys.argv[2])
with modellab.start_run(name, params={"n_epochs": n_epochs}) as run:
    step = 0
    for line in sys.stdin:
        for _ in range(int(line)):
            run.log_metrics({"loss": 1 / (step + 1), "seen": step}, step=step)
            step += 1
        print(step, flush=True)
"""


class Site:
    """A project folder with a server of its own, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.api = httpx.Client(timeout=30)
        self._process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What processes of this site know: the ModelLab that is tested, and nothing of who tests it."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(SOURCE)}

    def start(self) -> None:
        """Start the server: at a free port, or where it was before."""
        port = self.address.rpartition(":")[2] or "0"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(self.folder), port],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self.environment,
        )
        assert self._process.stdout is not None
        with self._process.stdout as said:  # it says its address and nothing else
            self.address = said.readline().strip()
        assert self.address, "the server did not start"

    def stop(self) -> None:
        """Stop the server, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of an address that must answer with success."""
        answer = self.api.get(self.address + path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def record(self, name: str) -> str:
        """A short run; its id, as soon as the server shows it."""
        settings = load_settings(start=self.folder, environ={})
        with modellab.start_run(name, settings=settings) as run:
            run.log_metrics({"loss": 0.5})
        address = f"{self.address}/api/modellab/runs/{run.run_id}"
        deadline = time.monotonic() + DEADLINE_MS / 1000
        while self.api.get(address).status_code != 200:
            assert time.monotonic() < deadline, f"the run {name} does not arrive"
            time.sleep(0.02)
        return run.run_id

    def send(self, method: str, path: str, **body: Any) -> Any:
        """Change something as another person would, over HTTP."""
        answer = self.api.request(method, self.address + path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None


class Training:
    """A process that trains, as far as it is told to."""

    def __init__(self, site: Site, name: str, n_epochs: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TRAIN, name, str(n_epochs)],
            cwd=site.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=site.environment,
        )

    def go_on(self, steps: int) -> None:
        """Let it do so many steps more."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{steps}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def end(self) -> None:
        """Let it come to its end."""
        self._process.communicate(timeout=30)
        assert self._process.returncode == 0


@pytest.fixture
def train() -> Iterator[Callable[..., Training]]:
    """Begin to train in another process: `training = train(site, "name", 40)`."""
    begun: list[Training] = []

    def begin(site: Site, name: str, n_epochs: int) -> Training:
        begun.append(Training(site, name, n_epochs))
        return begun[-1]

    yield begin
    for training in begun:
        training.end()


@contextmanager
def _open_site(folder: Path, fill: Callable[[Path], None] | None = None) -> Iterator[Site]:
    (folder / "manifests").mkdir(parents=True, exist_ok=True)
    (folder / ".env").write_text("PROJECT_NAME=tested\n")
    if fill is not None:
        fill(folder)
    site = Site(folder)
    site.start()
    try:
        yield site
    finally:
        site.stop()
        site.api.close()


@pytest.fixture(scope="session")
def open_site() -> Callable[..., Any]:
    """Open a site of a test's own: `with open_site(folder, fill) as site`."""
    return _open_site


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A study with evaluated runs, a dataset, artifacts and a failed run; tests leave it as it is."""
    with _open_site(tmp_path_factory.mktemp("study"), fill_study) as site:
        yield site


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """10 000 runs, and one in which everything is large; tests leave it as it is."""
    with _open_site(tmp_path_factory.mktemp("large"), fill_large) as site:
        yield site


@pytest.fixture(scope="session")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site where each test makes what it needs, under names of its own, and may change that."""
    with _open_site(tmp_path_factory.mktemp("workbench")) as site:
        yield site


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Site]:
    """A site where nothing was recorded yet."""
    with _open_site(tmp_path / "empty") as site:
        yield site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, for one file of tests: while Playwright is open an event loop runs in this process, and
    tests of other rooms could not begin one of their own.
    """
    path = shutil.which("chromium")
    assert path is not None, "there is no `chromium`; `make chromium` installs Debian's"
    flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


class Visit:
    """A person's browser at one site; remembers what went wrong in it."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.problems: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Parts of problems that a test provokes on purpose."""
        page.set_default_timeout(DEADLINE_MS)
        page.on("console", self._note_said)
        page.on("pageerror", self._note_error)
        page.on("requestfailed", self._note_failed)
        page.on("response", self._note_refused)

    def open(self, path: str = "/") -> Page:
        """Open a page of the app by its address behind the `#`."""
        self.page.goto(f"{self.site.address}/#{path}")
        self.page.get_by_role("navigation").first.wait_for(state="attached")
        return self.page

    def settle(self) -> None:
        """Wait until nothing is being read any more."""
        waiting = self.page.get_by_role("status", name="Loading")
        expect(waiting, f"{self.page.url} goes on loading").to_have_count(0, timeout=DEADLINE_MS)

    def find_violations(self) -> list[str]:
        """What axe finds on the page that is serious or critical."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{rule['id']}: {[node['html'][:200] for node in rule['nodes'][:3]]}"
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
        ]

    def check(self) -> None:
        """Nothing went wrong but what was expected."""
        rest = [said for said in self.problems if not any(part in said for part in self.expected)]
        assert not rest, "\n".join(rest)

    def _note_said(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.problems.append(f"console: {said.text}")

    def _note_error(self, error: Exception) -> None:
        self.problems.append(f"error: {error}")

    def _note_failed(self, request: Request) -> None:
        # Leaving a page cancels what it asked for, and hiding it closes the stream.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.url} {request.failure}")

    def _note_refused(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"status {response.status}: {response.url}")


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Begin a visit: `visit(site, phone=True, scheme="dark")`; all are checked at the end."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def begin(site: Site, *, phone: bool = False, scheme: Literal["light", "dark"] = "light") -> Visit:
        context = chromium.new_context(
            viewport=PHONE if phone else WIDE,  # type: ignore[arg-type]
            color_scheme=scheme,
            has_touch=phone,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        visits.append(Visit(context.new_page(), site))
        return visits[-1]

    yield begin
    for context in contexts:
        context.close()
    for one in visits:
        one.check()
