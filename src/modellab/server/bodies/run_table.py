"""What requests and answers about fields and the table of runs hold."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import BaseModel, Field

from modellab.journal.line import encode_value
from modellab.records import RunStatus
from modellab.server.bodies.matching_runs import MatchingRunsQuery
from modellab.server.bodies.values import Query, Text
from modellab.store.fields import FIELD_KINDS, MAX_FIELDS, MAX_VALUES, FieldKind
from modellab.store.ordering import MAX_KEYS
from modellab.store.run_table import MAX_COLUMNS, MAX_ROWS, MAX_RUN_IDS, Table, TableRow

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"

Cell = str | float | bool | None
"""What a cell of a table holds: a number (or `nan`, `inf`, `-inf`), text, true or false; null is nothing."""
ValueKind = Literal["number", "text", "time", "bool", "any"]


class FieldsQuery(Query):
    """Which fields to list."""

    project_id: Text | None = Field(None, description="Of runs in this project.", examples=["iris-study"])
    search: Text | None = Field(
        None, max_length=250, description="Found in the name, in any letter case.", examples=["loss"]
    )
    kind: list[FieldKind] = Field(
        default=list(FIELD_KINDS), description="Kinds, repeated; all without any.", examples=[["metrics"]]
    )
    limit: int = Field(1000, ge=1, le=MAX_FIELDS, description="The most fields of a kind.", examples=[50])


class NamedFieldBody(BaseModel):
    """A metric, param or tag that runs have."""

    name: str = Field(description="Its name.", examples=["learning rate"])
    field: str = Field(description="As queries and columns write it.", examples=['params."learning rate"'])
    n_runs: int = Field(description="How many runs have it.", examples=[120])
    n_values: int | None = Field(description="How many values a param or tag has; null of a metric.")
    is_numeric: bool = Field(description="Whether all its values are numbers.")
    higher_is_better: bool | None = Field(
        description="Which way a metric is better; null where it is not known, and of params and tags."
    )


class AttributeBody(BaseModel):
    """A field that every run may have."""

    name: str = Field(description="As queries and columns write it.", examples=["started_at"])
    kind: ValueKind = Field(description="What kind of value it holds.", examples=["time"])


class FieldsBody(BaseModel):
    """Fields to filter by, sort by and show, those of most runs first."""

    metrics: list[NamedFieldBody] = Field(description="Metrics; those of the machine (`system/`) last.")
    params: list[NamedFieldBody] = Field(description="Params.")
    tags: list[NamedFieldBody] = Field(description="Tags.")
    attributes: list[AttributeBody] = Field(description="Fields of a run itself, and of its datasets.")
    n_metrics: int = Field(description="How many metrics were found, shown or not.", examples=[1000])
    n_params: int = Field(description="How many params.", examples=[12])
    n_tags: int = Field(description="How many tags.", examples=[3])


class FieldValuesQuery(Query):
    """Whose values to list."""

    field: Text = Field(
        description="A param, a tag, a field of datasets, or one of a run that is no time.",
        examples=["params.model"],
    )
    project_id: Text | None = Field(None, description="Of runs in this project.", examples=["iris-study"])
    prefix: Text | None = Field(
        None, max_length=300, description="How they begin, in any letter case.", examples=["res"]
    )
    limit: int = Field(20, ge=1, le=MAX_VALUES, description="The most values.", examples=[20])


class FieldValueBody(BaseModel):
    """A value that runs have."""

    value: str | float | bool = Field(
        description="The value; text is cut after 300 characters.", examples=["resnet50"]
    )
    n_runs: int = Field(description="How many runs have it.", examples=[40])


class FieldValuesBody(BaseModel):
    """The commonest values of a field."""

    field: str = Field(description="The field as it was asked for.", examples=["params.model"])
    values: list[FieldValueBody] = Field(description="Commonest first.")


class WholeTableQuery(MatchingRunsQuery):
    """Which runs, which columns, and in which order."""

    columns: list[Text] = Field(
        default=[],
        max_length=MAX_COLUMNS,
        description="Fields of the query language, repeated: one column each.",
        examples=[["metrics.loss.min", "params.lr", "tags.team", "duration_s"]],
    )
    sort: list[Text] = Field(
        default=[],
        max_length=MAX_KEYS,
        description="Fields to sort by, repeated; `-` before one sorts the largest first. What a run lacks "
        "is always last, and NaN before that. Equal ones, and all without any: newest first.",
        examples=[["-metrics.accuracy.max", "started_at"]],
    )
    run_ids: list[Text] | None = Field(
        None,
        max_length=MAX_RUN_IDS,
        description="Only these of the runs that match, repeated; to read again what has changed.",
        examples=[[_RUN_ID]],
    )


class TableQuery(WholeTableQuery):
    """Which runs, columns and order, and which stretch of the rows."""

    limit: int = Field(500, ge=1, le=MAX_ROWS, description="The most rows.", examples=[200])
    offset: int = Field(0, ge=0, le=2**31, description="Rows to leave out before.", examples=[0])


class ExportQuery(WholeTableQuery):
    """Which runs, columns and order, and as what kind of file."""

    format: Literal["csv", "jsonl", "parquet"] = Field(
        "csv", description="CSV, JSON lines, or Parquet.", examples=["csv"]
    )


class TableColumnBody(BaseModel):
    """A column of the table."""

    field: str = Field(description="The field, in its shortest form.", examples=["metrics.loss.min"])
    kind: ValueKind = Field(description="What its values are; any: numbers or texts.", examples=["number"])


class TableRowBody(BaseModel):
    """A run in the table."""

    run_id: str = Field(description="Its id.", examples=[_RUN_ID])
    name: str | None = Field(description="Its name.", examples=["baseline"])
    project_id: str | None = Field(description="Its project.", examples=["iris-study"])
    status: RunStatus = Field(description="Its state.", examples=["completed"])
    started_at: str = Field(
        description="When it started, in UTC.", examples=["2026-11-20T09:30:00.000000+00:00"]
    )
    duration_s: float | None = Field(description="Seconds it took; null until it ends.", examples=[62.5])
    dataset_id: str | None = Field(description="The dataset it says it used.", examples=["iris-v1"])
    parent_id: str | None = Field(description="The run it is nested in.")
    seed: int | None = Field(description="Its seed.", examples=[7])
    n_artifacts: int = Field(description="How many artifacts it has.", examples=[2])
    n_nested: int = Field(description="How many runs are nested directly in it.", examples=[0])
    note: str | None = Field(description="What someone wrote about it, the first 300 characters.")
    error: str | None = Field(description="Why it failed, the first 300 characters.")
    tags: dict[str, str] = Field(description="Its tags.", examples=[{"team": "vision"}])
    last_step: int | None = Field(description="Running: the largest step of its metrics.", examples=[1200])
    last_at: str | None = Field(description="Running: when it was last heard of, in UTC.")
    values: list[Cell] = Field(
        description="One for each column; null where the run has none. NaN and ±inf are strings. Of params "
        "and tags the first 300 characters; several datasets are joined by commas.",
        examples=[[0.21, 0.01, "vision", 62.5]],
    )


class TableBody(BaseModel):
    """A stretch of the table of runs."""

    total: int = Field(description="How many runs match.", examples=[10_000])
    columns: list[TableColumnBody] = Field(description="The columns that were asked for.")
    rows: list[TableRowBody] = Field(description="Runs in the order asked for.")


def encode_table(table: Table) -> dict[str, Any]:
    """A table as `TableBody` describes it."""
    return {
        "total": table.total,
        "columns": [{"field": column.field, "kind": column.kind} for column in table.columns],
        "rows": [_encode_row(row) for row in table.rows],
    }


def _encode_row(row: TableRow) -> dict[str, Any]:
    # Field by field: that is several times faster than asking each record what it has.
    row_body = {name: getattr(row, name) for name in TableRow.__slots__}
    row_body["values"] = [encode_cell(value) for value in row.values]
    return row_body


def encode_cell(value: Any) -> Any:
    """A cell's value as JSON knows it."""
    return encode_value(value) if value.__class__ is float and not math.isfinite(value) else value
