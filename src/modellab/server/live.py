"""Keeps the store up to date with local journals, from one background thread."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from modellab.store.collector import Collector
from modellab.store.presence import UNHEARD_S, now_ms

INTERVAL_S = 0.2
"""Seconds from the end of one pass to the next."""
MAX_INTERVAL_S = 2.0
"""The most that a slow pass may stretch the interval to."""
FIRST_PASS_S = 0.3
"""How long the server's start waits for runs that ended while no server was there."""
STOP_TIMEOUT_S = 5.0
"""How long `stop` waits. A pass that is cut off is taken up at the next start; nothing is lost or doubled."""

LOOK_S = 10.0
"""Seconds between two looks for writers on other machines that are not heard of any more."""

_REST = 3  # a pass is followed by at least this many times its length without one

logger = logging.getLogger(__name__)


class LiveCollector:
    """Collects open journals again and again; an error is logged once and does not end it."""

    def __init__(self, collector: Collector, mark_unheard: Callable[[int], int] | None = None) -> None:
        self._collector = collector
        self._mark_unheard = mark_unheard
        # Writers on other machines could not be heard of before the start.
        self._next_look = time.monotonic() + UNHEARD_S
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="modellab-collector", daemon=True)
        self._passed = threading.Event()
        self._logged: set[str] = set()
        self._show_others = warnings.showwarning

    def start(self) -> None:
        """Begin with a first pass, and return after it, or after `FIRST_PASS_S` if it takes longer."""
        self._show_others, warnings.showwarning = warnings.showwarning, self._show_warning
        self._thread.start()
        self._passed.wait(FIRST_PASS_S)

    def stop(self) -> None:
        """End after one last pass, so that what was written until now is in the store."""
        self._stopping.set()
        self._thread.join(STOP_TIMEOUT_S)
        warnings.showwarning = self._show_others
        if self._thread.is_alive():
            logger.warning("Not all journals are read yet; the rest is read at the next start.")

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = min(max(INTERVAL_S, _REST * self._collect()), MAX_INTERVAL_S)
        self._collect()

    def _collect(self) -> float:
        """One pass; the seconds it took."""
        start = time.perf_counter()
        try:
            self._collector.collect_open()
            self._look_for_unheard()
        except Exception as error:
            self._log_once(error)
        self._passed.set()
        return time.perf_counter() - start

    def _look_for_unheard(self) -> None:
        """Now and then, have writers on other machines marked dead that are not heard of any more."""
        if self._mark_unheard is not None and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_S
            self._mark_unheard(now_ms() - int(1000 * UNHEARD_S))

    def _show_warning(self, message: Warning | str, *about: Any, **more: Any) -> None:
        """Put what the collector warns of, such as lines that cannot be read, into the server's log."""
        if threading.current_thread() is self._thread:
            logger.warning("%s", message)
        else:
            self._show_others(message, *about, **more)

    def _log_once(self, error: Exception) -> None:
        message = f"{type(error).__name__}: {error}"
        if message not in self._logged:
            self._logged.add(message)
            logger.error("Journals could not be read; trying again. %s", message, exc_info=error)
