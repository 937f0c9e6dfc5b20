"""What every place for bytes does, whichever it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from modellab.blobs import BlobStore
from modellab.blobs.port import CHUNK_BYTES
from modellab.errors import NotFound

MakeFile = Callable[[bytes], tuple[Path, str]]
SEVERAL_CHUNKS = os.urandom(CHUNK_BYTES) * 9 + b"the rest"
NOWHERE = "0" * 64


@pytest.mark.parametrize("content", [b"", b"a", SEVERAL_CHUNKS], ids=["empty", "one byte", "9 MiB"])
def test_what_is_put_there_is_read_back(blobs: BlobStore, make_file: MakeFile, content: bytes) -> None:
    path, digest = make_file(content)

    blobs.put(path, digest)

    assert blobs.size(digest) == len(content)
    assert b"".join(blobs.read(digest)) == content
    assert path.read_bytes() == content  # the file stays


def test_a_range_is_read_alone(blobs: BlobStore, make_file: MakeFile) -> None:
    path, digest = make_file(SEVERAL_CHUNKS)
    blobs.put(path, digest)
    size = len(SEVERAL_CHUNKS)

    for start, stop in ((0, 1), (5, 5), (CHUNK_BYTES - 3, CHUNK_BYTES + 3), (size - 4, size), (7, None)):
        assert b"".join(blobs.read(digest, start, stop)) == SEVERAL_CHUNKS[start:stop]


def test_bytes_come_in_chunks_so_that_memory_does_not_grow_with_the_file(
    blobs: BlobStore, make_file: MakeFile
) -> None:
    path, digest = make_file(SEVERAL_CHUNKS)
    blobs.put(path, digest)

    chunks = list(blobs.read(digest))

    assert len(chunks) > 3
    assert max(map(len, chunks)) <= 3 * CHUNK_BYTES


def test_the_same_content_is_put_there_once(blobs: BlobStore, make_file: MakeFile) -> None:
    path, digest = make_file(b"the same")
    blobs.put(path, digest)
    path.unlink()

    blobs.put(path, digest)  # not even looked at

    assert b"".join(blobs.read(digest)) == b"the same"


def test_what_is_removed_is_gone_and_may_be_removed_again(blobs: BlobStore, make_file: MakeFile) -> None:
    path, digest = make_file(b"for a while")
    blobs.put(path, digest)

    blobs.remove(digest)
    blobs.remove(digest)

    assert blobs.size(digest) is None
    assert blobs.find_path(digest) is None
    with pytest.raises(NotFound, match=digest):
        list(blobs.read(digest))


def test_what_is_set_aside_makes_room_for_the_same_again(blobs: BlobStore, make_file: MakeFile) -> None:
    path, digest = make_file(b"to be replaced")
    blobs.put(path, digest)

    blobs.set_aside(digest)
    blobs.set_aside(digest)

    assert blobs.size(digest) is None
    blobs.put(path, digest)
    assert b"".join(blobs.read(digest)) == b"to be replaced"


def test_what_was_never_there_is_not_found(blobs: BlobStore) -> None:
    assert blobs.size(NOWHERE) is None
    assert blobs.find_path(NOWHERE) is None
    with pytest.raises(NotFound):
        next(blobs.read(NOWHERE))


def test_several_writers_of_the_same_content_do_not_hurt_each_other(
    blobs: BlobStore, make_file: MakeFile
) -> None:
    path, digest = make_file(SEVERAL_CHUNKS)
    threads = [threading.Thread(target=blobs.put, args=(path, digest)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert b"".join(blobs.read(digest)) == SEVERAL_CHUNKS


def test_making_a_place_makes_nothing(blobs: BlobStore, tmp_path: Path) -> None:
    assert list(tmp_path.iterdir()) == []
