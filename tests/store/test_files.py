"""Kept bytes and the rows that say which are there."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from modellab.blobs import FolderBlobs
from modellab.errors import InvalidInput, NotFound
from modellab.ids import new_run_id
from modellab.journal.line import encode_event
from modellab.settings import Settings
from modellab.store import Store, open_store
from modellab.store.files import UNNAMED_S, FileShelf, Kept
from modellab.store.platform_tables import blobs
from modellab.tracking.spool import spool_file

START_MS = 1_700_000_000_000


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(store: Store, content: bytes) -> Kept:
    upload = store.files.start()
    upload.write(content)
    return upload.finish()


def kept_files(store: Store) -> Sequence[str]:
    """Every file in the place for bytes, finished or not."""
    place = store.settings.home / "artifacts"
    return sorted(path.name for path in place.rglob("*") if path.is_file() and path.name != ".gitignore")


def log_file(store: Store, content: bytes, *, path: str = "a.bin", spooled: bool = True) -> str:
    """What a run does that logs a file: a copy in the spool, a line in its journal; the run's id."""
    run_id = new_run_id()
    if spooled:
        source = store.settings.root / "source"
        source.write_bytes(content)
        spool_file(source, store.settings.spool)
    file = {"path": path, "sha256": digest_of(content), "size": len(content)}
    lines = encode_event("start", START_MS, {"started_us": START_MS * 1000})
    lines += encode_event("artifact", START_MS, {"path": path, "files": [file]})
    store.ingest(run_id, "w", 0, lines)
    return run_id


def test_bytes_that_arrive_are_kept_under_their_checksum(store: Store) -> None:
    upload = store.files.start()
    for piece in (b"one", b" ", b"two"):
        upload.write(piece)
    kept = upload.finish()

    assert kept == Kept(sha256=digest_of(b"one two"), size=7)
    assert store.files.is_stored(kept.sha256)
    assert b"".join(store.files.read(kept.sha256, 1, 5)) == b"ne t"
    assert store.files.count() == (1, 7)
    path = store.files.find_path(kept.sha256)
    assert path is not None
    assert path.read_bytes() == b"one two"


def test_nothing_at_all_can_be_kept(store: Store) -> None:
    kept = store.files.start().finish()
    assert kept.size == 0
    assert list(store.files.read(kept.sha256)) == []


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    assert keep(store, b"the same") == keep(store, b"the same")
    assert len(kept_files(store)) == 1
    assert store.files.count() == (1, 8)


def test_a_checksum_may_be_expected_in_either_letter_case(store: Store) -> None:
    upload = store.files.start()
    upload.write(b"right")
    assert upload.finish(digest_of(b"right").upper()).size == 5


@pytest.mark.parametrize(
    ("expected", "message"),
    [(digest_of(b"other"), digest_of(b"other")), ("abc", "64 hex"), ("", "64 hex"), ("g" * 64, "64 hex")],
)
def test_bytes_with_another_checksum_are_refused_and_leave_nothing(
    store: Store, expected: str, message: str
) -> None:
    upload = store.files.start()
    upload.write(b"changed on the way")

    with pytest.raises(InvalidInput, match=message):
        upload.finish(expected)

    assert kept_files(store) == []
    assert not store.files.is_stored(digest_of(b"changed on the way"))


def test_an_upload_that_is_aborted_leaves_nothing(store: Store) -> None:
    upload = store.files.start()
    upload.write(b"half")
    upload.abort()
    upload.abort()
    assert kept_files(store) == []


def test_a_file_is_fetched_as_a_path(store: Store) -> None:
    kept = keep(store, b"fetch me")
    with store.files.fetch(kept.sha256) as path:
        assert path.read_bytes() == b"fetch me"
    with pytest.raises(NotFound), store.files.fetch(digest_of(b"never there")):
        pass


def test_bytes_are_freed_when_nothing_names_them_any_more(store: Store) -> None:
    kept, other = keep(store, b"12345"), keep(store, b"678")

    assert store.files.release([kept.sha256, kept.sha256, other.sha256, digest_of(b"unknown")]) == 8

    assert kept_files(store) == []
    assert store.files.count() == (0, 0)
    assert store.files.release([kept.sha256]) == 0


