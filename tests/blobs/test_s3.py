"""What only S3 does: addresses, credentials, and how its troubles are told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modellab.blobs import open_blobs
from modellab.blobs.s3 import S3Blobs
from modellab.errors import StoreError
from modellab.settings import Settings, load_settings

MakeFile = Callable[[bytes], tuple[Path, str]]


def settings_for(settings: Settings, place: str) -> Settings:
    return load_settings(start=settings.root, environ={"MODELLAB_ARTIFACTS": place})


def test_the_settings_choose_bucket_and_prefix(settings: Settings, bucket: str, make_file: MakeFile) -> None:
    path, digest = make_file(b"weights")
    open_blobs(settings_for(settings, f"s3://{bucket}/team/lab")).put(path, digest)

    other = S3Blobs(f"s3://{bucket}", settings.home / "incoming")
    assert other.size(digest) is None
    same = S3Blobs(f"s3://{bucket}/team/lab", settings.home / "incoming")
    assert same.size(digest) == 7


def test_a_folder_may_be_chosen_too(settings: Settings, tmp_path: Path, make_file: MakeFile) -> None:
    path, digest = make_file(b"weights")

    open_blobs(settings_for(settings, str(tmp_path / "elsewhere"))).put(path, digest)

    assert (tmp_path / "elsewhere" / digest[:2] / digest[2:]).read_bytes() == b"weights"


def test_without_a_setting_files_lie_beside_the_database(settings: Settings, make_file: MakeFile) -> None:
    path, digest = make_file(b"weights")
    open_blobs(settings).put(path, digest)
    assert (settings.home / "artifacts" / digest[:2] / digest[2:]).is_file()


def test_opening_asks_nobody_and_a_bucket_that_is_not_there_is_said_when_it_is_needed(
    settings: Settings, s3_environ: str, make_file: MakeFile
) -> None:
    blobs = open_blobs(settings_for(settings, "s3://nobody-made-this"))

    with pytest.raises(StoreError, match="s3://nobody-made-this cannot be used: NoSuchBucket") as refused:
        blobs.put(*make_file(b"weights"))
    assert "AWS_ENDPOINT_URL" in (refused.value.hint or "")


def test_no_secret_is_in_a_message(
    settings: Settings, s3_environ: str, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(StoreError) as refused:
        open_blobs(settings_for(settings, "s3://bucket")).put(*make_file(b"weights"))
    assert "a secret of the tests" not in str(refused.value)


def test_a_large_file_is_sent_in_parts_and_read_in_pieces(
    settings: Settings, bucket: str, make_file: MakeFile
) -> None:
    content = bytes(range(256)) * 80_000  # 20 MB: three parts
    path, digest = make_file(content)
    blobs = S3Blobs(f"s3://{bucket}/x", settings.home / "incoming")

    blobs.put(path, digest)

    assert b"".join(blobs.read(digest)) == content


def test_without_its_library_the_setting_says_what_to_install(settings: Settings) -> None:
    script = """
import sys
sys.modules["obstore"] = None
sys.modules["obstore.store"] = None
from pathlib import Path
from modellab.blobs import open_blobs
from modellab.errors import InvalidSetting
from modellab.settings import load_settings
try:
    open_blobs(load_settings(start=Path(sys.argv[1]), environ={"MODELLAB_ARTIFACTS": "s3://bucket"}))
except InvalidSetting as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(settings.root)], capture_output=True, text=True, timeout=60
    )
    assert "hint: pip install 'modellab[s3]'" in done.stdout, done.stderr
