"""Suggested hyperparameters: where the best lies, how sure that is, and nothing where there is too little."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from modellab.comparison.suggestion import suggest_params
from modellab.errors import InvalidInput, NotFound
from modellab.records import RunFilter
from modellab.records.suggestions import FEWEST_RUNS, Suggestions
from modellab.store import Store

Add = Callable[..., str]


@pytest.fixture
def add(sqlite_store: Store) -> Add:
    def record(params: dict[str, Any], **metrics: float) -> str:
        return sqlite_store.editing.create(status="completed", params=params, metrics=metrics).run_id

    return record


def suggest(store: Store, metric: str = "accuracy", **more: Any) -> Suggestions:
    return suggest_params(store, more.pop("wanted", RunFilter()), metric=metric, **more)


def accuracy(lr: float, opt: str, depth: int) -> float:
    """Best at a rate of 10^-2.5, with adam, at depth 5."""
    return 0.9 - 0.1 * (math.log10(lr) + 2.5) ** 2 - 0.05 * (opt == "sgd") - 0.005 * (depth - 5) ** 2


@pytest.fixture
def studied(sqlite_store: Store, add: Add) -> Store:
    """Forty tries of a rate, an optimizer and a depth, none of them at the best place."""
    chance = random.Random(1)
    for seed in range(40):
        lr, opt, depth = 10 ** chance.uniform(-4, -1), chance.choice(["sgd", "adam"]), chance.randint(2, 8)
        value = accuracy(lr, opt, depth) + chance.gauss(0, 0.005)
        more = {"seed": seed, "epochs": 3, "output": f"runs/{seed}", "layers": [seed]}
        add({"lr": lr, "opt": opt, "depth": depth, **more}, accuracy=value, val_loss=1 - value)
    return sqlite_store


def test_the_best_place_is_found_and_what_stands_behind_it_is_told(studied: Store) -> None:
    found = suggest(studied)
    assert (found.n_runs, found.higher_is_better, found.is_direction_assumed) == (40, True, False)
    assert [(p.name, p.kind, p.is_log) for p in found.varied] == [
        ("depth", "integer", False),
        ("lr", "number", True),
        ("opt", "choice", False),
    ]
    assert found.fixed == {"epochs": 3}
    assert [one.kind for one in found.items] == ["promising", "promising", "exploring"]
    first = found.items[0]
    assert first.params["opt"] == "adam"
    assert abs(first.params["depth"] - 5) <= 1
    assert abs(math.log10(first.params["lr"]) + 2.5) < 0.5
    assert first.low < accuracy(**first.params) < first.high
    best = found.best
    assert best is not None
    assert best.value == max(run.final_metrics["accuracy"] for run in studied.runs.list().items)
    assert found.explained is not None
    assert 0.8 < found.explained <= 1
    assert found.sentences[0].startswith("Learned from 40 completed runs by a Gaussian process over 3 params")
    assert found.sentences[-1] == "Not varied: layers, output."


def test_the_same_seed_suggests_the_same_and_another_seed_other_tries(studied: Store) -> None:
    assert suggest(studied, n=5) == suggest(studied, n=5)
    assert suggest(studied, n=5).items != suggest(studied, n=5, seed=1).items


def test_suggestions_differ_and_none_was_tried(studied: Store) -> None:
    items = suggest(studied, n=12).items
    tried = [run.params["lr"] for run in studied.runs.list().items]
    assert len({str(one.params) for one in items}) == 12
    assert not {one.params["lr"] for one in items} & set(tried)


def test_of_a_loss_less_is_better_and_the_caller_may_say_otherwise(studied: Store) -> None:
    found = suggest(studied, "val_loss", n=1)
    assert not found.higher_is_better
    assert found.items[0].params["opt"] == "adam"
    assert found.items[0].low < found.items[0].expected < found.items[0].high
    worst = suggest(studied, "val_loss", n=1, higher_is_better=True)
    assert worst.higher_is_better
    assert worst.items[0].expected > found.items[0].expected


def test_with_too_few_runs_nothing_is_suggested(sqlite_store: Store, add: Add) -> None:
    for i in range(FEWEST_RUNS - 1):
        add({"lr": 0.1 * (i + 1)}, accuracy=i / 10)
    found = suggest(sqlite_store)
    assert (found.items, found.explained) == ([], None)
    assert found.sentences == [
        "Nothing is suggested: 7 completed runs have a finite accuracy and the same params, and 8 are the "
        "fewest to learn from."
    ]
    assert found.best is not None
    assert found.best.value == 0.6
    add({"lr": 0.9}, accuracy=0.5)
    assert suggest(sqlite_store).items


def test_where_nothing_varies_nothing_is_suggested(sqlite_store: Store, add: Add) -> None:
    for i in range(10):
        add({"lr": 0.1, "seed": i, "path": f"run-{i}"}, accuracy=i / 10, f1=0.5)
    assert suggest(sqlite_store).sentences == [
        "Nothing is suggested: no param varies between the 10 runs in a way that can be learned from."
    ]
    for i in range(10):
        add({"lr": 0.1 + i, "seed": i, "path": f"run-{i}"}, same=0.5)
    assert suggest(sqlite_store, "same").sentences == [
        "Nothing is suggested: same is the same in all 10 runs."
    ]


def test_where_little_or_nothing_is_left_to_try_it_says_so(sqlite_store: Store, add: Add) -> None:
    grid = [(a, b) for a in ("x", "y", "z") for b in (True, False)]
    for a, b in [*grid[:-1], *grid[:-1]]:
        add({"a": a, "b": b}, accuracy=0.5 + 0.1 * (a == "x") + 0.05 * b)
    found = suggest(sqlite_store)
    assert [one.params for one in found.items] == [{"a": "z", "b": False}]
    told = "No more than 1: of the values of a, b, the runs have tried all other combinations."
    assert found.sentences[-1] == told
    add({"a": "z", "b": False}, accuracy=0.4)
    found = suggest(sqlite_store)
    assert found.items == []
    told = "Nothing is suggested: every combination of the values of a, b was tried. Try other values."
    assert found.sentences[-1] == told


def test_of_chance_it_says_that_it_tells_hardly_anything(sqlite_store: Store, add: Add) -> None:
    chance = random.Random(0)
    for _ in range(30):
        add({"a": chance.random(), "b": chance.random()}, accuracy=chance.random())
    assert "hardly anything" in suggest(sqlite_store).sentences[1]


def test_a_run_that_went_wholly_wrong_does_not_drown_the_others(studied: Store, add: Add) -> None:
    add({"lr": 0.05, "opt": "adam", "depth": 3, "epochs": 3, "output": "x", "layers": []}, accuracy=-1e6)
    add({"lr": 0.05, "opt": "adam", "depth": 3, "epochs": 3, "output": "y", "layers": []}, accuracy=math.nan)
    found = suggest(studied)
    assert found.n_runs == 41
    assert found.explained is not None
    assert found.explained > 0.5
    assert found.items[0].params["opt"] == "adam"


def test_runs_with_other_params_are_left_out_and_unfinished_ones_too(studied: Store, add: Add) -> None:
    add({"trees": 100}, accuracy=0.99)
    studied.editing.create(status="running", params={"lr": 1.0}, metrics={"accuracy": 1.0})
    assert suggest(studied).n_runs == 40
    found = suggest(studied, wanted=RunFilter(query="params.opt = 'adam'"))
    assert 8 <= found.n_runs < 40
    assert [param.name for param in found.varied] == ["depth", "lr"]


def test_of_many_params_the_strongest_are_varied_and_the_others_are_as_the_best_has_them(
    sqlite_store: Store, add: Add
) -> None:
    chance = random.Random(2)
    for _ in range(30):
        params = {f"p{i:02}": chance.random() for i in range(15)}
        add(params, accuracy=params["p14"])
    found = suggest(sqlite_store)
    assert len(found.varied) == 12
    assert "p14" in {param.name for param in found.varied}
    assert found.best is not None
    assert all(found.best.params[name] == value for name, value in found.fixed.items())


def test_what_cannot_be_meant_is_refused(studied: Store) -> None:
    with pytest.raises(NotFound, match="No run has a metric 'accurcy'") as refused:
        suggest(studied, "accurcy")
    assert "There are: accuracy" in str(refused.value)
    with pytest.raises(NotFound) as hidden:
        suggest(studied, wanted=RunFilter(visible=frozenset({"mine"})))
    assert "val_loss" not in str(hidden.value)
    with pytest.raises(InvalidInput, match="n is 21"):
        suggest(studied, n=21)
