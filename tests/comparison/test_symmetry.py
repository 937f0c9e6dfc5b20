"""What must not matter: who is A, the order of rows, what classes are called; and what is identical."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.comparison.conftest import MakeModels, Memory

    from modellab.records.comparisons import PairVerdict

OPPOSITE = {"better": "worse", "worse": "better"}
METRICS = ("accuracy", "f1", "roc_auc", "pr_auc", "log_loss", "expected_calibration_error")


def assert_opposite(one: PairVerdict, other: PairVerdict) -> None:
    assert other.verdict == OPPOSITE.get(one.verdict, one.verdict)
    assert other.p_value == one.p_value
    assert (other.a_value, other.b_value) == (one.b_value, one.a_value)
    assert other.minimum_detectable == one.minimum_detectable
    if one.difference is not None:
        assert other.difference == -one.difference
    if one.interval is not None and one.interval.low is not None and one.interval.high is not None:
        assert other.interval is not None
        assert (other.interval.low, other.interval.high) == (-one.interval.high, -one.interval.low)


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 80),
    digits=st.integers(1, 6),
    has_clusters=st.booleans(),
    metric=st.sampled_from(METRICS),
)
@settings(max_examples=40)
def test_swapping_a_and_b_flips_signs_and_verdicts(
    new_memory: Callable[[], Memory], seed: int, n: int, digits: int, has_clusters: bool, metric: str
) -> None:
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(0, 2, n)
    labels[:2] = (0, 1)
    clusters = numbers.integers(0, 5, n) if has_clusters else None
    tables = [np.round(np.clip(numbers.normal(0.3 + 0.4 * labels, 0.3), 0, 1), digits) for _ in "AB"]
    memory = new_memory()
    a, b = (
        memory.evaluate(name, labels, np.stack([1 - p, p], axis=1), clusters=clusters)
        for name, p in zip("AB", tables, strict=True)
    )
    assert_opposite(memory.judge(a, b, metric=metric), memory.judge(b, a, metric=metric))


@given(seed=st.integers(0, 10**6), n=st.integers(3, 60), metric=st.sampled_from(["rmse", "mae", "r2"]))
@settings(max_examples=20)
def test_swapping_flips_regressions_too(
    new_memory: Callable[[], Memory], seed: int, n: int, metric: str
) -> None:
    numbers = np.random.default_rng(seed)
    targets = numbers.normal(size=n)
    memory = new_memory()
    a, b = (
        memory.evaluate(name, targets, targets + numbers.normal(size=n), task_type="regression")
        for name in "AB"
    )
    assert_opposite(memory.judge(a, b, metric=metric), memory.judge(b, a, metric=metric))


@pytest.mark.parametrize("metric", ["accuracy", "f1", "roc_auc", "log_loss"])
def test_swapping_flips_different_rows_too(memory: Memory, make_models: MakeModels, metric: str) -> None:
    one, other = make_models(120, 1), make_models(110, 2)
    a = memory.evaluate("A", one.labels, one.predict(0.5))
    b = memory.evaluate("B", other.labels, other.predict(1.5))
    assert_opposite(memory.judge(a, b, metric=metric), memory.judge(b, a, metric=metric))


@pytest.mark.parametrize("metric", METRICS)
def test_the_order_of_rows_does_not_matter(memory: Memory, make_models: MakeModels, metric: str) -> None:
    models = make_models(500)
    a, b = models.predict(1.0), models.predict(1.3)
    order = models.numbers.permutation(500)
    plain = memory.judge(
        memory.evaluate("A", models.labels, a), memory.evaluate("B", models.labels, b), metric=metric
    )
    mixed = memory.judge(
        memory.evaluate("A", models.labels[order], a[order]),
        memory.evaluate("B", models.labels[order], b[order]),
        metric=metric,
    )
    assert mixed.verdict == plain.verdict
    assert mixed.p_value == pytest.approx(plain.p_value, abs=1e-12)
    assert mixed.interval is not None
    assert plain.interval is not None
    assert mixed.interval.low == pytest.approx(plain.interval.low, abs=1e-12)
    assert mixed.interval.high == pytest.approx(plain.interval.high, abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_what_classes_are_called_does_not_matter(
    memory: Memory, make_models: MakeModels, metric: str
) -> None:
    models = make_models(400)
    a, b = models.predict(1.0), models.predict(1.3)

    def judge(labels: Any, classes: Any) -> PairVerdict:
        first = memory.evaluate("A", labels, a, classes=classes)
        return memory.judge(first, memory.evaluate("B", labels, b, classes=classes), metric=metric)

    plain = judge(models.labels, [0, 1])
    named = judge(np.where(models.labels == 1, "aye", "nay"), ["nay", "aye"])
    assert (named.verdict, named.p_value, named.difference) == (
        plain.verdict,
        plain.p_value,
        plain.difference,
    )
    assert named.sentence == plain.sentence


@pytest.mark.parametrize("metric", METRICS)
def test_identical_predictions_are_identical(memory: Memory, make_models: MakeModels, metric: str) -> None:
    models = make_models(50)
    table = models.predict(1.0)
    a, b = memory.evaluate("A", models.labels, table), memory.evaluate("B", models.labels, table.copy())
    verdict = memory.judge(a, b, metric=metric)
    assert (verdict.verdict, verdict.p_value, verdict.difference) == ("identical", 1.0, 0.0)


def test_the_same_classes_with_other_probabilities_are_identical_on_accuracy_alone(
    memory: Memory, make_models: MakeModels
) -> None:
    models = make_models(60)
    table = models.predict(1.0)
    a = memory.evaluate("A", models.labels, table)
    b = memory.evaluate("B", models.labels, np.where(table >= 0.5, (1 + table) / 2, table / 2))
    assert memory.judge(a, b).verdict == "identical"
    assert memory.judge(a, b, metric="log_loss").verdict != "identical"
