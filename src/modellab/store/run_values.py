"""What fields of the query language hold for given runs: the cells of a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import orjson
from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, func, select

from modellab.errors import InvalidInput, InvalidQuery
from modellab.query import Field
from modellab.query.fields import NAN_SUMMARIES
from modellab.store.platform_tables import datasets, run_datasets, tags
from modellab.store.query import DATASET_COLUMNS, RUN_COLUMNS
from modellab.store.tables import metrics, params, runs
from modellab.store.times import format_time

TEXT_SHOWN = 300
"""Characters of a text that a cell shows, unless whole texts are asked for; of params and tags never more."""

IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_PARAMS = select(params).where(params.c.run.in_(IDS), params.c.key.in_(_KEYS))
_TAGS = select(tags).where(tags.c.run.in_(IDS)).order_by(tags.c.run, tags.c.key)
_DATASETS = (
    select(run_datasets.c.run, *(column.label(name) for name, column in DATASET_COLUMNS.items()))
    .join(datasets, datasets.c.id == run_datasets.c.dataset)
    .where(run_datasets.c.run.in_(IDS))
    .order_by(run_datasets.c.run, run_datasets.c.split, datasets.c.name, datasets.c.version)
)
OWN_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    **RUN_COLUMNS,
    **{name: runs.c[name] for name in ("seed", "n_artifacts", "n_dropped")},
}
"""The fields of a run as they are kept; as they are compared, all numbers are floats."""

Parsed = TypeVar("Parsed")
Read = Callable[[Any], Any]
"""The value of one field, from a row of `runs`."""


class Cells(NamedTuple):
    """The readers of fields in their order, for rows with `columns_of(fields)`, and tags by run."""

    readers: Sequence[Read]
    tags: Mapping[int, Mapping[str, str]]


def read_field(what: str, text: str, parse: Callable[[str], Parsed]) -> Parsed:
    """What a text names that is no query; raises `InvalidInput` that says what it was given as.

    An `InvalidQuery` would tell a position, which is one in the query of the same request.
    """
    try:
        return parse(text)
    except InvalidQuery as error:
        raise InvalidInput(f"{what}: {error.message}", hint=error.hint) from None


def columns_of(fields: Sequence[Field], *, whole: bool) -> list[ColumnElement[Any]]:
    """The columns of `runs` that the fields need, labelled by their place."""
    return [
        shorten(OWN_COLUMNS[field.name], field.type, whole=whole).label(f"field_{place}")
        for place, field in enumerate(fields)
        if field.kind == "run"
    ]


def shorten(column: ColumnElement[Any], kind: str, *, whole: bool) -> ColumnElement[Any]:
    """A column whose texts are cut one character behind what is shown, so that a cut one is known."""
    return column if whole or kind != "text" else func.substr(column, 1, TEXT_SHOWN + 1)


def mark_cut(text: str | None, *, whole: bool) -> str | None:
    """A text with the sign that it goes on, if it does."""
    return text if whole or text is None or len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"


def read_cells(
    connection: Connection,
    ids: Sequence[int],
    fields: Sequence[Field],
    *,
    whole: bool,
    all_tags: bool = False,
) -> Cells:
    """What the fields hold for runs of these numbers, from each table in one statement.

    Tags are read if a field needs them, or `all_tags` are asked for.
    """
    by_metric = _read_metrics(connection, ids, fields)
    by_param = _read_params(connection, ids, fields)
    by_tag: dict[int, dict[str, str]] = {}
    with_tags = all_tags or any(field.kind == "tags" for field in fields)
    for run, key, text in connection.execute(_TAGS, {"ids": ids}).all() if with_tags else ():
        by_tag.setdefault(run, {})[key] = text
    by_dataset = _read_datasets(connection, ids, fields)

    def make_reader(place: int, field: Field) -> Read:
        if field.kind == "run":
            return _read_own(place, field, whole=whole)
        if field.kind == "tags":
            return lambda row: by_tag.get(row.id, {}).get(field.name)
        if field.kind == "datasets":
            return lambda row: by_dataset.get((row.id, field.name))
        if field.kind == "params":
            return lambda row: by_param.get((row.id, field.name))
        return lambda row: by_metric.get((row.id, field.name, field.summary))

    return Cells([make_reader(place, field) for place, field in enumerate(fields)], by_tag)


def _read_metrics(
    connection: Connection, ids: Sequence[int], fields: Sequence[Field]
) -> dict[tuple[int, str, str | None], float | None]:
    wanted = [field for field in fields if field.kind == "metrics"]
    if not wanted:
        return {}
    summaries = sorted({field.summary or "final" for field in wanted})
    columns = [metrics.c[name].label(f"of_{name}") for name in summaries]
    statement = select(metrics.c.run, metrics.c.key, *columns).where(
        metrics.c.run.in_(IDS), metrics.c.key.in_(_KEYS)
    )
    keys = sorted({field.name for field in wanted})
    found: dict[tuple[int, str, str | None], float | None] = {}
    for run, key, *values in connection.execute(statement, {"ids": ids, "keys": keys}).all():
        for summary, value in zip(summaries, values, strict=True):
            is_nan = value is None and summary in NAN_SUMMARIES
            found[run, key, summary] = math.nan if is_nan else value
    return found


def _read_params(
    connection: Connection, ids: Sequence[int], fields: Sequence[Field]
) -> dict[tuple[int, str], Any]:
    keys = sorted({field.name for field in fields if field.kind == "params"})
    if not keys:
        return {}
    rows = connection.execute(_PARAMS, {"ids": ids, "keys": keys}).all()
    return {(run, key): read_param(text, number) for run, key, text, number in rows}


def read_param(text: str, number: float | None) -> float | str:
    """A param's value from its index: a number as it was written, else its text."""
    if number is None:
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return number
    return value if isinstance(value, (int, float)) else number


def _read_datasets(
    connection: Connection, ids: Sequence[int], fields: Sequence[Field]
) -> dict[tuple[int, str], Any]:
    """The value of a run's only dataset, or those of several, joined by commas."""
    names = {field.name for field in fields if field.kind == "datasets"}
    if not names:
        return {}
    found: dict[tuple[int, str], list[Any]] = {}
    for row in connection.execute(_DATASETS, {"ids": ids}).mappings():
        for name in names:
            value = row[name]
            if value is not None:
                value = int(value) if name == "version" else value
                found.setdefault((row["run"], name), []).append(value)
    return {
        place: values[0] if len(values) == 1 else ", ".join(map(str, dict.fromkeys(values)))
        for place, values in found.items()
    }


def _read_own(place: int, field: Field, *, whole: bool) -> Read:
    name = f"field_{place}"
    if field.type == "time":
        return lambda row: format_time(getattr(row, name))
    if field.type == "bool":
        return lambda row: None if getattr(row, name) is None else bool(getattr(row, name))
    if field.type == "text":
        return lambda row: mark_cut(getattr(row, name), whole=whole)
    return lambda row: getattr(row, name)
