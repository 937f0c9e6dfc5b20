"""The one place that joins kept bytes (`blobs`) and the rows that say which are there.

Bytes are put in place first; their row is written then, together with the row of the artifact or dataset
that names them. When they are freed the row goes first. Both happen under a lock on the checksum, so that
bytes which are freed and added at the same moment are either there with a row, or gone without one.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, bindparam, delete, exists, func, select, text

from modellab.blobs.incoming import Incoming, sweep, sync_file
from modellab.blobs.local import missing
from modellab.blobs.port import BlobStore
from modellab.errors import Conflict, NotFound, StoreError
from modellab.records.artifacts import SHA256_PATTERN
from modellab.store.arrivals import Arrived, Kept, Upload
from modellab.store.engine import Database
from modellab.store.platform_tables import artifacts, blobs, datasets
from modellab.store.tables import runs
from modellab.store.times import now_us

__all__ = ["UNNAMED_S", "Arrived", "FileShelf", "Kept", "Upload"]

UNNAMED_S = 3600
"""Seconds for which bytes may lie about without anything that names them."""

T = TypeVar("T")

_BATCH = 200  # checksums that are locked at one time
_TRIES = 5
_ROW = select(blobs.c.sha256).where(blobs.c.sha256 == bindparam("sha256_"))
_ROWS = select(blobs.c.sha256).where(blobs.c.sha256.in_(bindparam("sums", expanding=True)))
_IS_USED = exists().where(artifacts.c.sha256 == blobs.c.sha256) | exists().where(
    datasets.c.sha256 == blobs.c.sha256, datasets.c.purged_us.is_(None)
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
            datasets.c.sha256.in_(bindparam("sums", expanding=True)), datasets.c.purged_us.is_(None)
        )
    )
)
_NAMED_UNLISTED = (
    select(artifacts.c.sha256, artifacts.c.size)
    .where(~exists().where(blobs.c.sha256 == artifacts.c.sha256))
    .union(
        select(datasets.c.sha256, datasets.c.size).where(
            ~exists().where(blobs.c.sha256 == datasets.c.sha256), datasets.c.purged_us.is_(None)
        )
    )
)
_NAMED_BY_RUNS = (
    select(artifacts.c.path, runs.c.run_id)
    .join(runs, runs.c.id == artifacts.c.run)
    .where(artifacts.c.sha256 == bindparam("sha256_"))
    .order_by(artifacts.c.run, artifacts.c.path)
    .limit(10)
)
_NAMED_BY_DATASETS = (
    select(datasets.c.name, datasets.c.version)
    .where(datasets.c.sha256 == bindparam("sha256_"))
    .order_by(datasets.c.id)
    .limit(10)
)
_TOTAL = select(func.count(), func.coalesce(func.sum(blobs.c.size), 0))


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
        return Upload(Incoming(self.blobs.incoming), self.keep)

    def keep(self, path: Path, sha256: str, size: int) -> None:
        """Keep the bytes of the file at `path`, whose checksum and size are known; the file stays."""
        self.keep_named(Arrived(sha256=sha256, size=size, source=path), lambda _connection: None)

    def keep_named(self, given: Arrived | Kept, name: Callable[[Connection], T]) -> T:
        """Keep bytes and write the rows that name them, by `name`, in one transaction; what `name` returns.

        No purge comes in between: bytes that have arrived and that one removes meanwhile are put there
        again, and of bytes that were kept before it raises `Conflict`. What `name` raises leaves nothing.
        """
        if isinstance(given, Kept):
            with self._database.write() as connection:
                _lock(connection, self._database, [given.sha256])
                if connection.execute(_ROW, {"sha256_": given.sha256}).one_or_none() is None:
                    raise Conflict(
                        "The same bytes were removed for good at this very moment, by somebody else.",
                        hint="Send them once more.",
                    )
                return name(connection)
        for tries_left in reversed(range(_TRIES)):
            self.blobs.put(given.source, given.sha256)
            try:
                with self._database.write() as connection:
                    _lock(connection, self._database, [given.sha256])
                    if not tries_left:  # nobody can remove it now; not at first, as sending to S3 may last
                        self.blobs.put(given.source, given.sha256)
                    if self._list(connection, given.sha256, given.size):
                        return name(connection)
            except BaseException:
                with contextlib.suppress(StoreError):  # the trouble that there is already is the one to tell
                    self._remove_unlisted([given.sha256])
                raise
            self._drop_damaged(given.sha256, given.size)
        raise StoreError(f"The bytes {given.sha256} could not be kept in {_TRIES} attempts.")

    def is_stored(self, sha256: str) -> bool:
        """Whether the bytes are kept."""
        with self._database.read() as connection:
            return connection.execute(_ROW, {"sha256_": sha256}).one_or_none() is not None

    def require_there(self, sha256: str) -> None:
        """Raise `NotFound` unless the bytes are in their place, whatever their row says."""
        if self.blobs.size(sha256) is None:
            raise missing(sha256)

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

    def sweep_incoming(self) -> None:
        """Remove uploads that a crash has cut, an hour after their last byte."""
        sweep(self.blobs.incoming)

    def check(self) -> Iterator[tuple[str, str]]:
        """Read every kept file; the checksum of each, and whether it is `whole`, `damaged` or `missing`.

        A damaged file is set aside, and its bytes count as not kept, so that an upload brings them back.
        """
        with self._database.read() as connection:
            listed = connection.execute(select(blobs.c.sha256).order_by(blobs.c.sha256)).scalars().all()
        for sha256 in listed:
            try:
                is_whole = _hash(self.read(sha256)) == sha256
            except NotFound:
                if self.is_stored(sha256):  # else it was freed meanwhile
                    yield sha256, "missing"
                continue
            yield sha256, "whole" if is_whole or not self._set_aside(sha256) else "damaged"

    def list_names(self, sha256: str) -> list[str]:
        """Which artifacts and datasets have these bytes, at most 20 of them, in words."""
        with self._database.read() as connection:
            files = connection.execute(_NAMED_BY_RUNS, {"sha256_": sha256}).all()
            versions = connection.execute(_NAMED_BY_DATASETS, {"sha256_": sha256}).all()
        return [f"{row.path} of run {row.run_id}" for row in files] + [
            f"dataset {row.name} version {row.version}" for row in versions
        ]

    def find_again(self) -> int:
        """List bytes that are in place and named, but have no row; how many files.

        For a database that was lost and filled again from journals.
        """
        with self._database.read() as connection:
            named = connection.execute(_NAMED_UNLISTED).all()
        return sum(self._find_again(row.sha256, row.size) for row in named)

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
            size = path.stat().st_size
            # The place is asked too: somebody may have emptied it, and these are the last bytes then.
            if not self.is_stored(path.name) or self.blobs.size(path.name) != size:
                sync_file(path)
                self.keep(path, path.name, size)
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

    def _list(self, connection: Connection, sha256: str, size: int) -> bool:
        """Write the row of bytes that are in place; whether they are: a purge may have been faster."""
        if self.blobs.size(sha256) != size:
            return False
        # A row that is there already gets a new date, so that no sweep takes it for forgotten.
        row = {"sha256": sha256, "size": size, "created_us": now_us()}
        connection.execute(self._database.upsert(blobs), row)
        return True

    def _find_again(self, sha256: str, size: int) -> bool:
        with self._database.write() as connection:
            _lock(connection, self._database, [sha256])
            return self._list(connection, sha256, size)

    def _set_aside(self, sha256: str) -> bool:
        """Take damaged bytes out of the way; `False` if they are whole or gone by now."""
        with self._database.write() as connection:
            _lock(connection, self._database, [sha256])
            with contextlib.suppress(NotFound):
                if _hash(self.read(sha256)) != sha256:
                    self.blobs.set_aside(sha256)
                    connection.execute(_DELETE, {"sums": [sha256]})
                    return True
        return False

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


def _hash(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for data in chunks:
        digest.update(data)
    return digest.hexdigest()


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
