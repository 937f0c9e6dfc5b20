"""`GET /api/modellab/report` and `modellab report`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

REPORT = "/api/modellab/report"


@pytest.fixture
def reported(lab: Any) -> Any:
    for name, score in (("svm", 0.9), ("mlp", 0.8)):
        lab.record(name=name, final={"score": score}, points={"loss": [1.0, 0.5]})
    return lab


def test_a_report_is_a_page_that_may_run_nothing(reported: Any) -> None:
    answer = reported.api.get(REPORT, params={"query": "metrics.score > 0"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "Results of tested" in answer.text
    assert answer.text == reported.api.get(REPORT, params={"query": "metrics.score > 0"}).text


def test_a_report_may_be_markdown(reported: Any) -> None:
    answer = reported.api.get(REPORT, params={"format": "md"})
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# Results of tested\n")


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"query": 'name = "nobody"'}, 404),
        ({"query": "name ="}, 422),
        ({"query": "x" * 10_001}, 422),
        ({"format": "pdf"}, 422),
        ({"metric": "nonsense"}, 422),
        ({"baseline": "nonsense"}, 422),
        ({"split": "../x"}, 422),
    ],
)
def test_what_cannot_be_reported_is_a_problem(
    reported: Any,
    read_problem: Callable[[httpx.Response], dict[str, Any]],
    params: dict[str, str],
    status: int,
) -> None:
    assert read_problem(reported.api.get(REPORT, params=params))["status"] == status


def test_runs_that_the_caller_may_not_see_are_not_in_it(tmp_path: Any, open_team: Any) -> None:
    with open_team(tmp_path) as team:
        with team.ask("ada") as admin:
            seen, hidden = (
                admin.post("/api/modellab/projects", json={"name": name}).json()["project_id"]
                for name in ("seen", "hidden")
            )
            admin.put(f"/api/modellab/users/mia/projects/{seen}", json={"role": "viewer"})
        team.lab.record(name="open", project_id=seen, final={"score": 0.8})
        team.lab.record(name="secret", project_id=hidden, final={"score": 0.9})
        with team.ask("mia") as mia, team.ask() as stranger:
            text = mia.get(REPORT).text
            assert "open" in text
            assert "secret" not in text
            assert stranger.get(REPORT).status_code == 401
