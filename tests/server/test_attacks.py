"""Attacks: other people's ids, other sites' pages, text that would run, clients that never finish."""

from __future__ import annotations

import re
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from modellab.server.patience import BodyPatience, PatientProtocol

API = "/api/modellab"
SECRET = "hush-7f3a"
"""Stands in everything that the member must not see."""
BODIES: Mapping[tuple[str, str], Any] = {
    ("patch", "/runs/{run_id}/note"): {"note": "x"},
    ("put", f"{API}/runs/{{run_id}}"): {"name": "x"},
    ("put", f"{API}/projects/{{project_id}}"): {"name": "x"},
    ("put", f"{API}/datasets/{{dataset_id}}"): {"description": "x"},
    ("post", f"{API}/runs/{{run_id}}/evaluate"): {"predictions": [0, 1], "labels": [0, 1]},
    ("post", f"{API}/runs/{{run_id}}/latency"): {"latencies_ms": [1.0, 2.0]},
    ("put", f"{API}/views/{{view_id}}"): {"name": "x"},
    ("put", f"{API}/users/{{name}}"): {"role": "viewer"},
    ("put", f"{API}/users/{{name}}/projects/{{project_id}}"): {"role": "viewer"},
}
"""JSON for routes whose addresses have an id in them; a new one needs a line here."""
QUERIES = {"offset": "0"}
_JOURNAL = f"{API}/journals/{{run_id}}/{{writer_id}}"
BLANK: Mapping[tuple[str, str], Any] = {
    ("get", _JOURNAL): {"offset": 0},
    ("post", f"{_JOURNAL}/dead"): {"marked": False},
}
"""What is answered of a journal of which nothing is there, and of another project's just so."""


@pytest.fixture(scope="module")
def team(open_team: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What is hidden lies in one project; the member is an editor of another, with an unlimited key."""
    with open_team(tmp_path_factory.mktemp("team")) as team:
        with team.ask("ada") as admin:
            hidden = _create(admin, "projects", {"name": f"{SECRET} project"})["project_id"]
            own = _create(admin, "projects", {"name": "own"})["project_id"]
            run = team.lab.record(
                project_id=hidden,
                name=f"{SECRET} run",
                tags={"team": SECRET},
                params={SECRET: SECRET},
                points={SECRET: [1.0]},
                final={SECRET: 0.5},
            )
            admin.patch(f"/runs/{run}/note", json={"note": SECRET})
            files = {"file": (f"{SECRET}.csv", f"{SECRET}\n1\n".encode())}
            admin.post(f"{API}/artifacts/{run}", files=files).raise_for_status()
            team.document = admin.get("/openapi.json").json()
            team.ids = {"run_id": run, "project_id": hidden, "writer_id": "0" * 16, "path": f"{SECRET}.csv"}
            team.ids |= {"name": "ada", "key_id": team.key("ada").split("_")[1]}
            view = {
                "project_id": hidden,
                "page": "runs",
                "name": f"{SECRET} view",
                "state": {"query": SECRET},
            }
            team.ids["view_id"] = _create(admin, "views", view)["view_id"]
            if f"{API}/datasets" in team.document["paths"]:
                about = {"name": f"{SECRET} data", "project_id": hidden}
                made = admin.post(f"{API}/datasets", files=files, data=about)
                assert made.status_code in (200, 201), made.text
                team.ids["dataset_id"] = made.json()["dataset_id"]
        team.store.accounts.join("mia", own, "editor")
        with team.ask("mia") as member:
            team.member = member
            yield team


def _create(client: httpx.Client, noun: str, body: Mapping[str, Any]) -> Any:
    answer = client.post(f"{API}/{noun}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _operations(team: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in team.document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _send(team: Any, method: str, path: str, operation: Any) -> httpx.Response:
    """A request that would succeed if the ids were the caller's own."""
    address = re.sub(r"\{(\w+)\}", lambda match: str(team.ids[match[1]]), path)
    wanted = [one for one in operation.get("parameters", []) if one["in"] == "query" and one.get("required")]
    params = {one["name"]: QUERIES.get(one["name"], one["schema"].get("examples", [""])[0]) for one in wanted}
    kinds = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in kinds:
        return team.member.request(method, address, params=params, files={"file": ("x.txt", b"x")})  # type: ignore[no-any-return]
    if "application/json" in kinds:
        return team.member.request(method, address, params=params, json=BODIES[method, path])  # type: ignore[no-any-return]
    content = b'{"e":"start","started_us":1,"params":{}}\n' if kinds else None
    return team.member.request(method, address, params=params, content=content)  # type: ignore[no-any-return]


def _forget(text: str, asked: Iterable[Any]) -> str:
    """An answer without what was asked for, which it may say again."""
    for word in asked:
        text = text.replace(str(word), "")
    return text


def test_no_route_shows_or_changes_what_another_projects_id_names(team: Any) -> None:
    before = team.store.runs.get(team.ids["run_id"])
    asked = 0
    for method, path, operation in _operations(team):
        if "{" not in path:
            continue
        answer = _send(team, method, path, operation)
        asked += 1
        is_blank = (method, path) in BLANK and answer.json() == BLANK[method, path]
        assert is_blank or answer.status_code in (403, 404), (method, path, answer.text)
        assert SECRET not in _forget(answer.text, team.ids.values()), (method, path)
    assert asked >= 20
    assert team.store.runs.get(team.ids["run_id"]) == before


def test_no_list_shows_another_projects_things_however_it_is_asked(team: Any) -> None:
    required = {
        "metric_name": SECRET,
        "metric": "accuracy",
        "ids": team.ids["run_id"],
        "run_id": team.ids["run_id"],
        "field": "name",
        "by": "name",
        "sha256": "0" * 64,
        "query": "name like '%'",
        "q": SECRET,
    }
    for method, path, operation in _operations(team):
        answers = operation["responses"].get("200", {}).get("content", {})
        if method != "get" or "{" in path or "text/event-stream" in answers:
            continue
        names = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
        fixed = {name: required[name] for name, one in names.items() if one.get("required")}
        asked = [fixed, *({**fixed, name: team.ids[name]} for name in names if name in team.ids)]
        for params in asked:
            text = _forget(team.member.get(path, params=params).text, params.values())
            assert SECRET not in text, (path, params)
            assert team.ids["run_id"] not in text, (path, params)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/compare", {"run_ids": ["RUN"]}),
        (f"{API}/compare", {"run_ids": ["RUN", "0" * 32]}),
        (f"{API}/runs", {"name": "x", "project_id": "PROJECT"}),
        (f"{API}/runs", {"name": "x", "project_id": "OWN", "parent_id": "RUN"}),
        (f"{API}/runs/bulk", {"run_ids": ["RUN"], "note": "x"}),
        (f"{API}/runs/bulk", {"run_ids": ["RUN", "0" * 32], "trash": True}),
        (f"{API}/views", {"project_id": "PROJECT", "page": "runs", "name": "x", "state": {}}),
        (f"{API}/views", {"page": "runs", "name": "x", "state": {}}),
        (f"{API}/trash/restore", {"kind": "run", "id": "RUN"}),
        (f"{API}/trash/purge", {"kind": "run", "id": "RUN"}),
    ],
)
def test_ids_of_others_in_a_body_are_refused(team: Any, path: str, body: dict[str, Any]) -> None:
    own = next(iter(team.member.get(f"{API}/me").json()["projects"]))
    words = {"RUN": team.ids["run_id"], "PROJECT": team.ids["project_id"], "OWN": own}
    filled = {
        name: [words.get(one, one) for one in value]
        if isinstance(value, list)
        else words.get(str(value), value)
        for name, value in body.items()
    }
    answer = team.member.post(path, json=filled)
    assert answer.status_code in (403, 404), answer.text


