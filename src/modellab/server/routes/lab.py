"""The run API: health, runs, leaderboard, comparison, notes and curves.

Whatever asks the database runs in a worker thread (`def`), because a query may wait: for another
writer, for a PostgreSQL server, for a scan of many runs. The event loop stays free for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from modellab.errors import InvalidInput, NotFound
from modellab.records import RunFilter, Series
from modellab.server.bodies.runs import (
    MAX_SERIES,
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
    encode_series,
    encode_summary,
)
from modellab.server.bodies.values import Text
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

    `metric_min` and `metric_max` need `metric_name`; `param_value` needs `param_name`.
    """
    wanted = RunFilter(**query.model_dump(exclude={"limit", "cursor"}))
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
    return _reply([encode_summary(run) for run in _store(request).runs.rank(**query.model_dump())])


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
    return _reply(encode_detail(_store(request).runs.get(run_id)))


@router.patch(
    "/runs/{run_id}/note",
    summary="Write a run's note",
    response_model=RunDetailBody,
    responses=document_problems(400, 404, 413, 422, 503),
)
def write_note(request: Request, run_id: RunId, body: NoteBody) -> Response:
    """Puts a note in the place of the one before, and answers with the run as it is then."""
    return _reply(encode_detail(_store(request).runs.set_note(run_id, body.note)))


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
    if query.from_step is not None and query.to_step is not None and query.from_step > query.to_step:
        raise InvalidInput(f"from_step {query.from_step} is greater than to_step {query.to_step}.")
    store = _store(request)
    names = list(dict.fromkeys(query.metric)) or _names_with_points(store, run_id)
    found = [_reduce(store, run_id, name, query) for name in names]
    return _reply({"run_id": run_id, "series": [encode_series(series) for series in found]})


def _compare(request: Request, run_ids: Sequence[str]) -> Response:
    found = _store(request).runs.compare(run_ids)
    return _reply(
        {
            "metric_keys": found.metric_keys,
            "param_keys": found.param_keys,
            "runs": [encode_detail(run) for run in found.runs],
        }
    )


def _names_with_points(store: Store, run_id: str) -> Sequence[str]:
    metrics = store.runs.get(run_id).metrics
    return sorted(name for name, summary in metrics.items() if summary.count)[:MAX_SERIES]


def _reduce(store: Store, run_id: str, name: str, query: SeriesQuery) -> Series:
    series = store.series.reduce(
        run_id, name, max_points=query.max_points, from_step=query.from_step, to_step=query.to_step
    )
    if series is None:
        there = sorted(store.runs.get(run_id).metrics)
        listed = ", ".join(there[:20]) + (", …" if len(there) > 20 else "")
        raise NotFound(
            f"Run {run_id} has no metric {name!r}.",
            hint=f"It has: {listed}." if there else "It has no metrics.",
        )
    return series


def _store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def _reply(content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), headers=headers, media_type="application/json")
