"""Which rows two runs have in common, and what is said where they have too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from tests.comparison.conftest import MakeModels, Memory


def test_rows_are_matched_by_their_ids_in_whatever_order(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(400)
    ids = np.arange(400) * 7
    a, b = models.predict(1.0), models.predict(1.4)
    shuffled = models.numbers.permutation(400)
    first = memory.evaluate("A", models.labels, a, row_ids=ids)
    plain = memory.evaluate("B", models.labels, b, row_ids=ids)
    mixed = memory.evaluate("B", models.labels[shuffled], b[shuffled], row_ids=ids[shuffled])
    for metric in ("accuracy", "roc_auc", "f1", "pr_auc", "log_loss"):
        verdict = memory.judge(first, plain, metric=metric)
        other = memory.judge(first, mixed, metric=metric)
        assert verdict.basis == "paired rows"
        assert other.p_value == pytest.approx(verdict.p_value, abs=1e-12)
        assert other.difference == pytest.approx(verdict.difference, abs=1e-12)


def test_an_overlap_of_90_per_cent_is_used_and_said(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(200)
    a, b = models.predict(1.0), models.predict(1.4)
    whole = memory.evaluate("A", models.labels, a)
    enough = memory.evaluate("B", models.labels[:180], b[:180])
    verdict = memory.judge(whole, enough)
    assert (verdict.basis, verdict.n) == ("paired rows", 180)
    assert verdict.sentence.endswith("Compared on the 180 rows that both have, of 200 and 180.")

    too_few = memory.evaluate("B", models.labels[:179], b[:179])
    verdict = memory.judge(whole, too_few)
    assert verdict.basis == "different rows"
    assert verdict.n_text == "200 and 179 rows"
    assert verdict.sentence.endswith("Not the same test set: 179 of 200 rows are in both.")


def test_rows_with_other_labels_are_other_rows(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(300)
    labels = models.labels.copy()
    labels[17] = 1 - labels[17]
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    b = memory.evaluate("B", labels, models.predict(1.0))
    verdict = memory.judge(a, b)
    assert verdict.basis == "different rows"
    assert verdict.notes == (
        "Not the same test set: 1 of 300 rows with the same id have other labels, first row 17",
    )


def test_ids_that_are_numbers_and_ids_that_are_text_do_not_match(
    memory: Memory, make_models: MakeModels
) -> None:
    models = make_models(100)
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    names = tuple(str(number) for number in range(100))
    b = memory.evaluate("B", models.labels, models.predict(1.0), row_ids=names)
    c = memory.evaluate("C", models.labels, models.predict(1.0), row_ids=names[::-1])
    assert memory.judge(a, b).basis == "different rows"
    assert memory.judge(b, c).basis == "different rows"  # the same ids with other labels


def test_classes_in_another_order_are_put_in_one(memory: Memory) -> None:
    numbers = np.random.default_rng(3)
    labels = np.array(["ant", "bee", "cat"])[numbers.integers(0, 3, 300)]
    table = numbers.dirichlet(np.ones(3), 300)
    a = memory.evaluate("A", labels, table, classes=["ant", "bee", "cat"])
    b = memory.evaluate("B", labels, table[:, [2, 0, 1]], classes=["cat", "ant", "bee"])
    for metric in ("accuracy", "log_loss", "roc_auc"):
        assert memory.judge(a, b, metric=metric).verdict == "identical"


def test_the_positive_class_is_that_of_a_on_different_rows_too(
    memory: Memory, make_models: MakeModels
) -> None:
    one, other = make_models(300, 1), make_models(280, 2)
    table = other.predict(1.0)
    a = memory.evaluate("A", one.labels, one.predict(1.0), classes=[0, 1])
    b = memory.evaluate("B", other.labels, np.stack([1 - table, table], axis=1), classes=[0, 1])
    turned = memory.evaluate("B", other.labels, np.stack([table, 1 - table], axis=1), classes=[1, 0])
    for metric in ("f1", "pr_auc"):
        first, second = memory.judge(a, b, metric=metric), memory.judge(a, turned, metric=metric)
        assert first.basis == "different rows"
        assert first.b_value == pytest.approx(second.b_value)
        assert first.p_value == second.p_value


def test_other_classes_or_another_task_cannot_be_compared(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    a = memory.evaluate("A", models.labels, models.predict(1.0), classes=[0, 1])
    names = np.where(models.labels == 1, "yes", "no")
    b = memory.evaluate("B", names, models.predict(1.0), classes=["no", "yes"])
    verdict = memory.judge(a, b)
    assert (verdict.verdict, verdict.basis) == ("cannot tell", "nothing")
    assert (
        "they have different classes: 0, 1, 'no', 'yes' in one of them only, so this cannot"
        in verdict.sentence
    )

    c = memory.evaluate("C", models.labels, models.predict(1.0), task_type="regression")
    assert "one is a classification and the other a regression" in memory.judge(a, c).sentence


def test_unreadable_predictions_are_no_predictions(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(300)
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    b = memory.evaluate("B", models.labels, models.predict(1.0))
    memory.evaluations.examples[b, "test"] = b"no zip"
    comparison = memory.compare(a, b, metric="f1")
    assert comparison.verdicts[0].verdict == "cannot tell"
    assert "no stored predictions of B" in comparison.verdicts[0].sentence
    assert any("The predictions of B cannot be read" in warning for warning in comparison.warnings)
