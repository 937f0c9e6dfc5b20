"""The documentation says what is true: generated pages are fresh, links lead somewhere, code runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)")


def run_python(*arguments: str, folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("DB_PATH", "DATASET_ID")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=clean, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", ["settings.md", "command-line.md", "http.md", "python.md"])
def test_generated_pages_say_what_the_code_says(page: str) -> None:
    fresh = run_python(
        "-c",
        f"import runpy; print(runpy.run_path('docs/__main__.py')['render']({page!r}), end='')",
        folder=ROOT,
    )
    assert (ROOT / "docs/reference" / page).read_text() == fresh, "run `python -m docs`"


def test_the_openapi_document_at_the_root_says_what_the_server_says() -> None:
    code = "import runpy; print(runpy.run_path('docs/__main__.py')['render_openapi'](), end='')"
    assert (ROOT / "openapi.json").read_text() == run_python("-c", code, folder=ROOT), "run `python -m docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    targets = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in targets if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/guides/compare-runs.md",
        "docs/guides/keep-artifacts.md",
        "docs/guides/profile-latency.md",
        "docs/guides/record-an-evaluation.md",
        "docs/guides/start-from-a-template.md",
        "docs/guides/several-processes.md",
        "docs/guides/track-data.md",
    ],
)
def test_code_of_a_page_runs_as_it_stands(name: str, tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    script = tmp_path / "page.py"
    script.write_text("\n".join(CODE.findall((ROOT / name).read_text())))
    run_python(str(script), folder=tmp_path)
    assert (tmp_path / "manifests/manifests.db").exists()


def test_the_guide_to_recording_runs_with_the_ids_it_makes(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    code = CODE.findall((ROOT / "docs/guides/record-a-run.md").read_text())
    script = (
        "\n".join(code)
        .replace('"18e9cf682145f7602aad944a287bc4c3"', "run.run_id")
        .replace('"18e9cf68"', "run.run_id")
    )
    (tmp_path / "page.py").write_text(
        script.replace('run.metrics["train_loss"]', 'run.metrics["loss"]').replace('"train_loss")', '"loss")')
    )
    run_python("page.py", folder=tmp_path)
    assert (tmp_path / "manifests/manifests.db").exists()


def test_every_page_can_be_reached_from_the_table_of_contents() -> None:
    contents = (ROOT / "docs/README.md").read_text()
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")} - {"README.md"}
    assert sorted(pages - set(LINK.findall(contents))) == []
