"""`/api/modellab/views` over HTTP."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from modellab.records.views import View
from modellab.server.bodies.views import ViewBody

AT = "/api/modellab/views"
STATE = {"query": "status = 'failed'", "columns": ["name"], "__proto__": {"x": [None, 1.5, True]}}


def test_an_answer_has_the_fields_of_its_record() -> None:
    assert list(ViewBody.model_fields) == [field.name for field in dataclasses.fields(View)]


def test_a_view_is_saved_read_changed_and_removed(lab: Any) -> None:
    made = lab.api.post(AT, json={"page": "runs", "name": "failed", "state": STATE})
    assert made.status_code == 201, made.text
    view = made.json()
    at = made.headers["Location"]
    assert lab.get(at) == view
    assert (view["project_id"], view["owner"], view["state"]) == (None, None, STATE)
    assert lab.get(AT, page="runs")["items"] == [view]
    assert lab.get(AT, page="compare")["items"] == []
    changed = lab.api.put(at, json={"name": "went wrong"}).json()
    assert changed == {**view, "name": "went wrong", "updated_at": changed["updated_at"]}
    assert lab.api.delete(at).json() == changed
    assert lab.api.get(at).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "there"}, 409),
        ({"name": " "}, 422),
        ({"name": "x" * 251}, 422),
        ({"page": "nowhere"}, 422),
        ({"state": [1]}, 422),
        ({"state": {"x": "y" * 70_000}}, 422),
        ({"state": {"x": 1 << 70}}, 422),
        ({"state": {"x": "\x00"}}, 422),
        ({"owner": "ada"}, 422),
        ({"project_id": "none such"}, 404),
    ],
)
def test_what_is_no_view_is_refused(lab: Any, read_problem: Any, change: Any, status: int) -> None:
    body = {"page": "runs", "name": "there", "state": {}}
    assert lab.api.post(AT, json=body).status_code == 201
    answer = lab.api.post(AT, json={**body, "name": "new", **change})
    assert read_problem(answer)["status"] == status
    assert len(lab.get(AT)["items"]) == 1


def test_a_state_of_very_many_levels_is_refused(lab: Any, read_problem: Any) -> None:
    for depth in (300, 100_000):
        nested = '{"x":' * depth + "1" + "}" * depth
        answer = lab.api.post(
            AT,
            content=f'{{"page":"runs","name":"x","state":{nested}}}',
            headers={"Content-Type": "application/json"},
        )
        assert 400 <= read_problem(answer)["status"] < 500


def test_views_are_everybodys_who_sees_the_project_and_changed_by_those_who_may(
    open_team: Any, tmp_path: Path
) -> None:
    with open_team(tmp_path) as team:
        for project_id in ("ours", "theirs"):
            team.store.projects.create(project_id, project_id)
        team.store.accounts.join("mia", "ours", "viewer")
        ids = {}
        with team.ask("eddy") as editor:
            for project_id in ("ours", "theirs"):
                body = {"page": "runs", "name": "mine", "state": {}, "project_id": project_id}
                made = editor.post(AT, json=body).json()
                assert made["owner"] == "eddy"
                ids[project_id] = made["view_id"]
        with team.ask("mia") as member:
            assert [view["view_id"] for view in member.get(AT).json()["items"]] == [ids["ours"]]
            assert member.get(f"{AT}/{ids['theirs']}").status_code == 404
            assert member.put(f"{AT}/{ids['ours']}", json={"name": "x"}).status_code == 403
            assert member.delete(f"{AT}/{ids['theirs']}").status_code == 404
            body = {"page": "runs", "name": "x", "state": {}, "project_id": "ours"}
            assert member.post(AT, json=body).status_code == 403
        with team.ask("ada") as admin:
            assert admin.put(f"{AT}/{ids['theirs']}", json={"name": "x"}).json()["owner"] == "eddy"
        with team.ask("vera") as viewer:
            assert viewer.post(AT, json={"page": "runs", "name": "x", "state": {}}).status_code == 403
