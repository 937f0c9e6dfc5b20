"""What only a folder does."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modellab.blobs import FolderBlobs, Incoming
from modellab.blobs.incoming import STALE_S, sweep
from modellab.errors import StoreError

MakeFile = Callable[[bytes], tuple[Path, str]]


@pytest.fixture
def folder(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "home" / "artifacts")


def files_below(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".gitignore")
    return sorted(str(path.relative_to(folder)) for path in found)


def test_a_file_lies_under_its_checksum(folder: FolderBlobs, make_file: MakeFile) -> None:
    path, digest = make_file(b"weights")

    folder.put(path, digest)

    assert files_below(folder.root) == [f"{digest[:2]}/{digest[2:]}"]
    assert folder.find_path(digest) == folder.root / digest[:2] / digest[2:]


def test_git_is_told_to_leave_the_files_alone(folder: FolderBlobs, make_file: MakeFile) -> None:
    folder.put(*make_file(b"weights"))
    assert (folder.root / ".gitignore").read_text() == "*\n"


def test_what_comes_in_is_hashed_and_lies_beside_until_it_is_whole(folder: FolderBlobs) -> None:
    incoming = Incoming(folder.incoming)
    incoming.write(b"one ")
    incoming.write(memoryview(b"two"))

    assert incoming.close() == hashlib.sha256(b"one two").hexdigest()
    assert incoming.path.read_bytes() == b"one two"
    assert incoming.size == 7
    incoming.remove()
    assert files_below(folder.root) == []


def test_what_is_removed_while_it_comes_in_leaves_nothing_and_takes_nothing_more(folder: FolderBlobs) -> None:
    incoming = Incoming(folder.incoming)
    incoming.write(b"half of it")

    incoming.remove()

    assert files_below(folder.root) == []
    with pytest.raises(StoreError, match="ended"):
        incoming.write(b"the other half")


def test_leftovers_of_a_crash_are_swept_after_an_hour_and_others_are_left(folder: FolderBlobs) -> None:
    slow = Incoming(folder.incoming)
    for path, age in (
        (folder.incoming / "old.part", STALE_S + 60),
        (folder.incoming / "young.part", STALE_S - 600),
        (slow.path, STALE_S + 60),  # being sent on by this process
    ):
        path.touch()
        os.utime(path, (time.time() - age, time.time() - age))

    sweep(folder.incoming)

    assert STALE_S == 3600
    assert files_below(folder.incoming) == sorted(["young.part", slow.path.name])
    slow.remove()


def test_a_file_on_another_disk_is_copied(folder: FolderBlobs) -> None:
    content, digest = b"elsewhere", hashlib.sha256(b"elsewhere").hexdigest()
    elsewhere = Path("/dev/shm") / f"modellab-test-{os.getpid()}"
    if not elsewhere.parent.is_dir():
        pytest.skip("there is no second file system here")
    elsewhere.write_bytes(content)
    try:
        folder.put(elsewhere, digest)
    finally:
        elsewhere.unlink()

    assert b"".join(folder.read(digest)) == content
    assert files_below(folder.root) == [f"{digest[:2]}/{digest[2:]}"]


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path, make_file: MakeFile) -> None:
    (tmp_path / "home").write_text("a file is in the way")
    place = tmp_path / "home" / "artifacts"

    with pytest.raises(StoreError, match=f"The files in {place}.* cannot be used") as refused:
        Incoming(FolderBlobs(place).incoming)
    assert "MODELLAB_ARTIFACTS" in (refused.value.hint or "")
    with pytest.raises(StoreError, match="cannot be used"):
        FolderBlobs(place).put(*make_file(b"weights"))


def test_a_full_disk_is_said_and_leaves_nothing(folder: FolderBlobs) -> None:
    script = """
import resource, signal, sys
from pathlib import Path
from modellab.blobs import Incoming
from modellab.errors import StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
incoming = Incoming(Path(sys.argv[1]))
try:
    incoming.write(bytes(200_000))
except StoreError as error:
    print(error)
incoming.remove()
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder.incoming)], capture_output=True, text=True, timeout=60
    )
    assert "cannot be used: File too large" in done.stdout
    assert files_below(folder.root) == []
