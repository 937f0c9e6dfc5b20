"""The pulse: one thread a process that syncs the journals and samples the load, every few seconds."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

from modellab.capture import LoadSampler

if TYPE_CHECKING:
    from modellab.tracking.run import ActiveRun

SYNC_S = 5.0
"""Seconds between two syncs of a journal; a power cut can lose what was logged within them."""


class _Due:
    """When a run is to be synced and sampled next."""

    def __init__(self, run: ActiveRun) -> None:
        now = time.monotonic()
        self.every_s = run.settings.system_metrics_s
        self.sync = now + SYNC_S
        self.sample = now + self.every_s if self.every_s else float("inf")

    @property
    def next(self) -> float:
        return min(self.sync, self.sample)


class _Pulse:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[ActiveRun, _Due] = {}
        self._thread: threading.Thread | None = None
        self._sampler: LoadSampler | None = None

    def add(self, run: ActiveRun) -> None:
        with self._changed:
            self._due[run] = _Due(run)
            if self._thread is None:
                thread = threading.Thread(target=self._beat, name="modellab-pulse", daemon=True)
                # None can be had at the end of the interpreter or at a limit: the run does without.
                with contextlib.suppress(RuntimeError):
                    thread.start()
                    self._thread = thread
            elif len(self._due) == 1:
                self._changed.notify()

    def remove(self, run: ActiveRun) -> None:
        with self._changed:
            self._due.pop(run, None)

    def _beat(self) -> None:
        while True:
            with self._changed:
                moment = min((due.next for due in self._due.values()), default=None)
                self._changed.wait(None if moment is None else max(0.0, moment - time.monotonic()))
                now = time.monotonic()
                to_sync, to_sample = [], []
                for run, due in self._due.items():
                    if due.sync <= now:
                        due.sync = now + SYNC_S
                        to_sync.append(run)
                    if due.sample <= now:
                        due.sample = now + due.every_s
                        to_sample.append(run)
            for run in to_sync:
                run.sync()
            if to_sample:
                self._sampler = self._sampler or LoadSampler()
                sample = self._sampler.sample()
                for run in to_sample:
                    run.record_load(sample)


_pulse = _Pulse()


def keep_pulse(run: ActiveRun) -> None:
    """Sync and sample for `run` from now on."""
    _pulse.add(run)


def stop_pulse(run: ActiveRun) -> None:
    """Leave `run` alone."""
    _pulse.remove(run)


def _forget() -> None:
    """A forked child has no such thread; runs that it starts get a new one."""
    global _pulse
    _pulse = _Pulse()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
