"""What a place for bytes can do; `local.py` and `s3.py` do it, and one suite of tests holds both to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 1024 * 1024
"""Bytes that are read and handed on at a time."""


class BlobStore(Protocol):
    """Keeps bytes under their SHA-256. All methods may be called from several threads and processes.

    Trouble with the place itself is a `StoreError`.
    """

    @property
    def incoming(self) -> Path:
        """The folder, beside the place or on this machine, where files lie until their checksum is known."""
        ...

    def put(self, path: Path, sha256: str) -> None:
        """Keep a copy of the file at `path`, whose SHA-256 is known; nothing happens if it is there already.

        The file stays where it is, and is not written to any more: the copy may share its bytes. They are
        kept wholly or not at all, whatever happens meanwhile.
        """
        ...

    def size(self, sha256: str) -> int | None:
        """How many bytes are kept under a checksum; `None` if it is not there."""
        ...

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop` (else the end), in chunks; the first raises `NotFound`."""
        ...

    def find_path(self, sha256: str) -> Path | None:
        """The file on this machine that holds the bytes; `None` if they are not there or elsewhere."""
        ...

    def remove(self, sha256: str) -> None:
        """Remove the bytes; nothing happens if they are not there."""
        ...

    def set_aside(self, sha256: str) -> None:
        """Move bytes that are not what their checksum says to `damaged/<checksum>`, beside the kept ones."""
        ...
