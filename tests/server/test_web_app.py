"""The web app as the server sends it: whole, compressed, kept by browsers, and never anything else."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from modellab.server import web_app


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the bundle, so that a test may have one that is not there or not whole."""
    folder = tmp_path / "static"
    monkeypatch.setattr(web_app, "BUNDLE", folder)
    return folder


def test_the_start_page_is_the_web_app_and_loads_nothing_from_elsewhere(lab: Any) -> None:
    answer = lab.api.get("/")
    assert '<div id="root">' in answer.text
    assert "://" not in re.sub(r"<!--.*?-->", "", answer.text)
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self'" in policy
    script = re.search(r'src="\./(assets/[^"]+\.js)"', answer.text)
    assert script is not None
    asset = lab.api.get(f"/{script[1]}")
    assert asset.headers["content-type"].startswith("text/javascript")
    assert "immutable" in asset.headers["cache-control"]


def test_an_asset_is_the_same_compressed_and_plain(lab: Any) -> None:
    name = re.search(r"assets/[^\"]+\.js", lab.api.get("/").text)
    assert name is not None
    plain = lab.api.get(f"/{name[0]}", headers={"Accept-Encoding": "identity"})
    with lab.api.stream("GET", f"/{name[0]}", headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content


@pytest.mark.parametrize("name", ["..%2findex.html", "nothing.js", "%2e%2e/%2e%2e/page.html", "a%00.js"])
def test_nothing_but_assets_is_sent(lab: Any, name: str) -> None:
    assert lab.api.get(f"/assets/{name}").status_code == 404


def test_who_is_not_known_gets_the_login_and_may_load_assets(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path) as team, team.ask() as nobody:
        assert '<div id="root">' not in nobody.get("/").text
        assert nobody.get("/icon.svg").status_code == 200


def test_a_login_keeps_the_place_behind_the_hash_and_runs_no_other_script(
    open_team: Any, tmp_path: Path
) -> None:
    with open_team(tmp_path) as team, team.ask() as nobody:
        answer = nobody.get("/")
    script = re.findall(r"<script>(.*?)</script>", answer.text)
    assert script == ["document.forms[0].action += location.hash"]
    digest = b64encode(sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in answer.headers["content-security-policy"]


def test_a_server_without_the_web_app_says_why_and_lists_the_api(lab: Any, bundle: Path) -> None:
    page = lab.api.get("/").text
    assert "There is no web app here" in page
    assert "/api/modellab/runs" in page
    assert lab.api.get("/assets/index.js").status_code == 404
    bundle.mkdir()
    (bundle / web_app.MISSING_NAME).write_text("npm <ci> failed")
    assert "npm &lt;ci&gt; failed" in lab.api.get("/").text
