from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modellab.datasets.description import Description, describe_file
from modellab.records.datasets import Column

Describe = Callable[..., Description]


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    """A function that describes what a file with these bytes would be."""

    def describe(data: bytes | str, filename: str = "data.csv") -> Description:
        path = tmp_path / filename
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return describe_file(path)

    return describe


@pytest.fixture
def only_column(describe: Describe) -> Callable[..., Column]:
    """A function that describes the only column of a file; the lines of a CSV below its name will do."""

    def only_column(*values: str) -> Column:
        found = describe("\n".join(["x", *values]) + "\n")
        assert found.columns is not None
        [column] = found.columns
        return column

    return only_column
