"""Purges what has lain in the trash for longer than it is to be kept, from a thread of its own."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable

from modellab.records.projects import Purge
from modellab.server.entry import NOBODY
from modellab.store import Store
from modellab.store.times import now_us

INTERVAL_S = 3600.0
"""Seconds between two looks into the trash; the first is at the start."""
STOP_TIMEOUT_S = 5.0
"""How long `stop` waits. A purge that is cut off goes on at the next start."""

_DAY_S = 86_400

logger = logging.getLogger(__name__)


class TrashRetention:
    """Keeps things in the trash for `days`, 0 for ever. An error is logged and does not end it."""

    def __init__(self, store: Store, days: int, clock: Callable[[], int] = now_us) -> None:
        self._store = store
        self._days = days
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="modellab-retention", daemon=True)

    def start(self) -> None:
        """Begin, and return at once."""
        if self._days:
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._days:
            self._thread.join(STOP_TIMEOUT_S)

    def purge_old(self) -> Purge:
        """Purge what has been in the trash for too long by now; what was removed stands in the audit log."""
        report = self._store.trash.purge(older_than_s=self._days * _DAY_S, at_us=self._clock())
        if report.n_projects or report.n_datasets or report.n_runs:
            details = {"older_than_days": self._days, **dataclasses.asdict(report)}
            self._store.audit.note(actor=NOBODY, action="purge", kind="trash", target="", details=details)
        return report

    def _run(self) -> None:
        while True:
            try:
                self.purge_old()
            except Exception as error:  # the database may come back
                logger.error("The trash could not be purged; trying again later. %s", error, exc_info=error)
            if self._stopping.wait(INTERVAL_S):
                return
