"""The run API: health, runs, leaderboard, comparison, notes and curves.

Whatever asks the database runs in a worker thread (`def`), because a query may wait: for another
writer, for a PostgreSQL server, for a scan of many runs. The event loop stays free for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from modellab.records import RunFilter
from modellab.server.access import require_run, who_asks
from modellab.server.audit import note
from modellab.server.bodies.runs import (
    CompareBody,
    CompareQuery,
    ComparisonBody,
    HealthBody,
    LeaderboardQuery,
    NoteBody,
    RunDetailBody,
    RunQuery,
    RunSummaryBody,
    SeriesBody,
    SeriesQuery,
    encode_detail,
    encode_summary,
)
from modellab.server.bodies.values import Text
from modellab.server.curves import read_curves
from modellab.server.problems import document_problems
from modellab.store import Store

router = APIRouter(tags=["runs"])

RunId = Annotated[
    Text, Path(description="The run's id, whole.", examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"])
]

_NEXT_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The runs that match, newest first.",
        "headers": {
            "Link": {
                "description": 'The next page\'s address, with `rel="next"`; absent on the last page.',
                "schema": {"type": "string"},
            },
            "X-Next-Cursor": {
                "description": "The next page's `cursor`; absent on the last page.",
                "schema": {"type": "string"},
            },
        },
    }
}


@router.get("/health", tags=["server"], summary="Whether the server is up", response_model=HealthBody)
async def read_health(request: Request) -> Response:
    """Says `ok` and the project's name. The database is not asked."""
    return _reply({"status": "ok", "project": request.app.state.settings.project_name})


@router.get(
    "/runs",
    summary="List runs",
    response_model=list[RunSummaryBody],
    responses={**_NEXT_PAGE, **document_problems(422, 503)},
)
def list_runs(request: Request, query: Annotated[RunQuery, Query()]) -> Response:
    """Runs that meet every filter given, newest first, a page at a time.

    `metric_min` and `metric_max` need `metric_name`; `param_value` needs `param_name`. Where a `query` cannot
    be read, the `hint` of the 422 shows the place.
    """
    visible = who_asks(request).visible
    wanted = RunFilter(**query.model_dump(exclude={"limit", "cursor"}), visible=visible)
    page = _store(request).runs.list(wanted, limit=query.limit, cursor=query.cursor)
    headers = None
    if page.cursor is not None:
        address = request.url.include_query_params(cursor=page.cursor)
        headers = {"Link": f'<{address}>; rel="next"', "X-Next-Cursor": page.cursor}
    return _reply([encode_summary(run) for run in page.items], headers)


@router.get(
    "/runs/leaderboard",
    summary="Rank runs by a metric",
    response_model=list[RunSummaryBody],
    responses=document_problems(422, 503),
)
def rank_runs(request: Request, query: Annotated[LeaderboardQuery, Query()]) -> Response:
    """The best runs by the final value of a metric, largest first unless `ascending`.

    Runs without the metric, or with NaN, have no rank.
    """
    visible = who_asks(request).visible
    found = _store(request).runs.rank(**query.model_dump(), visible=visible)
    return _reply([encode_summary(run) for run in found])


@router.get(
    "/runs/compare",
    summary="Compare runs",
    response_model=ComparisonBody,
    responses=document_problems(404, 422, 503),
)
def compare_runs(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
    """Runs side by side, with the name of every metric and param that any of them has."""
    return _compare(request, query.ids)


@router.post(
    "/compare",
    summary="Compare runs named in a body",
    response_model=ComparisonBody,
    responses=document_problems(400, 404, 422, 503),
)
def compare_named_runs(request: Request, body: CompareBody) -> Response:
    """The same as `GET /runs/compare`, for lists too long for an address."""
    return _compare(request, body.run_ids)


@router.get(
    "/runs/{run_id}",
    summary="Read one run",
    response_model=RunDetailBody,
    responses=document_problems(404, 422, 503),
)
def read_run(request: Request, run_id: RunId) -> Response:
    """All that is recorded of a run in its 14 documented fields."""
    require_run(request, run_id, "read")
    return _reply(encode_detail(_store(request).runs.get(run_id)))


@router.patch(
    "/runs/{run_id}/note",
    summary="Write a run's note",
    response_model=RunDetailBody,
    responses=document_problems(400, 404, 413, 422, 503),
)
def write_note(request: Request, run_id: RunId, body: NoteBody) -> Response:
    """Puts a note in the place of the one before, and answers with the run as it is then."""
    require_run(request, run_id, "log")
    run = _store(request).runs.set_note(run_id, body.note)
    note(request, "write-note", "run", run_id, {"note": body.note})
    return _reply(encode_detail(run))


@router.get(
    "/runs/{run_id}/series",
    summary="Read curves of a run",
    response_model=SeriesBody,
    responses=document_problems(404, 422, 503),
)
def read_series(request: Request, run_id: RunId, query: Annotated[SeriesQuery, Query()]) -> Response:
    """Metrics over steps, each with at most `max_points` points.

    Of a longer curve the lowest and the highest point of each stretch of steps are shown: true
    points, and no peak is lost. `count` says how many stand behind them.
    """
    require_run(request, run_id, "read")
    return _reply(read_curves(_store(request), run_id, query))


def _compare(request: Request, run_ids: Sequence[str]) -> Response:
    if who_asks(request).visible is not None:
        for run_id in run_ids:
            require_run(request, run_id, "read")
    found = _store(request).runs.compare(run_ids)
    return _reply(
        {
            "metric_keys": found.metric_keys,
            "param_keys": found.param_keys,
            "runs": [encode_detail(run) for run in found.runs],
            "warnings": list(found.warnings),
        }
    )


def _store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def _reply(content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), headers=headers, media_type="application/json")
