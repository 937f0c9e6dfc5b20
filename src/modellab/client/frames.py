"""Runs as a data frame: one row a run, for pandas or polars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from modellab.errors import InvalidInput
from modellab.records import RunSummary

FrameKind = Literal["pandas", "polars"]
FRAME_KINDS: tuple[FrameKind, ...] = ("pandas", "polars")

_FIELDS = (
    "run_id",
    "name",
    "project_id",
    "status",
    "timestamp",
    "duration_s",
    "dataset_id",
    "git_hash",
    "command",
    "note",
    "parent_id",
    "n_artifacts",
)
_MAPPINGS = (("params", "params"), ("metrics", "final_metrics"), ("tags", "tags"))


def check_frame_kind(kind: str) -> None:
    """Raise `InvalidInput` unless `kind` names a library that makes frames, and it is installed."""
    if kind not in FRAME_KINDS:
        raise InvalidInput(f"frame is {kind!r}; it may be 'pandas' or 'polars'.")
    from importlib.util import find_spec

    if find_spec(kind) is None:
        raise InvalidInput(f"{kind} is not installed.", hint=f"pip install {kind}")


def make_frame(runs: Sequence[RunSummary], kind: str) -> Any:
    """A frame with a row a run: its fields, then `params.NAME`, `metrics.NAME` and `tags.NAME`.

    What a run lacks is missing in its row. `timestamp` is a time in UTC. A param whose values are of
    several types is a column of texts in polars.
    """
    columns: dict[str, list[Any]] = {name: [getattr(run, name) for run in runs] for name in _FIELDS}
    for prefix, field in _MAPPINGS:
        found = [getattr(run, field) for run in runs]
        for key in dict.fromkeys(key for mapping in found for key in mapping):
            columns[f"{prefix}.{key}"] = [mapping.get(key) for mapping in found]
    return _make_pandas(columns) if kind == "pandas" else _make_polars(columns)


def _make_pandas(columns: dict[str, list[Any]]) -> Any:
    import pandas  # type: ignore[import-untyped]

    frame = pandas.DataFrame(columns)
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"], utc=True, format="ISO8601")
    return frame


def _make_polars(columns: dict[str, list[Any]]) -> Any:
    import polars

    frame = polars.DataFrame([polars.Series(name, _unify(values)) for name, values in columns.items()])
    return frame.with_columns(polars.col("timestamp").cast(polars.String).str.to_datetime(time_zone="UTC"))


def _unify(values: Sequence[Any]) -> Sequence[Any]:
    """Values of one type: integers and other numbers become numbers, any other mixture texts."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return [value if value is None else float(value) for value in values]
    return values if len(kinds) <= 1 and not kinds & {list, dict} else [_as_text(value) for value in values]


def _as_text(value: Any) -> str | None:
    import orjson

    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
