"""A browser that tells how long a page takes: Debian's Chromium, driven by Playwright, by its own clock."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Request, sync_playwright

_FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")
_SIZE = {"width": 1440, "height": 900}
_DEADLINE_MS = 120_000

# Keeps the measures that the page takes of itself; it may forget them.
_KEEP_MEASURES = """
window.benchMeasures = [];
new PerformanceObserver((list) => {
  for (const { name, startTime, duration, detail } of list.getEntries())
    window.benchMeasures.push({ name, start: startTime, end: startTime + duration, detail });
}).observe({ type: "measure" });
"""
# Notes when a thing is first on the screen: in the task after the frame that it is drawn in.
_WATCH = """
(selector) => {
  window.benchSeen = new Promise((done) => {
    const look = () => {
      if (document.querySelector(selector) === null) return requestAnimationFrame(look);
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now());
        channel.port2.postMessage(null);
      });
    };
    look();
  });
}
"""
# Scrolls a frame at a time, and says how long each frame was.
_SCROLL = """
async ([selector, pixels, frames]) => {
  const place = document.querySelector(selector);
  const taken = [];
  let last = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n++) {
    place.scrollTop += pixels;
    const now = await new Promise(requestAnimationFrame);
    taken.push(now - last);
    last = now;
  }
  return taken;
}
"""
_TRANSFERS = """
() => performance.getEntriesByType("resource")
  .map(({ name, encodedBodySize, startTime, responseEnd }) => [name, encodedBodySize, startTime, responseEnd])
"""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file or an answer that a page got; times since the page was begun."""

    address: str
    n_bytes: int
    start_ms: float
    end_ms: float

    @property
    def is_script(self) -> bool:
        """Whether it is one of the app's scripts."""
        return self.address.partition("?")[0].endswith(".js")


class Tab:
    """A tab with a cache of its own, empty at first."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(viewport=_SIZE, locale="en-GB", timezone_id="UTC")  # type: ignore[arg-type]
        self.page = self._context.new_page()
        self.page.set_default_timeout(_DEADLINE_MS)
        self._n_requests = 0
        self.page.on("request", self._count)
        self._protocol = self._context.new_cdp_session(self.page)
        # CPU time, which other processes on the machine do not change.
        self._protocol.send("Performance.enable", {"timeDomain": "threadTicks"})

    def open(self, address: str, selector: str) -> float:
        """Milliseconds from the begin of a page until what the selector names is on the screen."""
        self.page.goto("about:blank")
        script = f"({_WATCH})({json.dumps(selector)});{_KEEP_MEASURES}"
        self._protocol.send("Page.enable")
        known = self._protocol.send("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        self.page.goto(address, wait_until="commit", timeout=_DEADLINE_MS)
        seen: float = self.page.evaluate("() => window.benchSeen")
        self._protocol.send("Page.removeScriptToEvaluateOnNewDocument", known)
        return seen

    def go(self, hash_: str, selector: str) -> float:
        """The same within the app: from the change of the address behind the `#`."""
        start: float = self.page.evaluate("() => performance.now()")
        self.page.evaluate(
            f"([hash, selector]) => {{ window.location.hash = hash; ({_WATCH})(selector); }}",
            [hash_, selector],
        )
        seen: float = self.page.evaluate("() => window.benchSeen")
        return seen - start

    def scroll(self, selector: str, pixels: int, frames: int) -> list[float]:
        """How long each frame takes while an element scrolls by so many pixels a frame, in milliseconds."""
        taken: list[float] = self.page.evaluate(_SCROLL, [selector, pixels, frames])
        return taken

    def list_transfers(self) -> list[Transfer]:
        """What the page got, in order."""
        return [Transfer(*one) for one in self.page.evaluate(_TRANSFERS)]

    def wait_for_network(self) -> None:
        """Wait until nothing but the live stream is open any more."""
        self.page.wait_for_timeout(600)

    def read_metric(self, name: str) -> float:
        """One of Chromium's counters."""
        metrics = self._protocol.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == name)

    def read_cpu_ms(self) -> float:
        """Milliseconds of CPU that the main thread has used for the page so far."""
        return 1000 * self.read_metric("TaskDuration")

    def measure_heap(self) -> float:
        """Bytes of JavaScript's heap that are in use once what is not has been collected."""
        self._protocol.send("HeapProfiler.collectGarbage")
        return self.read_metric("JSHeapUsedSize")

    def count_requests(self) -> int:
        """How many requests the tab has made."""
        return self._n_requests

    def _count(self, _request: Request) -> None:
        self._n_requests += 1

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """What a function gives in the page."""
        return self.page.evaluate(script, argument)

    def close(self) -> None:
        """Close the tab, and forget its cache."""
        self._context.close()


class Chromium:
    """A running browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def tab(self) -> Iterator[Tab]:
        """A tab, closed at the end of the block."""
        tab = Tab(self._browser)
        try:
            yield tab
        finally:
            tab.close()


@contextmanager
def start_chromium() -> Iterator[Chromium]:
    """A browser for the length of the block; raises `RuntimeError` if there is none."""
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("There is no `chromium`; `make chromium` installs Debian's.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield Chromium(browser)
        finally:
            browser.close()
