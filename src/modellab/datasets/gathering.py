"""Reads a table once: into memory, or into a file of columns if it is too large for that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def gather(frame: pl.LazyFrame, folder: Path, *, is_large: bool) -> pl.LazyFrame:
    """`frame` with its rows at hand; those of a large one in a file in `folder`."""
    import polars as pl

    if not is_large:
        return frame.collect(engine="streaming").lazy()
    target = folder / "columns.parquet"
    frame.sink_parquet(target, compression="lz4", statistics=False)
    return pl.scan_parquet(target)
