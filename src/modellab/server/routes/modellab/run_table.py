"""Routes of `/api/modellab/table` and `/api/modellab/fields`: runs side by side in any columns."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from modellab.records import RunFilter
from modellab.server.access import open_store_of, who_asks
from modellab.server.bodies.matching_runs import MatchingRunsQuery
from modellab.server.bodies.run_table import (
    ExportQuery,
    FieldsBody,
    FieldsQuery,
    FieldValuesBody,
    FieldValuesQuery,
    TableBody,
    TableQuery,
    encode_table,
)
from modellab.server.bodies.values import reply, reply_encoded
from modellab.server.directions import choose_direction
from modellab.server.downloads import describe_disposition
from modellab.server.exports import MEDIA_TYPES, name_file, write_csv, write_jsonl, write_parquet
from modellab.server.problems import document_problems
from modellab.store.run_table import read_columns

router = APIRouter(tags=["runs"])

DEFAULT_COLUMNS = ("name", "project_id", "status", "started_at", "duration_s", "dataset_id", "seed")
"""What an export has if no columns are asked for."""

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/fields",
    summary="List what runs can be filtered by, sorted by and shown with",
    response_model=FieldsBody,
    responses=document_problems(422, 503),
)
def list_fields(request: Request, query: Annotated[FieldsQuery, Query()]) -> Response:
    """Metrics, params, tags and other fields of the runs that the caller may see, those of most first."""
    fields = open_store_of(request).fields.list(
        project_id=query.project_id,
        search=query.search,
        kinds=query.kind,
        limit=query.limit,
        visible=who_asks(request).visible,
        find_direction=choose_direction(),
    )
    return reply(fields)


@router.get(
    "/fields/values",
    summary="List the commonest values of a field",
    response_model=FieldValuesBody,
    responses=document_problems(422, 503),
)
def list_field_values(request: Request, query: Annotated[FieldValuesQuery, Query()]) -> Response:
    """Values with how many runs have each, for completion. Metrics and times hardly repeat: 422."""
    values = open_store_of(request).fields.list_values(
        query.field,
        project_id=query.project_id,
        prefix=query.prefix,
        limit=query.limit,
        visible=who_asks(request).visible,
    )
    return reply({"field": query.field, "values": values})


@router.get(
    "/table",
    summary="Read runs as a table of any columns, in any order",
    response_model=TableBody,
    responses=document_problems(422, 503),
)
def read_run_table(request: Request, query: Annotated[TableQuery, Query()]) -> Response:
    """A stretch of the runs that match and that the caller may see, and how many there are in all.

    Columns and the order are any fields of the query language; one that there is not answers 422. A metric,
    param or tag that no run has is a column of nulls.
    """
    table = open_store_of(request).table.read(
        filter_of(request, query),
        columns=query.columns,
        sort=query.sort,
        run_ids=query.run_ids,
        limit=query.limit,
        offset=query.offset,
    )
    return reply_encoded(encode_table(table))


@router.get(
    "/table/export",
    summary="Save a table of runs as CSV, JSON lines or Parquet",
    response_class=Response,
    responses={**_FILE, **document_problems(422, 503)},
)
def export_table(request: Request, query: Annotated[ExportQuery, Query()]) -> Response:
    """All runs that match and that the caller may see: their ids, and the columns under the names as given.

    Without columns: name, project, status, start, duration, dataset and seed. Texts are whole, but of params
    and tags 300 characters. NaN and ±inf are `nan`, `inf` and `-inf` in CSV and JSON lines. In CSV, text that
    begins with `=`, `+`, `-`, `@`, a tab or a line break has a `'` before it, lest a spreadsheet run it as a
    formula. A Parquet file has at most 5,000,000 cells; the others are sent as they are read.
    """
    columns = [name for name in dict.fromkeys(query.columns or DEFAULT_COLUMNS) if name != "run_id"]
    parts = open_store_of(request).table.iterate(
        filter_of(request, query), columns=columns, sort=query.sort, run_ids=query.run_ids
    )
    names = ["run_id", *columns]
    rows = ([[row.run_id, *row.values] for row in part] for part in parts)
    headers = {
        "Content-Disposition": describe_disposition("attachment", name_file(query.project_id, query.format)),
        "Cache-Control": "private, no-cache",
    }
    media_type = MEDIA_TYPES[query.format]
    if query.format == "parquet":
        kinds = ["text", *(field.type for field in read_columns(columns))]
        return Response(write_parquet(names, kinds, rows), headers=headers, media_type=media_type)
    write = write_csv if query.format == "csv" else write_jsonl
    return StreamingResponse(write(names, rows), headers=headers, media_type=media_type)


def filter_of(request: Request, query: MatchingRunsQuery) -> RunFilter:
    """The runs that are meant and that the caller may see."""
    return RunFilter(
        project_id=query.project_id,
        query=query.query,
        status=query.status,
        visible=who_asks(request).visible,
    )
