"""The places for bytes that one suite holds to what `blobs/port.py` says: a folder, and a real S3 API."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from moto.server import ThreadedMotoServer

from modellab.blobs import BlobStore, FolderBlobs
from modellab.blobs.s3 import S3Blobs
from modellab.server import create_app
from modellab.settings import Settings


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of an S3 server of this test process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_environ(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The variables that name the S3 server; its address."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_address,
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "a secret of the tests",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    return s3_address


@pytest.fixture
def bucket(s3_environ: str) -> str:
    """A bucket of this test's own."""
    name = f"bucket-{uuid.uuid4().hex}"
    httpx.put(f"{s3_environ}/{name}").raise_for_status()
    return name


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty place for bytes, of each kind."""
    if request.param == "folder":
        return FolderBlobs(tmp_path / "home" / "artifacts")
    return S3Blobs(f"s3://{request.getfixturevalue('bucket')}/some/prefix", tmp_path / "home" / "incoming")


@pytest.fixture
def serve(
    serve_app: Callable[[FastAPI], AbstractContextManager[str]],
) -> Callable[[Settings], AbstractContextManager[httpx.Client]]:
    """A function that runs a server for some settings, and gives a client of it."""

    @contextmanager
    def begin(settings: Settings) -> Iterator[httpx.Client]:
        with serve_app(create_app(settings)) as address, httpx.Client(base_url=address, timeout=30) as client:
            yield client

    return begin


MakeFile = Callable[[bytes], tuple[Path, str]]


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """A function that writes a file; its path and SHA-256."""

    def make(content: bytes) -> tuple[Path, str]:
        digest = hashlib.sha256(content).hexdigest()
        path = tmp_path / f"file-{digest[:16]}"
        path.write_bytes(content)
        return path, digest

    return make
