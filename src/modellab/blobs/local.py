"""Bytes in a local folder: `<root>/<2 hex>/<62 hex>`, each file put there wholly or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from modellab.blobs.incoming import describe_trouble
from modellab.blobs.port import CHUNK_BYTES
from modellab.errors import NotFound
from modellab.journal.place import make_home


class FolderBlobs:
    """The bytes in one folder, which may lie on any file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"

    @property
    def incoming(self) -> Path:
        """The folder of files that are not finished."""
        return self._incoming

    def put(self, path: Path, sha256: str) -> None:
        """Keep the file at `path`: by a second name for it on the same disk, else by a copy."""
        place = self._place(sha256)
        if place.exists():
            return
        try:
            make_home(self.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, place)
            except FileExistsError:
                return
            except OSError:  # another disk, or one without second names
                self._copy(path, place)
            _sync_folder(place.parent)
        except OSError as error:
            raise describe_trouble(self.root, error) from error

    def size(self, sha256: str) -> int | None:
        """The size of the file; `None` if there is none."""
        try:
            return self._place(sha256).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise describe_trouble(self.root, error) from error

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes in chunks; a file that is removed meanwhile is read to its end."""
        try:
            file = os.open(self._place(sha256), os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            raise missing(sha256) from None
        except OSError as error:
            raise describe_trouble(self.root, error) from error
        try:
            os.lseek(file, start, os.SEEK_SET)
            while stop is None or start < stop:
                data = os.read(file, CHUNK_BYTES if stop is None else min(CHUNK_BYTES, stop - start))
                if not data:
                    return
                start += len(data)
                yield data
        finally:
            os.close(file)

    def find_path(self, sha256: str) -> Path | None:
        """The file itself."""
        place = self._place(sha256)
        return place if place.exists() else None

    def remove(self, sha256: str) -> None:
        """Remove the file."""
        place = self._place(sha256)
        try:
            place.unlink(missing_ok=True)
        except OSError as error:
            raise describe_trouble(self.root, error) from error

    def set_aside(self, sha256: str) -> None:
        """Move the file to `damaged/`."""
        aside = self.root / "damaged" / sha256
        try:
            aside.parent.mkdir(exist_ok=True)
            self._place(sha256).replace(aside)
        except FileNotFoundError:
            return
        except OSError as error:
            raise describe_trouble(self.root, error) from error

    def _place(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:]

    def _copy(self, path: Path, place: Path) -> None:
        self._incoming.mkdir(parents=True, exist_ok=True)
        beside = self._incoming / f"{os.getpid()}-{os.urandom(8).hex()}.part"
        try:
            shutil.copyfile(path, beside)
            with beside.open("rb") as file:
                os.fsync(file.fileno())
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)


def missing(sha256: str) -> NotFound:
    """That no bytes are kept under a checksum."""
    return NotFound(f"No bytes are kept under the checksum {sha256[:64]}.")


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file survive a power cut, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
