from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modellab.server import create_app
from modellab.settings import load_settings


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return create_app(load_settings(start=tmp_path_factory.mktemp("project"), environ={})).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_has_every_route_of_the_run_api(document: dict[str, Any]) -> None:
    own = {name for name, _ in operations(document) if " /api/modellab/" not in name}
    assert own == {
        "GET /health",
        "GET /health/live",
        "GET /health/ready",
        "GET /runs",
        "GET /runs/leaderboard",
        "GET /runs/compare",
        "POST /compare",
        "GET /runs/{run_id}",
        "PATCH /runs/{run_id}/note",
        "GET /runs/{run_id}/series",
        "POST /agent/query",
    }


def test_the_document_has_every_route_of_the_platform(document: dict[str, Any]) -> None:
    promised = {
        "projects": "GET POST",
        "projects/{project_id}": "GET PUT DELETE",
        "projects/{project_id}/datasets": "GET",
        "projects/{project_id}/runs": "GET",
        "datasets": "GET POST",
        "datasets/{dataset_id}": "GET PUT DELETE",
        "datasets/{dataset_id}/preview": "GET",
        "runs": "GET POST",
        "runs/{run_id}": "GET PUT DELETE",
        "runs/{run_id}/repro": "GET",
        "runs/{run_id}/repro/download": "GET",
        "artifacts/{run_id}": "GET POST",
        "artifacts/{run_id}/download/{path}": "GET DELETE",
        "artifacts/{run_id}/table/{path}": "GET",
        "datasets/{dataset_id}/difference": "GET",
        "runs/bulk": "POST",
        "overview": "GET",
        "search": "GET",
        "suggest": "GET",
        "runs/{run_id}/similar": "GET",
        "storage": "GET",
        "views": "GET POST",
        "views/{view_id}": "GET PUT DELETE",
        "live": "GET",
        "changes": "GET",
    }
    there = {name for name, _ in operations(document)}
    wanted = {f"{m} /api/modellab/{path}" for path, methods in promised.items() for m in methods.split()}
    assert wanted - there == set()


def test_every_operation_and_parameter_is_described_with_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (name, parameter["name"])
            assert parameter["schema"].get("examples"), (name, parameter["name"])


def test_every_field_of_every_schema_is_described(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name
        for field, about in schema.get("properties", {}).items():
            assert about.get("description"), (name, field)


def test_every_name_is_there_once(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    # Of two models with one name, FastAPI calls each by its module too.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_every_error_is_the_one_problem(document: dict[str, Any]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for name, operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {answer["content"] == problem for answer in errors.values()} <= {True}, name
        takes_something = operation.get("parameters") or operation.get("requestBody")
        assert "422" in errors or not takes_something, name
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            node = list(node.values())
        if isinstance(node, list):
            for part in node:
                yield from references(part)

    found = set(references(document))
    assert found <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert "#/components/schemas/RunDetailBody" in found


def test_making_the_app_opens_nothing(tmp_path: Path) -> None:
    create_app(load_settings(start=tmp_path, environ={}))
    assert list(tmp_path.iterdir()) == []
