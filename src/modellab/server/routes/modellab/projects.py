"""Routes of `/api/modellab/projects`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from modellab.server.access import open_store_of, require, who_asks
from modellab.server.audit import note
from modellab.server.bodies.datasets import DatasetPageBody, DatasetQuery, ProjectDatasetQuery
from modellab.server.bodies.projects import (
    ActivityListBody,
    ActivityQuery,
    NewProjectBody,
    ProjectBody,
    ProjectChangeBody,
    ProjectPageBody,
    ProjectQuery,
)
from modellab.server.bodies.run_records import ProjectRunQuery, RunPageBody, RunRecordQuery
from modellab.server.bodies.trash import TrashItemBody
from modellab.server.bodies.values import Text, reply
from modellab.server.problems import document_problems
from modellab.server.routes.modellab.datasets import answer_page as answer_datasets
from modellab.server.routes.modellab.runs import answer_page

router = APIRouter(prefix="/projects", tags=["projects"])

ProjectId = Annotated[Text, Path(description="The project's id.", examples=["iris-study"])]


@router.get(
    "",
    summary="List projects",
    response_model=ProjectPageBody,
    responses=document_problems(422, 503),
)
def list_projects(request: Request, query: Annotated[ProjectQuery, Query()]) -> Response:
    """Projects that the caller may see, newest first, with counts of what is in them."""
    page = open_store_of(request).projects.list(
        visible=who_asks(request).visible, search=query.search, limit=query.limit, cursor=query.cursor
    )
    return reply({"items": page.items, "next_cursor": page.cursor})


@router.post(
    "",
    status_code=201,
    summary="Make a project",
    response_model=ProjectBody,
    responses=document_problems(400, 403, 409, 413, 422, 503),
)
def create_project(request: Request, body: NewProjectBody) -> Response:
    """A project is also made by the first run that names it. The id cannot be changed later."""
    require(request, "log")
    project = open_store_of(request).projects.create(**body.model_dump())
    note(request, "create", "project", project.project_id, {"name": project.name})
    where = f"/api/modellab/projects/{project.project_id}"
    return reply(project, status=201, headers={"Location": where})


@router.get(
    "/{project_id}",
    summary="Read a project",
    response_model=ProjectBody,
    responses=document_problems(404, 422, 503),
)
def read_project(request: Request, project_id: ProjectId) -> Response:
    """A project, with counts of what is in it."""
    require(request, "read", project_id)
    return reply(open_store_of(request).projects.get(project_id))


@router.put(
    "/{project_id}",
    summary="Change a project",
    response_model=ProjectBody,
    responses=document_problems(400, 403, 404, 413, 422, 503),
)
def update_project(request: Request, project_id: ProjectId, body: ProjectChangeBody) -> Response:
    """Changes what is given and leaves the rest; answers with the project as it is then."""
    require(request, "log", project_id)
    changes = body.model_dump(exclude_unset=True)
    project = open_store_of(request).projects.update(project_id, changes)
    note(request, "update", "project", project_id, changes)
    return reply(project)


@router.delete(
    "/{project_id}",
    summary="Put a project into the trash",
    response_model=TrashItemBody,
    responses=document_problems(403, 404, 422, 503),
)
def delete_project(request: Request, project_id: ProjectId) -> Response:
    """Takes all its runs and datasets along; answers with what is in the trash now.

    Restoring it brings back exactly those. Its id stays taken until it is purged.
    """
    require(request, "log", project_id)
    item = open_store_of(request).trash.put_project(project_id)
    note(request, "delete", "project", project_id, {"n_runs": item.n_runs, "n_datasets": item.n_datasets})
    return reply(item)


@router.get(
    "/{project_id}/runs",
    summary="List the runs of a project",
    response_model=RunPageBody,
    responses=document_problems(404, 422, 503),
)
def list_project_runs(
    request: Request, project_id: ProjectId, query: Annotated[ProjectRunQuery, Query()]
) -> Response:
    """The same as `GET /api/modellab/runs` with this project."""
    require(request, "read", project_id)
    open_store_of(request).projects.get(project_id)
    return answer_page(request, RunRecordQuery(**query.model_dump(), project_id=project_id))


@router.get(
    "/{project_id}/datasets",
    summary="List the datasets of a project",
    response_model=DatasetPageBody,
    responses=document_problems(404, 422, 503),
)
def list_project_datasets(
    request: Request, project_id: ProjectId, query: Annotated[ProjectDatasetQuery, Query()]
) -> Response:
    """The same as `GET /api/modellab/datasets` with this project."""
    require(request, "read", project_id)
    open_store_of(request).projects.get(project_id)
    return answer_datasets(request, DatasetQuery(**query.model_dump(), project_id=project_id))


@router.get(
    "/{project_id}/activity",
    summary="Read what happened in a project",
    response_model=ActivityListBody,
    responses=document_problems(404, 422, 503),
)
def read_activity(
    request: Request, project_id: ProjectId, query: Annotated[ActivityQuery, Query()]
) -> Response:
    """Runs that started and ended and datasets that were added, newest first."""
    require(request, "read", project_id)
    return reply({"items": open_store_of(request).projects.read_activity(project_id, limit=query.limit)})
