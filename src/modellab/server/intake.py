"""Keeps the files that runs of this machine log, from a thread of its own: sending them to S3 may last."""

from __future__ import annotations

import logging
import threading
import time

from modellab.store import Store

INTERVAL_S = 0.5
"""Seconds from the end of one pass to the next."""
SWEEP_S = 3600.0
"""Seconds between two removals of what nothing names."""
MAX_PAUSE_S = 60.0
"""The longest pause after passes that failed."""
STOP_TIMEOUT_S = 5.0
"""How long `stop` waits. A file that is not kept then stays where it is until the next start."""

logger = logging.getLogger(__name__)


class FileIntake:
    """Takes in the files of the spool again and again; an error is logged once and does not end it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="modellab-files", daemon=True)
        self._logged: set[str] = set()
        self._swept = self._swept_incoming = -SWEEP_S

    def start(self) -> None:
        """Begin, and return at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after one last pass."""
        self._stopping.set()
        self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        pause = INTERVAL_S
        while not self._stopping.wait(pause):
            pause = INTERVAL_S if self._pass() else min(2 * pause, MAX_PAUSE_S)
        self._pass()

    def _pass(self) -> bool:
        """One pass; whether it worked."""
        try:
            if time.monotonic() - self._swept_incoming > SWEEP_S:
                self._swept_incoming = time.monotonic()
                self._store.files.sweep_incoming()
            self._store.take_in_files()
            if time.monotonic() - self._swept > SWEEP_S and not self._store.collector.has_unread:
                self._swept = time.monotonic()
                self._store.files.sweep(self._store.settings.spool)
        except Exception as error:
            self._log_once(error)
            return False
        return True

    def _log_once(self, error: Exception) -> None:
        message = f"{type(error).__name__}: {error}"
        if message not in self._logged:
            self._logged.add(message)
            logger.error("Files of runs could not be kept; trying again. %s", message, exc_info=error)
