"""The one place that joins kept bytes (`blobs`) and the rows that say which are there.

Bytes are put in place first and their row is written then; the row goes first when they are freed. Both
happen under a lock on the checksum, so that bytes which are freed and added at the same moment are either
there with a row, or gone without one.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, bindparam, delete, exists, func, select, text

from modellab.blobs.incoming import Incoming, sync_file
from modellab.blobs.port import BlobStore
from modellab.errors import Conflict, InvalidInput, StoreError
from modellab.records.artifacts import SHA256_PATTERN, check_sha256
from modellab.store.engine import Database
from modellab.store.platform_tables import artifacts, blobs, datasets
from modellab.store.times import now_us

UNNAMED_S = 3600
"""Seconds for which bytes may lie about without anything that names them."""

_BATCH = 200  # checksums that are locked at one time
_TRIES = 5
_ROW = select(blobs.c.sha256).where(blobs.c.sha256 == bindparam("sha256_"))
_ROWS = select(blobs.c.sha256).where(blobs.c.sha256.in_(bindparam("sums", expanding=True)))
_IS_USED = exists().where(artifacts.c.sha256 == blobs.c.sha256) | exists().where(
    datasets.c.sha256 == blobs.c.sha256
)
_UNUSED = select(blobs.c.sha256, blobs.c.size).where(
    blobs.c.sha256.in_(bindparam("sums", expanding=True)), ~_IS_USED
)
_ALL_UNUSED = select(blobs.c.sha256).where(blobs.c.created_us < bindparam("before_us"), ~_IS_USED)
_DELETE = delete(blobs).where(blobs.c.sha256.in_(bindparam("sums", expanding=True)))
_SPOKEN_OF = (
    select(artifacts.c.sha256, artifacts.c.size)
    .where(artifacts.c.sha256.in_(bindparam("sums", expanding=True)))
    .union(
        select(datasets.c.sha256, datasets.c.size).where(
            datasets.c.sha256.in_(bindparam("sums", expanding=True))
        )
    )
)
_NAMED_UNLISTED = (
    select(artifacts.c.sha256, artifacts.c.size)
    .where(~exists().where(blobs.c.sha256 == artifacts.c.sha256))
    .union(
        select(datasets.c.sha256, datasets.c.size).where(~exists().where(blobs.c.sha256 == datasets.c.sha256))
    )
)
_TOTAL = select(func.count(), func.coalesce(func.sum(blobs.c.size), 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Bytes that are kept: their SHA-256, and how many they are."""

    sha256: str
    size: int


class Upload:
    """Bytes that arrive: `write` them, then `finish`, or `abort` at any time. Made by `FileShelf.start`."""

    def __init__(self, shelf: FileShelf, incoming: Incoming) -> None:
        self._shelf = shelf
        self._incoming = incoming

    @property
    def size(self) -> int:
        """The bytes that have arrived."""
        return self._incoming.size

    def write(self, *pieces: bytes | memoryview) -> None:
        """Take in bytes; raises `StoreError`."""
        self._incoming.write(*pieces)

    def finish(self, expected: str | None = None) -> Kept:
        """Keep the bytes, if their SHA-256 is the `expected` one; else `InvalidInput`, and nothing is kept.

        Until a row of an artifact or a dataset names them they may be freed again by a purge: see
        `require_kept`.
        """
        try:
            sha256 = self._incoming.close()
            wanted = sha256 if expected is None else check_sha256(expected)
            if wanted != sha256:
                raise InvalidInput(
                    f"The bytes that arrived have the SHA-256 {sha256}; expected was {wanted}.",
                    hint="They were changed on the way, or the checksum is of another file. Nothing is kept.",
                )
            self._shelf.keep(self._incoming.path, sha256, self._incoming.size)
        finally:
            self._incoming.remove()
        return Kept(sha256=sha256, size=self._incoming.size)

    def abort(self) -> None:
        """Forget what has arrived."""
        self._incoming.remove()


