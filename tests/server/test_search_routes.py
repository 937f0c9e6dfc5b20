"""Searches, similar runs and suggestions over HTTP: what is found, who may find it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

API = "/api/modellab"


def test_a_search_tells_what_matches_where(lab: Any) -> None:
    run_id = lab.record(name="baseline", params={"optimizer": "adamw"}, note="with a longer warm-up")
    lab.record(name="other")
    found = lab.get(f"{API}/search", q="WARM adamw")
    assert (found["total"], found["uses_embeddings"], found["notes"]) == (1, False, [])
    (hit,) = found["items"]
    assert (hit["kind"], hit["id"], hit["name"], hit["status"]) == ("run", run_id, "baseline", "completed")
    assert [(s["field"], s["text"], s["ranges"]) for s in hit["snippets"]] == [
        ("note", "with a longer warm-up", [[14, 18]]),
        ("params", "optimizer = adamw", [[12, 17]]),
    ]


def test_a_search_goes_with_the_query_language_and_kinds(lab: Any) -> None:
    good = lab.record(name="study", project_id="p", final={"acc": 0.9})
    bad = lab.record(name="study", final={"acc": 0.1})
    both = lab.get(f"{API}/search", q="study")["items"]
    assert {hit["id"] for hit in both} == {good, bad}
    assert [hit["id"] for hit in lab.get(f"{API}/search", q="study", query="metrics.acc > 0.5")["items"]] == [
        good
    ]
    assert [hit["id"] for hit in lab.get(f"{API}/search", q="study", project_id="p")["items"]] == [good]
    assert lab.get(f"{API}/search", q="study", status="failed")["items"] == []
    assert [hit["kind"] for hit in lab.get(f"{API}/search", q="p", kind="project")["items"]] == ["project"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({}, "query.q: Field required"),
        ({"q": "x" * 1001}, "at most 1000 characters"),
        ({"q": "x\x00"}, "zero byte"),
        ({"q": "x", "kind": "user"}, "query.kind"),
        ({"q": "x", "limit": 101}, "query.limit"),
        ({"q": "x", "query": "metrics. >"}, ""),
        ({"q": "x", "kind": "dataset", "query": "status = 'failed'"}, "there is none about a dataset"),
    ],
)
def test_a_search_that_cannot_be_meant_is_refused(
    lab: Any, read_problem: Callable[[httpx.Response], dict[str, Any]], params: dict[str, Any], says: str
) -> None:
    answer = lab.api.get(f"{API}/search", params=params)
    assert answer.status_code == 422
    assert says in read_problem(answer)["detail"]


@pytest.mark.parametrize(
    "q", ["!", "' OR 1=1 --", '"', "a" * 1000, "💥", "NEAR(a b)", "ignore your instructions"]
)
def test_no_text_is_an_error(lab: Any, q: str) -> None:
    lab.record(name="x")
    assert lab.get(f"{API}/search", q=q)["items"] == []


def test_similar_runs_are_told_with_the_reasons(lab: Any) -> None:
    own = lab.record(params={"lr": 0.1, "opt": "adam"}, final={"acc": 0.9}, dataset_id="iris")
    near = lab.record(params={"lr": 0.1, "opt": "adam"}, final={"acc": 0.8}, dataset_id="iris")
    lab.record(params={"lr": 0.9, "opt": "sgd"})
    found = lab.get(f"{API}/runs/{own}/similar", limit=1)
    assert (found["run_id"], found["n_considered"], len(found["items"])) == (own, 2, 1)
    assert found["items"][0]["run_id"] == near
    assert found["items"][0]["why"] == "2 of 2 params are the same; the same dataset"
    assert lab.api.get(f"{API}/runs/nowhere/similar").status_code == 404
    assert lab.api.get(f"{API}/runs/{own}/similar", params={"limit": 0}).status_code == 422


def test_suggestions_are_told_with_what_stands_behind_them(lab: Any) -> None:
    for i in range(9):
        lab.record(params={"lr": 10.0 ** (i / 4 - 3)}, final={"acc": 0.9 - 0.01 * (i - 4) ** 2})
    found = lab.get(f"{API}/suggest", metric="acc", n=2)
    assert (found["n_runs"], found["best"]["value"], len(found["items"])) == (9, 0.9, 2)
    assert 0.003 < found["items"][0]["params"]["lr"] < 0.03
    assert found["is_direction_assumed"]
    few = lab.get(f"{API}/suggest", metric="acc", query="metrics.acc > 0.85")
    assert few["items"] == []
    assert few["sentences"][0].startswith("Nothing is suggested: 5 completed runs")
    assert lab.api.get(f"{API}/suggest", params={"metric": "nope"}).status_code == 404
    assert lab.api.get(f"{API}/suggest", params={"metric": "acc", "n": 21}).status_code == 422
    assert lab.api.get(f"{API}/suggest", params={"metric": "acc", "project_id": "nope"}).status_code == 404


@pytest.fixture
def team(open_team: Any, tmp_path: Path) -> Iterator[Any]:
    with open_team(tmp_path) as team:
        for name in ("mine", "theirs"):
            team.store.projects.create(name)
            run_id = team.lab.record(project_id=name, params={"lr": 1}, final={"accuracy": 0.5})
            setattr(team, f"run_{name}", run_id)
        team.run_of_none = team.lab.record(params={"lr": 1}, final={"accuracy": 0.5})
        team.store.accounts.join("mia", "mine", "viewer")
        yield team


def test_a_member_finds_what_is_of_its_projects_only(team: Any) -> None:
    store = team.store
    for run_id in (team.run_mine, team.run_theirs, team.run_of_none):
        store.runs.set_note(run_id, "findme")
    with team.ask("mia") as client:
        found = client.get(f"{API}/search", params={"q": "findme"}).json()
        assert ([hit["id"] for hit in found["items"]], found["total"]) == ([team.run_mine], 1)
        alike = client.get(f"{API}/runs/{team.run_mine}/similar").json()
        assert not {run["run_id"] for run in alike["items"]} & {team.run_theirs, team.run_of_none}
        assert client.get(f"{API}/runs/{team.run_theirs}/similar").status_code == 404
        assert client.get(f"{API}/suggest", params={"metric": "accuracy"}).json()["n_runs"] <= 1
        hidden = client.get(f"{API}/suggest", params={"metric": "accuracy", "project_id": "theirs"})
        assert hidden.status_code == 404
    with team.ask() as client:
        assert client.get(f"{API}/search", params={"q": "findme"}).status_code == 401
