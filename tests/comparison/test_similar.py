"""Runs like one: which are nearest, and why."""

from __future__ import annotations

from typing import Any

import pytest

from modellab.comparison.similar import find_similar, measure_runs
from modellab.errors import InvalidInput, NotFound
from modellab.records.similar import RunTraits, SimilarRun
from modellab.store import Store


def traits(run_id: str = "own", **known: Any) -> RunTraits:
    empty: dict[str, Any] = {
        "name": None,
        "project_id": None,
        "status": "completed",
        "params": {},
        "metrics": {},
        "dataset_ids": frozenset(),
        "function": None,
        "git_hash": None,
    }
    return RunTraits(run_id=run_id, **{**empty, **known})


def measure(own: dict[str, Any], *others: dict[str, Any]) -> list[SimilarRun]:
    found = measure_runs(traits(**own), [traits(str(i), **other) for i, other in enumerate(others)])
    return sorted(found, key=lambda run: run.run_id)


def test_the_same_run_again_is_at_distance_0_and_one_with_nothing_in_common_at_1() -> None:
    own = {
        "params": {"lr": 0.1, "opt": "adam"},
        "metrics": {"acc": 0.9},
        "dataset_ids": frozenset({"d"}),
        "function": "train",
        "git_hash": "abc",
    }
    other = {**own, "params": {"depth": 3}, "dataset_ids": frozenset({"e"}), "function": "f", "git_hash": "x"}
    again, else_ = measure(own, own, {**other, "metrics": {"acc": 0.1}})
    assert (again.distance, else_.distance) == (0.0, 1.0)
    assert (
        again.why
        == "2 of 2 params are the same; the same dataset; the same function and commit; acc 0.9 beside 0.9"
    )
    assert else_.parts == {"params": 1.0, "metrics": 1.0, "data": 1.0, "code": 1.0}


def test_numbers_are_measured_within_their_range_and_by_logarithms_where_that_is_wide() -> None:
    near, far, _ = measure(
        {"params": {"lr": 0.001, "depth": 2}},
        {"params": {"lr": 0.01, "depth": 4}},
        {"params": {"lr": 0.1, "depth": 2}},
        {"params": {"lr": 1.0, "depth": 6}},
    )
    assert near.distance == pytest.approx((1 / 3 + 2 / 4) / 2)
    assert far.distance == pytest.approx((2 / 3 + 0) / 2)
    assert [(pair.name, pair.value, pair.other) for pair in near.different_params] == [
        ("depth", 2, 4),
        ("lr", 0.001, 0.01),
    ]
    assert far.shared_params == ["depth"]


def test_seeds_and_folds_do_not_count_and_true_is_not_1() -> None:
    same, other = measure(
        {"params": {"seed": 1, "fold": 2, "warm": True}},
        {"params": {"seed": 9, "fold": 0, "warm": True}},
        {"params": {"seed": 1, "fold": 2, "warm": 1}},
    )
    assert (same.distance, other.distance) == (0.0, 1.0)


def test_what_neither_run_has_is_left_out_of_the_distance() -> None:
    (found,) = measure({"params": {"a": 1}}, {"params": {"a": 1}, "function": "f"})
    assert found.parts == {"params": 0.0, "metrics": None, "data": None, "code": 1.0}
    assert found.distance == pytest.approx(0.15 / 0.65)
    (bare,) = measure({}, {})
    assert (bare.distance, bare.why) == (1.0, "Nothing in common that is measured")


def test_the_nearest_runs_of_a_store_come_first(store: Store) -> None:
    def add(lr: float, opt: str = "adam", **more: Any) -> str:
        said = {"params": {"lr": lr, "opt": opt, "seed": 5}, "dataset_id": "iris", **more}
        return store.editing.create(status="completed", **said).run_id

    own = add(0.1, metrics={"acc": 0.9})
    near = add(0.12, metrics={"acc": 0.89, "system/cpu": 3})
    far = add(0.9, "sgd", dataset_id="other", metrics={"acc": float("nan")})
    hidden = add(0.1, project_id="p")
    store.trash.put_run(add(0.1))
    found = find_similar(store, own)
    assert (found.n_considered, {run.run_id for run in found.items}) == (3, {near, far, hidden})
    assert found.items[0].run_id == hidden
    assert found.items[-1].run_id == far
    assert [pair.name for pair in found.items[1].near_metrics] == []
    assert found.items[1].shared_datasets == ["iris"]
    assert [run.run_id for run in find_similar(store, own, limit=1).items] == [hidden]
    assert find_similar(store, own, visible=frozenset({"p"})).n_considered == 1
    with pytest.raises(NotFound, match="no run nowhere"):
        find_similar(store, "nowhere")
    with pytest.raises(InvalidInput, match="limit is 101"):
        find_similar(store, own, limit=101)