def test_a_stream_of_another_projects_run_is_refused(team: Any) -> None:
    with team.member.stream("GET", f"{API}/live", params={"run_id": team.ids["run_id"]}) as answer:
        assert answer.status_code == 404


Send = Callable[[], httpx.Response]
CROSS_SITE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "http://localhost:1"},
    {"Origin": "http://[::1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
def test_a_page_of_another_site_cannot_use_a_session(team: Any, headers: dict[str, str]) -> None:
    with team.log_in("ada") as browser:
        del browser.headers["X-Requested-With"]
        sends: list[Send] = [
            lambda: browser.post(f"{API}/keys", json={"name": "x"}, headers=headers),
            lambda: browser.delete(f"{API}/users/vera", headers=headers),
            lambda: browser.post("/logout", headers=headers),
            lambda: browser.post(f"{API}/login", json={"name": "eve", "password": "x"}, headers=headers),
        ]
        for send in sends:
            assert send().status_code == 403
        assert browser.post(f"{API}/keys", json={"name": "x"}).status_code == 403  # nothing shows whose it is
        own = {"Origin": team.lab.address}
        assert browser.post(f"{API}/keys", json={"name": "x"}, headers=own).status_code == 201


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
def test_a_page_of_another_site_cannot_change_anything_on_this_machine(
    lab: Any, headers: dict[str, str]
) -> None:
    run = lab.record()
    sends: list[Send] = [
        lambda: lab.api.patch(f"/runs/{run}/note", json={"note": "x"}, headers=headers),
        lambda: lab.api.post(f"{API}/projects", json={"name": "x"}, headers=headers),
        lambda: lab.api.post(f"{API}/artifacts/{run}", files={"file": ("x", b"x")}, headers=headers),
        lambda: lab.api.post(f"{API}/users", json={"name": "eve"}, headers=headers),
    ]
    for send in sends:
        assert send().status_code == 403
    assert lab.store.runs.get(run).note is None
    for own in ({}, {"Origin": lab.address}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert lab.api.patch(f"/runs/{run}/note", json={"note": "x"}, headers=own).status_code == 200


def test_a_form_of_another_kind_is_no_json(lab: Any) -> None:
    content = b'{"name": "x"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = lab.api.post(f"{API}/projects", content=content, headers={"Content-Type": kind})
        assert answer.status_code == 422


def test_with_a_login_only_names_that_nobody_else_can_own_are_answered(team: Any) -> None:
    own = socket.gethostname().lower()
    with team.ask("ada") as client:
        for host in ("localhost", "192.0.2.7:8000", "[2001:db8::1]:80", own, f"{own}:8000"):
            assert client.get("/runs", headers={"Host": host}).status_code == 200, host
        for host in ("evil.example", "192.0.2.7.evil.example", f"{own}.evil.example", "", "[evil]", "1"):
            answer = client.get("/runs", headers={"Host": host})
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden"), host


def test_with_names_configured_only_those_are_answered(open_team: Any, tmp_path: Any) -> None:
    with (
        open_team(tmp_path, MODELLAB_ALLOWED_HOSTS="lab.example.org") as team,
        team.ask("ada") as client,
    ):
        assert client.get("/runs", headers={"Host": "lab.example.org"}).status_code == 200
        assert client.get("/runs", headers={"Host": "192.0.2.7"}).status_code == 403


def test_text_that_looks_like_a_page_is_never_served_as_one(team: Any) -> None:
    script = "<script>alert(1)</script>"
    run = team.lab.record(name=script, params={"x": script}, tags={"t": script})
    with team.ask("ada") as client:
        client.patch(f"/runs/{run}/note", json={"note": script})
        for path in (f"/runs/{run}", f"{API}/runs/{run}", "/runs", f"{API}/audit", f"/nothing/{script}"):
            answer = client.get(path)
            assert answer.headers["content-type"] in ("application/json", "application/problem+json")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert script not in client.get("/api").text


def test_an_error_of_the_server_shows_nothing_of_its_inside(
    open_lab: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def add_traps(app: FastAPI) -> None:
        @app.get("/trap")
        def fall() -> None:
            raise RuntimeError("the inside")

        @app.get("/late")
        async def fall_late(request: Request) -> None:
            await request.body()
            raise ExceptionGroup("the inside", [ValueError("the inside")])

    with open_lab(tmp_path, add_traps) as lab:
        for path in ("/trap", "/late"):
            answer = lab.api.get(path)
            assert answer.status_code == 500
            for word in ("the inside", "Traceback", "File ", ".py", str(tmp_path)):
                assert word not in answer.text
            assert answer.json()["request_id"] in caplog.text


class _Hasty(PatientProtocol):
    head_timeout_s = 0.2


@contextmanager
def _patient_server() -> Iterator[tuple[str, int]]:
    """An echo with the waiting times of tests."""
    app = FastAPI()

    @app.post("/")
    async def count(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyPatience, timeout_s=0.2)
    config = uvicorn.Config(app, port=0, http=_Hasty, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    try:
        yield server.servers[0].sockets[0].getsockname()[:2]
    finally:
        server.should_exit = True
        thread.join(30)


def _read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"


def test_a_client_that_never_ends_its_headers_or_body_is_let_go() -> None:
    with _patient_server() as address:
        for begun, answer in ((b"", b""), (HEAD[:20], b""), (HEAD, b""), (HEAD + b"\r\n12345", b" 408 ")):
            with socket.create_connection(address, timeout=30) as connection:
                connection.sendall(begun)
                got = _read_all(connection)
            assert (answer in got) if answer else got == b"", begun


def test_a_client_that_dribbles_headers_is_let_go_however_often_it_sends(
    wait_until: Callable[..., None],
) -> None:
    with _patient_server() as address, socket.create_connection(address, timeout=30) as connection:
        connection.sendall(HEAD)

        def is_closed() -> bool:
            try:
                connection.sendall(b"X-A: b\r\n")
            except OSError:
                return True
            return False

        wait_until(is_closed)


def test_a_body_in_pieces_that_keep_coming_is_read(wait_until: Callable[..., None]) -> None:
    with _patient_server() as address, socket.create_connection(address, timeout=30) as connection:
        connection.sendall(HEAD + b"Connection: close\r\n\r\n")
        for _ in range(10):
            connection.sendall(b"x")
        got = _read_all(connection)
    assert b" 200 " in got
    assert got.endswith(b"10")


def test_a_database_that_breaks_tells_strangers_nothing(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path) as team, team.ask("ada") as known, team.ask() as unknown:
        with sqlite3.connect(team.lab.settings.db_path) as connection:
            connection.execute("ALTER TABLE api_keys RENAME TO gone")
        connection.close()
        for client in (known, unknown):
            answer = client.get("/runs", headers={"X-API-Key": "mlk_000000000000_x"})
            assert answer.status_code == 503
            assert answer.headers["x-request-id"] in answer.json()["hint"]
            for word in (str(tmp_path), "api_keys", "SELECT"):
                assert word not in answer.text
