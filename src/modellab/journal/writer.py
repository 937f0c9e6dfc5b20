"""Writes one journal: one `write()` a line, never raising, counting what could not be written."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modellab.errors import InvalidSetting
from modellab.ids import new_writer_id
from modellab.journal.line import encode_event
from modellab.journal.lock import hold_lock
from modellab.journal.place import journal_path, make_run_folder, mark_open
from modellab.notice import tell

_CLOSED = -1
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)


class JournalWriter:
    """The journal of one process for one run; lines are in the kernel's hands when a call returns.

    `fd` takes lines directly (`os.write(writer.fd, line)`) and is -1 when that is not possible:
    closed, forked, or the last write failed. `append` takes lines always. A process killed at any
    moment loses nothing; `sync` (called at start, end and every few seconds) also guards against a
    power cut.
    """

    def __init__(self, journals: Path, run_id: str, *, fork_fields: Mapping[str, Any] | None = None) -> None:
        self.run_id = run_id
        self.dropped = 0
        self._journals = journals
        self._fork_fields = dict(fork_fields or {})
        self._lock = threading.Lock()
        self._broken = False  # the file ends in the middle of a line
        self._warned = False
        self._forked = False
        self._file = self.fd = _CLOSED
        try:
            self._open()
        except OSError as error:
            raise InvalidSetting(
                f"The journal of a run cannot be written to {journals}: {error.strerror or error}.",
                hint="Set DB_PATH (or MODELLAB_HOME) to a folder that can be written to.",
            ) from error
        _writers.add(self)

    @property
    def path(self) -> Path:
        """Where this writer's journal lies."""
        return journal_path(self._journals, self.run_id, self.writer_id)

    def append(self, line: bytes, *, weight: int = 1) -> bool:
        """Write one line; whether that worked. `weight` is what `dropped` grows by if it did not."""
        with self._lock:
            try:
                if self._forked:
                    self._reopen_after_fork()
                if self._file == _CLOSED:
                    raise OSError("the run has finished")
                if self._broken:
                    self._write_whole(b"\n")
                    self._broken = False
                self._write_whole(line)
                self.fd = self._file
                return True
            except OSError as error:
                self.fd = _CLOSED  # every line comes through here until one can be written
                self.dropped += weight
                problem = error
        self._warn(problem)
        return False

    def append_event(self, event: str, fields: Mapping[str, Any], *, weight: int = 1) -> bool:
        """Write an event with the present time; whether that worked."""
        return self.append(encode_event(event, time.time_ns() // 1_000_000, fields), weight=weight)

    def finish_partial(self, line: bytes, written: int, *, weight: int = 1) -> None:
        """Write the rest of a line of which `os.write(fd, line)` took only `written` bytes."""
        with self._lock:
            try:
                self._write_whole(line[written:])
                return
            except OSError as error:
                self.fd, self._broken = _CLOSED, True
                self.dropped += weight
                problem = error
        self._warn(problem)

    def sync(self) -> None:
        """Have the kernel put the journal on disk; puts back a journal that was deleted meanwhile."""
        with self._lock:
            if self._file == _CLOSED or self._forked:
                return
            try:
                if os.fstat(self._file).st_nlink == 0:
                    self._restore()
                os.fsync(self._file)
                return
            except OSError as error:
                problem = error
        self._warn(problem)

    def close(self) -> None:
        """Sync and let go of the file; the lock is free then."""
        self.sync()
        with self._lock:
            if self._file != _CLOSED and not self._forked:
                os.close(self._file)
            self.fd = self._file = _CLOSED
            self._forked = False
        _writers.discard(self)

    def _open(self) -> None:
        self.writer_id = new_writer_id()
        path = self.path
        make_run_folder(self._journals, self.run_id)
        self._file = os.open(path, _FLAGS, 0o644)
        self.locked = hold_lock(self._file)
        # Only now: a collector that finds a marked journal without a lock takes its writer for dead.
        mark_open(self._journals, self.run_id, self.writer_id)
        self.fd = self._file

    def _write_whole(self, data: bytes) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError:
            self._broken = self._broken or written > 0
            raise

    def _reopen_after_fork(self) -> None:
        self._file = self.fd = _CLOSED
        self._open()
        self._forked = False
        self._write_whole(encode_event("fork", time.time_ns() // 1_000_000, self._fork_fields))

    def _restore(self) -> None:
        """Write the lines so far to a new file: the old one was deleted, but is still open here."""
        path = self.path
        make_run_folder(self._journals, self.run_id)
        new = os.open(path, _FLAGS, 0o644)
        self.fd = _CLOSED  # lines of other threads wait for the lock
        try:
            done = 0
            while part := os.pread(self._file, 1 << 20, done):
                done += os.write(new, part)
            self.locked = hold_lock(new)
            mark_open(self._journals, self.run_id, self.writer_id)
            # The number stays the same: a line that is on its way finds the new file.
            os.dup2(new, self._file, inheritable=False)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(new)
            self.fd = self._file

    def _warn(self, error: OSError) -> None:
        """Say once what is wrong; never with the lock held, as a captured console is logged itself."""
        if self._warned:
            return
        self._warned = True
        message = (
            f"Run {self.run_id}: what is logged cannot be written ({error.strerror or error}). "
            "Training goes on; `run.dropped` counts what is lost."
        )
        tell(message, stacklevel=5)

    def _forget_parent(self) -> None:
        """In a forked child: leave the parent's file (and lock) alone; the next line opens an own one."""
        self._lock = threading.Lock()
        if self._file != _CLOSED:
            os.close(self._file)
            self.fd = self._file = _CLOSED
            self._forked = True
            self.dropped = 0


_writers: weakref.WeakSet[JournalWriter] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for writer in list(_writers):
        writer._forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
