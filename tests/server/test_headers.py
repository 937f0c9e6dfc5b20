"""What browsers are told, and which pages of other sites may ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modellab.errors import InvalidSetting
from modellab.server import create_app
from modellab.settings import load_settings

API = "/api/modellab"
ORIGIN = "https://notebook.example.org"


@pytest.fixture(scope="module")
def lab(open_lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("project")
    (folder / ".env").write_text(f"MODELLAB_ALLOWED_ORIGINS={ORIGIN}\n")
    with open_lab(folder) as lab:
        yield lab


@pytest.mark.parametrize("path", ["/health", "/runs", "/nothing", "/runs?limit=0", "/runs/none"])
def test_every_answer_tells_browsers_to_be_careful(lab: Any, path: str) -> None:
    headers = lab.api.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    for rule in ("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"):
        assert rule in policy
    assert "unsafe-eval" not in policy


def test_a_page_keeps_its_own_stricter_policy(lab: Any) -> None:
    policy = lab.api.get("/").headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'none'")
    assert "form-action 'self'" in policy[0]


def test_only_who_came_by_https_is_told_to_keep_to_it(lab: Any) -> None:
    assert "strict-transport-security" not in lab.api.get("/health").headers
    secure = lab.api.get("/health", headers={"X-Forwarded-Proto": "https"}).headers
    assert secure["strict-transport-security"] == "max-age=31536000"


def test_a_refusal_has_the_headers_too(lab: Any) -> None:
    answer = lab.api.get("/runs", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-request-id"]


def test_a_page_that_is_allowed_may_ask_and_change_without_cookies(lab: Any) -> None:
    answer = lab.api.get("/runs", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers
    preflight = lab.api.options("/runs", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH"})
    assert preflight.status_code == 200
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    project = {"name": "from a notebook"}
    made = lab.api.post("/api/modellab/projects", json=project, headers={"Origin": ORIGIN})
    assert made.status_code == 201


def test_other_pages_may_not(lab: Any) -> None:
    for origin in ("https://evil.example", f"{ORIGIN}.evil.example", "null"):
        answer = lab.api.get("/runs", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
        assert lab.api.options("/runs", headers=asked).status_code == 400


def test_without_an_allow_list_no_page_of_another_site_is_told_anything(
    open_lab: Any, tmp_path: Path
) -> None:
    with open_lab(tmp_path) as lab:
        answer = lab.api.get("/runs", headers={"Origin": ORIGIN})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", ["*", "notebook.example.org", "https://*.example.org", "https://a.b/path"])
def test_an_allow_list_that_would_let_in_anyone_is_refused(tmp_path: Path, origin: str) -> None:
    settings = load_settings(start=tmp_path, environ={"MODELLAB_ALLOWED_ORIGINS": origin})
    with pytest.raises(InvalidSetting, match="MODELLAB_ALLOWED_ORIGINS"):
        create_app(settings)


def test_an_allowed_page_has_no_use_of_a_session(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path, MODELLAB_ALLOWED_ORIGINS=ORIGIN) as team, team.log_in("ada") as browser:
        run_id = team.lab.record()
        key = {"Authorization": f"Bearer {team.key('ada')}"}
        for path, body in (
            (f"{API}/artifacts/{run_id}", {"files": {"file": ("x", b"x")}}),
            (f"{API}/keys", {"json": {"name": "x"}}),
            (f"{API}/logout", {}),
        ):
            assert browser.post(path, headers={"Origin": ORIGIN}, **body).status_code == 403
            assert browser.post(path, headers={"Origin": ORIGIN, **key}, **body).status_code in (201, 204)


def test_a_refused_login_can_be_read_by_an_allowed_page(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path, MODELLAB_ALLOWED_ORIGINS=ORIGIN) as team, team.ask() as client:
        answer = client.get("/runs", headers={"Origin": ORIGIN})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, ORIGIN)
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
        assert client.options("/runs", headers=asked).status_code == 200
