"""What each role and each scope may do, at both families of routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

API = "/api/modellab"


@pytest.fixture(scope="module")
def team(open_team: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_team(tmp_path_factory.mktemp("team")) as team:
        with team.ask("ada") as admin:
            for name in ("mine", "theirs"):
                made = admin.post(f"{API}/projects", json={"name": name})
                assert made.status_code == 201, made.text
                setattr(team, name, made.json()["project_id"])
            admin.put(f"{API}/users/mia/projects/{team.mine}", json={"role": "viewer"})
        for name in ("mine", "theirs"):
            run = team.lab.record(project_id=getattr(team, name), name=f"of {name}", final={"accuracy": 0.5})
            setattr(team, f"run_{name}", run)
        team.run_of_none = team.lab.record(name="of none", final={"accuracy": 0.5})
        yield team


READS = ["/runs", f"{API}/runs", f"{API}/projects", "/runs/leaderboard?metric_name=accuracy"]


@pytest.mark.parametrize("user", ["ada", "eddy", "vera"])
@pytest.mark.parametrize("scope", ["read", "log", "admin"])
def test_who_sees_all_sees_all_with_every_key(team: Any, user: str, scope: str) -> None:
    with team.ask(user, scope) as client:
        assert {run["run_id"] for run in client.get("/runs").json()} == {
            team.run_mine, team.run_theirs, team.run_of_none,
        }  # fmt: skip
        for path in READS:
            assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("user", "scope", "may_log", "may_administer"),
    [
        ("ada", "admin", True, True),
        ("ada", "log", True, False),
        ("ada", "read", False, False),
        ("eddy", "admin", True, False),
        ("eddy", "log", True, False),
        ("eddy", "read", False, False),
        ("vera", "admin", False, False),
        ("vera", "log", False, False),
        ("mia", "admin", False, False),
    ],
)
def test_the_lesser_of_role_and_scope_decides(
    team: Any, user: str, scope: str, may_log: bool, may_administer: bool
) -> None:
    with team.ask(user, scope) as client:
        note = client.patch(f"/runs/{team.run_mine}/note", json={"note": f"by {user}"})
        assert note.status_code == (200 if may_log else 403)
        made = client.post(f"{API}/runs", json={"name": "made", "project_id": team.mine})
        assert made.status_code == (201 if may_log else 403)
        if may_log:
            assert client.delete(f"{API}/runs/{made.json()['run_id']}").status_code == 200
        for path in ("users", "audit"):
            assert client.get(f"{API}/{path}").status_code == (200 if may_administer else 403)


def test_a_member_sees_its_projects_and_nothing_else(team: Any) -> None:
    with team.ask("mia") as client:
        assert [run["run_id"] for run in client.get("/runs").json()] == [team.run_mine]
        board = client.get("/runs/leaderboard", params={"metric_name": "accuracy"}).json()
        assert [run["run_id"] for run in board] == [team.run_mine]
        assert client.get(f"/runs/{team.run_mine}").status_code == 200
        for hidden in (team.run_theirs, team.run_of_none):
            for path in (f"/runs/{hidden}", f"/runs/{hidden}/series", f"{API}/runs/{hidden}"):
                assert client.get(path).status_code == 404
            compared = client.post("/compare", json={"run_ids": [team.run_mine, hidden]})
            assert compared.status_code == 404
        assert [p["project_id"] for p in client.get(f"{API}/projects").json()["items"]] == [team.mine]


def test_what_is_hidden_is_answered_like_what_is_not_there(team: Any) -> None:
    with team.ask("mia") as client:
        for path in ("/runs/{}", "/runs/{}/series", API + "/runs/{}", API + "/artifacts/{}"):
            hidden = client.get(path.format(team.run_theirs)).json()
            absent = client.get(path.format("0" * 32)).json()
            assert str(hidden).replace(team.run_theirs, "ID") == str(absent).replace("0" * 32, "ID")


def test_membership_as_editor_lets_a_member_log_there_only(team: Any) -> None:
    team.store.accounts.add("mike", "member", team.password)
    team.store.accounts.join("mike", team.mine, "editor")
    with team.ask("mike") as client:
        assert client.patch(f"/runs/{team.run_mine}/note", json={"note": "x"}).status_code == 200
        assert client.patch(f"/runs/{team.run_theirs}/note", json={"note": "x"}).status_code == 404
        made = {"name": "made", "project_id": team.theirs}
        assert client.post(f"{API}/runs", json=made).status_code == 404
        assert client.post(f"{API}/runs", json={"name": "made"}).status_code == 403
        assert client.get(f"{API}/me").json()["projects"] == {team.mine: "editor"}
    team.store.accounts.leave("mike", team.mine)
    with team.ask("mike") as client:
        assert client.get("/runs").json() == []


def test_a_viewer_who_is_editor_of_one_project_may_log_there_only(team: Any) -> None:
    team.store.accounts.add("vic", "viewer", team.password)
    team.store.accounts.join("vic", team.mine, "editor")
    with team.ask("vic") as client:
        assert client.patch(f"/runs/{team.run_mine}/note", json={"note": "x"}).status_code == 200
        assert client.patch(f"/runs/{team.run_theirs}/note", json={"note": "x"}).status_code == 403


def test_every_change_of_a_run_is_in_the_audit_log(team: Any) -> None:
    with team.ask("eddy", "log") as client:
        client.patch(f"/runs/{team.run_mine}/note", json={"note": "worth a look"})
    with team.ask("ada") as admin:
        (entry, *_) = admin.get(f"{API}/audit", params={"target": team.run_mine}).json()["items"]
    assert (entry["actor"], entry["action"], entry["kind"]) == ("eddy", "write-note", "run")
    assert entry["details"]["note"] == "worth a look"


def test_users_are_managed_over_http_as_on_the_command_line(team: Any) -> None:
    with team.ask("ada") as admin:
        user = {"name": "Temp", "role": "member", "password": team.password}
        assert admin.post(f"{API}/users", json=user).json()["name"] == "temp"
        assert admin.post(f"{API}/users", json=user).status_code == 409
        assert admin.post(f"{API}/users", json={**user, "name": "a b"}).status_code == 422
        assert admin.post(f"{API}/users", json={**user, "name": "b", "password": "short"}).status_code == 422
        where = f"{API}/users/temp/projects/{team.mine}"
        assert admin.put(where, json={"role": "viewer"}).json()["projects"] == {team.mine: "viewer"}
        assert admin.put(where, json={"role": "admin"}).status_code == 422
        assert admin.delete(where).json()["projects"] == {}
        assert admin.delete(where).status_code == 404
        assert admin.put(f"{API}/users/temp/projects/none", json={"role": "viewer"}).status_code == 404
        assert admin.put(f"{API}/users/nobody", json={"role": "viewer"}).status_code == 404
        assert admin.delete(f"{API}/users/ada").status_code == 409
        assert admin.put(f"{API}/users/ada", json={"role": "viewer"}).status_code == 409
        listed = admin.get(f"{API}/users", params={"limit": 2}).json()
        assert len(listed["items"]) == 2
        assert admin.get(f"{API}/users", params={"cursor": listed["next_cursor"]}).json()["items"]
