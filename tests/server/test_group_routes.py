"""Groups of runs, params that go with a metric, and mean curves, over HTTP."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

API = "/api/modellab"


def test_runs_are_grouped_by_a_param_with_the_mean_and_its_interval(lab: Any) -> None:
    accuracies = {"svm": [0.90, 0.92, 0.91], "forest": [0.80, 0.84], "bayes": [0.7]}
    for model, values in accuracies.items():
        for seed, value in enumerate(values):
            lab.record(params={"model": model, "lr": seed}, seed=seed, final={"accuracy": value, "f1": 1.0})
    lab.record(params={"model": "svm"}, final={"accuracy": "nan"})
    lab.record(params={"model": "svm"})
    lab.record(name="bare")
    found = lab.get(f"{API}/groups", by="params.model", metric=["accuracy", "f1"])
    assert (found["total"], found["n_runs"], found["n_ungrouped"], found["by"]) == (4, 9, 0, ["params.model"])
    assert [group["key"] for group in found["groups"]] == [
        {"params.model": "svm"},
        {"params.model": "forest"},
        {"params.model": "bayes"},
        {"params.model": None},
    ]
    svm, _, bayes, bare = found["groups"]
    assert (svm["n"], svm["seeds"], len(svm["run_ids"])) == (5, [None, None, 2, 1, 0], 5)
    accuracy = svm["metrics"][0]
    assert (accuracy["n"], accuracy["n_finite"], accuracy["min"], accuracy["max"]) == (4, 3, 0.9, 0.92)
    low, high = stats.t.interval(0.95, 2, loc=0.91, scale=stats.sem(accuracies["svm"]))
    assert accuracy["mean"]["low"] == pytest.approx(low)
    assert accuracy["mean"]["high"] == pytest.approx(high)
    assert accuracy["sd"] == pytest.approx(0.01)
    assert (bayes["metrics"][0]["mean"]["estimate"], bayes["metrics"][0]["mean"]["low"]) == (0.7, None)
    assert (bare["metrics"][0]["n"], bare["metrics"][0]["mean"]["estimate"]) == (0, None)
    rising = lab.get(f"{API}/groups", by="params.model", metric="accuracy", ascending=True, limit=1)
    assert (rising["groups"][0]["key"], rising["total"]) == ({"params.model": "bayes"}, 4)


def test_runs_alike_in_everything_but_the_seed_are_a_group_told_by_what_differs(lab: Any) -> None:
    for lr in (0.1, 0.2):
        for seed in range(3):
            lab.record(
                params={"lr": lr, "seed": seed, "model": {"depth": 3}},
                config={"optimizer": {"name": "adam"}},
                seed=seed,
                points={"loss": [lr + seed, lr]},
                name=f"{lr}",
            )
    lab.record(params={"lr": 0.1, "model": {"depth": 3}}, points={"loss": [9.0]})  # its seed is not known
    found = lab.get(
        f"{API}/groups", by="seed", metric="loss", summary="min", ascending=True, query="name != 'x'"
    )
    assert (found["n_runs"], found["n_ungrouped"], found["total"]) == (6, 0, 2)
    assert [group["key"] for group in found["groups"]] == [{"params.lr": 0.1}, {"params.lr": 0.2}]
    assert found["groups"][0]["seeds"] == [2, 1, 0]
    assert found["groups"][0]["notes"] == []
    assert lab.get(f"{API}/groups", by="seed")["n_ungrouped"] == 1


def test_what_makes_an_interval_doubtful_is_told(lab: Any) -> None:
    for seed in (1, 1, 2):
        lab.record(params={"lr": 1}, seed=seed, final={"a": float(seed)})
    for fold in range(3):
        lab.record(params={"lr": 2, "fold": fold}, seed=0, final={"a": float(fold)})
    alive = lab.write(params={"lr": 3}, seed=1)
    lab.store.collector.collect_run(alive.run_id)
    groups = lab.get(f"{API}/groups", by="seed", metric="a")["groups"]
    told = {group["key"]["params.lr"]: (group["notes"], group["n_unfinished"]) for group in groups}
    assert "the same seed" in told[1][0][0]
    assert "Folds" in told[2][0][0]
    assert told[3] == ([], 1)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("groups", "query.by: Field required"),
        ("groups?by=seed&by=params.a", "seed stands beside other fields"),
        ("groups?by=nothing", "by: There is no field 'nothing'"),
        ("groups?by=metrics.a", "not grouped by metrics.a"),
        ("groups?by=started_at", "not grouped by started_at"),
        ("groups?by=seed&summary=mean", "query.summary"),
        ("groups?by=seed&limit=1001", "query.limit"),
        ("groups?by=seed&" + "metric=a&" * 11, "query.metric"),
        ("importance", "query.metric: Field required"),
        ("curves/group?metric=a", "query.run_id: Field required"),
        ("curves/group?metric=a&run_id=b&max_points=1", "query.max_points"),
    ],
)
def test_what_cannot_be_meant_is_told(lab: Any, path: str, told: str) -> None:
    answer = lab.api.get(f"{API}/{path}")
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


def test_params_are_ranked_by_how_they_go_with_a_metric(lab: Any) -> None:
    rng = np.random.default_rng(0)
    for number in range(24):
        lr, kind = float(rng.integers(1, 9)), "ab"[number % 2]
        lab.record(
            params={
                "lr": lr,
                "kind": kind,
                "same": 1,
                "id": f"x{number}",
                "noise": float(rng.random()),
                "seed": 1,
            },
            final={"acc": lr + (kind == "a") + rng.normal(0, 0.1)},
        )
    lab.record(params={"lr": 1.0}, final={"acc": "inf"})
    found = lab.get(f"{API}/importance", metric="acc")
    params = {one["name"]: one for one in found["params"]}
    assert found["params"][0] is params["lr"]
    assert (params["lr"]["measure"], params["kind"]["measure"]) == ("spearman", "eta_squared")
    assert params["lr"]["value"] > 0.9
    assert params["lr"]["adjusted_p"] < 0.001
    assert params["noise"]["adjusted_p"] > 0.05
    assert params["same"]["note"] == "It is the same in all 24 runs."
    assert "24 values in 24 runs" in params["id"]["note"]
    assert (found["n"], found["family_size"], set(params)) == (24, 3, {"lr", "kind", "same", "id", "noise"})
    assert "Clear after adjustment: lr" in found["sentences"][1]
    assert "not cause" in found["sentences"][2]


def test_with_too_few_runs_nothing_is_said_of_params(lab: Any) -> None:
    for lr in range(9):
        lab.record(params={"lr": lr}, final={"acc": float(lr)})
    found = lab.get(f"{API}/importance", metric="acc")
    assert found["sentences"] == ["9 runs have a finite acc; with fewer than 10 nothing can be said."]
    assert (found["params"][0]["p_value"], found["params"][0]["measure"]) == (None, None)
    nothing = lab.get(f"{API}/importance", metric="nobody")
    assert (nothing["n"], nothing["params"]) == (0, [])


def test_the_mean_curve_counts_the_runs_that_have_a_step(lab: Any) -> None:
    nan = float("nan")
    curves = ([1.0, 2.0, 3.0, 4.0], [3.0, 2.5, nan], [2.0])
    ids = [lab.record(points={"loss": curve}) for curve in curves]
    other = lab.record(points={"acc": [1.0]})
    found = lab.get(f"{API}/curves/group", run_id=[*ids, other, "nobody"], metric="loss")
    assert (found["run_ids"], found["missing"]) == (ids, ["nobody"])
    assert (found["count"], found["n_nonfinite"], found["stretch"], found["reduced"]) == (8, 1, 1, False)
    assert found["steps"] == [0, 1, 2, 3]
    assert found["n"] == [3, 2, 1, 1]
    assert found["mean"] == [2.0, 2.25, 3.0, 4.0]
    assert (found["min"], found["max"]) == ([1.0, 2.0, 3.0, 4.0], [3.0, 2.5, 3.0, 4.0])
    low, high = stats.t.interval(0.95, 2, loc=2, scale=stats.sem([1, 3, 2]))
    assert (found["low"][0], found["high"][0]) == pytest.approx((low, high))
    assert found["low"][2:] == [None, None]
    cut = lab.get(f"{API}/curves/group", run_id=ids, metric="loss", from_step=1, to_step=2)
    assert cut["steps"] == [1, 2]


def test_a_long_mean_curve_keeps_its_extremes(lab: Any) -> None:
    ids = [
        lab.record(points={"loss": [float(step == 70) * 9 + seed for step in range(100)]}) for seed in (1, 2)
    ]
    found = lab.get(f"{API}/curves/group", run_id=ids, metric="loss", max_points=10)
    assert (found["reduced"], found["count"], found["n_shown"]) == (True, 200, len(found["steps"]))
    assert max(found["mean"]) == 10.5
    assert 70 in found["steps"]
    assert len(found["steps"]) <= 10
