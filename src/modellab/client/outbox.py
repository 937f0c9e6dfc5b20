"""What waits on this machine for one server, and the requests that bring it there.

An outbox is a folder: `journals/` and `spool/` as everywhere, and `address`, the server's address.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from modellab.client.connection import Connection, as_error
from modellab.errors import Conflict, InvalidInput
from modellab.journal.place import JournalRef
from modellab.journal.reader import read_complete
from modellab.settings import Settings

MAX_REQUEST_BYTES = 64 << 20
"""The most bytes of a journal that a server takes in one request."""
PART_BYTES = 256 << 10
"""Bytes of a file between two looks at what else there is to do."""

_ADDRESS = "address"
_FILES = "/api/modellab/files"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAMED_FILE = re.compile(rb'"sha256":"([0-9a-f]{64})"')
_FILE_EVENTS = (b'{"event":"artifact"', b'{"event":"dataset"')


class Sent(NamedTuple):
    """What one request did: where the journal goes on, and what the server took in."""

    offset: int
    n_points: int
    is_ended: bool
    digests: tuple[str, ...]
    """The files that the lines speak of."""


class Outbox:
    """What waits for one server, and connections to send it by: one for journals and one for files."""

    def __init__(self, folder: Path, api_url: str, api_key: str | None) -> None:
        self.folder = folder
        self.journals = folder / "journals"
        self.spool = folder / "spool"
        self.connection = Connection(api_url, api_key)
        self._file_connection = Connection(api_url, api_key)

    def read_offset(self, ref: JournalRef) -> int:
        """How much of a journal the server has, in bytes."""
        found = self.connection.get_json(_journal_address(ref))
        return int(found["offset"])

    def send_lines(self, ref: JournalRef, offset: int) -> Sent | None:
        """Send the complete lines that begin at byte `offset`, some MiB of them; `None` if there are none.

        Raises `Unreachable`, or what the server refuses them with.
        """
        data = read_complete(ref.path, offset)
        if len(data) > MAX_REQUEST_BYTES:
            data = data[: data.rfind(b"\n", 0, MAX_REQUEST_BYTES) + 1]
            if not data:
                raise InvalidInput(f"A line of {ref.path} is longer than {MAX_REQUEST_BYTES:,} bytes.")
        return self._post(ref, offset, data) if data else None

    def send_heartbeat(self, ref: JournalRef, offset: int) -> Sent:
        """Say that a journal's writer lives; the server answers how much of the journal it has."""
        return self._post(ref, offset, b"")

    def send_death(self, ref: JournalRef) -> None:
        """Say that a journal's writer is gone without having ended it."""
        connection = self.connection
        connection.read_json(connection.ask("POST", _journal_address(ref) + "/dead", body=b""))

    def list_files(self) -> list[str]:
        """The SHA-256 of each file that waits."""
        try:
            return sorted(name for name in os.listdir(self.spool) if _SHA256.fullmatch(name))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def send_file(self, sha256: str, between: Callable[[int], None]) -> int:
        """Send a file that waits, and take it away once the server has it; how many bytes went out.

        `between` is called with the number of bytes after each part. A file that another process has
        sent meanwhile is none. Raises `Unreachable`, or what the server refuses it with.
        """
        path, connection = self.spool / sha256, self._file_connection
        sent = 0
        with contextlib.suppress(FileNotFoundError):
            size = path.stat().st_size
            if not self.is_stored(sha256):
                parts = _read_parts(path, between)
                answer = connection.ask(
                    "PUT",
                    _FILES,
                    query={"sha256": sha256},
                    body=parts,
                    size=size,
                    media_type="application/octet-stream",
                )
                connection.read_json(answer)
                sent = size
            path.unlink()
        return sent

    def is_stored(self, sha256: str) -> bool:
        """Whether the server has a file."""
        return bool(self._file_connection.get_json(_FILES, {"sha256": sha256})["is_stored"])

    def close(self) -> None:
        """Close the connections."""
        self.connection.close()
        self._file_connection.close()

    def _post(self, ref: JournalRef, offset: int, data: bytes) -> Sent:
        answer = self.connection.ask(
            "POST",
            _journal_address(ref),
            query={"offset": offset},
            body=data,
            media_type="application/x-ndjson",
        )
        if answer.status == 409:
            error = as_error(answer, self.connection.api_url)
            expected = getattr(error, "expected", None)
            if not isinstance(error, Conflict) or expected in (None, offset):
                raise error
            return Sent(int(expected or 0), 0, False, ())
        found = self.connection.read_json(answer)
        return Sent(found["offset"], found["n_points"], found["is_ended"], tuple(find_digests(data)))


def write_address(settings: Settings) -> None:
    """Note in an outbox which server it is for."""
    assert settings.api_url is not None
    path = settings.outbox(settings.api_url) / _ADDRESS
    with contextlib.suppress(OSError):  # without it, `modellab sync --url` still finds the outbox
        if not path.exists() or path.read_text(encoding="utf-8") != settings.api_url:
            path.write_text(settings.api_url, encoding="utf-8")


def list_outboxes(settings: Settings) -> dict[str, Path]:
    """The outboxes of a project: folders by the addresses of their servers."""
    found = {}
    for path in sorted(settings.outboxes.glob(f"*/{_ADDRESS}")):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            found[path.read_text(encoding="utf-8").strip()] = path.parent
    if settings.api_url is not None and settings.outbox(settings.api_url).is_dir():
        found[settings.api_url] = settings.outbox(settings.api_url)
    return found


def _journal_address(ref: JournalRef) -> str:
    return f"/api/modellab/journals/{ref.run_id}/{ref.writer_id}"


def find_digests(lines: bytes) -> Iterator[str]:
    """The files that lines speak of."""
    for event in _FILE_EVENTS:
        start = lines.find(event)
        while start >= 0:
            end = lines.find(b"\n", start)
            for digest in _NAMED_FILE.findall(lines, start, end):
                yield digest.decode()
            start = lines.find(event, end)


def _read_parts(path: Path, between: Callable[[int], None]) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PART_BYTES):
            yield part
            between(len(part))
