"""Routes of `/api/modellab/table` and `/api/modellab/fields`: runs side by side in any columns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from modellab.records import RunFilter
from modellab.server.access import open_store_of, who_asks
from modellab.server.bodies.run_table import (
    FieldsBody,
    FieldsQuery,
    FieldValuesBody,
    FieldValuesQuery,
    MatchingRunsQuery,
    TableBody,
    TableQuery,
    encode_table,
)
from modellab.server.bodies.values import reply, reply_encoded
from modellab.server.problems import document_problems

router = APIRouter(tags=["runs"])


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


def filter_of(request: Request, query: MatchingRunsQuery) -> RunFilter:
    """The runs that are meant and that the caller may see."""
    return RunFilter(
        project_id=query.project_id,
        query=query.query,
        status=query.status,
        visible=who_asks(request).visible,
    )
