"""Opens packs that anyone may have made: nothing is written outside the folder, nor more than is bearable."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from modellab.errors import InvalidInput, NotFound
from modellab.records.repro import PackManifest, is_safe_path
from modellab.repro.data import hash_file
from modellab.repro.manifest import read_manifest

MAX_MEMBERS = 10_000
"""Files of a pack that is run."""
MAX_UNPACKED = 2 * 10**9
"""Bytes of a pack that is run, unpacked."""
MAX_MANIFEST = 50 * 10**6
"""Bytes of `manifest.json`."""

_CHUNK = 1 << 20


def open_pack(path: Path) -> PackManifest:
    """The facts of the pack at `path`, of which no file is unpacked; raises `NotFound` and `InvalidInput`."""
    with _open_archive(path) as archive:
        return _read_facts(archive)


def read_document(path: Path) -> str:
    """The `reproduce.md` of the pack at `path`; raises `NotFound` and `InvalidInput`."""
    with _open_archive(path) as archive:
        return _read_member(archive, "reproduce.md", MAX_MANIFEST).decode("utf-8", "replace")


def unpack(path: Path, folder: Path) -> PackManifest:
    """Unpack the pack at `path` into `folder`, and return its facts.

    Every name is checked before the first file is written. Raises `InvalidInput` for a file that is no
    pack, names that lead out of the folder, links, more than `MAX_MEMBERS` files, more than `MAX_UNPACKED`
    bytes, whatever the archive says of itself, and files that are not those that the manifest tells of.
    """
    with _open_archive(path) as archive:
        manifest = _read_facts(archive)
        room = MAX_UNPACKED
        for member in archive.infolist():
            if not member.is_dir():
                room -= _extract(archive, member, folder / member.filename, room)
    _check_parts(manifest, folder)
    return manifest


def _check_parts(manifest: PackManifest, folder: Path) -> None:
    """Refuse a pack that contradicts itself; code and data are checked, and told, when they are used."""
    for name, sha256 in manifest.checksums.items():
        if not (folder / name).is_file():
            raise InvalidInput(f"The pack lacks {name}, which its manifest.json tells of.")
        if hash_file(folder / name) != sha256:
            raise InvalidInput(
                f"{name} was changed after the pack was made: its SHA-256 is not that in manifest.json.",
                hint="Make the pack anew with `modellab repro pack`.",
            )


def _open_archive(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise InvalidInput(f"{path.name} is no ZIP archive that can be read: {error}.") from None
    try:
        _check_members(archive)
    except BaseException:
        archive.close()
        raise
    return archive


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise InvalidInput(f"The pack has {len(members)} files; at most {MAX_MEMBERS} are allowed.")
    total = sum(member.file_size for member in members)
    if total > MAX_UNPACKED:
        raise InvalidInput(f"The pack has {total} bytes unpacked; at most {MAX_UNPACKED} are allowed.")
    seen = set()
    for member in members:
        name = member.orig_filename.removesuffix("/")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if not is_safe_path(name) or member.filename != member.orig_filename:
            raise InvalidInput(
                f"The pack has a file named {name[:100]!r}, which could lead out of its folder."
            )
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or member.flag_bits & 1:
            raise InvalidInput(f"The pack has {name[:100]!r}, which is a link, a device or encrypted.")
        if name.lower() in seen:
            raise InvalidInput(f"The pack has {name[:100]!r} twice.")
        seen.add(name.lower())


def _read_facts(archive: zipfile.ZipFile) -> PackManifest:
    return read_manifest(_read_member(archive, "manifest.json", MAX_MANIFEST))


def _read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    try:
        with archive.open(name) as member:
            data = member.read(limit + 1)
    except KeyError:
        raise InvalidInput(f"The archive has no {name}: it is no reproducibility pack.") from None
    except _DAMAGED as error:
        raise InvalidInput(f"{name} in the pack cannot be read: {error}.") from None
    if len(data) > limit:
        raise InvalidInput(f"{name} in the pack has more than {limit} bytes.")
    return data


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, room: int) -> int:
    written = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > room:
                    raise InvalidInput(f"The pack has more than {MAX_UNPACKED} bytes unpacked.")
                file.write(chunk)
    except _DAMAGED as error:
        raise InvalidInput(f"{member.filename[:100]!r} in the pack cannot be read: {error}.") from None
    except (FileExistsError, NotADirectoryError):
        raise InvalidInput(f"The pack has {member.filename[:100]!r} as a file and as a folder.") from None
    return written


_DAMAGED = (zipfile.BadZipFile, zipfile.zlib.error, EOFError, NotImplementedError, RuntimeError)  # type: ignore[attr-defined]
