"""Reads what a run logs as its data: checksum, columns, and a copy in the spool.

Trouble with the disk is told and costs the copy, never the training; data that is none is refused at once.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import orjson

from modellab.datasets.description import NO_POLARS, Description, describe_file
from modellab.datasets.formats import detect_format
from modellab.errors import InvalidInput
from modellab.ids import derive_dataset_id
from modellab.journal.line import clean_unicode
from modellab.records import MAX_NAME_LENGTH
from modellab.records.datasets import DatasetFormat, LoggedDataset
from modellab.tracking.spool import spool_file
from modellab.tracking.values import check_label

DESCRIBE_BYTES = 256 * 1024 * 1024
"""A kept file that is larger is described by the store when somebody looks at it, not while training."""

_MAX_COLUMNS_BYTES = 32 * 1024 * 1024  # of a line of the journal, which may have 64 MiB
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Content:
    """What is known of the bytes of some data."""

    sha256: str
    size: int
    description: Description
    filename: str | None
    is_kept: bool
    trouble: str | None = None


def read_data(
    data: Any, *, name: str | None, split: str | None, keep: bool, project_id: str | None, spool: Path
) -> tuple[LoggedDataset, dict[str, Any], str | None]:
    """What is logged of `data`: the record of it, the fields of its event, and what went wrong, if anything.

    Raises `InvalidInput` for a path without a readable file, for an empty file, and for what is no table.
    """
    name = None if name is None else check_label(name, "dataset")
    split = None if split is None else check_label(split, "split")
    if isinstance(data, (str, os.PathLike)):
        path = _check_file(data)
        content = _read_file(path, spool if keep else None)
        name = name or check_label(clean_unicode(path.stem)[:MAX_NAME_LENGTH], "dataset")
    elif name is None:
        raise InvalidInput(
            f"Data of type {type(data).__name__} has no name of its own.", hint='Give one: name="iris".'
        )
    else:
        content = _read_frame(data, spool if keep else None)
    logged = LoggedDataset(
        dataset_id=derive_dataset_id(project_id, name, content.sha256),
        name=name,
        split=split,
        sha256=content.sha256,
        size=content.size,
        n_rows=content.description.n_rows,
        is_kept=content.is_kept,
    )
    return logged, _make_event(logged, content, project_id), _say_trouble(logged, content)


def _check_file(data: str | os.PathLike[str]) -> Path:
    try:
        path = Path(os.fsdecode(data))
        if path.is_file():
            return path
        what = "is a folder" if path.is_dir() else "is not there"
    except (OSError, ValueError):  # a text that can be no path
        what = "can be no path"
    hint = "Log each file of a folder by itself." if what == "is a folder" else None
    raise InvalidInput(f"The data file {os.fsdecode(data)[:200]!r} {what}.", hint=hint)


def _read_file(path: Path, spool: Path | None) -> _Content:
    trouble = None
    try:
        format = detect_format(path, path.name)  # refuses an empty file
        try:
            sha256, size = spool_file(path, spool) if spool is not None else _hash_file(path)
        except OSError as problem:
            sha256, size = _hash_file(path)
            trouble = f"its bytes are not kept: {problem.strerror or problem}"
    except OSError as problem:
        raise InvalidInput(f"The data file {path} cannot be read: {problem.strerror}.") from problem
    is_kept = spool is not None and trouble is None
    if is_kept and size > DESCRIBE_BYTES:
        return _Content(sha256, size, Description(format=format), path.name, is_kept)
    description = _describe(path, format, clean_unicode(path.name))
    return _Content(sha256, size, description, clean_unicode(path.name), is_kept, trouble)


def _read_frame(data: Any, spool: Path | None) -> _Content:
    from modellab.datasets.frames import write_frame

    try:
        with _open_beside(spool) as (path, file):
            format = write_frame(data, file)
            file.close()
            sha256, size = _hash_file(path)
            description = _describe(path, format, None)
            if spool is not None:
                path.replace(spool / sha256)
            return _Content(sha256, size, description, None, spool is not None)
    except OSError as problem:
        sink = _Hash()
        format = write_frame(data, cast("IO[bytes]", sink))
        description = Description(format=format, unread="There was no room to read the columns.")
        trouble = f"its bytes are not kept: {problem.strerror or problem}"
        return _Content(sink.digest.hexdigest(), sink.size, description, None, False, trouble)


@contextmanager
def _open_beside(spool: Path | None) -> Iterator[tuple[Path, IO[bytes]]]:
    """A new file, in the spool if bytes are to stay there; removed at the end unless it was renamed."""
    if spool is not None:
        spool.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(suffix=".part", prefix=f"{os.getpid()}-", dir=spool)
    path = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield path, file
    finally:
        path.unlink(missing_ok=True)


class _Hash:
    """A file that keeps nothing but the checksum of what was written to it."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """There is nothing to flush."""


def _hash_file(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            digest.update(data)
            size += len(data)
    return digest.hexdigest(), size


def _describe(path: Path, format: DatasetFormat, filename: str | None) -> Description:
    try:
        return describe_file(path, format, filename)
    except InvalidInput as error:  # the training may have its own way to read it
        return Description(format=format, unread=error.message)
    except OSError as error:
        return Description(format=format, unread=f"The file could not be read: {error.strerror}.")


def _make_event(logged: LoggedDataset, content: _Content, project_id: str | None) -> dict[str, Any]:
    found = content.description
    columns, unread = found.columns, found.unread
    if columns is not None and len(orjson.dumps(list(columns))) > _MAX_COLUMNS_BYTES:
        columns, unread = None, None  # the store reads them
    return {
        "name": logged.name,
        "project_id": project_id,
        "split": logged.split,
        "sha256": content.sha256,
        "size": content.size,
        "format": found.format,
        "filename": content.filename,
        "n_rows": found.n_rows,
        "n_columns": found.n_columns,
        "columns": None if columns is None else list(columns),
        "unread": unread,
    }


def _say_trouble(logged: LoggedDataset, content: _Content) -> str | None:
    if content.trouble is not None:
        return f"dataset {logged.name}: {content.trouble}."
    found = content.description
    if found.columns is None and found.format != "other" and found.unread:
        hint = " Its checksum is recorded." if found.unread == NO_POLARS else ""
        return f"dataset {logged.name}: its columns are not described. {found.unread}{hint}"
    return None
