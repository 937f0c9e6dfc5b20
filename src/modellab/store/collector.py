"""Brings local journals into the store: live ones as they grow, and what a crash left behind."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from modellab.errors import Conflict, StoreError
from modellab.journal.lock import is_alive
from modellab.journal.place import JournalRef, list_all, list_open, list_run, unmark_open
from modellab.journal.reader import (
    has_ended,
    journal_size,
    read_complete,
    read_first_line,
    read_fragment,
    set_aside,
    starts_run,
)
from modellab.store.engine import Database
from modellab.store.ingest import ingest, mark_dead, read_offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one pass took in: points, runs that had news, unreadable lines."""

    n_points: int
    run_ids: frozenset[str]
    n_bad: int


class Collector:
    """Reads the journals of one folder into one database; keeps what it knows of them between passes."""

    def __init__(self, database: Database, journals: Path) -> None:
        self._database = database
        self._journals = journals
        self._offsets: dict[JournalRef, int] = {}
        self._ended: set[JournalRef] = set()
        self._failed: set[JournalRef] = set()
        self._told: set[JournalRef] = set()
        self.has_unread = True
        """Whether lines may be waiting that the last `collect_open` could not take in, or there was none."""

    def collect_open(self) -> Collected:
        """Take in what is new in journals that are written or wait, and mark dead runs failed."""
        waiting = list_open(self._journals)
        self.has_unread = True
        self._failed.clear()
        collected = self._collect(waiting)
        self.has_unread = bool(self._failed)
        return collected

    def collect_run(self, run_id: str) -> Collected:
        """Take in what is new in the journals of one run."""
        return self._collect(list_run(self._journals, run_id))

    def collect_ended(self, run_id: str, writer_id: str) -> Collected:
        """Take in the journal of a writer that has just ended, and those that nobody else will bring in.

        Of the run's other processes that live or bring in their own, only the first line is read: the
        run's status depends on them. Reading all of theirs would be done once by each of them.
        """
        mine, first_lines = [], []
        for ref in list_run(self._journals, run_id):
            others = ref.writer_id != writer_id and starts_run(ref.path)
            if others and (is_alive(ref.path) or has_ended(ref.path)):
                first_lines.append(ref)
            else:
                mine.append(ref)
        for ref in first_lines:
            if read_offset(self._database, run_id, ref.writer_id) == 0:
                ingest(self._database, run_id, ref.writer_id, 0, read_first_line(ref.path))
        return self._collect(mine)

    def collect_all(self) -> Collected:
        """Take in every journal there is: fills an empty database again."""
        return self._collect(list_all(self._journals))

    def _collect(self, journals: Iterable[JournalRef]) -> Collected:
        n_points = n_bad = 0
        run_ids = set()
        for ref in journals:
            try:
                points, bad, news = self._collect_one(ref)
            except StoreError:
                raise
            except Exception as error:  # one journal must not keep the others waiting
                self._failed.add(ref)
                self._tell_unread(ref, error)
                continue
            n_points, n_bad = n_points + points, n_bad + bad
            if news:
                run_ids.add(ref.run_id)
        return Collected(n_points=n_points, run_ids=frozenset(run_ids), n_bad=n_bad)

    def _collect_one(self, ref: JournalRef) -> tuple[int, int, bool]:
        # Asked before reading: what a writer wrote before it let go is then surely read below.
        alive = is_alive(ref.path)
        offset = self._offsets.get(ref)
        if offset is None:
            offset = read_offset(self._database, ref.run_id, ref.writer_id)
        n_points = n_bad = 0
        news = False
        while journal_size(ref.path) > offset:
            data = read_complete(ref.path, offset)
            if not data:
                break
            try:
                result = ingest(self._database, ref.run_id, ref.writer_id, offset, data)
            except Conflict as conflict:
                offset = conflict.expected or 0
                continue
            offset, news = result.offset, True
            n_points, n_bad = n_points + result.n_points, n_bad + len(result.bad)
            if result.bad:
                self._set_aside(ref, result.bad)
            if result.is_ended:
                self._ended.add(ref)
        self._offsets[ref] = offset
        if not alive or ref in self._ended:
            news = self._close(ref, offset) or news
        return n_points, n_bad, news

    def _close(self, ref: JournalRef, offset: int) -> bool:
        """The writer is gone: nothing more comes; whether that is news."""
        lost = ref not in self._ended and mark_dead(self._database, ref.run_id, ref.writer_id)
        if lost and journal_size(ref.path) > offset:
            self._set_aside(ref, [read_fragment(ref.path, offset)])
        unmark_open(self._journals, ref.run_id, ref.writer_id)
        self._ended.discard(ref)
        self._offsets.pop(ref, None)
        return lost

    def _tell_unread(self, ref: JournalRef, error: Exception) -> None:
        if ref not in self._told:
            self._told.add(ref)
            warnings.warn(f"Run {ref.run_id}: {ref.path} is not read: {error}", RuntimeWarning, stacklevel=2)

    def _set_aside(self, ref: JournalRef, lines: Iterable[bytes]) -> None:
        try:
            place = set_aside(ref.path, lines)
        except OSError:
            place = ref.path
        warnings.warn(
            f"Run {ref.run_id}: some lines of its journal could not be read; they are kept in {place}.",
            RuntimeWarning,
            stacklevel=2,
        )
