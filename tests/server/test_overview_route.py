"""`/api/modellab/overview` over HTTP."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from modellab.records import overview as records
from modellab.server.bodies import overview as bodies

AT = "/api/modellab/overview"


@pytest.mark.parametrize(
    "name", ["Overview", "DayCount", "NewestValue", "RunningRun", "FailedRun", "BestValue"]
)
def test_an_answer_has_the_fields_of_its_record(name: str) -> None:
    fields = [field.name for field in dataclasses.fields(getattr(records, name))]
    assert list(getattr(bodies, f"{name}Body").model_fields) == fields


def test_an_overview_moves_with_what_happens(lab: Any) -> None:
    lab.record(project_id="p", final={"accuracy": 0.8, "rmse": 2.0, "colour": 1.0})
    first = lab.get(AT, project_id="p", days=1)
    assert (first["n_runs"], first["n_by_status"]["completed"], first["days"][0]["n_runs"]) == (1, 1, 1)
    assert {best["metric"]: best["higher_is_better"] for best in first["best"]} == {
        "accuracy": True,
        "rmse": False,
    }
    run_id = lab.api.post("/api/modellab/runs", json={"project_id": "p", "status": "running"}).json()[
        "run_id"
    ]
    lab.api.put(f"/api/modellab/runs/{run_id}", json={"metrics": {"accuracy": 0.9, "odd": "nan"}})
    second = lab.get(AT, project_id="p")
    assert second["running"][0]["run_id"] == run_id
    assert [value["value"] for value in second["running"][0]["values"]] == [0.9, "nan"]
    assert (second["best"][0]["run_id"], second["best"][0]["previous"]) == (run_id, 0.8)
    lab.api.put(f"/api/modellab/runs/{run_id}", json={"status": "failed", "error": "why"})
    third = lab.get(AT)
    assert (third["running"], third["failed"][0]["error"]) == ([], "why")
    assert lab.api.get(AT, params={"project_id": "none"}).status_code == 404
    assert lab.api.get(AT, params={"days": 367}).status_code == 422
