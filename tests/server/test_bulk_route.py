"""`POST /api/modellab/runs/bulk`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

AT = "/api/modellab/runs/bulk"


def test_many_runs_are_tagged_deleted_and_restored(lab: Any) -> None:
    ids = [lab.record() for _ in range(3)]
    tagged = lab.api.post(AT, json={"run_ids": ids, "tags": {"team": "vision"}, "note": "n"})
    assert (tagged.status_code, tagged.json()) == (200, {"n_changed": 3})
    items = lab.get("/api/modellab/runs")["items"]
    assert [(run["tags"], run["note"]) for run in items] == [({"team": "vision"}, "n")] * 3
    assert lab.api.post(AT, json={"run_ids": ids, "trash": True}).json() == {"n_changed": 3}
    assert lab.get("/api/modellab/runs")["items"] == []
    assert lab.api.post(AT, json={"run_ids": ids[:2], "restore": True, "note": None}).json()["n_changed"] == 2
    assert {run["note"] or None for run in lab.get("/api/modellab/runs")["items"]} == {None}
    [entry, *_] = lab.get("/api/modellab/audit")["items"]
    assert (entry["action"], entry["details"]["restore"], entry["details"]["n"]) == ("change-many", True, 2)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"run_ids": [], "note": "x"}, 422),
        ({"run_ids": ["x"] * 1001, "note": "x"}, 422),
        ({"run_ids": ["RUN"]}, 422),
        ({"run_ids": ["RUN"], "tags": {}}, 422),
        ({"run_ids": ["RUN"], "trash": True, "restore": True}, 422),
        ({"run_ids": ["RUN"], "name": "x"}, 422),
        ({"run_ids": ["RUN"], "tags": {"a": ["x"]}}, 422),
        ({"run_ids": ["RUN"], "restore": True}, 404),
        ({"run_ids": ["RUN", "none"], "note": "x"}, 404),
    ],
)
def test_what_cannot_be_done_to_all_is_refused(
    lab: Any, read_problem: Any, body: dict[str, Any], status: int
) -> None:
    run_id = lab.record()
    filled = {**body, "run_ids": [run_id if one == "RUN" else one for one in body.get("run_ids", [])]}
    answer = lab.api.post(AT, json=filled if body else {})
    assert read_problem(answer)["status"] == status
    assert lab.store.runs.get(run_id).note is None


def test_runs_of_projects_that_one_may_only_see_are_not_changed(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path) as team:
        ids = {name: team.lab.record(project_id=name) for name in ("own", "seen", "hidden")}
        team.store.accounts.join("mia", "own", "editor")
        team.store.accounts.join("mia", "seen", "viewer")
        with team.ask("mia") as member:
            for others, status in (([], 200), (["seen"], 403), (["hidden"], 404)):
                body = {"run_ids": [ids[name] for name in ("own", *others)], "note": f"{status}"}
                answer = member.post(AT, json=body)
                assert answer.status_code == status, answer.text
        assert [team.store.runs.get(ids[name]).note for name in ids] == ["200", None, None]