def test_bytes_that_something_names_stay(store: Store) -> None:
    log_file(store, b"named", spooled=False)
    kept = keep(store, b"named")

    assert store.files.release([kept.sha256]) == 0
    assert b"".join(store.files.read(kept.sha256)) == b"named"


def test_logged_files_are_taken_in_when_their_line_is_in_the_store(store: Store) -> None:
    run_id = log_file(store, b"weights")
    assert store.artifacts.get(run_id, "a.bin").is_stored is False

    assert store.take_in_files() == 1
    assert store.take_in_files() == 0

    assert store.artifacts.get(run_id, "a.bin").is_stored is True
    assert list(store.settings.spool.iterdir()) == []


def test_a_file_whose_line_is_not_in_the_store_waits(store: Store) -> None:
    source = store.settings.root / "source"
    source.write_bytes(b"early")
    spooled = spool_file(source, store.settings.spool)

    assert store.take_in_files() == 0
    log_file(store, b"early", spooled=False)
    assert store.take_in_files() == 1
    assert store.files.is_stored(spooled.sha256)


def test_a_file_that_a_power_cut_shortened_is_not_taken_for_what_its_name_says(store: Store) -> None:
    run_id = log_file(store, b"whole")
    (store.settings.spool / digest_of(b"whole")).write_bytes(b"wh")

    assert store.take_in_files() == 0
    assert store.artifacts.get(run_id, "a.bin").is_stored is False


def test_a_file_logged_again_is_kept_again_if_the_kept_bytes_were_removed_by_hand(store: Store) -> None:
    log_file(store, b"weights")
    assert store.take_in_files() == 1
    shutil.rmtree(store.settings.home / "artifacts")
    log_file(store, b"weights")
    assert store.take_in_files() == 1
    assert b"".join(store.files.read(digest_of(b"weights"))) == b"weights"


def test_other_files_in_the_spool_are_left_alone(store: Store) -> None:
    store.settings.spool.mkdir(parents=True)
    for name in ("123-abc.part", "README", "e3b0c442"):
        (store.settings.spool / name).touch()
    assert store.take_in_files() == 0
    assert len(list(store.settings.spool.iterdir())) == 3


def _age(path: Path) -> None:
    moment = time.time() - UNNAMED_S - 60
    os.utime(path, (moment, moment))


def test_what_nothing_names_for_an_hour_is_swept_and_the_rest_stays(store: Store) -> None:
    named = log_file(store, b"named")
    for content in (b"old and unnamed", b"young and unnamed"):
        source = store.settings.root / "source"
        source.write_bytes(content)
        spool_file(source, store.settings.spool)
    _age(store.settings.spool / digest_of(b"old and unnamed"))
    _age(store.settings.spool / digest_of(b"named"))
    keep(store, b"just uploaded")

    assert store.files.sweep(store.settings.spool) == len(b"old and unnamed")

    waiting = {path.name for path in store.settings.spool.iterdir()}
    assert waiting == {digest_of(b"named"), digest_of(b"young and unnamed")}
    assert store.files.is_stored(digest_of(b"just uploaded"))
    assert store.take_in_files() == 1
    assert store.artifacts.get(named, "a.bin").is_stored


def test_a_database_that_is_filled_again_from_journals_finds_the_bytes_again(
    sqlite_store: Store, settings: Settings
) -> None:
    log_file(sqlite_store, b"weights")
    sqlite_store.take_in_files()

    with open_store(dataclasses.replace(settings, db_path=settings.home / "another.db")) as other:
        run_id = log_file(other, b"weights", spooled=False)
        log_file(other, b"never arrived", spooled=False)
        assert not other.artifacts.get(run_id, "a.bin").is_stored
        assert other.files.find_again() == 1
        assert other.files.find_again() == 0
        assert other.artifacts.get(run_id, "a.bin").is_stored


def test_freeing_and_adding_the_same_bytes_at_once_loses_nothing_that_has_a_row(store: Store) -> None:
    content, digest = os.urandom(50_000), ""
    digest = digest_of(content)
    stopping = threading.Event()

    def free() -> None:
        while not stopping.is_set():
            store.files.release([digest])

    freeing = threading.Thread(target=free)
    freeing.start()
    try:
        for _ in range(25):
            keep(store, content)
    finally:
        stopping.set()
        freeing.join()

    assert store.files.is_stored(digest) == (len(kept_files(store)) == 1)
    keep(store, content)
    assert b"".join(store.files.read(digest)) == content


