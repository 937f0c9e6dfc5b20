"""Which format a file has, told by its name and first bytes, and from which size on it counts as large."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from modellab.errors import InvalidInput
from modellab.records.datasets import DatasetFormat

_BY_SUFFIX: dict[str, DatasetFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
FORMATS: tuple[DatasetFormat, ...] = ("csv", "json", "jsonl", "parquet", "other")
IN_MEMORY_BYTES = 512 * 1024 * 1024
"""A CSV or JSON-lines file up to this size is read into memory; a larger one through a file of columns."""

_PARQUET = b"PAR1"


def detect_format(path: Path, filename: str | None) -> DatasetFormat:
    """The format of the file at `path` that was called `filename`; raises `InvalidInput` for an empty file.

    The ending of the name decides, but a Parquet file is one under any name. What is none of the four
    formats that have columns is `other`: its bytes are kept, and nobody looks into them.
    """
    with path.open("rb") as file:
        start = file.read(len(_PARQUET))
    if not start:
        raise InvalidInput("The file is empty.", hint="A dataset has at least a line of column names.")
    if start == _PARQUET:
        return "parquet"
    named = (filename or path.name).replace("\\", "/")
    return _BY_SUFFIX.get(PurePosixPath(named).suffix.lower(), "other")
