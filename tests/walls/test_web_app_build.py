"""The web app in the package was built from the sources as they are, and its types from the API as it is."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from scripts import web_app

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a source, in the place of the project's."""
    (tmp_path / "ui" / "src").mkdir(parents=True)
    (tmp_path / "ui" / "src" / "main.tsx").write_text("1")
    (tmp_path / "ui" / "package-lock.json").write_text("{}")
    monkeypatch.setattr(web_app, "SOURCES", tmp_path / "ui")
    monkeypatch.setattr(web_app, "BUNDLE", tmp_path / "static")
    monkeypatch.setattr(web_app, "STAMP", tmp_path / "static" / ".built-from")
    monkeypatch.setattr(web_app, "MISSING", tmp_path / "static" / "missing.txt")
    monkeypatch.delenv(web_app.SKIP, raising=False)
    return tmp_path


def test_the_bundle_is_built_from_the_sources_as_they_are() -> None:
    assert web_app.is_fresh(), (
        "ui/ has changed since the web app was built; `pip install -e .` builds it anew"
    )


def test_the_types_of_the_web_app_are_those_of_the_api(tmp_path: Path) -> None:
    npm = web_app.find_npm()
    assert npm is not None, "no Node.js: the group `dev` brings one"
    made = tmp_path / "schema.d.ts"
    tool = ROOT / "ui" / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    node = [npm[0][0]] if len(npm[0]) == 2 else ["node"]
    subprocess.run(
        [*node, str(tool), str(ROOT / "openapi.json"), "-o", str(made)], check=True, env=dict(npm[1])
    )
    said = "the API has changed; `python scripts/web_app.py run api` writes its types anew"
    assert made.read_text() == (ROOT / "ui" / "src" / "api" / "schema.d.ts").read_text(), said


def test_the_lock_file_names_no_host() -> None:
    lock = json.loads((ROOT / "ui" / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_a_changed_source_makes_the_bundle_stale(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Sequence[str]] = []

    def run(npm: Any, step: Sequence[str]) -> int:
        ran.append(step)
        web_app.BUNDLE.mkdir(exist_ok=True)
        return 0

    monkeypatch.setattr(web_app, "run_npm", run)
    assert not web_app.is_fresh()
    assert web_app.build() is None
    assert [step[0] for step in ran] == ["ci", "run"]
    assert web_app.is_fresh()
    assert web_app.build() is None
    assert len(ran) == 2
    (checkout / "ui" / "src" / "main.tsx").write_text("2")
    assert not web_app.is_fresh()


def test_an_install_without_a_registry_goes_on_and_leaves_the_reason(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_app, "run_npm", lambda *_: 1)
    assert "`npm ci --omit=dev --loglevel=error` failed" in str(web_app.build())
    assert "failed" in web_app.MISSING.read_text()
    assert not web_app.is_fresh()
    monkeypatch.setenv(web_app.SKIP, "1")
    assert web_app.SKIP in str(web_app.build())
    assert web_app.SKIP in web_app.MISSING.read_text()
