"""Who is alive: a live writer holds a lock on its journal, and the kernel lets go when it dies."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import orjson

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def hold_lock(fd: int) -> bool:
    """Lock the open journal `fd` for as long as it is open; whether the file system can do that."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Another process looks at the lock at this very moment; it lets go at once.
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            fcntl.flock(fd, fcntl.LOCK_EX)
            return True
        return False
    return True


def is_locked(path: Path) -> bool | None:
    """Whether some process holds the journal's lock; `None` where the file system cannot tell."""
    if fcntl is None:
        return None
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return True if error.errno in (errno.EWOULDBLOCK, errno.EACCES) else None
    finally:
        os.close(fd)
    return False


def is_alive(path: Path) -> bool:
    """Whether a journal's writer may still write.

    Where the file system has no locks, the process named in the first line decides, if it ran on this
    machine; a writer on another machine is taken to be alive.
    """
    locked = is_locked(path)
    if locked is not None:
        return locked
    try:
        with path.open("rb") as file:
            start = orjson.loads(file.readline())
        if start["hostname"] != socket.gethostname():
            return True
        os.kill(start["pid"], 0)
    except (ProcessLookupError, FileNotFoundError):
        return False
    except (OSError, ValueError, LookupError, TypeError):
        return True
    return True