def test_bytes_that_a_purge_removes_while_they_are_named_are_put_there_again(store: Store) -> None:
    """An artifact is added again and again while others free the same bytes all the time."""
    content = os.urandom(20_000)
    digest, run_id = digest_of(content), log_file(store, b"another", spooled=False)
    stopping = threading.Event()

    def free() -> None:
        while not stopping.is_set():
            store.files.release([digest])

    freeing = [threading.Thread(target=free) for _ in range(2)]
    for thread in freeing:
        thread.start()
    try:
        for _ in range(20):
            upload = store.files.start()
            upload.write(content)
            assert store.artifacts.add(run_id, "best.pt", upload.check()).is_new
            upload.abort()
            assert b"".join(store.files.read(digest)) == content
            store.artifacts.remove(run_id, "best.pt")
    finally:
        stopping.set()
        for thread in freeing:
            thread.join()
    assert kept_files(store) == []


class PurgedPlace(FolderBlobs):
    """A folder in which a purge removes whatever is put there, as often as is said, at once."""

    n_purges = 0

    def put(self, path: Path, sha256: str) -> None:
        super().put(path, sha256)
        if self.n_purges:
            self.n_purges -= 1
            self.remove(sha256)


@pytest.mark.parametrize("n_purges", [1, 3, 5])
def test_bytes_that_are_gone_before_their_row_is_written_are_put_there_again(
    store: Store, n_purges: int
) -> None:
    place = PurgedPlace(store.settings.home / "artifacts")
    place.n_purges = n_purges
    files = FileShelf(store.database, lambda: place)
    upload = files.start()
    upload.write(b"content")

    def name(connection: Connection) -> str:
        assert connection.execute(select(blobs.c.size)).scalar_one() == 7  # in the same transaction
        return "named"

    arrived = upload.check()
    assert files.keep_named(arrived, name) == "named"
    upload.abort()
    assert b"".join(store.files.read(arrived.sha256)) == b"content"


def test_a_name_that_cannot_be_written_leaves_no_bytes(store: Store) -> None:
    upload = store.files.start()
    upload.write(b"content")
    with pytest.raises(NotFound):
        store.artifacts.add("no such run", "a.bin", upload.check())
    upload.abort()
    assert kept_files(store) == []
    assert store.files.count() == (0, 0)


def damage(store: Store, sha256: str) -> Path:
    """Flip a bit of a kept file, as a failing disk does; its path."""
    path = store.files.find_path(sha256)
    assert path is not None
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    return path


def test_a_check_finds_damaged_and_missing_files_and_the_next_upload_heals_them(store: Store) -> None:
    run_id = log_file(store, b"damaged", spooled=False)
    bad, gone, good = keep(store, b"damaged"), keep(store, b"missing"), keep(store, b"whole")
    place = damage(store, bad.sha256)
    missing = store.files.find_path(gone.sha256)
    assert missing is not None
    missing.unlink()

    found = dict(store.files.check())

    assert found == {bad.sha256: "damaged", gone.sha256: "missing", good.sha256: "whole"}
    assert store.files.list_names(bad.sha256) == [f"a.bin of run {run_id}"]
    assert not store.files.is_stored(bad.sha256)
    aside = store.settings.home / "artifacts" / "damaged" / bad.sha256
    assert aside.read_bytes() == b"eamaged"
    assert not place.exists()
    keep(store, b"damaged")
    keep(store, b"missing")
    assert set(dict(store.files.check()).values()) == {"whole"}


def test_two_processes_may_take_in_the_same_spool_at_once(store: Store) -> None:
    contents = [f"file {n}".encode() for n in range(20)]
    for content in contents:
        log_file(store, content)
    failures: list[BaseException] = []

    def take_in() -> None:
        try:
            store.take_in_files()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=take_in) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert store.files.count()[0] == len(contents)
    assert list(store.settings.spool.iterdir()) == []
