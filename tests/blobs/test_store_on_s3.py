"""A store whose bytes lie in S3: the same verbs, on both databases, and the same answers over HTTP."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import httpx
import pytest

import modellab
from modellab.errors import InvalidInput, StoreError
from modellab.journal.line import encode_event
from modellab.settings import Settings, load_settings
from modellab.store import Store, open_store

if TYPE_CHECKING:
    from tests.conftest import Project

Serve = Callable[[Settings], AbstractContextManager[httpx.Client]]
CONTENT = os.urandom(1 << 20) * 11  # more than one part
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def s3_settings(any_settings: Settings, bucket: str) -> Settings:
    return dataclasses.replace(any_settings, artifacts_url=f"s3://{bucket}/lab")


@pytest.fixture
def s3_store(s3_settings: Settings) -> Iterator[Store]:
    with open_store(s3_settings) as store:
        yield store


def add_run(store: Store, run_id: str) -> None:
    moment = 1_700_000_000_000
    store.ingest(run_id, "w", 0, encode_event("start", moment, {"started_us": moment * 1000}))


def test_bytes_go_there_come_back_and_are_freed(s3_store: Store) -> None:
    add_run(s3_store, "run")
    upload = s3_store.files.start()
    upload.write(CONTENT)
    s3_store.artifacts.add("run", "best.pt", upload.finish(DIGEST))

    assert s3_store.files.find_path(DIGEST) is None
    assert b"".join(s3_store.files.read(DIGEST, 5, 900)) == CONTENT[5:900]
    with s3_store.files.fetch(DIGEST) as path:
        assert path.read_bytes() == CONTENT
    assert not path.exists()
    assert s3_store.artifacts.remove("run", "best.pt") == len(CONTENT)
    assert s3_store.blobs.size(DIGEST) is None
    assert list((s3_store.settings.home / "incoming").iterdir()) == []  # nothing is left on this machine


def test_a_wrong_checksum_sends_nothing_there(s3_store: Store) -> None:
    upload = s3_store.files.start()
    upload.write(b"changed")
    with pytest.raises(InvalidInput):
        upload.finish(DIGEST)
    assert s3_store.blobs.size(hashlib.sha256(b"changed").hexdigest()) is None
    assert list((s3_store.settings.home / "incoming").iterdir()) == []


def test_freeing_and_adding_at_once_loses_nothing_that_has_a_row(s3_store: Store) -> None:
    content = b"contested"
    digest = hashlib.sha256(content).hexdigest()
    stopping = threading.Event()

    def free() -> None:
        while not stopping.is_set():
            s3_store.files.release([digest])

    freeing = threading.Thread(target=free)
    freeing.start()
    try:
        for _ in range(8):
            upload = s3_store.files.start()
            upload.write(content)
            upload.finish()
    finally:
        stopping.set()
        freeing.join()
    assert s3_store.files.is_stored(digest) == (s3_store.blobs.size(digest) is not None)


def test_files_go_both_ways_over_http(s3_settings: Settings, serve: Serve) -> None:
    with open_store(s3_settings) as store:
        add_run(store, "run")
    with serve(s3_settings) as api:
        address = "/api/modellab/artifacts/run"
        sent = api.post(address, files={"file": ("best.pt", CONTENT)})
        assert (sent.status_code, sent.json()["sha256"]) == (201, DIGEST)
        assert api.get(f"{address}/download/best.pt").content == CONTENT
        part = api.get(f"{address}/download/best.pt", headers={"Range": "bytes=-7"})
        assert (part.status_code, part.content) == (206, CONTENT[-7:])
        assert api.delete(f"{address}/download/best.pt").json()["freed_bytes"] == len(CONTENT)


def test_a_bucket_that_is_not_there_is_a_503_and_the_server_goes_on(
    any_settings: Settings, s3_environ: str, serve: Serve
) -> None:
    settings = dataclasses.replace(any_settings, artifacts_url="s3://nobody-made-this")
    with open_store(settings) as store:
        add_run(store, "run")
    with serve(settings) as api:
        sent = api.post("/api/modellab/artifacts/run", params={"path": "a"}, content=b"x")
        assert sent.status_code == 503
        assert "NoSuchBucket" in sent.json()["detail"]
        assert sent.json()["type"] == "/problems/files-unavailable"
        assert sent.json()["title"] == "Kept files cannot be reached"
        assert api.get("/health").status_code == 200


def test_a_run_keeps_its_files_in_the_bucket(
    project: Project, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLAB_ARTIFACTS", f"s3://{bucket}")
    (project.root / "a.txt").write_text("to the bucket")
    with modellab.start_run() as run:
        run.log_artifact("a.txt")

    with open_store(load_settings()) as store:
        found = store.artifacts.get(run.id, "a.txt")
        assert found.is_stored
        assert b"".join(store.blobs.read(found.sha256)) == b"to the bucket"


def test_reading_runs_needs_no_bucket(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("MODELLAB_ARTIFACTS", "s3://bucket"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),  # nobody listens there
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ):
        monkeypatch.setenv(name, value)
    (project.root / "a.txt").write_text("waits")
    with pytest.warns(RuntimeWarning, match="not kept yet"), modellab.start_run() as run:
        run.log_artifact("a.txt")
    with pytest.warns(RuntimeWarning, match="not kept yet"):
        assert modellab.get_run(run.id).status == "completed"
    with open_store(load_settings()) as store, pytest.raises(StoreError):
        store.take_in_files()
