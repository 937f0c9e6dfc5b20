"""A leaderboard says which runs cannot be told apart from the first, and that the first was selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from modellab.comparison.families import adjust_against_first
from modellab.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from tests.comparison.conftest import MakeModels, Memory


def test_runs_near_the_first_cannot_be_told_apart_and_far_ones_can(
    memory: Memory, make_models: MakeModels
) -> None:
    models = make_models(1500)
    names = {"best": 2.0, "near": 1.97, "far": 0.6}
    ids = {name: memory.evaluate(name, models.labels, models.predict(skill)) for name, skill in names.items()}
    memory.add("unevaluated", final_metrics={"accuracy": 1.0})
    board = memory.rank("accuracy")
    assert board.n_considered == 3
    assert [entry.rank for entry in board.entries] == [1, 2, 3]
    assert [entry.value for entry in board.entries] == sorted((e.value for e in board.entries), reverse=True)
    found = {entry.run_id: entry for entry in board.entries}
    assert found[ids["far"]].can_be_told_apart is True
    first, second = board.entries[:2]
    assert (first.can_be_told_apart, first.p_value) == (None, None)
    assert second.can_be_told_apart is False
    assert second.difference is not None
    assert second.difference <= 0
    assert f"{second.label} cannot be told apart from it (paired tests" in str(board)
    assert "far is worse" in str(board)
    assert "selected as best of 3 on this set" in str(board)


def test_the_smallest_loss_is_first(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(200)
    for name, skill in (("A", 0.5), ("B", 2.0)):
        memory.evaluate(name, models.labels, models.predict(skill))
    board = memory.rank("test/log_loss", top_k=1)
    assert (board.metric, board.higher_is_better) == ("log_loss", False)
    assert board.entries[0].name == "B"
    assert "lowest log_loss on test of 2 runs" in board.sentences[0]
    assert "best of 2" in board.warnings[0]


def test_other_test_rows_are_named(memory: Memory, make_models: MakeModels) -> None:
    one, other = make_models(300, 1), make_models(300, 2)
    memory.evaluate("A", one.labels, one.predict(3.0))
    memory.evaluate("B", other.labels, other.predict(1.0))
    board = memory.rank("accuracy")
    assert any(
        "B was evaluated on other rows than A: not the same test set" in text for text in board.warnings
    )
    assert board.entries[1].note is not None


def test_without_predictions_nothing_is_claimed(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    memory.evaluate("A", models.labels, models.predict(3.0))
    memory.evaluate("B", models.labels, models.predict(1.0), keep=False)
    second = memory.rank("f1").entries[1]
    assert (second.can_be_told_apart, second.p_value) == (None, None)
    assert second.note is not None
    assert second.note.startswith("no test")


def test_what_cannot_be_ranked_is_refused(memory: Memory) -> None:
    memory.add("A", final_metrics={"accuracy": 0.5})
    with pytest.raises(NotFound, match="No run has 'accuracy' of an evaluation 'test'"):
        memory.rank("accuracy")
    with pytest.raises(InvalidInput, match="top_k is 51"):
        memory.rank("accuracy", top_k=51)


def test_the_best_was_picked_from_all_so_all_pairs_count() -> None:
    """The first of ten equal runs must not be called better than the last because it was picked as first."""
    numbers = np.random.default_rng(0)
    wrong, careless = 0, 0
    for _ in range(400):
        scores = np.sort(numbers.normal(size=10))[::-1]
        from scipy.stats import norm

        p_values: list[float | None] = [
            float(2 * norm.sf((scores[0] - other) / np.sqrt(2))) for other in scores[1:]
        ]
        adjusted, n_pairs = adjust_against_first(p_values)
        assert n_pairs == 45
        wrong += any(p is not None and p < 0.05 for p in adjusted)
        careless += min(p for p in p_values if p is not None) * 9 < 0.05
    assert wrong / 400 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert careless / 400 > 0.08  # what nine tests against a picked first would give


def test_why_a_run_cannot_be_told_is_not_said_to_be_missing_predictions_where_there_are_some(
    memory: Memory, make_models: MakeModels
) -> None:
    models = make_models(100)
    memory.evaluate("best", [0, 1], [0.1, 0.9], row_ids=np.array([1000, 1001]))
    memory.evaluate("other", models.labels, models.predict(1.0))
    board = memory.rank("roc_auc")
    assert board.entries[1].can_be_told_apart is None
    assert "Of other it cannot be told: the metric is undefined in" in board.sentences[-1]


def test_what_was_not_paired_is_not_called_a_paired_test(memory: Memory, make_models: MakeModels) -> None:
    one, other = make_models(300, 1), make_models(300, 2)
    memory.evaluate("A", one.labels, one.predict(3.0))
    memory.evaluate("B", other.labels, other.predict(0.5))
    assert "B is worse (an unpaired test)." in memory.rank("accuracy").sentences
    memory.evaluate("C", one.labels, one.predict(0.2))
    assert "(paired and unpaired tests, Holm-adjusted for 3 pairs)" in str(memory.rank("accuracy"))


def test_other_classes_are_named_as_why_nothing_can_be_told(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(200)
    memory.evaluate("A", models.labels, models.predict(3.0))
    words = np.where(models.labels == models.labels[0], "no", "yes")
    memory.evaluate("B", words, models.predict(0.5))
    board = memory.rank("accuracy")
    assert "Of B it cannot be told: they have different classes" in board.sentences[-1]
    assert board.entries[1].note is not None
    assert board.entries[1].note.endswith("in one of them only")
