"""Routes of `/api/modellab/runs`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from modellab.journal.line import decode_value
from modellab.records import RunFilter
from modellab.server.access import open_store_of, require, require_run, require_runs, who_asks
from modellab.server.audit import note
from modellab.server.bodies.run_records import (
    BulkBody,
    BulkReportBody,
    ConsoleBody,
    EditRunBody,
    NewRunBody,
    RunPageBody,
    RunRecordQuery,
    WholeRunBody,
    encode_overview,
    encode_run,
)
from modellab.server.bodies.runs import SeriesBody, SeriesQuery
from modellab.server.bodies.trash import TrashItemBody
from modellab.server.bodies.values import reply, reply_encoded
from modellab.server.curves import read_curves
from modellab.server.problems import document_problems
from modellab.server.routes.lab import RunId
from modellab.store.editing import StepMetrics

router = APIRouter(prefix="/runs", tags=["runs"])

ConsolePlace = Annotated[
    int,
    Query(
        ge=0,
        le=2**63 - 1,
        description="`next_after` of an earlier answer: gives only what was printed since.",
        examples=[118],
    ),
]


@router.get(
    "",
    summary="List runs, a page at a time",
    response_model=RunPageBody,
    responses=document_problems(422, 503),
)
def list_run_records(request: Request, query: Annotated[RunRecordQuery, Query()]) -> Response:
    """Runs that meet everything given and that the caller may see, newest first."""
    return answer_page(request, query)


@router.post(
    "",
    status_code=201,
    summary="Make a run",
    response_model=WholeRunBody,
    responses=document_problems(400, 403, 404, 409, 413, 422, 503),
)
def create_run(request: Request, body: NewRunBody) -> Response:
    """Records a run that no ModelLab process writes, such as one of another program.

    Its status is what is told: `pending` at first, if nothing else is given. `timestamp` is when it was
    made, or first set from `pending` to `running`; it ends when it is set to `completed` or `failed`. A
    process that takes the run up (`start_run(run_id=…)`) decides the status from then on.
    """
    visible = require(request, "log", body.project_id).visible
    if body.parent_id is not None:
        require_run(request, body.parent_id, "read")
    run = open_store_of(request).editing.create(**_read_said(body), visible=visible)
    note(request, "create", "run", run.run_id, {"name": run.name, "project_id": run.project_id})
    where = f"/api/modellab/runs/{run.run_id}"
    return reply(encode_run(run), status=201, headers={"Location": where})


@router.post(
    "/bulk",
    summary="Change several runs at once",
    response_model=BulkReportBody,
    responses=document_problems(400, 403, 404, 413, 422, 503),
)
def change_runs(request: Request, body: BulkBody) -> Response:
    """Notes, tags, trash and restore of up to 1000 runs: all of them or, if one cannot be changed, none.

    With `restore` all of them must lie in the trash, without it none of them.
    """
    require_runs(request, body.run_ids, "log", in_trash=body.restore)
    said = body.model_dump(include=body.model_fields_set - {"run_ids"})
    n_changed = open_store_of(request).bulk.change(body.run_ids, **said)
    note(request, "change-many", "run", body.run_ids[0], {"run_ids": body.run_ids, **said, "n": n_changed})
    return reply({"n_changed": n_changed})


@router.get(
    "/{run_id}",
    summary="Read a run, whole",
    response_model=WholeRunBody,
    responses=document_problems(404, 422, 503),
)
def read_run_record(request: Request, run_id: RunId) -> Response:
    """All that is known of a run, with summaries of its metrics and the ids of runs nested in it."""
    visible = require_run(request, run_id, "read").visible
    store = open_store_of(request)
    run = store.runs.get(run_id)
    if visible is not None and run.children:
        own = store.runs.list(RunFilter(parent_id=run_id, visible=visible)).items
        seen = {child.run_id for child in own}
        run = dataclasses.replace(run, children=[child for child in run.children if child in seen])
    return reply(encode_run(run))


@router.put(
    "/{run_id}",
    summary="Change a run",
    response_model=WholeRunBody,
    responses=document_problems(400, 403, 404, 409, 413, 422, 503),
)
def update_run(request: Request, run_id: RunId, body: EditRunBody) -> Response:
    """Changes what is given and leaves the rest, all of it or nothing; answers with the run as it is then.

    A `status` that is null counts as not given. While a process of the run lives its status cannot be set
    (409); that of a run which has ended can, and its end stays when it was, unless it is set to `running` or
    `pending` in between.
    """
    require_run(request, run_id, "log")
    said = _read_said(body)
    run = open_store_of(request).editing.update(run_id, **said)
    note(request, "update", "run", run_id, {"changed": sorted(said), "status": run.status})
    return reply(encode_run(run))


@router.delete(
    "/{run_id}",
    summary="Put a run into the trash",
    response_model=TrashItemBody,
    responses=document_problems(403, 404, 422, 503),
)
def delete_run(request: Request, run_id: RunId) -> Response:
    """Takes the runs of its project that are nested in it along; answers with what is in the trash now.

    A run that is still being recorded goes on in the trash, and is whole when it is restored.
    """
    require_run(request, run_id, "log")
    item = open_store_of(request).trash.put_run(run_id)
    note(request, "delete", "run", run_id, {"n_runs": item.n_runs})
    return reply(item)


@router.get(
    "/{run_id}/series",
    summary="Read curves of a run (the same as /runs/{run_id}/series)",
    response_model=SeriesBody,
    responses=document_problems(404, 422, 503),
)
def read_run_curves(request: Request, run_id: RunId, query: Annotated[SeriesQuery, Query()]) -> Response:
    """Metrics over steps, each with at most `max_points` points; extremes are kept."""
    require_run(request, run_id, "read")
    return reply_encoded(read_curves(open_store_of(request), run_id, query))


@router.get(
    "/{run_id}/console",
    summary="Read what a run printed",
    response_model=ConsoleBody,
    responses=document_problems(404, 422, 503),
)
def read_console(request: Request, run_id: RunId, after: ConsolePlace = 0) -> Response:
    """What a run printed, as far as it was recorded; with `after`, only what is newer."""
    require_run(request, run_id, "read")
    text, place = open_store_of(request).runs.follow_console(run_id, after)
    return reply({"run_id": run_id, "text": text, "next_after": place})


def answer_page(request: Request, query: RunRecordQuery) -> Response:
    """A page of the runs asked for that the caller may see."""
    wanted = RunFilter(**query.model_dump(exclude={"limit", "cursor"}), visible=who_asks(request).visible)
    page = open_store_of(request).runs.list(wanted, limit=query.limit, cursor=query.cursor)
    return reply({"items": [encode_overview(run) for run in page.items], "next_cursor": page.cursor})


def _read_said(body: NewRunBody | EditRunBody) -> dict[str, Any]:
    """What a body says of a run, as the store takes it."""
    said = body.model_dump(exclude_unset=True)
    for alias, name in (("hyperparameters", "params"), ("git_commit", "git_hash")):
        value = said.pop(alias, None)
        if value is not None:
            said[name] = value
    if said.get("status", "") is None:
        del said["status"]
    if said.get("metrics"):
        said["metrics"] = {name: decode_value(value) for name, value in said["metrics"].items()}
    said["points"] = [
        StepMetrics(
            step=point.step,
            metrics={name: decode_value(value) for name, value in point.metrics.items()},
            time_ms=None if point.time is None else int(point.time * 1000),
        )
        for point in body.points or ()
    ]
    return said if said["points"] else {k: v for k, v in said.items() if k != "points"}
