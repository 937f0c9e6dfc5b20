"""The server keeps to its OpenAPI document, whatever it is sent: right, wrong and strange."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

ROOT = Path(__file__).parents[2]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

MAX_ADDRESS = 60_000
"""A longer one is refused before it is read, by the HTTP parser; see limits.md."""

schemathesis.serializer.alias("application/x-ndjson", "application/octet-stream")

# A stream has no end, so `GET /live` has tests of its own.
schema = schemathesis.openapi.from_path(ROOT / "openapi.json").exclude(path="/api/modellab/live")
# One method that an address does not know stands for all of them.
schema.config.phases.coverage.unexpected_methods = {"TRACE"}


@pytest.fixture(scope="module")
def shared_lab(
    open_lab: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    with open_lab(tmp_path_factory.mktemp("schema")) as lab:
        yield lab


@pytest.fixture
def known(shared_lab: Any) -> dict[str, str]:
    """Ids of things that are there, by the names that paths give them."""
    api, base = shared_lab.api, "/api/modellab"
    project = api.post(f"{base}/projects", json={"name": "Known"}).json()["project_id"]
    run_id = shared_lab.record(
        project_id=project, points={"loss": [2.0, float("nan"), 1.0]}, final={"accuracy": 0.9}
    )
    upload = {"file": ("iris.csv", b"a,b\n1,x\n2,y\n", "text/csv")}
    dataset = api.post(f"{base}/datasets", files=upload, data={"name": "iris", "project_id": project}).json()
    api.post(f"{base}/artifacts/{run_id}", files={"file": ("plots/roc.txt", b"roc", "text/plain")})
    ids = {"project_id": project, "run_id": run_id, "dataset_id": dataset["dataset_id"]}
    return {**ids, "path": "plots/roc.txt"}


@schema.parametrize()
@hypothesis.settings(max_examples=5)
def test_answers_are_as_the_document_says(case: Any, shared_lab: Any, known: dict[str, str]) -> None:
    hypothesis.assume(len(urlencode(case.query or {}, doseq=True)) < MAX_ADDRESS)
    if zlib.crc32(repr(case.path_parameters).encode()) % 3:  # otherwise nearly every path is one to nowhere
        case.path_parameters |= {name: known[name] for name in case.path_parameters if name in known}
    case.call_and_validate(base_url=shared_lab.address, checks=CHECKS)
