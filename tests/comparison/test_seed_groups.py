"""Runs that differ by their seed alone are found to be groups, and compared as such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from modellab.comparison.seed_groups import find_groups

if TYPE_CHECKING:
    from tests.comparison.conftest import Memory


def add_group(
    memory: Memory, values: Sequence[float], *, first_seed: int = 0, name: str | None = None, **params: Any
) -> list[str]:
    return [
        memory.add(
            None if name is None else f"{name} seed {first_seed + place}",
            params={**params, "seed": first_seed + place},
            seed=first_seed + place,
            git_hash="a" * 40,
            final_metrics={"accuracy": value},
        )
        for place, value in enumerate(values)
    ]


def draw(mean: float, n: int, seed: int = 0) -> list[float]:
    return [float(x) for x in np.random.default_rng(seed).normal(mean, 0.005, n)]


def test_ten_pairs_of_seeds_get_a_paired_t_test(memory: Memory) -> None:
    a = add_group(memory, draw(0.80, 10), name="svm", C=1)
    b = add_group(memory, draw(0.85, 10, 1), name="forest", C=2)
    comparison = memory.compare(*a, *b)
    [verdict] = comparison.verdicts
    assert (verdict.verdict, verdict.test, verdict.basis) == ("better", "paired_t", "seeds")
    assert verdict.sentence.startswith("forest (10 seeds) is better than svm (10 seeds) on accuracy by 0.0")
    assert verdict.n_text == "10 pairs of seeds"
    assert [group.label for group in comparison.groups] == ["svm (10 seeds)", "forest (10 seeds)"]
    assert comparison.groups[0].run_ids == a
    assert comparison.groups[0].seeds == list(range(10))
    assert {run.group for run in comparison.runs} == {group.group_id for group in comparison.groups}


def test_five_pairs_of_seeds_cannot_reach_the_threshold_and_the_verdict_says_so(memory: Memory) -> None:
    a, b = add_group(memory, draw(0.80, 5), C=1), add_group(memory, draw(0.90, 5, 1), C=2)
    verdict = memory.judge(*a, *b)
    assert (verdict.test, verdict.p_value) == ("sign_flip", 0.0625)
    assert verdict.verdict == "borderline"
    assert "5 seeds can reach only p = 0.0625" in verdict.sentence
    a, b = add_group(memory, draw(0.80, 6), C=3), add_group(memory, draw(0.90, 6, 1), C=4)
    assert memory.judge(*a, *b).verdict == "better"


def test_other_seeds_are_independent_and_get_welch(memory: Memory) -> None:
    a = add_group(memory, draw(0.80, 5), C=1)
    b = add_group(memory, draw(0.85, 4, 1), first_seed=100, C=2)
    verdict = memory.judge(*a, *b)
    assert (verdict.verdict, verdict.test, verdict.n_text) == ("better", "welch_t", "5 and 4 seeds")


def test_many_independent_seeds_get_the_chance_of_improvement_and_stochastic_order(memory: Memory) -> None:
    a = add_group(memory, draw(0.80, 12), C=1)
    b = add_group(memory, draw(0.81, 12, 1), first_seed=100, C=2)
    sentence = memory.judge(*a, *b).sentence
    assert "A run of C=2 (12 seeds) beats one of C=1 (12 seeds) in " in sentence
    assert "Almost stochastic order of C=2 (12 seeds) over C=1 (12 seeds): eps_min = " in sentence


def test_folds_get_the_corrected_test_and_never_the_plain_one(memory: Memory) -> None:
    def add(mean: float, C: int) -> list[str]:
        return [
            memory.add(params={"C": C, "fold": fold}, seed=1, git_hash="a", final_metrics={"accuracy": value})
            for fold, value in enumerate(draw(mean, 5, C))
        ]

    a, b = add(0.80, 1), add(0.85, 2)
    verdict = memory.judge(*a, *b)
    assert (verdict.test, verdict.basis, verdict.n_text) == ("nadeau_bengio", "folds", "5 pairs of folds")
    assert "whose" not in verdict.sentence
    verdict = memory.judge(*a, *b[:4])
    assert (verdict.verdict, verdict.test) == ("cannot tell", None)


def test_two_seeds_are_no_group(memory: Memory) -> None:
    a, b = add_group(memory, draw(0.8, 2), C=1), add_group(memory, draw(0.9, 2, 1), C=2)
    comparison = memory.compare(*a, *b)
    assert comparison.groups == []
    assert {verdict.verdict for verdict in comparison.verdicts} == {"cannot tell"}
    assert len(comparison.verdicts) == 6


def test_a_group_without_another_is_compared_run_by_run(memory: Memory) -> None:
    a, b = add_group(memory, draw(0.8, 3), C=1), add_group(memory, draw(0.9, 1, 1), C=2)
    comparison = memory.compare(*a, *b, baseline=b[0])
    assert len(comparison.groups) == 1
    assert [verdict.a for verdict in comparison.verdicts] == [b[0]] * 3
    assert "3 of these runs differ by their seed alone" in comparison.warnings[0]


def test_runs_outside_of_the_groups_are_named(memory: Memory) -> None:
    a, b = add_group(memory, draw(0.8, 3), C=1), add_group(memory, draw(0.9, 3, 1), C=2)
    lonely = memory.add("lonely", params={"C": 9}, git_hash="a" * 40, final_metrics={"accuracy": 0.7})
    comparison = memory.compare(*a, *b, lonely)
    assert any(text.startswith("lonely is in no group") for text in comparison.warnings)


def test_the_baseline_of_groups_is_the_group_of_the_run(memory: Memory) -> None:
    groups = [add_group(memory, draw(0.8, 3, C), C=C) for C in (1, 2, 3)]
    comparison = memory.compare(*groups[0], *groups[1], *groups[2], baseline=groups[1][2])
    ids = [group.group_id for group in comparison.groups]
    assert [(v.a, v.b) for v in comparison.verdicts] == [(ids[1], ids[0]), (ids[1], ids[2])]


@pytest.mark.parametrize(
    "fields",
    [
        {"params": {"lr": 0.2}},
        {"config": {"model": {"depth": 3}}},
        {"git_hash": "b"},
        {"git_diff": "+x"},
        {"function": "train"},
        {"dataset_id": "other"},
        {"project_id": "other"},
    ],
)
def test_a_configuration_that_differs_in_anything_else_is_another(
    memory: Memory, fields: dict[str, Any]
) -> None:
    plain: dict[str, Any] = {"params": {"lr": 0.1}, "git_hash": "a"}
    ids = [memory.add(seed=seed, **plain) for seed in range(3)]
    ids.append(memory.add(seed=3, **{**plain, **fields}))
    [group] = find_groups([memory.runs.get(run_id) for run_id in ids])
    assert group.run_ids == ids[:3]


def test_seeds_are_found_wherever_they_are_named(memory: Memory) -> None:
    ids = [
        memory.add(
            params={"model.random_state": seed, "lr": 0.1},
            config={"train": {"seed": seed, "depth": 3}},
            git_hash="a",
        )
        for seed in range(3)
    ]
    [group] = find_groups([memory.runs.get(run_id) for run_id in ids])
    assert group.draws == [(0, None), (1, None), (2, None)]
    assert group.is_distinct


def test_runs_of_which_nothing_is_known_or_whose_seed_is_not_are_no_group(memory: Memory) -> None:
    known = [memory.add(params={"lr": 0.1}, git_hash="a") for _ in range(3)]
    seeded = [memory.add(seed=seed) for seed in range(3)]
    same = [memory.add(seed=7, params={"lr": 0.3}) for _ in range(3)]
    assert find_groups([memory.runs.get(run_id) for run_id in (*known, *seeded, *same)]) == []
