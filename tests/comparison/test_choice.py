"""Which test a pair of runs gets: the decision tree, branch by branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from modellab.evaluation.metrics import register_metric, registry
from modellab.statistics.auc import compare_auc
from modellab.statistics.paired import compare_correctness, compare_means

if TYPE_CHECKING:
    from tests.comparison.conftest import MakeModels, Memory


@pytest.mark.parametrize(
    ("metric", "test", "method"),
    [
        ("accuracy", "mcnemar_mid_p", "newcombe_paired"),
        ("roc_auc", "delong", "t"),
        ("f1", "paired_permutation", "percentile"),
        ("mcc", "paired_permutation", "percentile"),
        ("balanced_accuracy", "paired_permutation", "percentile"),
        ("pr_auc", "paired_permutation", "percentile"),
        ("expected_calibration_error", "paired_permutation", "none"),
        ("log_loss", "paired_t", "t"),
        ("brier", "paired_t", "t"),
    ],
)
def test_two_classes(memory: Memory, make_models: MakeModels, metric: str, test: str, method: str) -> None:
    models = make_models(400)
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    b = memory.evaluate("B", models.labels, models.predict(1.6))
    verdict = memory.judge(a, b, metric=metric)
    assert (verdict.test, verdict.n, verdict.basis) == (test, 400, "paired rows")
    assert verdict.interval is not None
    assert verdict.interval.method == method
    assert verdict.a_value is not None
    assert verdict.b_value is not None
    assert verdict.difference == pytest.approx(verdict.b_value - verdict.a_value, abs=1e-12)


@pytest.mark.parametrize(
    ("metric", "test"),
    [
        *(("rmse", "paired_t"), ("mae", "paired_t"), ("r2", "paired_t"), ("mape", "paired_t")),
        *(("median_absolute_error", "paired_permutation"), ("explained_variance", "paired_permutation")),
    ],
)
def test_numbers(memory: Memory, metric: str, test: str) -> None:
    numbers = np.random.default_rng(5)
    targets = 5 + numbers.normal(size=150)
    a = memory.evaluate("A", targets, targets + numbers.normal(size=150), task_type="regression")
    b = memory.evaluate("B", targets, targets + 0.4 * numbers.normal(size=150), task_type="regression")
    verdict = memory.judge(a, b, metric=metric)
    assert (verdict.verdict, verdict.test) == ("better", test)
    assert memory.judge(b, a, metric=metric).verdict == "worse"


def test_more_than_two_classes(memory: Memory) -> None:
    numbers = np.random.default_rng(6)
    labels = numbers.integers(0, 4, 500)

    def predict(skill: float) -> Any:
        scores = numbers.normal(size=(500, 4))
        scores[np.arange(500), labels] += skill
        return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

    a, b = memory.evaluate("A", labels, predict(0.5)), memory.evaluate("B", labels, predict(1.5))
    methods = {"roc_auc": "normal", "pr_auc": "normal", "f1": "percentile", "log_loss": "t"}
    for metric, method in methods.items():
        verdict = memory.judge(a, b, metric=metric)
        assert verdict.verdict == "better"
        assert verdict.interval is not None
        assert verdict.interval.method == method


def test_the_numbers_are_those_of_the_statistics_room(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(500)
    a, b = models.predict(1.0), models.predict(1.3)
    first = memory.evaluate("A", models.labels, a)
    second = memory.evaluate("B", models.labels, b)
    right_a, right_b = ((p >= 0.5) == models.labels for p in (a, b))
    losses = [-np.log(np.where(models.labels == 1, p, 1 - p)) for p in (a, b)]
    for metric, test in (
        ("accuracy", compare_correctness(right_a, right_b)),
        ("roc_auc", compare_auc(models.labels, a, b)),
        ("log_loss", compare_means(losses[0], losses[1])),
    ):
        verdict = memory.judge(first, second, metric=metric)
        assert verdict.interval is not None
        assert verdict.p_value == pytest.approx(test.p_value, rel=1e-9)
        assert verdict.interval.low == pytest.approx(test.interval.low, rel=1e-9)
        assert verdict.interval.high == pytest.approx(test.interval.high, rel=1e-9)


def test_few_discordant_rows_get_the_exact_test_and_few_losses_wilcoxon(
    memory: Memory, make_models: MakeModels
) -> None:
    models = make_models(25)
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    b = memory.evaluate("B", models.labels, models.predict(1.0))
    assert memory.judge(a, b).test == "mcnemar_exact"
    assert memory.judge(a, b, metric="log_loss").test == "wilcoxon"


def test_clusters_of_either_run_are_used_everywhere(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(600)
    clusters = np.repeat(np.arange(60), 10)
    a = memory.evaluate("A", models.labels, models.predict(1.0), clusters=clusters)
    b = memory.evaluate("B", models.labels, models.predict(1.5))
    tests = {
        "accuracy": "paired_clustered_t",
        "roc_auc": "delong_clustered",
        "log_loss": "paired_clustered_t",
    }
    for metric in ("accuracy", "roc_auc", "log_loss", "f1", "pr_auc", "expected_calibration_error"):
        for verdict in (memory.judge(a, b, metric=metric), memory.judge(b, a, metric=metric)):
            assert verdict.test == tests.get(metric, "paired_permutation")
            assert verdict.n_text == "600 paired rows in 60 clusters"


def test_rows_in_clusters_that_are_alike_count_as_few(memory: Memory) -> None:
    numbers = np.random.default_rng(4)
    labels = np.repeat(numbers.integers(0, 2, 20), 30)
    a = np.where(np.repeat(numbers.random(20) < 0.6, 30), labels, 1 - labels)
    b = np.where(np.repeat(numbers.random(20) < 0.8, 30), labels, 1 - labels)
    clusters = np.repeat(np.arange(20), 30)
    plain = memory.judge(memory.evaluate("A", labels, a), memory.evaluate("B", labels, b))
    aware = memory.judge(
        memory.evaluate("A", labels, a, clusters=clusters), memory.evaluate("B", labels, b, clusters=clusters)
    )
    assert plain.verdict in ("better", "worse")
    assert aware.verdict == "no difference shown"


@pytest.mark.parametrize(
    ("metric", "test"),
    [
        ("accuracy", "chi2"),
        ("log_loss", "welch_t"),
        ("f1", "unpaired_bootstrap"),
        ("roc_auc", "unpaired_bootstrap"),
    ],
)
def test_different_rows_get_an_unpaired_test_and_the_verdict_carries_it(
    memory: Memory, make_models: MakeModels, metric: str, test: str
) -> None:
    one, other = make_models(500, 1), make_models(400, 2)
    a = memory.evaluate("A", one.labels, one.predict(0.5))
    b = memory.evaluate("B", other.labels, other.predict(2.5))
    verdict = memory.judge(a, b, metric=metric)
    assert (verdict.verdict, verdict.test, verdict.basis) == ("better", test, "different rows")
    assert "Not the same test set" in verdict.sentence
    assert verdict.n_text == "500 and 400 rows"


def test_calibration_on_different_rows_cannot_be_told(memory: Memory, make_models: MakeModels) -> None:
    one, other = make_models(300, 1), make_models(300, 2)
    a = memory.evaluate("A", one.labels, one.predict(1.0))
    b = memory.evaluate("B", other.labels, other.predict(1.0))
    verdict = memory.judge(a, b, metric="expected_calibration_error")
    assert verdict.verdict == "cannot tell"
    assert "there is no test of it on different rows" in verdict.sentence


def test_an_accuracy_with_its_number_of_rows_is_a_proportion(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(500)
    a = memory.evaluate("A", models.labels, models.predict(0.5), keep=False)
    b = memory.evaluate("B", models.labels, models.predict(2.0))
    verdict = memory.judge(a, b)
    assert (verdict.verdict, verdict.test, verdict.basis) == ("better", "chi2", "final numbers")
    assert "Unpaired, conservative" in verdict.sentence
    assert memory.judge(a, b, metric="f1").verdict == "cannot tell"
    other = make_models(400, 5)
    c = memory.evaluate("C", other.labels, other.predict(2.0), keep=False)
    assert "Not the same test set: row ids or labels differ." in memory.judge(a, c).sentence


def test_single_numbers_get_no_test(memory: Memory) -> None:
    a = memory.add("A", final_metrics={"accuracy": 0.905})
    b = memory.add("B", final_metrics={"accuracy": 0.912})
    verdict = memory.judge(a, b)
    assert verdict.sentence.startswith(
        "B scored 0.912 and A 0.905 on accuracy; with one run each and no stored predictions this cannot be "
        "told from chance. Log predictions, or at least 5 seeds"
    )
    assert verdict.needed is not None
    assert (verdict.test, verdict.p_value, verdict.interval) == (None, None, None)


def test_hard_labels_have_no_area(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    a = memory.evaluate("A", models.labels, (models.predict(1.0) > 0.5).astype(int))
    b = memory.evaluate("B", models.labels, models.predict(1.0))
    verdict = memory.judge(a, b, metric="roc_auc")
    assert verdict.verdict == "cannot tell"
    assert "roc_auc is undefined: the predictions are hard labels" in verdict.sentence


def test_metrics_of_users_are_tested_too(memory: Memory, make_models: MakeModels) -> None:
    def count_missed(labels: Any, predicted: Any) -> float:
        return float(np.mean((labels == 1) & (predicted == 0)))

    register_metric(
        "missed_for_a_test", count_missed, task_type="classification", higher_is_better=False, replace=True
    )
    try:
        models = make_models(300)
        a = memory.evaluate("A", models.labels, models.predict(0.3))
        b = memory.evaluate("B", models.labels, models.predict(3.0))
        verdict = memory.judge(a, b, metric="missed_for_a_test")
        assert (verdict.verdict, verdict.test) == ("better", "paired_permutation")
        assert verdict.interval is not None
        assert verdict.interval.high is not None
        assert verdict.interval.high < 0
    finally:
        registry._metrics.pop("missed_for_a_test")


def test_the_primary_metric_is_the_one_asked_for_or_that_of_the_evaluation(
    memory: Memory, make_models: MakeModels
) -> None:
    models = make_models(100)
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    b = memory.evaluate("B", models.labels, models.predict(1.0))
    assert memory.compare(a, b).primary_metric == "accuracy"
    assert memory.compare(a, b, metric="test/f1").primary_metric == "f1"
    secondary = {verdict.metric for verdict in memory.compare(a, b).secondary}
    assert secondary == {"f1", "roc_auc", "pr_auc", "log_loss", "brier", "expected_calibration_error"}


def test_the_direction_of_a_metric_nobody_knows_is_told(memory: Memory) -> None:
    a = memory.add("A", final_metrics={"val_loss": 1.0, "zeal": 1.0})
    b = memory.add("B", final_metrics={"val_loss": 2.0, "zeal": 2.0})
    assert memory.compare(a, b, metric="val_loss").higher_is_better is False
    assert memory.compare(a, b, metric="val_loss").warnings == []
    assert memory.compare(a, b, metric="zeal").higher_is_better is True
    assert "Whether more is better of zeal is not known" in memory.compare(a, b, metric="zeal").warnings[0]
    found = memory.compare(a, b, metric="zeal", higher_is_better=False)
    assert (found.higher_is_better, found.warnings) == (False, [])


def test_calls_are_compared_by_their_percentiles(memory: Memory) -> None:
    numbers = np.random.default_rng(8)
    slow = memory.time("slow", numbers.gamma(9.0, 1e-3, 800))
    fast = memory.time("fast", numbers.gamma(9.0, 0.5e-3, 800))
    verdict = memory.judge(slow, fast, metric="latency/default/p95_ms")
    assert (verdict.verdict, verdict.test, verdict.basis) == ("better", "block_bootstrap", "calls")
    assert not verdict.higher_is_better
    assert memory.judge(slow, fast).metric == "latency/default/p95_ms"  # they have nothing else
    turned = memory.judge(fast, slow, metric="latency/default/p95_ms")
    assert (turned.verdict, turned.p_value) == ("worse", verdict.p_value)
    assert turned.difference == pytest.approx(-(verdict.difference or 0))

    other = memory.time("open", numbers.gamma(9.0, 1e-3, 800), mode="open", rate_per_s=10.0)
    verdict = memory.judge(slow, other, metric="latency/default/p95_ms")
    assert verdict.verdict == "cannot tell"
    assert "the calls were made under another load (mode, rate_per_s)" in verdict.sentence


def test_a_perfect_ranking_against_none_is_tested_though_no_row_varies(memory: Memory) -> None:
    labels = np.tile([0, 1], 50)
    perfect = memory.evaluate("perfect", labels, np.where(labels, 0.9, 0.1))
    dummy = memory.evaluate("dummy", labels, np.full(100, 0.4))
    verdict = memory.judge(dummy, perfect, metric="roc_auc")
    assert (verdict.verdict, verdict.test, verdict.difference) == ("better", "paired_permutation", 0.5)
    assert verdict.interval is not None
    assert (verdict.interval.low, verdict.interval.high) == (None, None)
    assert memory.judge(perfect, dummy, metric="roc_auc").verdict == "worse"


def test_two_perfect_rankings_have_no_interval_of_width_zero(memory: Memory) -> None:
    labels = np.tile([0, 1], 50)
    spread = np.random.default_rng(0).random((2, 100)) / 5
    a, b = (memory.evaluate(None, labels, np.where(labels, 0.7, 0.1) + noise) for noise in spread)
    verdict = memory.judge(a, b, metric="roc_auc")
    assert (verdict.verdict, verdict.p_value, verdict.difference) == ("no difference shown", 1.0, 0.0)
    assert "CI" not in verdict.sentence


def test_that_a_metric_has_no_good_side_is_said_of_evaluations_too(memory: Memory) -> None:
    targets = np.arange(40.0)
    a = memory.evaluate("A", targets, targets - 1, task_type="regression")
    b = memory.evaluate("B", targets, targets + 1, task_type="regression")
    assert "Whether more is better of bias is not known" in memory.compare(a, b, metric="bias").warnings[0]
    assert memory.compare(a, b, metric="bias", higher_is_better=False).warnings == []
