"""`POST /api/modellab/compare` and `GET /api/modellab/leaderboard`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest

import modellab
from modellab.settings import Settings

if TYPE_CHECKING:
    from tests.server.conftest import Lab

API = "/api/modellab"


def evaluate(api: httpx.Client, run_id: str, skill: float, *, seed: int = 0) -> None:
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(0, 2, 120)
    scores = 1 / (
        1 + np.exp(-skill * (2 * labels - 1) - np.random.default_rng(int(skill * 100)).normal(size=120))
    )
    body = {
        "predictions": scores.tolist(),
        "labels": labels.tolist(),
        "data": {"place": ["north", "south"] * 60},
        "config": {"computeCis": False},
    }
    answer = api.post(f"{API}/runs/{run_id}/evaluate", json=body)
    assert answer.status_code == 201, answer.text


@pytest.fixture
def pair(lab: Lab) -> tuple[Lab, str, str]:
    bad, good = lab.record(name="bad"), lab.record(name="good")
    evaluate(lab.api, bad, 0.3)
    evaluate(lab.api, good, 3.0)
    return lab, bad, good


def test_two_evaluated_runs_get_a_verdict(pair: tuple[Lab, str, str]) -> None:
    lab, bad, good = pair
    answer = lab.api.post(f"{API}/compare", json={"run_ids": [bad, good], "slices": True})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    [verdict] = found["verdicts"]
    assert (verdict["verdict"], verdict["a"], verdict["b"]) == ("better", bad, good)
    assert verdict["basis"] == "paired rows"
    assert found["sentences"][0] == verdict["sentence"]
    assert found["sentences"][0].startswith("good is better than bad on accuracy by ")
    assert {one["value"] for one in found["slices"]} == {"north", "south"}
    assert found["changed_examples"][0]["n"] == 120
    assert [axis["metric"] for axis in found["radar"]["axes"]][:2] == ["accuracy", "f1"]

    asked = {
        "run_ids": [bad, good],
        "baseline": good,
        "metric": "roc_auc",
        "min_effect": 0.01,
        "n_examples": 1,
    }
    found = lab.api.post(f"{API}/compare", json=asked).json()
    assert (found["baseline"], found["primary_metric"], found["verdicts"][0]["test"]) == (
        good,
        "roc_auc",
        "delong",
    )
    assert found["verdicts"][0]["equivalence"]["margin"] == 0.01
    assert len(found["changed_examples"][0]["fixed"]) <= 1
    assert found["slices"] == []


def test_the_leaderboard_says_who_cannot_be_told_apart(pair: tuple[Lab, str, str]) -> None:
    lab, bad, good = pair
    lab.record(name="only a number", final={"accuracy": 1.0})
    board = lab.get(f"{API}/leaderboard", metric="accuracy")
    assert [entry["run_id"] for entry in board["entries"]] == [good, bad]
    assert board["entries"][1]["can_be_told_apart"] is True
    assert board["n_considered"] == 2
    assert lab.get(f"{API}/leaderboard", metric="accuracy", top_k=1)["entries"][0]["run_id"] == good
    one = lab.get(f"{API}/leaderboard", metric="accuracy", query="name = 'bad'")
    assert [entry["run_id"] for entry in one["entries"]] == [bad]


def test_runs_without_evaluations_cannot_be_told(lab: Lab) -> None:
    ids = [lab.record(name=name, final={"accuracy": value}) for name, value in (("A", 0.905), ("B", 0.912))]
    found = lab.api.post(f"{API}/compare", json={"run_ids": ids}).json()
    assert found["verdicts"][0]["verdict"] == "cannot tell"
    assert found["verdicts"][0]["needed"].startswith("Log predictions, or at least 5 seeds")


def test_the_package_compares_runs_of_a_server(
    pair: tuple[Lab, str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    lab, bad, good = pair
    monkeypatch.chdir(tmp_path)
    for name in ("MODELLAB_API_URL", "DB_PATH"):
        monkeypatch.delenv(name, raising=False)
    modellab.configure(api_url=lab.address)
    try:
        comparison = modellab.compare(bad[-12:], good)
        board = modellab.leaderboard("accuracy")
    finally:
        modellab.configure()
    here = lab.api.post(f"{API}/compare", json={"run_ids": [bad, good]}).json()
    assert list(comparison.sentences) == here["sentences"]
    assert comparison.verdicts[0].p_value == here["verdicts"][0]["p_value"]
    assert [entry.run_id for entry in board.entries] == [good, bad]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"run_ids": ["a"]}, 422),
        ({"run_ids": [str(number) for number in range(51)]}, 422),
        ({"run_ids": ["a", "b"], "min_effect": 0}, 422),
        ({"run_ids": ["a", "b"], "min_effect": "nan"}, 422),
        ({"run_ids": ["a", "b"], "split": "../test"}, 422),
        ({"run_ids": ["a", "b"], "n_examples": 1001}, 422),
        ({"run_ids": ["a", "b"], "metrics": "accuracy"}, 422),
        ({"run_ids": ["a", "b"]}, 404),
    ],
)
def test_bad_bodies_are_told_as_problems(
    lab: Lab, read_problem: Callable[[httpx.Response], dict[str, Any]], body: dict[str, Any], status: int
) -> None:
    assert read_problem(lab.api.post(f"{API}/compare", json=body))["status"] == status


def test_what_the_runs_do_not_have_is_told_as_a_problem(
    lab: Lab, read_problem: Callable[[httpx.Response], dict[str, Any]]
) -> None:
    a, b = (lab.record(final={"accuracy": 0.5}) for _ in range(2))
    for body, message in (
        ({"run_ids": [a, a]}, "is named twice"),
        ({"run_ids": [a, b], "metric": "acuracy"}, "None of these runs has a metric 'acuracy'"),
        ({"run_ids": [a, b], "baseline": "x"}, "The baseline x is none of the runs"),
    ):
        problem = read_problem(lab.api.post(f"{API}/compare", json=body))
        assert problem["status"] == 422
        assert message in problem["detail"]
    problem = read_problem(lab.api.get(f"{API}/leaderboard", params={"metric": "accuracy"}))
    assert problem["status"] == 404
    asked: tuple[dict[str, Any], ...] = (
        {},
        {"metric": "f1", "top_k": 51},
        {"metric": "f1", "query": "metrics. >"},
    )
    for params in asked:
        assert read_problem(lab.api.get(f"{API}/leaderboard", params=params))["status"] == 422


def test_runs_of_other_projects_are_not_there(open_team: Any, settings: Settings) -> None:
    with open_team(settings.root) as team:
        for project_id in ("ours", "theirs"):
            team.store.projects.create(project_id=project_id, name=project_id)
        team.store.accounts.join("mia", "ours", "viewer")
        mine, hidden = (team.lab.record(project_id=name) for name in ("ours", "theirs"))
        own = team.lab.record(project_id="ours")
        with team.ask("ada") as api:
            for run_id, skill in ((mine, 0.5), (hidden, 3.0), (own, 1.0)):
                evaluate(api, run_id, skill)
        with team.ask("mia", "read") as api:
            for ids in ([mine, hidden], [hidden, mine]):
                assert api.post(f"{API}/compare", json={"run_ids": ids}).status_code == 404
            assert api.post(f"{API}/compare", json={"run_ids": [mine, own]}).status_code == 200
            board = api.get(f"{API}/leaderboard", params={"metric": "accuracy"}).json()
            assert {entry["run_id"] for entry in board["entries"]} == {mine, own}
            assert board["n_considered"] == 2
        with team.ask() as nobody:
            assert nobody.post(f"{API}/compare", json={"run_ids": [mine, own]}).status_code == 401
