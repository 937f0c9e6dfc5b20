"""A file on its way in: written beside the kept ones, hashed while it arrives, gone if it is not finished."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

from modellab.errors import FilesUnavailable, StoreError
from modellab.journal.place import make_home

STALE_S = 3600
"""A file that nobody wrote to for so long (an hour) was left by a crash, and is removed."""

HASH_THREADS = 4
"""Uploads that are hashed at one time."""


_under_way: set[str] = set()  # names of this process's files: sending one on may take longer than an hour


class Incoming:
    """A new file in `folder`; `close` tells its checksum, and `remove` ends it, at any time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{os.getpid()}-{os.urandom(8).hex()}.part"
        self.size = 0
        self._hash = hashlib.sha256()
        self._hashing: Future[None] | None = None
        self._lock = threading.Lock()
        try:
            self._file = _create(self.path)
        except OSError as error:
            raise describe_trouble(folder, error) from error
        self._is_open = True
        _under_way.add(self.path.name)

    def write(self, *pieces: bytes | memoryview) -> None:
        """Append bytes; raises `StoreError` if the disk does not take them.

        They are hashed by another thread while they are written: each takes about as long.
        """
        with self._lock:
            if not self._is_open:
                raise StoreError("This upload has ended.")
            self._settle()
            self._hashing = _hashers().submit(_hash_all, self._hash, pieces)
            self.size += sum(map(len, pieces))
            try:
                for data in pieces:
                    _write_all(self._file, data)
            except OSError as error:
                raise describe_trouble(self.path.parent, error) from error

    def close(self) -> str:
        """Put the file on disk; its SHA-256."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                try:
                    os.fsync(self._file)
                except OSError as error:
                    raise describe_trouble(self.path.parent, error) from error
                finally:
                    os.close(self._file)
            self._settle()
        return self._hash.hexdigest()

    def _settle(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None

    def remove(self) -> None:
        """Remove the file, finished or not."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                os.close(self._file)
            self.path.unlink(missing_ok=True)
            _under_way.discard(self.path.name)


def sweep(folder: Path) -> None:
    """Remove what crashes left in `folder` more than an hour ago."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    oldest = time.time() - STALE_S
    for entry in entries:
        try:
            if entry.name in _under_way or not entry.name.endswith(".part"):
                continue
            if entry.stat(follow_symlinks=False).st_mtime < oldest:
                os.unlink(entry.path)
        except OSError:
            continue


def sync_file(path: Path) -> None:
    """Have a file's bytes survive a power cut."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def describe_trouble(place: Path, error: OSError) -> FilesUnavailable:
    """What a disk said, as a sentence for its user."""
    return FilesUnavailable(
        f"The files in {place} cannot be used: {error.strerror or error}.",
        hint="Free some space, or set MODELLAB_ARTIFACTS to another place.",
    )


@cache
def _hashers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(HASH_THREADS, "modellab-hash")


def _hash_all(digest: hashlib._Hash, pieces: Sequence[bytes | memoryview]) -> None:
    for data in pieces:
        digest.update(data)


def _create(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags, 0o666)
    except FileNotFoundError:
        make_home(path.parent.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o666)


def _write_all(file: int, data: bytes | memoryview) -> None:
    written = os.write(file, data)
    while written < len(data):
        data = memoryview(data)[written:]
        written = os.write(file, data)
