"""Routes of `/api/modellab/runs/{run_id}`: evaluations and latency reports."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response

from modellab.errors import InvalidInput, NotFound
from modellab.records.evaluations import check_evaluation_name
from modellab.server.access import open_store_of, require_run
from modellab.server.audit import note
from modellab.server.bodies.evaluations import (
    EVALUATE_BODY,
    MEASURED_BODY,
    EvaluateBody,
    EvaluationListBody,
    LatencyBody,
    LatencyListBody,
    MeasuredBody,
    RemovedReportBody,
    WholeEvaluationBody,
)
from modellab.server.bodies.values import Text, encode, reply
from modellab.server.evaluating import find_turns, parse_body, receive_body, tell_missing
from modellab.server.problems import document_problems
from modellab.server.routes.lab import RunId
from modellab.tracking.evaluations import (
    check_latency,
    describe_evaluation,
    describe_latency,
    evaluate,
    summarise_latencies,
)

router = APIRouter(prefix="/runs/{run_id}", tags=["evaluations"])

MAX_RESAMPLES = 10_000
"""Resamples of an evaluation over HTTP."""

ReportName = Annotated[Text, Path(description="What it is called.", examples=["test"])]


@router.post(
    "/evaluate",
    status_code=201,
    summary="Evaluate predictions of a run",
    response_model=WholeEvaluationBody,
    responses=document_problems(400, 403, 404, 413, 422, 501, 503),
    openapi_extra=EVALUATE_BODY,
)
async def evaluate_run(request: Request, run_id: RunId) -> Response:
    """Computes metrics with intervals, slices, failures, curves and a takeaway, and keeps them with the run.

    The same harness as `modellab.evaluate`, on the server. Headline metrics become final metrics of the run,
    such as `test/accuracy`; the files are artifacts below `evaluations/<name>/`. Two evaluations are computed
    at a time, others wait. A server without the packages for it answers 501.
    """
    await run_sync(_require_open, request, run_id)
    if lacking := tell_missing():
        return lacking
    turns = find_turns(request.app)
    async with turns.read:
        data = await receive_body(request)
        return await run_sync(_evaluate, request, run_id, data, limiter=turns.compute)


@router.get(
    "/evaluations",
    summary="List the evaluations of a run",
    response_model=EvaluationListBody,
    responses=document_problems(403, 404, 422, 503),
)
def list_evaluations(request: Request, run_id: RunId) -> Response:
    """Their headlines, by name: metrics with intervals, and the takeaway."""
    require_run(request, run_id, "read")
    return reply({"items": open_store_of(request).evaluations.list(run_id)})


@router.get(
    "/evaluations/{name}",
    summary="Read an evaluation, whole",
    response_model=WholeEvaluationBody,
    responses=document_problems(403, 404, 422, 503),
)
def read_evaluation(request: Request, run_id: RunId, name: ReportName) -> Response:
    """The headline and the whole report."""
    require_run(request, run_id, "read")
    store = open_store_of(request)
    found = store.evaluations.get(run_id, name)
    report: dict[str, Any] | None = None
    try:
        report = store.evaluations.read_report(run_id, name)
    except NotFound:  # its bytes are not here
        store.evaluations.get(run_id, name)
    return reply({**encode(found), "report": report})


@router.delete(
    "/evaluations/{name}",
    summary="Remove an evaluation",
    response_model=RemovedReportBody,
    responses=document_problems(403, 404, 422, 503),
)
def remove_evaluation(request: Request, run_id: RunId, name: ReportName) -> Response:
    """Removes it for good, with its files and the metrics that it gave the run."""
    require_run(request, run_id, "log")
    freed = open_store_of(request).evaluations.remove(run_id, name)
    note(request, "remove", "evaluation", name, {"run_id": run_id, "freed_bytes": freed})
    return reply({"name": name, "freed_bytes": freed})


@router.post(
    "/latency",
    status_code=201,
    summary="Add measured times to a run",
    response_model=LatencyBody,
    responses=document_problems(400, 403, 404, 413, 422, 501, 503),
    openapi_extra=MEASURED_BODY,
)
async def add_latency(request: Request, run_id: RunId) -> Response:
    """Makes a report of times that were measured elsewhere: percentiles with intervals, histogram, curve.

    Percentiles and throughput become final metrics of the run, such as `latency/default/p95_ms`. A server
    without the packages for it answers 501.
    """
    await run_sync(_require_open, request, run_id)
    if lacking := tell_missing():
        return lacking
    data = await receive_body(request)
    return await run_sync(_add_latency, request, run_id, data)


@router.get(
    "/latency",
    summary="List the latency reports of a run",
    response_model=LatencyListBody,
    responses=document_problems(403, 404, 422, 503),
)
def list_latencies(request: Request, run_id: RunId) -> Response:
    """All of them, whole, by name."""
    require_run(request, run_id, "read")
    return reply({"items": open_store_of(request).latencies.list(run_id)})


@router.delete(
    "/latency/{name}",
    summary="Remove a latency report",
    response_model=RemovedReportBody,
    responses=document_problems(403, 404, 422, 503),
)
def remove_latency(request: Request, run_id: RunId, name: ReportName) -> Response:
    """Removes it for good, with its files and the metrics that it gave the run."""
    require_run(request, run_id, "log")
    freed = open_store_of(request).latencies.remove(run_id, name)
    note(request, "remove", "latency", name, {"run_id": run_id, "freed_bytes": freed})
    return reply({"name": name, "freed_bytes": freed})


def _require_open(request: Request, run_id: str) -> None:
    """Raise unless the caller may log to the run, and it is not in the trash."""
    require_run(request, run_id, "log")
    open_store_of(request).runs.get(run_id)


def _evaluate(request: Request, run_id: str, data: bytes) -> Response:
    body = parse_body(data, EvaluateBody)
    check_evaluation_name(body.name)
    _check_resamples(body.config)
    report = evaluate(
        predictions=body.predictions,
        labels=body.labels,
        data=body.data,
        row_ids=body.row_ids,
        clusters=body.clusters,
        config=body.config,
    )
    found = open_store_of(request).evaluations.add(run_id, describe_evaluation(body.name, report))
    note(request, "add", "evaluation", body.name, {"run_id": run_id, "n": found.n})
    where = f"/api/modellab/runs/{run_id}/evaluations/{body.name}"
    content = {**encode(found), "report": report.as_dict()}
    return reply(content, status=201, headers={"Location": where})


def _add_latency(request: Request, run_id: str, data: bytes) -> Response:
    body = parse_body(data, MeasuredBody)
    profile = summarise_latencies(
        [latency / 1000 for latency in body.latencies_ms],
        rate=body.rate_per_s,
        **body.model_dump(exclude={"latencies_ms", "rate_per_s"}),
    )
    report = describe_latency(check_latency(profile), profile)
    found = open_store_of(request).latencies.add(run_id, report)
    note(request, "add", "latency", found.name, {"run_id": run_id, "n": len(body.latencies_ms)})
    return reply(found, status=201)


def _check_resamples(config: dict[str, Any] | None) -> None:
    from modellab.evaluation.config import read_config  # late: brings NumPy

    wanted = read_config(config).n_resamples
    if wanted > MAX_RESAMPLES:
        raise InvalidInput(f"n_resamples is {wanted}; over HTTP it may be at most {MAX_RESAMPLES}.")
