"""Routes of `/api/modellab/datasets`: versions of data sent, listed, shown, fetched, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from modellab.datasets.changes import find_difference
from modellab.datasets.description import describe_file
from modellab.errors import Forbidden, InvalidInput, NotFound
from modellab.records import MAX_NAME_LENGTH
from modellab.records.accounts import SCOPES, Scope
from modellab.records.datasets import Dataset
from modellab.server.access import open_store_of, require, who_asks
from modellab.server.audit import note
from modellab.server.bodies.datasets import (
    DATASET_UPLOAD_BODY,
    AddedDatasetBody,
    DatasetBody,
    DatasetChangeBody,
    DatasetDifferenceBody,
    DatasetPageBody,
    DatasetQuery,
    DatasetUploadQuery,
    DifferenceQuery,
    PreviewBody,
    PreviewQuery,
    UsePageBody,
    VersionListBody,
)
from modellab.server.bodies.trash import TrashItemBody
from modellab.server.bodies.values import PageQuery, Text, encode, reply
from modellab.server.downloads import describe_download, send_file
from modellab.server.problems import document_problems
from modellab.server.uploads import Received, receive_upload
from modellab.store.dataset_checks import check_upload
from modellab.store.datasets import telling_file_errors
from modellab.store.files import Kept

router = APIRouter(prefix="/datasets", tags=["datasets"])

DatasetId = Annotated[
    Text, Path(description="The dataset's id, whole.", examples=["0c4f1e29b7d358618b2f6c3a1d40e57a"])
]
_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "jsonl": "application/x-ndjson"}


@router.get(
    "",
    summary="List datasets",
    response_model=DatasetPageBody,
    responses=document_problems(404, 422, 503),
)
def list_datasets(request: Request, query: Annotated[DatasetQuery, Query()]) -> Response:
    """Datasets, newest first: of each name the newest version, or with `all_versions` every one.

    Their columns are left out; they are read one by one.
    """
    if query.project_id is not None:
        require(request, "read", query.project_id)
    return answer_page(request, query)


def answer_page(request: Request, query: DatasetQuery) -> Response:
    """The page of datasets that a query asks for, as far as the caller may see them."""
    page = open_store_of(request).datasets.list(**query.model_dump(), visible=who_asks(request).visible)
    return reply({"items": page.items, "next_cursor": page.cursor})


@router.post(
    "",
    summary="Add a dataset",
    response_model=AddedDatasetBody,
    status_code=201,
    openapi_extra=DATASET_UPLOAD_BODY,
    responses={
        200: {"model": AddedDatasetBody, "description": "The very same bytes were there under that name."},
        **document_problems(400, 403, 404, 409, 413, 422, 503),
    },
)
async def upload_dataset(request: Request, query: Annotated[DatasetUploadQuery, Query()]) -> Response:
    """Take in a file while it arrives: CSV, JSON, JSON lines, Parquet with its columns; others as they are.

    A name that is there gets its next version. A table that cannot be read (an empty file, a line with
    more values than there are columns) is refused, and nothing of it is kept.
    """
    _require_anywhere(request, "log")
    store = open_store_of(request)

    def check(fields: Mapping[str, str], filename: str | None) -> None:
        given = _Given.read(query, fields, filename)
        require(request, "log", given.project_id)
        check_upload(given.name, given.project_id, given.tags, given.text)

    limit = request.app.state.settings.max_upload_bytes
    async with receive_upload(request, store.files.start, limit=limit, check=check) as received:
        return await run_sync(_add, request, query, received)


def _add(request: Request, query: DatasetUploadQuery, received: Received) -> Response:
    given = _Given.read(query, received.fields, received.filename)
    store = open_store_of(request)
    arrived = received.arrived
    with telling_file_errors():
        description = describe_file(arrived.source, filename=given.filename or given.name)
    added = store.datasets.add(
        given.name,
        arrived.sha256,
        arrived.size,
        description,
        project_id=given.project_id,
        filename=given.filename,
        tags=given.tags,
        text=given.text,
        source=arrived.source,
    )
    dataset = added.dataset
    if added.is_new:
        details = {"name": dataset.name, "version": dataset.version, "sha256": dataset.sha256}
        note(request, "add", "dataset", dataset.dataset_id, details)
    where = f"/api/modellab/datasets/{dataset.dataset_id}"
    content = {**encode(dataset), "is_new": added.is_new}
    return reply(content, status=201 if added.is_new else 200, headers={"Location": where})


@dataclass(frozen=True, slots=True)
class _Given:
    """What a request says of its file."""

    name: str
    filename: str | None
    project_id: str | None
    tags: Mapping[str, Any]
    text: str | None

    @classmethod
    def read(cls, query: DatasetUploadQuery, fields: Mapping[str, str], filename: str | None) -> _Given:
        unknown = sorted(set(fields) - {"name", "project_id", "description", "tags", "sha256"})
        if unknown:
            raise InvalidInput(f"A dataset's form has no field {', '.join(unknown)[:200]}.")
        filename = filename or query.filename
        filename = filename[-MAX_NAME_LENGTH:] if filename else None
        name = fields.get("name") or query.name or (PurePath(filename).stem if filename else None)
        if not name:
            raise InvalidInput("The dataset has no name.", hint="Name it with `name`, such as iris.")
        project_id = fields.get("project_id") or query.project_id
        return cls(name, filename, project_id, _read_tags(fields.get("tags")), fields.get("description"))


def _read_tags(text: str | None) -> Mapping[str, Any]:
    try:
        tags = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        tags = None
    if not isinstance(tags, dict) or not all(isinstance(v, (str, int, float)) for v in tags.values()):
        raise InvalidInput('The field tags is no JSON object of text by name, such as {"source": "uci"}.')
    return tags


@router.get(
    "/{dataset_id}",
    summary="Read a dataset",
    response_model=DatasetBody,
    responses=document_problems(403, 404, 422, 503),
)
def read_dataset(request: Request, dataset_id: DatasetId) -> Response:
    """One version of a dataset, with its columns and what is different from the version before."""
    require_dataset(request, dataset_id, "read")
    return reply(open_store_of(request).datasets.get(dataset_id))


@router.put(
    "/{dataset_id}",
    summary="Change what is said of a dataset",
    response_model=DatasetBody,
    responses=document_problems(400, 403, 404, 409, 413, 422, 503),
)
def update_dataset(request: Request, dataset_id: DatasetId, body: DatasetChangeBody) -> Response:
    """Changes what is given and leaves the rest. A new name is one for all versions; ids stay."""
    require_dataset(request, dataset_id, "log")
    changes = body.model_dump(exclude_unset=True)
    dataset = open_store_of(request).datasets.update(dataset_id, changes)
    note(request, "update", "dataset", dataset_id, changes)
    return reply(dataset)


@router.delete(
    "/{dataset_id}",
    summary="Put a dataset into the trash",
    response_model=TrashItemBody,
    responses=document_problems(403, 404, 422, 503),
)
def delete_dataset(request: Request, dataset_id: DatasetId) -> Response:
    """Takes this version away and leaves the others; answers with what is in the trash now."""
    require_dataset(request, dataset_id, "log")
    item = open_store_of(request).trash.put_dataset(dataset_id)
    note(request, "delete", "dataset", dataset_id, {"name": item.name})
    return reply(item)


@router.get(
    "/{dataset_id}/preview",
    summary="Show the first rows of a dataset",
    response_model=PreviewBody,
    responses=document_problems(403, 404, 422, 503),
)
def preview_dataset(
    request: Request, dataset_id: DatasetId, query: Annotated[PreviewQuery, Query()]
) -> Response:
    """The first rows, at most 100, of at most 1000 columns. Values are JSON and cut to 200 characters."""
    require_dataset(request, dataset_id, "read")
    return reply(open_store_of(request).datasets.preview(dataset_id, n=query.n))


@router.get(
    "/{dataset_id}/difference",
    summary="Say what is different between two datasets",
    response_model=DatasetDifferenceBody,
    responses=document_problems(403, 404, 422, 503),
)
def read_difference(
    request: Request, dataset_id: DatasetId, query: Annotated[DifferenceQuery, Query()]
) -> Response:
    """From another dataset, or the version before, to this one: rows, bytes, and every column that is not the
    same, as it was and as it is."""
    require_dataset(request, dataset_id, "read")
    shelf = open_store_of(request).datasets
    after = shelf.get(dataset_id)
    other = query.other or after.parent_id
    if other is None:
        raise NotFound(
            f"{after.name} has no version before {after.version}.", hint="Name the other one with `other`."
        )
    require_dataset(request, other, "read")
    return reply(find_difference(shelf.get(other), after))


@router.get(
    "/{dataset_id}/versions",
    summary="List the versions of a dataset",
    response_model=VersionListBody,
    responses=document_problems(403, 404, 422, 503),
)
def list_versions(request: Request, dataset_id: DatasetId) -> Response:
    """All versions of the dataset's name, newest first, at most 1000; their columns are left out."""
    require_dataset(request, dataset_id, "read")
    return reply({"items": open_store_of(request).datasets.list_versions(dataset_id)})


