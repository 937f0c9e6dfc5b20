"""Route of `/api/modellab/report`: what can be said of some runs, as one document."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from modellab.server.access import open_store_of, who_asks
from modellab.server.bodies.reports import ReportQuery
from modellab.server.evaluating import find_turns, tell_missing
from modellab.server.problems import document_problems

router = APIRouter(tags=["evaluations"])

_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report.",
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "text/markdown": {"schema": {"type": "string"}},
        },
    }
}
# Nothing may run or be fetched, whatever stands in names and notes.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox allow-same-origin",
    "Cache-Control": "private, no-cache",
}
_MEDIA_TYPES = {"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}


@router.get(
    "/report",
    summary="Write a report of results",
    response_class=Response,
    responses={**_DOCUMENT, **document_problems(404, 422, 501, 503)},
)
async def report_results(request: Request, query: Annotated[ReportQuery, Query()]) -> Response:
    """Results of the runs that match: intervals, verdicts, curves, differences, data, how to repeat it.

    At most 50 runs are compared, those with the best values; the report says how many it leaves out. It is
    one file without script, and the same runs give the same bytes. Where no run matches the answer is 404.
    """
    if lacking := tell_missing():
        return lacking
    return await run_sync(_write, request, query, limiter=find_turns(request.app).compute)


def _write(request: Request, query: ReportQuery) -> Response:
    from modellab.report.facts import Request as Wanted  # late: brings NumPy
    from modellab.report.writing import write_report

    wanted = Wanted(
        query=query.query,
        metric=query.metric,
        baseline=query.baseline,
        split=query.split,
        visible=who_asks(request).visible,
    )
    project = request.app.state.settings.project_name
    text = write_report(open_store_of(request), wanted, project=project, as_format=query.format)
    return Response(text, headers={**_HEADERS, "Content-Type": _MEDIA_TYPES[query.format]})
