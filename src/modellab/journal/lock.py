"""Who is alive: a live writer holds a lock on its journal, and the kernel lets go when it dies."""

from __future__ import annotations

import errno
import os
from pathlib import Path

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


def is_process_alive(pid: int) -> bool:
    """Whether a process with this id exists on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
