"""How long does it take to describe every column of a large CSV file?

A million rows of 20 columns: numbers, integers, text of few and of many values, booleans, dates. The floor is
what polars takes to read the same file into memory with the same engine, and describe nothing.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from benchmarks.table import Row
from benchmarks.timing import alternate, time_once
from modellab.datasets.description import describe_file

_TARGET = 3.0


def measure(quick: bool) -> list[Row]:
    """A million rows; 20 000 if `quick`."""
    n_rows, rounds = (20_000, 1) if quick else (1_000_000, 7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        _make_table(n_rows).write_csv(path)
        megabytes = path.stat().st_size / 1e6
        describe_file(path)  # imports, and the file into the cache of the disk
        scans, descriptions = alternate(
            rounds,
            lambda: time_once(lambda: pl.scan_csv(path).collect(engine="streaming")),
            lambda: time_once(lambda: describe_file(path)),
        )
    scan, description = median(scans), median(descriptions)
    return [
        Row(
            f"schema of a CSV file of {n_rows:,} rows and 20 columns ({megabytes:.0f} MB)",
            f"{description * 1000:.0f} ms",
            f"{scan * 1000:.0f} ms (polars reads it)",
            description / scan,
            f"≤ {_TARGET:.0f} times polars",
            None if quick else description <= _TARGET * scan,
        )
    ]


def _make_table(n_rows: int) -> pl.DataFrame:
    random = np.random.default_rng(0)
    days = np.datetime64("2020-01-01") + random.integers(0, 2000, n_rows)
    return pl.DataFrame(
        {f"number_{place}": random.normal(size=n_rows) for place in range(8)}
        | {f"integer_{place}": random.integers(0, 10 ** (place + 1), n_rows) for place in range(6)}
        | {
            "color": random.choice(["red", "green", "blue"], n_rows),
            "city": random.choice([f"city {number}" for number in range(500)], n_rows),
            "name": [f"name {number}" for number in random.integers(0, n_rows // 5, n_rows)],
            "id": [f"id-{number}" for number in range(n_rows)],
            "flag": random.integers(0, 2, n_rows).astype(bool),
            "day": days,
        }
    )
