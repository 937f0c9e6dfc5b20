"""Bytes on their way in, until `store/files.py` keeps them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modellab.blobs.incoming import Incoming
from modellab.errors import InvalidInput
from modellab.records.artifacts import check_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Bytes that are kept: their SHA-256, and how many they are."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Bytes that are to be kept, and the file that has them for now."""

    sha256: str
    size: int
    source: Path


class Upload:
    """Bytes that arrive: `write` them, then `check` or `finish`, and `abort` at any time.

    Made by `FileShelf.start`.
    """

    def __init__(self, incoming: Incoming, keep: Callable[[Path, str, int], None]) -> None:
        self._incoming = incoming
        self._keep = keep

    @property
    def size(self) -> int:
        """The bytes that have arrived."""
        return self._incoming.size

    def write(self, *pieces: bytes | memoryview) -> None:
        """Take in bytes; raises `StoreError`."""
        self._incoming.write(*pieces)

    def check(self, expected: str | None = None) -> Arrived:
        """All bytes that arrived, if their SHA-256 is the `expected` one; else `InvalidInput`.

        They are not kept yet, only in their `source`, which is there until `abort`: see
        `FileShelf.keep_named`.
        """
        sha256 = self._incoming.close()
        wanted = sha256 if expected is None else check_sha256(expected)
        if wanted != sha256:
            raise InvalidInput(
                f"The bytes that arrived have the SHA-256 {sha256}; expected was {wanted}.",
                hint="They were changed on the way, or the checksum is of another file. Nothing is kept.",
            )
        return Arrived(sha256=sha256, size=self._incoming.size, source=self._incoming.path)

    def finish(self, expected: str | None = None) -> Kept:
        """Keep the bytes, which nothing names yet; raises what `check` does, and keeps nothing then.

        Until a row of an artifact or a dataset names them they may be freed again by a purge.
        """
        try:
            arrived = self.check(expected)
            self._keep(self._incoming.path, arrived.sha256, arrived.size)
        finally:
            self._incoming.remove()
        return Kept(sha256=arrived.sha256, size=arrived.size)

    def abort(self) -> None:
        """Forget what has arrived."""
        self._incoming.remove()