@router.get(
    "/{dataset_id}/runs",
    summary="List the runs that used a dataset",
    response_model=UsePageBody,
    responses=document_problems(403, 404, 422, 503),
)
def list_dataset_runs(
    request: Request, dataset_id: DatasetId, query: Annotated[PageQuery, Query()]
) -> Response:
    """Which runs used it, and as which split; a run that used it as several comes several times."""
    require_dataset(request, dataset_id, "read")
    page = open_store_of(request).datasets.list_runs(
        dataset_id, visible=who_asks(request).visible, limit=query.limit, cursor=query.cursor
    )
    return reply({"items": page.items, "next_cursor": page.cursor})


@router.get(
    "/{dataset_id}/download",
    summary="Fetch a dataset",
    response_class=Response,
    responses={**describe_download("The file"), **document_problems(403, 404, 416, 422, 503)},
)
async def download_dataset(request: Request, dataset_id: DatasetId) -> Response:
    """The bytes as they came, whole or a `Range` of them; the ETag is their SHA-256."""
    found = await run_sync(_find_stored, request, dataset_id)
    ending = {"other": "bin"}.get(found.format, found.format)
    return await send_file(
        request,
        open_store_of(request).files,
        Kept(sha256=found.sha256, size=found.size),
        filename=found.filename or f"{found.name}.{ending}",
        media_type=_MEDIA_TYPES.get(found.format, "application/octet-stream"),
    )


