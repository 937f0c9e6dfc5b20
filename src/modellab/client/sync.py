"""Sends what waits in an outbox: of processes that ended while their server was away, or that died."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from modellab.client.outbox import Outbox, find_digests
from modellab.errors import ModelLabError, TooManyRequests, Unauthenticated, Unreachable
from modellab.journal.lock import is_alive
from modellab.journal.place import JournalRef, list_all, list_open, unmark_open
from modellab.journal.reader import has_ended, journal_size, read_first_line, starts_run, tail_lines

MAX_WAIT_S = 60
"""A server that asks for a longer pause than this is not waited for."""


@dataclass(slots=True)
class Synced:
    """What was sent, and what was not: `problems` by the run or file that still waits."""

    run_ids: set[str] = field(default_factory=set)
    n_points: int = 0
    n_bytes: int = 0
    n_files: int = 0
    n_live: int = 0
    """Journals whose processes still write; those send the rest themselves."""
    problems: dict[str, ModelLabError] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """The SHA-256 of files that journals speak of and that neither this machine nor the server has."""


class Sync:
    """One pass over an outbox: its journals that wait (or `everything`), then its files."""

    def __init__(self, outbox: Outbox, *, everything: bool = False) -> None:
        self._outbox = outbox
        self._everything = everything
        found = list_all(outbox.journals) if everything else list_open(outbox.journals)
        # The first line of a run says where it belongs: before its forked children.
        self._journals = sorted(found, key=lambda ref: (ref.run_id, not _starts(ref), ref.writer_id))
        self._files = outbox.list_files()
        self._done = Synced()

    @property
    def n_bytes(self) -> int:
        """The size of all that is looked at, as far as it is still there."""
        paths = [ref.path for ref in self._journals]
        paths += [self._outbox.spool / name for name in self._files]
        return sum(map(journal_size, paths))

    def run(self, on_bytes: Callable[[int], None]) -> Synced:
        """Send everything; `on_bytes` is called with the number of bytes after each step.

        What the server refuses stays where it is, and the others are sent. Raises `Unreachable` and
        `Unauthenticated`, after which the next pass goes on from there.
        """
        for ref in self._journals:
            self._try(ref.run_id, lambda ref=ref: self._send_journal(ref, on_bytes))  # type: ignore[misc]
        for name in self._files:
            self._try(name, lambda name=name: self._send_file(name, on_bytes))  # type: ignore[misc]
        if self._everything:
            for name in sorted(self._list_named() - set(self._files)):
                self._try(name, lambda name=name: self._look_for(name))  # type: ignore[misc]
        return self._done

    def _try(self, what: str, send: Callable[[], None]) -> None:
        while True:
            try:
                return send()
            except TooManyRequests as problem:
                if problem.retry_after_s > MAX_WAIT_S:
                    raise
                time.sleep(problem.retry_after_s)
            except (Unreachable, Unauthenticated):
                raise
            except ModelLabError as problem:
                self._done.problems[what] = problem
                return None

    def _send_journal(self, ref: JournalRef, on_bytes: Callable[[int], None]) -> None:
        alive = is_alive(ref.path)  # asked before reading, so that nothing comes after it
        if not journal_size(ref.path):
            if not alive:
                unmark_open(self._outbox.journals, ref.run_id, ref.writer_id)
            return
        offset = self._outbox.read_offset(ref)
        on_bytes(offset)
        while (sent := self._outbox.send_lines(ref, offset)) is not None:
            moved, offset = sent.offset - offset, sent.offset
            on_bytes(max(0, moved))
            self._done.n_bytes += max(0, moved)
            self._done.n_points += sent.n_points
            self._done.run_ids.add(ref.run_id)
        if alive:
            self._done.n_live += 1
            return
        if not has_ended(ref.path):
            self._outbox.send_death(ref)
        unmark_open(self._outbox.journals, ref.run_id, ref.writer_id)

    def _send_file(self, name: str, on_bytes: Callable[[int], None]) -> None:
        self._done.n_bytes += self._outbox.send_file(name, on_bytes)
        self._done.n_files += 1

    def _list_named(self) -> set[str]:
        """The files that journals speak of; those that were sent are no longer here."""
        paths = [ref.path for ref in self._journals if journal_size(ref.path)]
        return {name for path in paths for lines in tail_lines(path) for name in find_digests(lines)}

    def _look_for(self, name: str) -> None:
        if not self._outbox.is_stored(name):
            self._done.lost.add(name)


def _starts(ref: JournalRef) -> bool:
    return journal_size(ref.path) > 0 and bool(read_first_line(ref.path)) and starts_run(ref.path)
