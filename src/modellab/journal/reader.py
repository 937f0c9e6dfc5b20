"""Reads journals: complete lines from an offset on, and what a crash left behind."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

BATCH_BYTES = 4 << 20
"""What is read at once; a longer line is read whole."""
_LAST_LINE_BYTES = 1 << 20
MAX_FRAGMENT_BYTES = 64 << 20
"""No more of a torn line is set aside."""


def read_complete(path: Path, offset: int, *, limit: int = BATCH_BYTES) -> bytes:
    """The complete lines from `offset` on, about `limit` bytes of them; empty if there are none yet.

    A line longer than `limit` is read whole, lest it hide the lines behind it. A torn last line waits
    for its rest. Raises `FileNotFoundError` if the journal is gone.
    """
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        data = file.read(limit) or b""
        end = data.rfind(b"\n") + 1
        while not end and len(data) >= limit:
            more = file.read(len(data)) or b""
            if not more:
                break
            newline = more.rfind(b"\n") + 1
            end = len(data) + newline if newline else 0
            data += more
    return data if end == len(data) else data[:end]


def tail_lines(path: Path, offset: int = 0) -> Iterator[bytes]:
    """Batches of complete lines from `offset` to the end of what is there now."""
    while data := read_complete(path, offset):
        offset += len(data)
        yield data


def read_fragment(path: Path, offset: int) -> bytes:
    """What stands after the last complete line from `offset` on: the torn line of a crash, or nothing."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(MAX_FRAGMENT_BYTES)
    return data[data.rfind(b"\n") + 1 :]


def read_first_line(path: Path) -> bytes:
    """A journal's first line; empty if it is not there yet."""
    with path.open("rb") as file:
        line = file.readline()
    return line if line.endswith(b"\n") else b""


def starts_run(path: Path) -> bool:
    """Whether a journal is that of a main writer, not of a forked child."""
    return read_first_line(path).startswith(b'{"event":"start"')


def has_ended(path: Path) -> bool:
    """Whether a journal's last line says that its writer has ended."""
    with path.open("rb") as file:
        file.seek(max(0, journal_size(path) - _LAST_LINE_BYTES))
        return file.read().rstrip(b"\n").rpartition(b"\n")[2].startswith(b'{"event":"end"')


def journal_size(path: Path) -> int:
    """The journal's length in bytes; 0 if it is not there."""
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def set_aside(path: Path, lines: Iterable[bytes]) -> Path:
    """Append unreadable lines to the `.bad` file beside the journal, each once; where that is."""
    bad = path.with_suffix(".bad")
    known = set(bad.read_bytes().split(b"\n")) if bad.exists() else set()
    with bad.open("ab") as file:
        for line in lines:
            if line not in known:
                file.write(line + b"\n")
    return bad