class FileShelf:
    """The kept bytes of one store."""

    def __init__(self, database: Database, open_blobs: Callable[[], BlobStore]) -> None:
        self._database = database
        self._open_blobs = open_blobs
        self._opened: BlobStore | None = None

    @property
    def blobs(self) -> BlobStore:
        """Where the bytes lie; opened when it is first needed."""
        if self._opened is None:
            self._opened = self._open_blobs()
        return self._opened

    def start(self) -> Upload:
        """Begin to take in bytes."""
        return Upload(self, Incoming(self.blobs.incoming))

    def keep(self, path: Path, sha256: str, size: int) -> None:
        """Keep the bytes of the file at `path`, whose checksum and size are known; the file stays."""
        for _ in range(_TRIES):
            self.blobs.put(path, sha256)
            try:
                if self._list(sha256, size):
                    return
            except BaseException:
                with contextlib.suppress(StoreError):  # the trouble that there is already is the one to tell
                    self._remove_unlisted([sha256])
                raise
            self._drop_damaged(sha256, size)
        raise StoreError(f"The bytes {sha256} could not be kept in {_TRIES} attempts.")

    def is_stored(self, sha256: str) -> bool:
        """Whether the bytes are kept."""
        with self._database.read() as connection:
            return connection.execute(_ROW, {"sha256_": sha256}).one_or_none() is not None

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`, in chunks; the first one raises `NotFound`."""
        return self.blobs.read(sha256, start, stop)

    def find_path(self, sha256: str) -> Path | None:
        """The local file that holds the bytes, not to be written to; `None` if there is none."""
        return self.blobs.find_path(sha256)

    @contextmanager
    def fetch(self, sha256: str) -> Iterator[Path]:
        """A local file with the bytes, for a `with` block: the kept one, or a download; raises `NotFound`."""
        path = self.find_path(sha256)
        if path is not None:
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="modellab-") as folder:
            path = Path(folder) / sha256
            with path.open("wb") as file:
                for data in self.read(sha256):
                    file.write(data)
            yield path

    def release(self, sha256s: Iterable[str]) -> int:
        """Free the bytes that no artifact and no dataset names any more; how many bytes that were.

        To be called after the rows that named them are gone for good, not within that transaction.
        """
        wanted = sorted(set(sha256s))
        return sum(self._release(wanted[at : at + _BATCH]) for at in range(0, len(wanted), _BATCH))

    def take_in(self, spool: Path) -> int:
        """Keep the files in `spool` that runs in the store speak of, and remove them there; their number.

        A file that nobody speaks of yet belongs to a journal that is not read yet, and waits.
        """
        n_kept = 0
        for batch in _list_spool(spool):
            spoken_of = self._find_spoken_of(batch)
            n_kept += sum(self._take_in(path) for path in batch if _describe(path) in spoken_of)
        return n_kept

    def sweep(self, spool: Path) -> int:
        """Free what nothing names, kept or in `spool`, for an hour or longer; how many bytes that was.

        Such are files that were logged again under the same path. To be called when every journal has
        been read, because one that has not may name what seems to be unnamed.
        """
        oldest_us = now_us() - UNNAMED_S * 1_000_000
        freed = 0
        for batch in _list_spool(spool):
            spoken_of = {sha256 for sha256, _ in self._find_spoken_of(batch)}
            freed += sum(_remove_old(path, oldest_us) for path in batch if path.name not in spoken_of)
        with self._database.read() as connection:
            unused = connection.execute(_ALL_UNUSED, {"before_us": oldest_us}).scalars().all()
        return freed + self.release(unused)

    def find_again(self) -> int:
        """List bytes that are in place and named, but have no row; how many files.

        For a database that was lost and filled again from journals.
        """
        with self._database.read() as connection:
            named = connection.execute(_NAMED_UNLISTED).all()
        return sum(self._list(row.sha256, row.size) for row in named)

    def count(self) -> tuple[int, int]:
        """How many files are kept, and how many bytes they have together."""
        with self._database.read() as connection:
            number, size = connection.execute(_TOTAL).one()
        return int(number), int(size)

    def _find_spoken_of(self, batch: Sequence[Path]) -> set[tuple[str, int]]:
        """Checksum and size of those of the files that an artifact or a dataset names."""
        with self._database.read() as connection:
            rows = connection.execute(_SPOKEN_OF, {"sums": [path.name for path in batch]})
            return {(row.sha256, row.size) for row in rows}

    def _take_in(self, path: Path) -> bool:
        try:
            if not self.is_stored(path.name):
                sync_file(path)
                self.keep(path, path.name, path.stat().st_size)
            path.unlink(missing_ok=True)
        except (OSError, StoreError):
            if path.exists():  # else another process was faster
                raise
            return False
        return True

    def _release(self, sums: Sequence[str]) -> int:
        with self._database.write() as connection:
            _lock(connection, self._database, sums)
            unused = {row.sha256: row.size for row in connection.execute(_UNUSED, {"sums": sums})}
            if unused:
                connection.execute(_DELETE, {"sums": list(unused)})
        return sum(unused[sha256] for sha256 in self._remove_unlisted(sorted(unused)))

    def _list(self, sha256: str, size: int) -> bool:
        """Write the row of bytes that are in place; whether they are: a purge may have been faster."""
        with self._database.write() as connection:
            _lock(connection, self._database, [sha256])
            if self.blobs.size(sha256) != size:
                return False
            # A row that is there already gets a new date, so that no sweep takes it for forgotten.
            row = {"sha256": sha256, "size": size, "created_us": now_us()}
            connection.execute(self._database.upsert(blobs), row)
            return True

    def _remove_unlisted(self, sums: Sequence[str]) -> Sequence[str]:
        """Remove bytes, except those that have a row: they were added again just now. Those that are gone."""
        if not sums:
            return []
        with self._database.write() as connection:
            _lock(connection, self._database, sums)
            listed = set(connection.execute(_ROWS, {"sums": list(sums)}).scalars())
            gone = [sha256 for sha256 in sums if sha256 not in listed]
            for sha256 in gone:
                self.blobs.remove(sha256)
        return gone

    def _drop_damaged(self, sha256: str, size: int) -> None:
        """Remove a kept file that a fault of the disk has cut, so that it can be put there again."""
        with self._database.write() as connection:
            _lock(connection, self._database, [sha256])
            if self.blobs.size(sha256) not in (None, size):
                self.blobs.remove(sha256)


def require_kept(connection: Connection, database: Database, sha256: str) -> None:
    """Raise `Conflict` unless the bytes are kept; until the transaction ends they cannot be freed then.

    For the transaction that writes a row which names bytes that have just arrived: a purge may have freed
    them in between, as nothing named them.
    """
    _lock(connection, database, [sha256])
    if connection.execute(_ROW, {"sha256_": sha256}).one_or_none() is None:
        raise Conflict(
            "The same bytes were removed for good at this very moment, by somebody else.",
            hint="Send them once more.",
        )


def _lock(connection: Connection, database: Database, sums: Sequence[str]) -> None:
    """Hold checksums, given in their order, until the transaction ends. SQLite has one writer anyway."""
    if not database.is_sqlite:
        for sha256 in sums:
            number = int(sha256[:15], 16)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})


def _list_spool(spool: Path) -> Iterator[list[Path]]:
    """The files in a spool, some at a time."""
    try:
        found = sorted(path for path in spool.iterdir() if SHA256_PATTERN.fullmatch(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return
    for at in range(0, len(found), _BATCH):
        yield found[at : at + _BATCH]


def _describe(path: Path) -> tuple[str, int] | None:
    """Name and size of a file; one that a power cut has shortened is not what its name says."""
    try:
        return path.name, path.stat().st_size
    except OSError:
        return None


def _remove_old(path: Path, oldest_us: int) -> int:
    try:
        found = path.stat()
        if found.st_mtime_ns // 1000 > oldest_us:
            return 0
        path.unlink()
    except OSError:
        return 0
    return found.st_size
