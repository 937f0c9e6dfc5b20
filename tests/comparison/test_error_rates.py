"""Simulations of the whole pipeline: how often it claims what is not there, and whether it finds what is.

`benchmarks/null_simulation.py` has more of them, with more data sets; `docs/concepts/verdicts.md` its table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from tests.comparison.conftest import Memory

NewMemory = Callable[[], "Memory"]


class Rows:
    """Rows that models see through noise of their own: with the same skill, no metric of theirs differs."""

    def __init__(self, seed: int, n: int) -> None:
        self.numbers = np.random.default_rng(seed)
        self.labels = self.numbers.integers(0, 2, n)
        self.signal = 2 * self.labels - 1 + 0.5 * self.numbers.normal(size=n)

    def predict(self, skill: float = 1.0) -> Any:
        return 1 / (1 + np.exp(-1.5 * (skill * self.signal + self.numbers.normal(size=len(self.labels)))))


def limit(repeats: int) -> float:
    """5 % and three standard errors of the simulation."""
    return 0.05 + 3 * math.sqrt(0.05 * 0.95 / repeats)


def claims(verdict: str) -> bool:
    return verdict in ("better", "worse")


@pytest.mark.parametrize(
    ("metric", "n", "repeats"),
    [
        ("accuracy", 100, 200),
        ("roc_auc", 100, 200),
        ("log_loss", 60, 200),
        ("f1", 100, 120),
        ("pr_auc", 60, 80),
    ],
)
def test_equal_models_are_seldom_said_to_differ(
    new_memory: NewMemory, metric: str, n: int, repeats: int
) -> None:
    wrong = 0
    for seed in range(repeats):
        rows, memory = Rows(seed, n), new_memory()
        a, b = (memory.evaluate(name, rows.labels, rows.predict(), metrics=[metric]) for name in "AB")
        wrong += claims(memory.judge(a, b).verdict)
    assert wrong / repeats <= limit(repeats)


@pytest.mark.parametrize(
    ("metric", "skill"), [("accuracy", 2.5), ("roc_auc", 2.5), ("f1", 2.5), ("log_loss", 2.5)]
)
def test_a_clearly_better_model_is_nearly_always_found(
    new_memory: NewMemory, metric: str, skill: float
) -> None:
    found = 0
    for seed in range(30):
        rows, memory = Rows(seed, 200), new_memory()
        a, b = (
            memory.evaluate(name, rows.labels, rows.predict(it), metrics=[metric])
            for name, it in (("A", 0.8), ("B", skill))
        )
        found += memory.judge(a, b).verdict == "better"
    assert found >= 27


def test_ten_equal_runs_against_a_baseline_seldom_give_any_claim(new_memory: NewMemory) -> None:
    repeats, wrong = 60, 0
    for seed in range(repeats):
        rows, memory = Rows(seed, 150), new_memory()
        ids = [
            memory.evaluate(str(number), rows.labels, rows.predict(), metrics=["accuracy"])
            for number in range(11)
        ]
        found = memory.compare(*ids, baseline=ids[0], secondary=False).verdicts
        assert len(found) == 10
        wrong += any(claims(verdict.verdict) for verdict in found)
    assert wrong / repeats <= limit(repeats)


def test_twenty_slices_without_any_difference_seldom_give_a_claim(new_memory: NewMemory) -> None:
    repeats, wrong, alone = 60, 0, 0
    for seed in range(repeats):
        rows, memory = Rows(seed, 800), new_memory()
        cut = {
            "feature:place": (
                rows.numbers.integers(0, 20, 800).astype(np.int32),
                tuple("abcdefghijklmnopqrst"),
            )
        }
        a, b = (
            memory.evaluate(name, rows.labels, rows.predict(), metrics=["accuracy"], slices=cut)
            for name in "AB"
        )
        found = memory.compare(a, b, slices=True, secondary=False).slices
        wrong += any(claims(one.verdict) for one in found)
        alone += any(one.p_value is not None and one.p_value < 0.05 for one in found)
    assert wrong / repeats <= limit(repeats)
    assert alone / repeats > 0.3  # what no correction would give


@pytest.mark.parametrize("is_paired", [True, False])
def test_groups_of_equal_seeds_are_seldom_said_to_differ(new_memory: NewMemory, is_paired: bool) -> None:
    repeats, wrong = 200, 0
    for seed in range(repeats):
        numbers, memory = np.random.default_rng(seed), new_memory()
        ids = [
            memory.add(
                params={"side": side, "seed": number if is_paired else number + 50 * side},
                git_hash="a",
                final_metrics={"score": float(numbers.normal())},
            )
            for side in range(2)
            for number in range(6)
        ]
        wrong += claims(memory.judge(*ids).verdict)
    assert wrong / repeats <= limit(repeats)


def test_equivalence_is_seldom_claimed_at_the_margin_and_nearly_always_far_inside(
    new_memory: NewMemory,
) -> None:
    repeats, wrong, right = 150, 0, 0
    for seed in range(repeats):
        numbers, memory = np.random.default_rng(seed), new_memory()
        errors = 5 + numbers.normal(size=400)
        others = errors + 0.1 + 0.8 * numbers.normal(size=400)
        a, b = (
            memory.evaluate(name, np.zeros(400), values, task_type="regression", metrics=["mae"])
            for name, values in (("A", errors), ("B", others))
        )
        wrong += memory.judge(a, b, min_effect=0.1).verdict == "equivalent"
        right += memory.judge(a, b, min_effect=0.4).verdict == "equivalent"
    assert wrong / repeats <= limit(repeats)
    assert right >= 0.95 * repeats
