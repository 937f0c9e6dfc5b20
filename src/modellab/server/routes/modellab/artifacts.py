"""Routes of `/api/modellab/artifacts`: files of runs, listed, sent, fetched and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from modellab.datasets.description import read_part
from modellab.errors import InvalidInput, NotFound
from modellab.records.artifacts import Artifact, check_path
from modellab.server.access import open_store_of, require_run
from modellab.server.audit import note
from modellab.server.bodies.artifacts import (
    UPLOAD_BODY,
    ArtifactBody,
    ArtifactsBody,
    ArtifactsQuery,
    DownloadQuery,
    RemovedBody,
    UploadQuery,
)
from modellab.server.bodies.datasets import TablePartBody, TablePartQuery
from modellab.server.bodies.values import Text, reply
from modellab.server.downloads import describe_download, send_file
from modellab.server.evaluating import find_turns
from modellab.server.problems import document_problems, make_problem
from modellab.server.uploads import Received, receive_upload
from modellab.store.datasets import telling_file_errors
from modellab.store.files import Kept

MAX_TABLE_BYTES = 64 * 1024 * 1024
"""The largest file whose rows are read for an answer."""

router = APIRouter(prefix="/artifacts", tags=["artifacts"])

RunId = Annotated[
    Text, Path(description="The run's id, whole.", examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"])
]
ArtifactPath = Annotated[
    Text, Path(description="The file's path within the run.", examples=["checkpoints/best.pt"])
]


@router.get(
    "/{run_id}",
    summary="List a run's files",
    response_model=ArtifactsBody,
    responses=document_problems(403, 404, 422, 503),
)
def list_artifacts(request: Request, run_id: RunId, query: Annotated[ArtifactsQuery, Query()]) -> Response:
    """A run's files in order of path, or those below a folder.

    A file that was logged and whose bytes are not here (yet) has `is_stored` false.
    """
    require_run(request, run_id, "read")
    page = open_store_of(request).artifacts.list(
        run_id, folder=query.folder, limit=query.limit, cursor=query.cursor
    )
    return reply({"items": page.items, "next_cursor": page.cursor})


@router.post(
    "/{run_id}",
    summary="Add a file to a run",
    response_model=ArtifactBody,
    status_code=201,
    openapi_extra=UPLOAD_BODY,
    responses={
        200: {"model": ArtifactBody, "description": "The very same bytes were there under that path."},
        **document_problems(400, 403, 404, 409, 413, 422, 503),
    },
)
async def upload_artifact(
    request: Request, run_id: RunId, query: Annotated[UploadQuery, Query()]
) -> Response:
    """Take in a file while it arrives; other bytes under the same path are replaced.

    Sending the same once more changes nothing, so an upload that was cut is simply sent again. With a
    checksum (`sha256`, or the header `Content-Digest` of a whole body) bytes that arrive changed are
    refused. Whatever fails leaves nothing behind.
    """
    await run_sync(require_run, request, run_id, "log")
    store = open_store_of(request)

    def find_path(fields: Mapping[str, str], filename: str | None) -> str:
        path = query.path or fields.get("path") or filename
        if not path:
            raise InvalidInput(
                "The file has no path.", hint="Name one with `path`, such as checkpoints/best.pt."
            )
        return check_path(path)

    def check(fields: Mapping[str, str], filename: str | None) -> None:
        find_path(fields, filename)
        store.runs.get(run_id)  # one in the trash takes nothing in

    limit = request.app.state.settings.max_upload_bytes

    def add(received: Received) -> Response:
        path = find_path(received.fields, received.filename)
        added = store.artifacts.add(run_id, path, received.arrived, received.media_type)
        if added.is_new:
            details = {"run_id": run_id, "sha256": added.artifact.sha256, "size": added.artifact.size}
            note(request, "add", "artifact", path, details)
        return reply(added.artifact, status=201 if added.is_new else 200)

    async with receive_upload(request, store.files.start, limit=limit, check=check) as received:
        return await run_sync(add, received)


@router.get(
    "/{run_id}/download/{path:path}",
    summary="Fetch a file of a run",
    response_class=Response,
    responses={**describe_download("The file"), **document_problems(403, 404, 416, 422, 503)},
)
async def download_artifact(
    request: Request, run_id: RunId, path: ArtifactPath, query: Annotated[DownloadQuery, Query()]
) -> Response:
    """The bytes of a file, whole or a `Range` of them; the ETag is their SHA-256.

    What a browser could run (HTML, SVG, scripts and all that is not known to be harmless) comes without
    its type, to be saved. With `sandbox`, HTML and SVG are shown, for an `<iframe>` or `<img>` of the
    server's own pages: scripts run there as nobody, without cookies and with no way to load or send anything.
    """
    found = await run_sync(_find, request, run_id, path)
    return await send_file(
        request,
        open_store_of(request).files,
        Kept(sha256=found.sha256, size=found.size),
        filename=path.rpartition("/")[2],
        media_type=found.media_type,
        in_sandbox=query.sandbox,
    )


@router.head(
    "/{run_id}/download/{path:path}",
    summary="Ask about a file of a run",
    response_class=Response,
    responses={**describe_download("The headers alone"), **document_problems(403, 404, 416, 422, 503)},
)
async def ask_artifact(
    request: Request, run_id: RunId, path: ArtifactPath, query: Annotated[DownloadQuery, Query()]
) -> Response:
    """The headers of a download without the bytes: size, checksum, type."""
    return await download_artifact(request, run_id, path, query)


@router.get(
    "/{run_id}/table/{path:path}",
    summary="Read rows of a file of a run",
    response_model=TablePartBody,
    responses=document_problems(403, 404, 413, 422, 503),
)
async def read_artifact_table(
    request: Request, run_id: RunId, path: ArtifactPath, query: Annotated[TablePartQuery, Query()]
) -> Response:
    """Rows of a CSV, TSV, JSON, JSON-lines or Parquet file of at most 64 MiB, with the types of its columns.

    What a dataset's preview says of values holds here too. Two files are read at a time, others wait.
    """
    found = await run_sync(_find, request, run_id, path)
    if found.size > MAX_TABLE_BYTES:
        return make_problem(
            413,
            f"{path} has {found.size:,} bytes; a table of at most {MAX_TABLE_BYTES:,} is read here.",
            hint="Download it, or add it as a dataset.",
        )
    return await run_sync(_read_part, request, found, query, limiter=find_turns(request.app).compute)


@router.delete(
    "/{run_id}/download/{path:path}",
    summary="Remove a file from a run",
    response_model=RemovedBody,
    responses=document_problems(403, 404, 422, 503),
)
def remove_artifact(request: Request, run_id: RunId, path: ArtifactPath) -> Response:
    """Remove a file for good. Its bytes are freed if nothing else has the same content."""
    require_run(request, run_id, "log")
    freed = open_store_of(request).artifacts.remove(run_id, path)
    note(request, "remove", "artifact", path, {"run_id": run_id, "freed_bytes": freed})
    return reply({"path": path, "freed_bytes": freed})


def _read_part(request: Request, found: Artifact, query: TablePartQuery) -> Response:
    with telling_file_errors(), open_store_of(request).files.fetch(found.sha256) as file:
        return reply(read_part(file, found.path, limit=query.limit, offset=query.offset))


def _find(request: Request, run_id: str, path: str) -> Artifact:
    """An artifact whose bytes are here; else `NotFound`."""
    require_run(request, run_id, "read")
    found = open_store_of(request).artifacts.get(run_id, path)
    if not found.is_stored:
        raise NotFound(
            f"The bytes of {path} are not here.",
            hint="They are still on the way from the machine that logged it, or only its path was kept.",
        )
    return found
