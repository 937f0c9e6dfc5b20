"""`/api/modellab/projects` over HTTP."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from modellab.records.projects import Activity, Project, ProjectStatistics
from modellab.server.bodies.projects import ActivityBody, ProjectBody, StatisticsBody

AT = "/api/modellab/projects"


@pytest.mark.parametrize(
    ("body", "record"),
    [(ProjectBody, Project), (StatisticsBody, ProjectStatistics), (ActivityBody, Activity)],
)
def test_an_answer_has_the_fields_of_its_record(body: Any, record: Any) -> None:
    assert list(body.model_fields) == [field.name for field in dataclasses.fields(record)]


def test_a_project_is_made_read_changed_and_deleted(lab: Any) -> None:
    made = lab.api.post(AT, json={"name": "Iris study", "description": "d", "tags": {"team": "vision"}})
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"{AT}/iris-study"
    assert (made.json()["name"], made.json()["tags"]) == ("Iris study", {"team": "vision"})
    assert lab.get(f"{AT}/iris-study") == made.json()
    changed = lab.api.put(f"{AT}/iris-study", json={"description": None, "tags": {"team": None, "n": 2}})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["description"], changed.json()["tags"]) == (
        "Iris study",
        None,
        {"n": "2"},
    )
    deleted = lab.api.delete(f"{AT}/iris-study")
    assert (deleted.status_code, deleted.json()["kind"], deleted.json()["id"]) == (
        200,
        "project",
        "iris-study",
    )
    assert lab.api.get(f"{AT}/iris-study").status_code == 404
    assert lab.get(AT)["items"] == []


def test_a_list_comes_in_pages_with_statistics(lab: Any) -> None:
    for name in ("a", "b", "c"):
        lab.record(project_id=name, artifacts=["m.pt"])
    first = lab.get(AT, limit=2)
    rest = lab.get(AT, limit=2, cursor=first["next_cursor"])
    assert [item["project_id"] for item in first["items"] + rest["items"]] == ["c", "b", "a"]
    assert rest["next_cursor"] is None
    assert first["items"][0]["statistics"]["n_runs"] == 1
    assert [item["project_id"] for item in lab.get(AT, search="B")["items"]] == ["b"]


def test_a_project_shows_its_runs_and_what_happened(lab: Any) -> None:
    ids = [lab.record(project_id="mine", name=f"r{i}") for i in range(3)]
    lab.record(project_id="other")
    assert [run["run_id"] for run in lab.get(f"{AT}/mine/runs")["items"]] == ids[::-1]
    found = lab.get(f"{AT}/mine/runs", query='name = "r1"', project_id="other")["items"]
    assert [run["run_id"] for run in found] == [ids[1]]
    activity = lab.get(f"{AT}/mine/activity", limit=100)["items"]
    assert {(one["id"], one["event"]) for one in activity} == {
        (run_id, event) for run_id in ids for event in ("started", "completed")
    }
    for part in ("", "/runs", "/activity", "/datasets"):
        assert lab.api.get(f"{AT}/nope{part}").status_code == 404, part


def test_an_id_is_given_once(lab: Any) -> None:
    assert lab.api.post(AT, json={"name": "a", "project_id": "p"}).status_code == 201
    again = lab.api.post(AT, json={"name": "b", "project_id": "p"})
    assert (again.status_code, again.json()["title"]) == (409, "Conflict with what is stored")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 251},
        {"name": "a\x00b"},
        {"name": "a\nb"},
        {"name": "a", "project_id": "../x"},
        {"name": "a", "project_id": ""},
        {"name": "a", "description": "x" * 20_001},
        {"name": "a", "tags": {"": "x"}},
        {"name": "a", "tags": ["x"]},
        {"name": "a", "tags": {"x" * 251: "x"}},
        {"name": "a", "tagz": {}},
        [],
        None,
    ],
)
def test_a_project_that_cannot_be_is_refused(lab: Any, body: Any) -> None:
    answer = lab.api.post(AT, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert lab.get(AT)["items"] == []


@pytest.mark.parametrize("body", [{"name": ""}, {"name": None}, {"project_id": "x"}, {"tags": {"": None}}])
def test_a_change_that_cannot_be_changes_nothing(lab: Any, body: Any) -> None:
    made = lab.api.post(AT, json={"name": "a"}).json()
    assert lab.api.put(f"{AT}/a", json={"description": "new", **body}).status_code == 422
    assert lab.get(f"{AT}/a") == made


def test_markup_in_a_name_comes_back_as_plain_json(lab: Any) -> None:
    name = "<script>alert(1)</script>"
    made = lab.api.post(AT, json={"name": name, "description": name, "tags": {name: name}})
    assert made.json()["name"] == name
    assert made.json()["project_id"] == "script-alert-1-script"
    assert made.headers["content-type"] == "application/json"
    assert made.headers["x-content-type-options"] == "nosniff"
