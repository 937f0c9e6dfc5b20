"""Copies what runs log into the spool, where it waits under its SHA-256 to be kept by the store.

A copy is made at once, because training may write into the same file again. Nothing here raises into
training code: what could not be copied is told.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from modellab.errors import InvalidInput
from modellab.journal.line import clean_unicode
from modellab.records.artifacts import check_path, choose_media_type, clean_path

MAX_FILES = 10_000
"""Files of one folder that are kept; the others are left out, and said so."""

_CHUNK = 256 * 1024
_FICLONE = 0x40049409  # Linux: share the bytes of another file, on the file systems that can


class Spooled(NamedTuple):
    """A copy in the spool: its SHA-256, which is its name, and its bytes."""

    sha256: str
    size: int


@dataclass(slots=True)
class Copied:
    """The files of one artifact, as its event lists them, and the first of `n_failed` troubles."""

    files: list[dict[str, Any]] = field(default_factory=list)
    n_failed: int = 0
    trouble: str | None = None

    def fail(self, path: str, problem: Exception | str) -> None:
        """Note that a file is not kept."""
        self.n_failed += 1
        reason = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
        self.trouble = self.trouble or f"{path}: {reason.splitlines()[0].rstrip('.')}"


def spool_file(path: str | os.PathLike[str], spool: Path) -> Spooled:
    """Put a copy of a regular file into the spool; raises `OSError`.

    The copy shares the file's bytes where the file system can do that, and is whole: it gets its name
    when it is finished.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    source = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise OSError(None, "it is no regular file")
        beside = f"{spool}{os.sep}{os.getpid()}-{os.urandom(8).hex()}.part"
        try:
            spooled = _copy(source, beside)
            os.replace(beside, f"{spool}{os.sep}{spooled.sha256}")
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise
    finally:
        os.close(source)
    return spooled


def spool_bytes(data: bytes, spool: Path) -> Spooled:
    """Put bytes into the spool, as `spool_file` does with a file's; raises `OSError`."""
    spooled = Spooled(hashlib.sha256(data).hexdigest(), len(data))
    beside = f"{spool}{os.sep}{os.getpid()}-{os.urandom(8).hex()}.part"
    try:
        target = _create(beside)
        try:
            _write_all(target, data)
        finally:
            os.close(target)
        os.replace(beside, f"{spool}{os.sep}{spooled.sha256}")
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    return spooled


def spool_artifact(
    path: str,
    name: str | None,
    *,
    root: Path,
    spool: Path,
    home: Path | None = None,
    max_files: int = MAX_FILES,
) -> Copied:
    """Put copies of a file, or of all files of a folder, into the spool.

    Their paths within the run follow from `name` (see `check_name`), else from the place of `path` below
    the project's `root`, else from its last part. What lies in `home`, ModelLab's own folder, is left out.
    """
    copied = Copied()
    is_folder = os.path.isdir(path)
    place = _choose_place(path, name, root)
    if not is_folder:
        _add_file(copied, path, place, spool)
        return copied
    own = spool if home is None or home == root else home
    for n_seen, (file, rest) in enumerate(_walk(path, skip=os.path.realpath(own))):
        if n_seen == max_files:
            copied.fail(path, f"only its first {max_files} files are kept")
            break
        _add_file(copied, file, f"{place}/{rest}" if place else rest, spool)
    return copied


def list_file(path: str, sha256: str, size: int) -> dict[str, Any]:
    """A kept file as an `artifact` event lists it."""
    return {"path": path, "sha256": sha256, "size": size, "media_type": choose_media_type(path)}


def check_name(name: object) -> str:
    """`name`, if it can say where an artifact goes: a path such as `checkpoints/best.pt`.

    One that ends with a slash is a folder to put it in. Else `InvalidInput`.
    """
    if not isinstance(name, str):
        raise InvalidInput(f"An artifact's name is text, not {type(name).__name__}.")
    check_path(name[:-1] if len(name) > 1 and name.endswith("/") else name)
    return name


def name_artifact(path: str, name: str | None, root: Path) -> str:
    """How a run's list of artifacts calls a file or folder: by its path within the run if it was named.

    Else by `path`, a relative one as it reads from the project's root.
    """
    if name is not None:
        with contextlib.suppress(InvalidInput):  # too long with the file's own name: it is not kept then
            return clean_path(clean_unicode(_choose_place(path, name, root)))
    return clean_unicode(_seen_from_root(path, root))


def _copy(source: int, beside: str) -> Spooled:
    target = _create(beside)
    digest, size = hashlib.sha256(), 0
    try:
        is_clone = _clone(source, target)
        reader = target if is_clone else source
        while data := os.read(reader, _CHUNK):
            digest.update(data)
            size += len(data)
            if not is_clone:
                _write_all(target, data)
    finally:
        os.close(target)
    return Spooled(digest.hexdigest(), size)


def _create(path: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, flags, 0o666)


def _clone(source: int, target: int) -> bool:
    try:
        import fcntl

        fcntl.ioctl(target, _FICLONE, source)
    except (ImportError, OSError):
        return False
    return True


def _write_all(target: int, data: bytes) -> None:
    written = os.write(target, data)
    while written < len(data):
        data = data[written:]
        written = os.write(target, data)


def _add_file(copied: Copied, file: str, place: str, spool: Path) -> None:
    try:
        path = clean_path(clean_unicode(place))
        spooled = spool_file(file, spool)
    except (OSError, ValueError) as problem:
        copied.fail(clean_unicode(file), problem)
        return
    copied.files.append(list_file(path, spooled.sha256, spooled.size))


def _choose_place(path: str, name: str | None, root: Path) -> str:
    """The path of a file or folder within the run; empty for the project's root itself."""
    whole = os.path.abspath(path)
    if name is not None:
        return f"{name}{os.path.basename(whole)}" if name.endswith("/") else name
    for folder in dict.fromkeys((str(root), os.path.realpath(root))):
        if whole == folder:
            return ""
        if whole.startswith(f"{folder.rstrip(os.sep)}{os.sep}"):
            return os.path.relpath(whole, folder).replace(os.sep, "/")
    return os.path.basename(whole)


def _seen_from_root(path: str, root: Path) -> str:
    """A relative path as it reads from the project's root; an absolute one as it is."""
    try:
        if os.path.isabs(path) or Path.cwd() == root:
            return path
        whole = os.path.abspath(path)
    except OSError:  # the current folder is gone
        return path
    return os.path.relpath(whole, root) if whole.startswith(f"{root}{os.sep}") else whole


def _walk(folder: str, skip: str) -> Iterator[tuple[str, str]]:
    """The files below a folder and their paths within it; not those in `skip`, nor where links lead out."""
    top = os.path.realpath(folder)

    def visit(place: str, rest: str, above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            real = os.path.realpath(entry.path)
            if entry.is_symlink() and not real.startswith(f"{top}{os.sep}"):
                continue
            if entry.is_dir():
                if real not in above and real != skip:
                    yield from visit(entry.path, f"{rest}{entry.name}/", (*above, real))
            elif entry.is_file():
                yield entry.path, f"{rest}{entry.name}"

    return visit(folder, "", (top,))
