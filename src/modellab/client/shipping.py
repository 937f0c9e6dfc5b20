"""Sends what runs log while they log it: one background thread a process and server.

The thread reads the journals from disk like anyone else. A caller of `log_metrics` shares no lock with it,
and what it has not sent when the process ends is still there for `modellab sync`.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from modellab.client.outbox import Outbox, Sent, write_address
from modellab.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    ModelLabError,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unreachable,
)
from modellab.journal.lock import is_alive
from modellab.journal.place import JournalRef, list_run, unmark_open
from modellab.journal.reader import read_first_line
from modellab.notice import tell

if TYPE_CHECKING:
    from modellab.settings import Settings

INTERVAL_S = 0.3
"""Seconds between two looks at the journals."""
HEARTBEAT_S = 15.0
"""Seconds between two signs of life of a run that has nothing to send."""
MAX_PAUSE_S = 5.0
"""The longest pause between two attempts to reach a server."""
_SERVER_ERROR = 500
_REQUESTS = 4  # for one journal, before it is the next one's turn
_TOLD_AFTER = 3  # attempts in vain, so that a server which is only started again is not spoken of


@dataclass
class _Journal:
    """A journal that is sent, and how far the server has it."""

    ref: JournalRef
    offset: int = 0
    heard: float = 0.0
    has_more: bool = False
    is_ended: bool = False
    is_done: bool = False


@dataclass
class _Run:
    """A run of this process."""

    run_id: str
    journals: dict[str, _Journal] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)
    is_closing: bool = False
    is_sent: bool = False
    is_refused: bool = False
    is_left: bool = False
    moved: float = 0.0


class Shipper:
    """Sends the journals and files of this process's runs to one server."""

    def __init__(self, settings: Settings) -> None:
        assert settings.api_url is not None
        self._api_url = settings.api_url
        self._wait_s = settings.send_wait_s
        self._outbox = Outbox(settings.outbox(settings.api_url), settings.api_url, settings.api_key)
        self._changed = threading.Condition()
        self._runs: dict[str, _Run] = {}
        self._thread: threading.Thread | None = None
        self._failures = 0
        self._is_told = self._gave_up = self._hurry = self._is_refused = False
        self._trouble: ModelLabError | None = None
        self._moved = 0.0  # when bytes of a file last went out
        self._next_pass = 0.0

    def follow(self, run_id: str) -> None:
        """Send what this process and its forked children log to a run, from now on."""
        with self._changed:
            run = self._runs.setdefault(run_id, _Run(run_id))
            run.is_closing = run.is_left = False
            self._hurry = True
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="modellab-shipping", daemon=True)
                # None can be had at the end of the interpreter or at a limit: `flush` does without.
                with contextlib.suppress(RuntimeError):
                    thread.start()
                    self._thread = thread
            self._changed.notify_all()

    def flush(self, run_id: str) -> None:
        """Send the rest of a run that has ended; says so if not all of it could be sent.

        Waits as long as something moves, and `settings.send_wait_s` longer. In an outage only the first
        run waits that long. What is left then goes along with the process's next run.
        """
        with self._changed:
            run = self._runs.setdefault(run_id, _Run(run_id))
            run.is_closing = self._hurry = True
            self._changed.notify_all()
        if self._thread is None:
            self._pass()
        with self._changed:
            self._await(run)
            run.is_left = not run.is_sent
        if not (run.is_sent or run.is_refused or self._is_refused):
            tell(
                f"Run {run_id}: {self._api_url} does not have all of it yet. The rest waits in "
                f"{self._outbox.folder}; `modellab sync` sends it."
            )

    def _await(self, run: _Run) -> None:
        """Wait for a run's rest; with the condition held."""
        begun, attempts = time.monotonic(), self._failures
        while not (run.is_sent or run.is_refused or self._is_refused or self._thread is None):
            left = max(begun, run.moved, self._moved) + self._wait_s - time.monotonic()
            if left <= 0 or (self._gave_up and self._failures > attempts):
                self._gave_up = True
                return
            self._changed.wait(min(left, 1.0))

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._hurry and (not self._is_active() or self._next_pass > time.monotonic()):
                    left = self._next_pass - time.monotonic()
                    self._changed.wait(max(0.0, left) if self._is_active() else None)
                self._hurry = False
            self._pass()

    def _is_active(self) -> bool:
        """Whether there is a run that is logged to, or waited for."""
        return any(not run.is_left for run in self._runs.values())

    def _pass(self) -> None:
        """Send what there is; sees to when to look again, and says what is wrong."""
        pause, self._trouble = INTERVAL_S, None
        if not self._is_refused:
            try:
                for send in (self._send_lines, self._send_files):
                    for run in list(self._runs.values()):
                        self._try(send, run)
                if self._trouble is not None:
                    raise self._trouble
            except (Unreachable, TooManyRequests) as problem:
                pause = self._lose_contact(problem)
            except Unauthenticated as problem:
                self._is_refused = True
                self._tell_refusal(problem)
        with self._changed:
            self._next_pass = time.monotonic() + pause
            done = [run for run in self._runs.values() if run.is_closing and (run.is_sent or run.is_refused)]
            for run in done:
                del self._runs[run.run_id]
            self._changed.notify_all()

    def _try(self, send: Callable[[_Run], None], run: _Run) -> None:
        """Send something of a run; nothing more of it once the server has refused that."""
        if run.is_refused:
            return
        try:
            send(run)
        except (Unreachable, TooManyRequests, Unauthenticated) as problem:
            if getattr(problem, "status", None) != _SERVER_ERROR:
                raise
            self._trouble = problem  # may be about this run alone: the others go on
        except Exception as problem:
            run.is_refused = True
            self._tell_refusal(problem, run)

    def _send_lines(self, run: _Run) -> None:
        is_closing = run.is_closing  # asked before looking: what a child has begun is then surely found
        for journal in self._find_journals(run):
            try:
                self._send_journal(run, journal)
            except FileNotFoundError:
                journal.is_done = True  # somebody took it away
        waiting = [journal for journal in run.journals.values() if not journal.is_done]
        # A child that goes on logging is not waited for.
        rest = any(journal.has_more or not is_alive(journal.ref.path) for journal in waiting)
        run.is_sent = is_closing and not rest and not run.digests

    def _find_journals(self, run: _Run) -> list[_Journal]:
        """The journals of a run that this process or a child of its own writes."""
        for ref in list_run(self._outbox.journals, run.run_id):
            if ref.writer_id not in run.journals and (first := read_first_line(ref.path)):
                # Other processes that log to the same run send their own.
                run.journals[ref.writer_id] = _Journal(ref, is_done=not _is_ours(first))
        return [journal for journal in run.journals.values() if not journal.is_done]

    def _send_journal(self, run: _Run, journal: _Journal) -> None:
        # Asked before reading: what a writer wrote before it let go is then surely read below.
        may_grow = not run.is_closing or is_alive(journal.ref.path)
        journal.has_more = True
        for _ in range(_REQUESTS):
            sent = self._outbox.send_lines(journal.ref, journal.offset)
            if sent is None:
                journal.has_more = False
                break
            self._take(run, journal, sent)
        if journal.has_more:
            self._hurry = True  # it is others' turn, and then at once its own again
        elif journal.is_ended or not may_grow:
            self._close(journal)
        elif time.monotonic() - journal.heard > HEARTBEAT_S:
            self._take(run, journal, self._outbox.send_heartbeat(journal.ref, journal.offset))

    def _take(self, run: _Run, journal: _Journal, sent: Sent) -> None:
        """Note what a request did."""
        journal.offset, journal.heard = sent.offset, time.monotonic()
        run.moved = journal.heard
        journal.is_ended = journal.is_ended or sent.is_ended
        run.digests.update(sent.digests)
        self._note_contact()

    def _close(self, journal: _Journal) -> None:
        """The writer is gone, and all that it wrote is sent."""
        if not journal.is_ended:
            self._outbox.send_death(journal.ref)
        journal.is_done = True
        unmark_open(self._outbox.journals, journal.ref.run_id, journal.ref.writer_id)

    def _send_files(self, run: _Run) -> None:
        while run.digests:
            digest = min(run.digests)
            try:
                self._outbox.send_file(digest, self._keep_alive)
                self._note_contact()
            except (InvalidInput, Forbidden, NotFound, Conflict) as problem:
                tell(f"{self._api_url} refuses a file of run {run.run_id} ({digest}): {problem}")
            run.digests.discard(digest)
        self._send_lines(run)

    def _keep_alive(self, _n_bytes: int) -> None:
        """In the middle of a large file: whatever is logged meanwhile must not wait for it."""
        self._moved = time.monotonic()
        if self._moved >= self._next_pass:
            for run in list(self._runs.values()):
                self._try(self._send_lines, run)
            self._next_pass = time.monotonic() + INTERVAL_S

    def _note_contact(self) -> None:
        self._failures, self._gave_up = 0, False
        if self._is_told:
            self._is_told = False
            tell(f"{self._api_url} is there again; what waited is being sent.")
        with self._changed:
            self._changed.notify_all()

    def _lose_contact(self, problem: ModelLabError) -> float:
        """Say once that the server is away; the seconds until the next attempt."""
        self._failures += 1
        if self._failures >= _TOLD_AFTER and not self._is_told:
            self._is_told = True
            tell(
                f"{problem.message} Training goes on; what is logged waits in {self._outbox.folder} "
                "and is sent when the server is there again."
            )
        wanted = problem.retry_after_s if isinstance(problem, TooManyRequests) else 0
        pause = min(INTERVAL_S * 2.0 ** min(self._failures - 1, 10), MAX_PAUSE_S)
        return max(float(wanted), pause * random.uniform(0.8, 1.2))

    def _tell_refusal(self, problem: Exception, run: _Run | None = None) -> None:
        """Say that nothing more is sent: what the server refuses once it will refuse again."""
        what = "does not take in this key" if run is None else f"refuses run {run.run_id}"
        tell(
            f"{self._api_url} {what}: {problem}\nTraining goes on; what is logged waits in "
            f"{self._outbox.folder}, and `modellab sync` sends it once that is mended."
        )


def _is_ours(first_line: bytes) -> bool:
    """Whether a journal is written by this process or by a child that it forked."""
    try:
        event = orjson.loads(first_line)
        return os.getpid() in (event.get("pid"), event.get("parent_pid"))
    except (orjson.JSONDecodeError, AttributeError):
        return False


_shippers: dict[tuple[str, str, str | None], Shipper] = {}
_lock = threading.Lock()


def ship(settings: Settings, run_id: str) -> None:
    """Send what this process logs to a run to the settings' server, from now on."""
    write_address(settings)
    _find_shipper(settings).follow(run_id)


def flush(settings: Settings, run_id: str) -> None:
    """Send the rest of a run that this process has ended, and wait for it, but not for ever."""
    _find_shipper(settings).flush(run_id)


def _find_shipper(settings: Settings) -> Shipper:
    key = (str(settings.outboxes), settings.api_url or "", settings.api_key)
    with _lock:
        if key not in _shippers:
            _shippers[key] = Shipper(settings)
        return _shippers[key]


def _forget() -> None:
    """A forked child has no such threads, and must not use its parent's connections."""
    global _lock
    _lock = threading.Lock()
    _shippers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
