"""What can be said of each column of a table: how much is missing, how it is spread, some examples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from modellab.datasets.text_types import in_chunks
from modellab.datasets.values import VALUE_LENGTH, plain_value
from modellab.records.datasets import Column, Histogram, ValueCount

if TYPE_CHECKING:
    import polars as pl

Engine = Literal["streaming", "in-memory"]

N_TOP = 10
N_EXAMPLES = 5
N_BINS = 20
_WIDE = 500
_WIDE_VALUE_LENGTH = 40
_HEAD = 1000
_FEW_ROWS = 100_000
"""Up to so many rows a query takes less time than setting it up to be streamed."""
_EXACT_FLOAT, _EXACT_SUM = 2**53, 2**64
_TOP_UNIQUE = 1_000_000


def describe_columns(frame: pl.LazyFrame, *, estimate: bool = False) -> tuple[int, Sequence[Column]]:
    """The number of rows, and every column described. NaN counts as missing.

    With `estimate`, for tables that are too large for memory, `n_unique` is one (it may be off by a fifth),
    and the frequent values of columns with more than a million different ones are left out.
    """
    import polars as pl

    types = {name: name_type(kind) for name, kind in frame.collect_schema().items()}
    frame = _simplify(frame)
    n_rows = int(frame.select(pl.len()).collect(engine="streaming").item())
    length = VALUE_LENGTH if len(types) <= _WIDE else _WIDE_VALUE_LENGTH
    engine: Engine = "streaming" if n_rows > _FEW_ROWS else "in-memory"
    columns: list[Column] = []
    for names in in_chunks(list(types)):
        part = frame.select(names)
        columns += _describe(part, {name: types[name] for name in names}, length, engine, exact=not estimate)
    return n_rows, columns


def name_type(kind: pl.DataType) -> str:
    """The word for a column's type: `integer`, `number`, `boolean`, `text`, `date`, `datetime`, `list`,
    `object`."""
    import polars as pl

    if kind.is_integer():
        return "integer"
    if kind.is_numeric():
        return "number"
    if isinstance(kind, (pl.List, pl.Array)):
        return "list"
    named = {pl.Boolean: "boolean", pl.Date: "date", pl.Datetime: "datetime", pl.Struct: "object"}
    return next((word for known, word in named.items() if isinstance(kind, known)), "text")


def _simplify(frame: pl.LazyFrame) -> pl.LazyFrame:
    """`frame` with columns of kinds that have no arithmetic of their own here as text."""
    import polars as pl

    plain = (pl.Categorical, pl.Enum, pl.Time, pl.Null)
    schema = frame.collect_schema()
    return frame.with_columns(
        *(pl.col(name).cast(pl.String) for name, kind in schema.items() if isinstance(kind, plain)),
        *(pl.col(name).dt.to_string("polars") for name, kind in schema.items() if kind == pl.Duration),
        *(pl.col(name).cast(pl.Float64) for name, kind in schema.items() if kind.is_decimal()),
    )


def _describe(
    frame: pl.LazyFrame, types: dict[str, str], length: int, engine: Engine, *, exact: bool
) -> list[Column]:
    asked = [expression for name in types for expression in _ask(name, types[name], exact=exact)]
    found: dict[str, Any] = frame.select(asked).collect(engine=engine).row(0, named=True)
    head = frame.head(_HEAD).collect()
    found |= _find_exact_means(frame, types, found, engine)
    tops = _find_tops(
        frame,
        [
            name
            for name, kind in types.items()
            if kind in ("text", "boolean") and (exact or found[f"unique {name}"] <= _TOP_UNIQUE)
        ],
        engine,
    )
    histograms = {} if length < VALUE_LENGTH else _find_histograms(frame, types, found, engine)
    return [
        Column(
            name=name,
            type=kind,
            n_missing=found[f"missing {name}"],
            n_unique=found.get(f"unique {name}"),
            min=plain_value(found.get(f"min {name}"), length),
            max=plain_value(found.get(f"max {name}"), length),
            mean=plain_value(found.get(f"mean {name}")),
            top=[ValueCount(value=plain_value(value, length), count=n) for value, n in tops.get(name, ())],
            examples=_find_examples(head.get_column(name), length),
            histogram=histograms.get(name),
        )
        for name, kind in types.items()
    ]


def _ask(name: str, kind: str, *, exact: bool) -> list[pl.Expr]:
    import polars as pl

    column = pl.col(name)
    if kind == "number":
        column = column.fill_nan(None)
    asked = {"missing": column.null_count()}
    if kind not in ("list", "object"):
        given = column.drop_nulls()
        asked["unique"] = given.n_unique() if exact else given.approx_n_unique()
    if kind in ("integer", "number", "date", "datetime"):
        asked |= {"min": column.min(), "max": column.max()}
    if kind in ("integer", "number"):
        asked["mean"] = column.mean()
    return [expression.alias(f"{what} {name}") for what, expression in asked.items()]


def _find_exact_means(
    frame: pl.LazyFrame, types: dict[str, str], found: Mapping[str, Any], engine: Engine
) -> dict[str, float]:
    """The means of integers that are too large for the sums of floats and of 64 bits."""
    import polars as pl

    largest = {
        name: max(abs(found[f"min {name}"] or 0), abs(found[f"max {name}"] or 0))
        for name, kind in types.items()
        if kind == "integer"
    }
    names = [name for name, most in largest.items() if _EXACT_FLOAT < most <= _EXACT_SUM]
    if not names:
        return {}
    asked = [pl.col(name).cast(pl.Int128).sum() for name in names]
    counted = [pl.col(name).count().alias(f"count {name}") for name in names]
    sums: dict[str, int] = frame.select(*asked, *counted).collect(engine=engine).row(0, named=True)
    return {f"mean {name}": sums[name] / sums[f"count {name}"] for name in names}


def _find_tops(frame: pl.LazyFrame, names: Sequence[str], engine: Engine) -> dict[str, list[tuple[Any, int]]]:
    """The most frequent values of each column, and among equally frequent ones the first in order."""
    import polars as pl

    queries = [
        frame.select(pl.col(name).alias("value"))
        .drop_nulls()
        .group_by("value")
        .agg(pl.len().alias("n"))
        .top_k(N_TOP, by=["n", "value"], reverse=[False, True])
        .sort(["n", "value"], descending=[True, False])
        for name in names
    ]
    frames = pl.collect_all(queries, engine=engine) if queries else []
    return {name: found.rows() for name, found in zip(names, frames, strict=True)}


def _find_histograms(
    frame: pl.LazyFrame, types: dict[str, str], found: Mapping[str, Any], engine: Engine
) -> dict[str, Histogram]:
    """The numbers of each column in bins of equal width from the least to the greatest."""
    import polars as pl

    edges: dict[str, list[float]] = {}
    queries = []
    for name, kind in types.items():
        if kind not in ("integer", "number") or found[f"min {name}"] is None:
            continue
        low, high = float(found[f"min {name}"]), float(found[f"max {name}"])
        if not math.isfinite(high - low):
            continue
        n = min(N_BINS, int(high - low) + 1) if kind == "integer" else N_BINS
        width = (high - low) / n
        if not width:  # all are one number, or too close for numbers between them
            n, width = 1, 1.0
        edges[name] = [low + i * width for i in range(n)] + [high]
        place = ((pl.col(name).cast(pl.Float64) - low) / width).floor().clip(0, n - 1).cast(pl.Int64)
        given = frame.select(pl.col(name).fill_nan(None) if kind == "number" else pl.col(name)).drop_nulls()
        queries.append(given.select(place.alias("bin")).group_by("bin").agg(pl.len().alias("n")))
    frames = pl.collect_all(queries, engine=engine) if queries else []
    counts = (dict(counted.rows()) for counted in frames)
    return {
        name: Histogram(edges=bounds, counts=[count.get(i, 0) for i in range(len(bounds) - 1)])
        for (name, bounds), count in zip(edges.items(), counts, strict=True)
    }


def _find_examples(values: pl.Series, length: int) -> list[Any]:
    """The first values that are different and not missing, among the first rows."""
    examples: list[Any] = []
    for value in values:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        plain = plain_value(value, length)
        if plain not in examples:
            examples.append(plain)
        if len(examples) == N_EXAMPLES:
            break
    return examples
