"""`/api/modellab/trash` over HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from modellab.ids import new_run_id
from modellab.records.projects import Purge, TrashItem
from modellab.server.bodies.trash import PurgeReportBody, TrashItemBody

AT = "/api/modellab/trash"
RUNS = "/api/modellab/runs"


@pytest.mark.parametrize(("body", "record"), [(TrashItemBody, TrashItem), (PurgeReportBody, Purge)])
def test_an_answer_has_the_fields_of_its_record(body: Any, record: Any) -> None:
    assert list(body.model_fields) == [field.name for field in dataclasses.fields(record)]


def test_a_run_goes_to_the_trash_and_comes_back(lab: Any) -> None:
    run_id = lab.record(name="r", points={"loss": [1.0, 0.5]})
    before = lab.get(f"{RUNS}/{run_id}")
    deleted = lab.api.delete(f"{RUNS}/{run_id}")
    assert (deleted.status_code, deleted.json()["n_runs"]) == (200, 1)
    for path in (f"/runs/{run_id}", f"{RUNS}/{run_id}"):
        assert lab.api.get(path).status_code == 404
    assert lab.ids() == []
    assert lab.get(AT)["items"] == [deleted.json()]
    restored = lab.api.post(f"{AT}/restore", json={"kind": "run", "id": run_id})
    assert (restored.status_code, restored.json()) == (200, deleted.json())
    assert lab.get(f"{RUNS}/{run_id}") == before
    assert lab.get(AT) == {"items": [], "next_cursor": None}


def test_the_trash_is_listed_by_kind_and_in_pages(lab: Any) -> None:
    ids = [lab.record(project_id="p") for _ in range(3)]
    for run_id in ids:
        lab.api.delete(f"{RUNS}/{run_id}")
    lab.api.delete("/api/modellab/projects/p")
    assert [item["kind"] for item in lab.get(AT)["items"]] == ["project", "run", "run", "run"]
    first = lab.get(AT, kind="run", limit=2)
    rest = lab.get(AT, kind="run", limit=2, cursor=first["next_cursor"])
    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]


def test_a_purge_says_what_it_took_away(lab: Any) -> None:
    gone, kept = lab.record(artifacts=["m.pt"]), lab.record()
    lab.api.delete(f"{RUNS}/{gone}")
    spared = lab.api.post(f"{AT}/purge", json={"older_than_days": 1})
    assert (spared.status_code, spared.json()["n_runs"]) == (200, 0)
    report = lab.api.post(f"{AT}/purge", json={})
    assert report.status_code == 200, report.text
    assert (report.json()["n_runs"], report.json()["n_projects"], report.json()["n_datasets"]) == (1, 0, 0)
    assert report.json()["n_bytes"] > 0
    assert lab.ids() == [kept]
    assert lab.get(AT)["items"] == []


def test_one_run_is_purged_once_it_has_ended(lab: Any) -> None:
    writer = lab.write()
    lab.store.collector.collect_run(writer.run_id)
    lab.api.delete(f"{RUNS}/{writer.run_id}")
    wanted = {"kind": "run", "id": writer.run_id}
    refused = lab.api.post(f"{AT}/purge", json=wanted)
    assert (refused.status_code, "still recording" in refused.json()["detail"]) == (409, True)
    writer.append_event("end", {"status": "completed"})
    writer.close()
    lab.store.collector.collect_run(writer.run_id)
    assert lab.api.post(f"{AT}/purge", json=wanted).json()["n_runs"] == 1


@pytest.mark.parametrize("path", ["restore", "purge"])
def test_what_is_not_in_the_trash_is_not_found(lab: Any, path: str) -> None:
    there = lab.record(project_id="p")
    for wanted in (
        {"kind": "run", "id": there},
        {"kind": "run", "id": new_run_id()},
        {"kind": "project", "id": "p"},
        {"kind": "dataset", "id": "' or 1=1 --"},
    ):
        assert lab.api.post(f"{AT}/{path}", json=wanted).status_code == 404
    assert lab.ids() == [there]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("restore", {}),
        ("restore", {"kind": "user", "id": "x"}),
        ("restore", {"kind": "run", "id": 5}),
        ("restore", {"kind": "run", "id": "a\x00"}),
        ("purge", {"kind": "run"}),
        ("purge", {"id": "x"}),
        ("purge", {"older_than_days": -1}),
        ("purge", {"older_than_days": 1e300}),
        ("purge", {"older_than": 1}),
        ("purge", []),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(lab: Any, path: str, body: Any) -> None:
    run_id = lab.record()
    lab.api.delete(f"{RUNS}/{run_id}")
    assert lab.api.post(f"{AT}/{path}", json=body).status_code == 422
    assert [item["id"] for item in lab.get(AT)["items"]] == [run_id]


@pytest.fixture(scope="module")
def team(open_team: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_team(tmp_path_factory.mktemp("team")) as team:
        for project_id in ("mine", "theirs"):
            run_id = team.lab.record(project_id=project_id)
            setattr(team, project_id, run_id)
            team.lab.record(project_id=project_id, parent_id=team.mine)
        team.store.accounts.join("mia", "mine", "editor")
        yield team


def test_a_member_deletes_sees_and_restores_only_what_is_of_its_projects(team: Any) -> None:
    with team.ask("mia") as client:
        assert len(client.get(f"{RUNS}/{team.mine}").json()["children"]) == 1
        hidden = {"name": "x", "project_id": "mine", "parent_id": team.theirs}
        assert client.post(RUNS, json=hidden).status_code == 404
        assert client.delete(f"{RUNS}/{team.theirs}").status_code == 404
        assert client.delete(f"{RUNS}/{team.mine}").json()["n_runs"] == 2
        team.store.trash.put_run(team.theirs)
        assert [item["id"] for item in client.get(AT).json()["items"]] == [team.mine]
        refused = client.post(f"{AT}/restore", json={"kind": "run", "id": team.theirs})
        absent = client.post(f"{AT}/restore", json={"kind": "run", "id": "0" * 32})
        assert (refused.status_code, absent.status_code) == (404, 404)
        assert refused.text.replace(team.theirs, "ID") == absent.text.replace("0" * 32, "ID")
        for body in ({}, {"kind": "run", "id": team.mine}):
            assert client.post(f"{AT}/purge", json=body).status_code == 403
        assert client.post(f"{AT}/restore", json={"kind": "run", "id": team.mine}).status_code == 200
    with team.ask("vera") as viewer:
        assert viewer.delete(f"{RUNS}/{team.mine}").status_code == 403
        assert viewer.post(f"{AT}/restore", json={"kind": "run", "id": team.theirs}).status_code == 403
    with team.ask("ada", "log") as admin:
        assert admin.post(f"{AT}/purge", json={}).status_code == 403
    with team.ask("ada") as admin:
        assert admin.post(f"{AT}/purge", json={"kind": "run", "id": team.theirs}).status_code == 200
