"""`modellab dashboard`: the page for people to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

STREAM = Path(__file__).resolve().parents[2] / "stream.py"


def test_the_dashboard_is_written_and_a_changed_one_is_not_lost(project: Any, tmp_path: Path) -> None:
    page = tmp_path / "mine.py"
    outcome = project.call("dashboard", str(page))
    assert outcome.code == 0, outcome.err
    assert f"streamlit run {page}" in outcome.out
    assert page.read_bytes() == STREAM.read_bytes()
    page.write_text("# changed")
    refused = project.call("dashboard", str(page))
    assert refused.code == 2
    assert "is there already" in refused.err
    assert page.read_text() == "# changed"
    assert project.call("dashboard", str(page), "--force").code == 0
    assert page.read_bytes() == STREAM.read_bytes()
    assert project.call("dashboard", str(tmp_path / "no" / "such.py")).code == 2
