"""`streamlit run stream.py` in a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "stream.py"


@pytest.fixture
def dashboard(study: Any) -> Iterator[str]:
    """The address of a dashboard of the study."""
    options = {
        "server.port": "0",
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(PAGE)]
        + [f"--{name}={value}" for name, value in options.items()],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(study.folder),
            "MODELLAB_API_URL": study.address,
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        address = next((found[0] for line in said if (found := re.search(r"http://127\S+", line))), "")
        try:
            assert address, "Streamlit did not start"
            yield address
        finally:
            process.terminate()
            process.wait(30)


def test_the_four_tabs_show_runs_curves_comparisons_and_answers(
    study: Any, dashboard: str, visit: Any
) -> None:
    page = visit(study).page
    page.goto(dashboard)
    page.get_by_role("heading", name="tested").wait_for()
    tabs = ["Runs Explorer", "Run Detail", "Compare Runs", "Assistant"]
    page.get_by_role("tab", name=tabs[-1]).wait_for()
    assert page.get_by_role("tab").all_inner_texts() == tabs
    shown = page.get_by_role("tabpanel").filter(visible=True)
    shown.get_by_test_id("stDataFrame").first.wait_for()
    page.get_by_role("tab", name="Run Detail").click()
    shown.get_by_text(re.compile(r"^(completed|failed) ·")).wait_for()
    page.get_by_role("tab", name="Compare Runs").click()
    shown.get_by_test_id("stVegaLiteChart").or_(shown.get_by_test_id("stDataFrame")).first.wait_for()
    page.get_by_role("tab", name="Assistant").click()
    page.get_by_placeholder("Which run has").fill("how many runs are there?")
    page.keyboard.press("Enter")
    shown.get_by_text(re.compile(r"^\d+ runs\b")).wait_for()
    assert page.get_by_test_id("stException").count() == 0
