"""`modellab report`: a file to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def reported(project: Any) -> Any:
    for name, score in (("svm", 0.9), ("mlp", 0.8)):
        project.record({"score": score}, name=name)
    return project


@pytest.mark.parametrize(("name", "begins"), [("r.html", "<!doctype html>"), ("r.MD", "# Results of cli")])
def test_a_report_is_written_to_a_file(reported: Any, tmp_path: Path, name: str, begins: str) -> None:
    path = tmp_path / name
    outcome = reported.call("report", 'name ilike "%m%"', "-o", str(path))
    assert outcome.code == 0, outcome.err
    assert str(path) in outcome.out
    assert path.read_text().startswith(begins)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["-o", "report.pdf"], 2, ".html or an .md"),
        (["name =", "-o", "{}/r.html"], 2, "name"),
        (['name = "nobody"', "-o", "{}/r.html"], 1, "No run matches"),
        (["--baseline", "nonsense", "-o", "{}/r.html"], 1, "nonsense"),
        (["-o", "{}/no/such/folder/r.html"], 2, "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_told(
    reported: Any, tmp_path: Path, words: list[str], code: int, told: str
) -> None:
    outcome = reported.call("report", *(word.format(tmp_path) for word in words))
    assert outcome.code == code
    assert told in outcome.err
    assert not list(tmp_path.glob("**/r.html"))
