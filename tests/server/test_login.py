"""Who it is: sessions, keys, and what does not pass for them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

import modellab

API = "/api/modellab"
COOKIE = "modellab_session"


@pytest.fixture(scope="module")
def team(open_team: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_team(tmp_path_factory.mktemp("team")) as team:
        yield team


@pytest.fixture
def session(team: Any) -> Iterator[httpx.Client]:
    with team.log_in("ada") as client:
        yield client


def send_token(team: Any, token: str) -> httpx.Response:
    with team.ask() as client:
        answer: httpx.Response = client.get(f"{API}/me", headers={"Cookie": f"{COOKIE}={token}"})
    return answer


def test_nobody_is_let_in_without_saying_who_it_is(team: Any, read_problem: Any) -> None:
    with team.ask() as client:
        for path in ("/runs", f"{API}/me", f"{API}/users", "/openapi.json", "/nothing"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert read_problem(answer)["type"] == "/problems/unauthenticated"
        for path in ("/health", "/health/live", "/health/ready"):
            assert client.get(path).json()["status"] == "ok"


def test_a_login_sets_a_cookie_that_scripts_and_other_sites_cannot_use(team: Any) -> None:
    with team.ask() as client:
        answer = client.post(f"{API}/login", json={"name": "Ada", "password": team.password})
        assert (answer.status_code, answer.json()["role"]) == (200, "admin")
        cookie = answer.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
            assert part in cookie
        assert "Secure" not in cookie
        me = client.get(f"{API}/me").json()
    server = me.pop("server")
    assert me == {
        "name": "ada", "role": "admin", "scope": "admin", "key_id": None, "projects": {}, "login": True,
        "may": "admin", "writable": None,
    }  # fmt: skip
    assert (server["project_name"], server["version"]) == ("tested", modellab.__version__)


def test_a_caller_is_told_what_it_may_do(team: Any) -> None:
    for name in ("theirs", "others"):
        team.store.projects.create(name, name)
    team.store.accounts.join("mia", "theirs", "editor")
    team.store.accounts.join("mia", "others", "viewer")
    team.store.accounts.join("vera", "theirs", "editor")
    told = {}
    for user in ("ada", "eddy", "vera", "mia"):
        with team.ask(user, "log") as client:
            me = client.get(f"{API}/me").json()
        told[user] = (me["may"], me["writable"])
    assert told == {
        "ada": ("log", None), "eddy": ("log", None), "vera": ("read", ["theirs"]), "mia": (None, ["theirs"]),
    }  # fmt: skip
    with team.ask("eddy", "read") as client:
        assert client.get(f"{API}/me").json()["writable"] == []


def test_behind_https_the_cookie_stays_there(team: Any) -> None:
    with team.ask(headers={"X-Forwarded-Proto": "https"}) as client:
        answer = client.post(f"{API}/login", json={"name": "ada", "password": team.password})
    assert "Secure" in answer.headers["set-cookie"]


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(team: Any, read_problem: Any) -> None:
    team.store.accounts.add("gone", "viewer", team.password)
    team.store.accounts.disable("gone")
    with team.ask() as client:
        answers = [
            client.post(f"{API}/login", json={"name": name, "password": password})
            for name, password in (
                ("vera", "wrong password"),
                ("nobody", team.password),
                ("gone", team.password),
            )
        ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_a_logout_ends_the_sessions_of_all_devices(team: Any) -> None:
    with team.log_in("eddy") as here, team.log_in("eddy") as there:
        token = here.cookies[COOKIE]
        assert here.post(f"{API}/logout").status_code == 204
        assert here.get(f"{API}/me").status_code == 401
        assert there.get(f"{API}/me").status_code == 401
    assert send_token(team, token).status_code == 401
    assert "log-out" in [entry.action for entry in team.store.audit.list(target="eddy", actor="eddy").items]


def test_failed_logins_are_audited_as_far_as_they_were_tried(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path) as team, team.ask() as client:
        body = {"name": "vera", "password": "wrong password"}
        answers = [client.post(f"{API}/login", json=body).status_code for _ in range(8)]
        assert answers == [401] * 5 + [429] * 3
        failed = [entry for entry in team.store.audit.list(target="vera").items if entry.actor == "-"]
        assert [entry.action for entry in failed] == ["fail-log-in"] * 5


def test_a_removed_user_is_out_at_once(team: Any, session: httpx.Client) -> None:
    user = {"name": "brief", "role": "editor", "password": team.password}
    assert session.post(f"{API}/users", json=user).status_code == 201
    with team.log_in("brief") as browser, team.ask("brief") as program:
        assert browser.get("/runs").status_code == program.get("/runs").status_code == 200
        assert session.delete(f"{API}/users/brief").json()["disabled_at"] is not None
        assert browser.get("/runs").status_code == program.get("/runs").status_code == 401


def test_a_role_that_changes_holds_for_open_sessions(team: Any, session: httpx.Client) -> None:
    team.store.accounts.add("riser", "viewer", team.password)
    with team.log_in("riser") as client:
        assert client.get(f"{API}/users").status_code == 403
        assert session.put(f"{API}/users/riser", json={"role": "admin"}).json()["role"] == "admin"
        assert client.get(f"{API}/users").status_code == 200


def test_users_change_their_own_password_with_the_one_before(team: Any) -> None:
    team.store.accounts.add("mover", "viewer", team.password)
    new = {"password": "something much newer"}
    with team.log_in("mover") as client:
        for wrong in (new, {**new, "current_password": "not the one"}):
            assert client.put(f"{API}/users/mover", json=wrong).status_code == 401
        right = {**new, "current_password": team.password}
        assert client.put(f"{API}/users/vera", json=right).status_code == 403
        assert client.put(f"{API}/users/mover", json={**right, "role": "admin"}).status_code == 403
        assert client.put(f"{API}/users/mover", json=right).status_code == 200
        assert client.get(f"{API}/me").status_code == 401  # it voids sessions, this one too
    assert team.store.accounts.check_password("mover", "something much newer") is not None
    with team.ask("mover") as client:
        assert client.put(f"{API}/users/mover", json=right).status_code == 403


def _claims(**changes: Any) -> dict[str, Any]:
    now = time.time()
    claims = {"sub": "ada", "iat": now, "exp": now + 600, "jti": "x", **changes}
    return {name: value for name, value in claims.items() if value is not None}


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_token_of_this_server_passes(team: Any) -> None:
    secret = team.store.accounts.read_secret("sessions")
    assert send_token(team, jwt.encode(_claims(), secret, "HS256")).json()["name"] == "ada"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 1},  # before the user's sessions were ended
        {"iat": 5_000_000_000},
        {"sub": None},
        {"sub": "nobody"},
        {"jti": None},
        {"sub": {"$ne": ""}},
        {"iat": "x"},
        {"iat": float("inf")},
    ],
    ids=str,
)
def test_a_token_with_other_claims_does_not(team: Any, changes: dict[str, Any]) -> None:
    team.store.accounts.end_sessions("ada")
    secret = team.store.accounts.read_secret("sessions")
    header = _part({"alg": "HS256", "typ": "JWT"})
    payload = _part(_claims(**changes))
    signature = jwt.get_algorithm_by_name("HS256").sign(f"{header}.{payload}".encode(), secret)
    token = f"{header}.{payload}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    assert send_token(team, token).status_code == 401


def test_forged_tokens_do_not_pass(team: Any, session: httpx.Client) -> None:
    true = session.cookies[COOKIE]
    header, payload, signature = true.split(".")
    as_root = _part({**json.loads(base64.urlsafe_b64decode(payload + "==")), "sub": "vera"})
    forged = [
        f"{_part({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        f"{_part({'alg': 'None'})}.{payload}.{signature}",
        f"{header}.{as_root}.{signature}",
        f"{header}.{payload}.{signature[::-1]}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        jwt.encode(_claims(), b"another key of thirty-two bytes!", "HS256"),
        jwt.encode(_claims(), team.store.accounts.read_secret("sessions"), "HS512"),
        *("", ".", "..", "a.b.c", "\xff".encode("latin-1").decode("latin-1"), "x" * 5000),
    ]
    for token in forged:
        with team.ask() as client:
            answer = client.get(f"{API}/me", headers=[(b"cookie", f"{COOKIE}={token}".encode("latin-1"))])
        assert answer.status_code == 401, token
    assert send_token(team, true).status_code == 200


def test_a_key_is_taken_from_either_header(team: Any) -> None:
    key = team.key("eddy", "log")
    with team.ask() as client:
        for headers in (
            {"Authorization": f"Bearer {key}"},
            {"authorization": f"bearer {key}"},
            {"X-API-Key": key},
        ):
            me = client.get(f"{API}/me", headers=headers).json()
            assert (me["name"], me["scope"]) == ("eddy", "log")
        for headers in ({"Authorization": key}, {"Authorization": f"Basic {key}"}, {"X-API-Key": key[:-1]}):
            assert client.get(f"{API}/me", headers=headers).status_code == 401


def test_expired_and_revoked_keys_are_told_so_without_which(team: Any, read_problem: Any) -> None:
    soon = (datetime.now(UTC) + timedelta(milliseconds=300)).isoformat()
    short = team.key("eddy", "log", expires_at=soon)
    revoked = team.key("eddy", "log")
    with team.ask() as client:
        assert client.get(f"{API}/me", headers={"X-API-Key": revoked}).status_code == 200
        team.store.keys.revoke(revoked.split("_")[1])
        while datetime.now(UTC).isoformat() <= soon:
            assert client.get("/health").status_code == 200
        for key in (short, revoked):
            problem = read_problem(client.get(f"{API}/me", headers={"X-API-Key": key}))
            assert problem["status"] == 401
            assert key not in json.dumps(problem)


def test_a_wrong_key_is_not_made_good_by_a_session(team: Any, session: httpx.Client) -> None:
    assert session.get(f"{API}/me", headers={"X-API-Key": "mlk_000000000000_x"}).status_code == 401


def test_a_key_is_shown_once_and_managed_by_its_user(team: Any) -> None:
    with team.log_in("vera") as client, team.ask("eddy") as other:
        made = client.post(f"{API}/keys", json={"name": "phone", "scope": "read"}).json()
        assert made["user"] == "vera"
        listed = client.get(f"{API}/keys").json()["items"]
        assert made["key_id"] in {key["key_id"] for key in listed}
        assert {key["user"] for key in listed} == {"vera"}
        assert made["key"] not in client.get(f"{API}/keys").text
        assert client.get(f"{API}/keys", params={"user": "ada"}).status_code == 403
        assert client.post(f"{API}/keys", json={"name": "x", "user": "ada"}).status_code == 403
        assert other.delete(f"{API}/keys/{made['key_id']}").status_code == 404
        assert client.delete(f"{API}/keys/{made['key_id']}").json()["revoked_at"] is not None


def test_a_lesser_key_cannot_make_a_greater_one(team: Any) -> None:
    for user in ("ada", "vera"):
        with team.ask(user, "log") as client:
            answer = client.post(f"{API}/keys", json={"name": "x", "scope": "admin", "user": user})
            assert answer.status_code == 403, user


def test_the_page_has_a_form_that_needs_no_scripts(team: Any) -> None:
    with team.ask(headers={"Origin": team.lab.address}) as browser:
        page = browser.get("/")
        assert '<form method="post" action="/login">' in page.text
        assert "tested" not in page.text  # the project's name is for those who are in
        wrong = browser.post("/login", data={"name": "ada", "password": "<b>wrong</b>"})
        assert (wrong.status_code, "password is another" in wrong.text) == (401, True)
        right = browser.post("/login", data={"name": "ada", "password": team.password})
        assert (right.status_code, right.headers["location"]) == (303, "/")
        assert "Log out" in browser.get("/api").text
        assert browser.post("/logout").status_code == 303
        assert '<form method="post" action="/login">' in browser.get("/").text
        assert browser.post("/login", content=b"name=" + b"a" * 20_000).status_code == 413


def test_the_audit_log_says_who_did_it_from_where_and_with_which_key(team: Any) -> None:
    with team.ask("ada") as client:
        client.post(f"{API}/users", json={"name": "noted", "role": "viewer", "password": team.password})
        answer = client.put(f"{API}/users/noted", json={"role": "editor", "password": "yet another one"})
        entries = client.get(f"{API}/audit", params={"target": "noted"}).json()["items"]
    assert [entry["action"] for entry in entries] == ["set-password", "set-role", "add"]
    changed = entries[1]
    assert changed["details"] == {"role": ["viewer", "editor"]}
    assert (changed["actor"], changed["address"]) == ("ada", "127.0.0.1")
    assert changed["request_id"] == answer.headers["x-request-id"]
    assert changed["key_id"]
    assert "yet another one" not in json.dumps(entries)


def test_without_users_nobody_is_asked_and_with_users_everyone_is(open_lab: Any, tmp_path: Path) -> None:
    with open_lab(tmp_path) as lab:
        me = lab.get(f"{API}/me")
        assert (me["name"], me["login"]) == ("local", False)
        user = {"name": "ada", "role": "admin", "password": "correct horse battery"}
        assert lab.api.post(f"{API}/users", json=user).status_code == 201
        assert lab.api.post(f"{API}/keys", json={"name": "x"}).status_code == 422
        assert lab.api.post(f"{API}/keys", json={"name": "x", "user": "ada"}).status_code == 201
    with open_lab(tmp_path) as lab:  # found out at the start
        assert lab.api.get(f"{API}/me").status_code == 401
    (tmp_path / ".env").write_text("MODELLAB_LOGIN=0\n")
    with open_lab(tmp_path) as lab:
        assert lab.get(f"{API}/me")["login"] is False