@router.head(
    "/{dataset_id}/download",
    summary="Ask about a dataset's file",
    response_class=Response,
    responses={**describe_download("The headers alone"), **document_problems(403, 404, 416, 422, 503)},
)
async def ask_dataset(request: Request, dataset_id: DatasetId) -> Response:
    """The headers of a download without the bytes: size, checksum, type."""
    return await download_dataset(request, dataset_id)


def require_dataset(request: Request, dataset_id: str, scope: Scope) -> None:
    """Raise unless the caller may do `scope` with a dataset; `NotFound` as for one that is not there."""
    project_id = open_store_of(request).datasets.find_project(dataset_id)
    if who_asks(request).scope_in(project_id) is None:
        raise NotFound(
            f"There is no dataset {dataset_id[:60]}.",
            hint="`modellab datasets` lists those that are there.",
        )
    require(request, scope, project_id)


def _require_anywhere(request: Request, scope: Scope) -> None:
    """Raise `Forbidden` if there is no project in which the caller may do this: before its file is read."""
    identity = who_asks(request)
    granted = [identity.scope_in(project_id) for project_id in (None, *identity.projects)]
    if not any(one is not None and SCOPES.index(one) >= SCOPES.index(scope) for one in granted):
        raise Forbidden(f"{identity.name} may not do this: it needs `{scope}`.")


def _find_stored(request: Request, dataset_id: str) -> Dataset:
    """A dataset whose bytes are here; else `NotFound`."""
    require_dataset(request, dataset_id, "read")
    shelf = open_store_of(request).datasets
    return shelf.require_stored(shelf.get(dataset_id))
