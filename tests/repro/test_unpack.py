from __future__ import annotations

import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modellab.errors import InvalidInput, NotFound
from modellab.repro import unpack as unpacking
from modellab.repro.pack import build_pack, stream_pack
from modellab.repro.unpack import MAX_MEMBERS, MAX_UNPACKED, open_pack, unpack
from modellab.store import Store

if TYPE_CHECKING:
    from tests.repro.conftest import Record

Rewrite = Callable[..., Path]


@pytest.fixture
def pack(sqlite_store: Store, record: Record, context: dict[str, Any], tmp_path: Path) -> Path:
    """A good pack."""
    path = tmp_path / "good.zip"
    found = build_pack(sqlite_store, record(sqlite_store, context=context))
    path.write_bytes(b"".join(stream_pack(sqlite_store, found)))
    return path


def add(path: Path, *members: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_pack_is_unpacked_whole(pack: Path, tmp_path: Path) -> None:
    manifest = unpack(pack, tmp_path / "new")
    assert manifest == open_pack(pack)
    with zipfile.ZipFile(pack) as archive:
        assert list_files(tmp_path / "new") == archive.namelist()


@pytest.mark.parametrize("name", ["expected_metrics.json", "params.json", "git/diff.patch", "reproduce.md"])
def test_a_part_that_was_changed_after_the_pack_was_made_is_refused(
    pack: Path, rewrite: Rewrite, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidInput, match=f"{name} was changed after the pack was made"):
        unpack(rewrite(pack, {name: b"changed\n"}), tmp_path / "new")


def test_a_part_that_is_gone_is_refused(pack: Path, rewrite: Rewrite, tmp_path: Path) -> None:
    path = rewrite(pack, checksums={"gone.json": "0" * 64})
    with pytest.raises(InvalidInput, match=r"lacks gone\.json"):
        unpack(path, tmp_path / "new")


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py",
        "code/../../evil.py",
        "/tmp/evil.py",
        "C:/evil.py",
        "..\\evil.py",
        "code/.git/hooks/post-checkout",
        "code/.GIT/config",
        "code//evil.py",
        "code/\x1b[2Jevil.py",
        "aux",
        "x" * 300,
    ],
)
def test_a_name_that_could_lead_out_is_refused_before_anything_is_written(
    pack: Path, tmp_path: Path, name: str
) -> None:
    add(pack, (name, b"x"))
    with pytest.raises(InvalidInput, match="could lead out"):
        unpack(pack, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "evil.py").exists()


def test_a_link_is_refused(pack: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("code/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    add(pack, (link, b"/etc/passwd"))
    with pytest.raises(InvalidInput, match="a link"):
        unpack(pack, tmp_path / "new")


def test_the_same_file_twice_in_any_letter_case_is_refused(pack: Path, tmp_path: Path) -> None:
    add(pack, ("CODE/train.py", b"x"))
    with pytest.raises(InvalidInput, match="twice"):
        unpack(pack, tmp_path / "new")


def test_a_file_that_is_also_a_folder_is_refused(pack: Path, tmp_path: Path) -> None:
    add(pack, ("code/train.py/x", b"x"))
    with pytest.raises(InvalidInput, match="as a file and as a folder"):
        unpack(pack, tmp_path / "new")


def test_too_many_files_are_refused(pack: Path) -> None:
    add(pack, *((f"more/{number}", b"") for number in range(MAX_MEMBERS)))
    with pytest.raises(InvalidInput, match=f"at most {MAX_MEMBERS}"):
        open_pack(pack)


def test_more_bytes_than_are_bearable_are_refused_by_what_the_archive_says(pack: Path) -> None:
    add(pack, ("big", b"x"))
    data = bytearray(pack.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, MAX_UNPACKED + 1)
    pack.write_bytes(data)
    with pytest.raises(InvalidInput, match=f"at most {MAX_UNPACKED}"):
        open_pack(pack)


def test_an_archive_that_says_less_than_it_has_is_stopped_while_it_is_unpacked(
    pack: Path, tmp_path: Path
) -> None:
    entry = zipfile.ZipInfo("big")
    entry.compress_type = zipfile.ZIP_DEFLATED
    add(pack, (entry, bytes(10_000_000)))
    data = bytearray(pack.read_bytes())
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 10)
    pack.write_bytes(data)
    with pytest.raises(InvalidInput, match="cannot be read"):
        unpack(pack, tmp_path / "new")
    assert not (tmp_path / "new" / "big").exists() or (tmp_path / "new" / "big").stat().st_size < 1000


@pytest.mark.parametrize("data", [b"", b"PK", b"<html>", b"\x9e\x01" * 1000, b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(data)
    with pytest.raises(InvalidInput):
        open_pack(path)


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.zip", tmp_path):
        with pytest.raises(NotFound):
            open_pack(path)


def test_a_pack_that_was_cut_or_damaged_is_refused(pack: Path, tmp_path: Path) -> None:
    data = pack.read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(InvalidInput):
        open_pack(tmp_path / "cut.zip")
    damaged = bytearray(data)
    damaged[200:260] = bytes(60)
    (tmp_path / "damaged.zip").write_bytes(damaged)
    with pytest.raises(InvalidInput):
        unpack(tmp_path / "damaged.zip", tmp_path / "new")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": 2}, "format 2"),
        ({"format": "1"}, "format '1'"),
        ({"run_id": None}, "run_id has a value"),
        ({"arguments": "rm -rf"}, "arguments has a value"),
        ({"arguments": [1]}, r"arguments\[0\] has a value"),
        ({"seed": 1.5}, "seed has a value"),
        ({"environment": {"A": 1}}, "environment.A has a value"),
        ({"expected_metrics": [{"name": "loss"}]}, "has no value"),
        ({"expected_metrics": {}}, "expected_metrics has a value"),
        ({"script": "../evil.py"}, "no safe path"),
        ({"checksums": {"../evil.py": ""}}, "no safe path"),
        ({"folder": "/etc"}, "no safe path"),
        ({"code": [{"path": "../evil.py", "sha256": "", "size": 1}]}, "no safe path"),
        (
            {
                "datasets": [
                    {
                        "name": "a",
                        "version": 1,
                        "split": None,
                        "filename": None,
                        "sha256": "",
                        "size": 1,
                        "path": "/x",
                    }
                ]
            },
            "no safe path",
        ),
    ],
)
def test_a_manifest_of_another_shape_is_refused_with_what_is_wrong(
    pack: Path, rewrite: Rewrite, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        open_pack(rewrite(pack, **fields))


def test_a_manifest_without_a_field_or_that_is_no_json_is_refused(pack: Path, rewrite: Rewrite) -> None:
    with zipfile.ZipFile(pack) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    del manifest["packages"]
    for data, message in (
        (json.dumps(manifest).encode(), "has no packages"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "has format None"),
        (b'{"format": 1}', "has no modellab_version"),
    ):
        with pytest.raises(InvalidInput, match=message):
            open_pack(rewrite(pack, {"manifest.json": data}))


def test_the_bounds_are_those_that_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "limits.md").read_text()
    assert f"{unpacking.MAX_MEMBERS:_}".replace("_", " ") in page
    assert f"{unpacking.MAX_UNPACKED // 10**9} GB" in page
