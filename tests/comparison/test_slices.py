"""Parts of the test rows, and rows that changed sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tests.comparison.conftest import MakeModels, Memory

LEVELS = ("north", "south", "west")


def cut(n: int, *, kind: str = "feature") -> dict[str, Any]:
    return {f"{kind}:place": (np.arange(n, dtype=np.int32) % 3, LEVELS)}


def test_a_slice_that_got_worse_is_found_and_adjusted_for_all(
    memory: Memory, make_models: MakeModels
) -> None:
    models = make_models(900)
    a = models.predict(2.0)
    b = np.where(np.arange(900) % 3 == 1, 1 - a, a)
    slices = cut(900)
    first = memory.evaluate("A", models.labels, a, slices=slices)
    second = memory.evaluate("B", models.labels, b, slices=slices)
    found = {one.value: one for one in memory.compare(first, second, slices=True).slices}
    assert set(found) == set(LEVELS)
    assert (found["south"].verdict, found["south"].n) == ("worse", 300)
    assert found["north"].verdict == "identical"
    south = found["south"]
    assert south.p_value is not None
    assert south.adjusted_p == min(1.0, 3 * south.p_value)
    assert {one.family_size for one in found.values()} == {3}
    assert south.attribute == "place"


def test_small_slices_are_not_tested_and_say_so(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    codes = np.where(np.arange(100) < 19, 0, 1).astype(np.int32)
    slices = {"feature:size": (codes, ("small", "large"))}
    a = memory.evaluate("A", models.labels, models.predict(1.0), slices=slices)
    b = memory.evaluate("B", models.labels, models.predict(1.0), slices=slices)
    small, large = memory.compare(a, b, slices=True).slices
    assert (small.verdict, small.p_value, small.note) == (
        "cannot tell",
        None,
        "not tested: 19 rows, 20 are needed",
    )
    assert large.p_value is not None
    assert large.family_size == 1


def test_an_area_needs_ten_rows_of_each_class(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(300)
    rare = np.flatnonzero(models.labels == 1)[:9]
    codes = np.zeros(300, np.int32)
    codes[models.labels == 1] = 1
    codes[rare] = 0
    slices = {"feature:kind": (codes, ("few", "rest"))}
    a = memory.evaluate("A", models.labels, models.predict(1.0), slices=slices)
    b = memory.evaluate("B", models.labels, models.predict(1.0), slices=slices)
    few = memory.compare(a, b, metric="roc_auc", slices=True).slices[0]
    assert few.note == "not tested: 9 rows of a class, 10 are needed"


def test_slices_by_a_models_own_confidence_are_left_out(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(300)
    slices = {**cut(300, kind="confidence"), **cut(300, kind="missingness")}
    a = memory.evaluate("A", models.labels, models.predict(1.0), slices=slices)
    b = memory.evaluate("B", models.labels, models.predict(1.0), slices=slices)
    found = memory.compare(a, b, slices=True).slices
    assert {one.attribute for one in found} == {"place (missingness)"}


def test_without_slices_a_warning_says_why(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    b = memory.evaluate("B", models.labels, models.predict(1.0))
    assert memory.compare(a, b).slices == ()
    assert "No slices are compared: the evaluations were made without data" in str(
        memory.compare(a, b, slices=True)
    )
    c = memory.add("C", final_metrics={"test/accuracy": 0.5})
    assert "there are no predictions of two runs" in str(memory.compare(a, c, slices=True))


def test_fixed_and_broken_rows_are_counted_and_named(memory: Memory) -> None:
    labels = np.zeros(50, int)
    labels[::2] = 1
    a, b = labels.copy(), labels.copy()
    a[[3, 7, 9]] = 1 - a[[3, 7, 9]]
    b[[3, 20, 21, 22]] = 1 - b[[3, 20, 21, 22]]
    ids = tuple(f"row-{number}" for number in range(50))
    first = memory.evaluate("A", labels, a, row_ids=ids)
    second = memory.evaluate("B", labels, b, row_ids=ids)
    [changed] = memory.compare(first, second, n_examples=2).changed_examples
    assert (changed.n_fixed, changed.n_broken, changed.n_both_right, changed.n_both_wrong) == (2, 3, 44, 1)
    assert (changed.fixed, changed.broken) == (["row-7", "row-9"], ["row-20", "row-21"])
    assert changed.n == 50


def test_a_regression_has_no_fixed_rows(memory: Memory) -> None:
    targets = np.arange(40.0)
    a = memory.evaluate("A", targets, targets + 1.5, task_type="regression")
    b = memory.evaluate("B", targets, targets - 0.5, task_type="regression")
    assert memory.compare(a, b).changed_examples == []
