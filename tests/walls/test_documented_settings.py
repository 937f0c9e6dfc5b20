"""Every setting that the documents name is one that is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripts.web_app import SKIP

from modellab.errors import InvalidSetting
from modellab.settings import load_settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLE = (ROOT / ".env.example").read_text()


def _named_in_pages() -> set[str]:
    text = "\n".join(page.read_text() for page in PAGES if page.exists())
    ours = (
        r"\b(?:MODELLAB_[A-Z_]+|DB_PATH|DATASET_ID|PROJECT_NAME|OPENAI_API_KEY|WANDB_(?:PROJECT|API_KEY))\b"
    )
    return set(re.findall(ours, text)) - {SKIP}  # which is the build's, and read by it alone


def _is_read(name: str, folder: Path) -> bool:
    unset = load_settings(start=folder, environ={})
    for value in ("x", "0", "postgresql://host/db"):
        try:
            if load_settings(start=folder, environ={name: value}) != unset:
                return True
        except InvalidSetting as error:
            return name in str(error)
    return False


@pytest.mark.parametrize("name", re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
def test_a_setting_of_the_example_file_is_read(name: str, tmp_path: Path) -> None:
    assert _is_read(name, tmp_path)


@pytest.mark.parametrize("name", sorted(_named_in_pages()))
def test_a_setting_that_a_page_names_is_read(name: str, tmp_path: Path) -> None:
    assert _is_read(name, tmp_path)


def test_a_name_that_is_no_setting_is_not_read(tmp_path: Path) -> None:
    assert not _is_read("MODELLAB_NONSENSE", tmp_path)


def test_the_example_file_as_it_stands_is_valid(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE)
    settings = load_settings(start=tmp_path, environ={})
    assert settings.project_name == "my-project"
    assert settings.db_path == tmp_path / "manifests" / "manifests.db"
    (tmp_path / ".env").write_text(re.sub(r"^# (?=[A-Z_]+=)", "", EXAMPLE, flags=re.MULTILINE))
    everything = load_settings(start=tmp_path, environ={})
    assert everything.database_url is not None
    assert everything.system_metrics_s == 5
