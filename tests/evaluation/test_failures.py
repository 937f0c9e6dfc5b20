"""The six categories of failures: which row is in which, and that counts add up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.failures import CATEGORIES, FailureCategory, FailureReport, find_failures
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.tables import read_table

Categories = Mapping[str, FailureCategory]
CLASSES = ["cat", "dog", "owl"]


def classify(
    probabilities: Any, labels: Any, data: Any = None, *, n: int = 10, **more: Any
) -> tuple[FailureReport, Categories]:
    problem = read_problem(probabilities, labels, task_type="classification", classes=CLASSES)
    report = find_failures(problem, read_table(data, problem.n), n_failures_per_type=n, **more)
    return report, {category.id: category for category in report.categories}


def predict_numbers(predictions: Any, targets: Any, data: Any = None) -> tuple[FailureReport, Categories]:
    problem = read_problem(predictions, targets, task_type="regression")
    report = find_failures(problem, read_table(data, problem.n), n_failures_per_type=10)
    return report, {category.id: category for category in report.categories}


def add_easy(rows: Sequence[Sequence[float]], labels: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
    """Some rows, and a hundred of each class that are right, so that no class is rare or unseen."""
    easy = np.repeat(np.eye(3) * 0.7 + 0.1, 100, axis=0)
    return np.vstack([np.array(rows), easy]), [*labels, *np.repeat(CLASSES, 100)]


def list_rows(category: FailureCategory) -> list[int]:
    return [example["index"] for example in category.examples]


def test_every_error_is_in_the_first_category_that_matches() -> None:
    rows = [
        [0.9994, 0.0005, 0.0001],  # near certain, label almost impossible
        [0.995, 0.003, 0.002],  # near certain, label not that impossible
        [0.9, 0.06, 0.04],
        [0.5, 0.45, 0.05],  # a small gap
        [0.7, 0.2, 0.1],
    ]
    report, found = classify(*add_easy(rows, ["dog"] * 5))
    assert {name: list_rows(category) for name, category in found.items()} == {
        "label_suspect": [0],
        "high_confidence_error": [1, 2],
        "near_boundary": [3],
        "rare_or_unseen": [],
        "data_quality": [],
        "systematic": [4],
    }
    assert report.n_errors == 5
    assert [category.share for category in report.categories] == [0.2, 0.4, 0.2, 0, None, 0.2]


def test_categories_that_are_empty_are_kept_with_a_count_of_0() -> None:
    report, _ = classify(*add_easy([[0.7, 0.2, 0.1]], ["cat"]))
    assert tuple(category.id for category in report.categories) == CATEGORIES
    assert [category.count for category in report.categories] == [0, 0, 0, 0, None, 0]
    assert report.n_errors == 0


def test_right_rows_near_the_boundary_are_edge_cases_and_no_errors() -> None:
    report, found = classify(*add_easy([[0.5, 0.45, 0.05], [0.45, 0.5, 0.05]], ["cat", "cat"]))
    near = found["near_boundary"]
    assert (near.count, near.n_errors, report.n_errors) == (2, 1, 1)
    assert [(e["index"], e["correct"]) for e in near.examples] == [(1, False), (0, True)]


def test_thresholds_are_met_in_spite_of_rounding() -> None:
    problem = read_problem([0.55, 0.1], [1, 1], task_type="classification")
    categories = {c.id: c for c in find_failures(problem, None).categories}
    assert list_rows(categories["near_boundary"]) == [0]  # 0.55 - 0.45 is 0.10000000000000009
    assert list_rows(categories["high_confidence_error"]) == [1]


def test_classes_with_few_rows_or_never_predicted_are_rare_or_unseen() -> None:
    easy, labels = add_easy([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]], ["dog", "owl"])
    keep = [i for i, label in enumerate(labels) if label != "owl" or i < 2 or i > 290]
    _, found = classify(easy[keep], [labels[i] for i in keep])
    assert list_rows(found["rare_or_unseen"]) == [1]
    assert found["rare_or_unseen"].examples[0]["reason"] == "'owl' is the label of 12 of 213 rows only"
    _, found = classify(np.tile([0.7, 0.2, 0.1], (90, 1)), np.repeat(CLASSES, 30))
    assert found["rare_or_unseen"].count == 60
    assert found["rare_or_unseen"].examples[0]["reason"] == "'owl' is never predicted"


def test_errors_with_doubtful_data_are_told_apart_with_the_doubt() -> None:
    rows, labels = add_easy([[0.7, 0.2, 0.1]] * 4, ["dog"] * 4)
    random = np.random.default_rng(0)
    age = random.normal(size=304)
    city = np.array(["Bern", "Rome"], object)[random.integers(0, 2, 304)]
    age[0], age[1], city[2] = np.nan, 9.0, "Oslo"
    age[3] = 0.0
    _, found = classify(rows, labels, {"age": age, "city": city})
    assert list_rows(found["data_quality"]) == [0, 1, 2]
    reasons = [example["reason"] for example in found["data_quality"].examples]
    assert reasons[0] == "age is missing"
    assert reasons[1].startswith("age is ")
    assert reasons[1].endswith(" robust sd from the median")
    assert reasons[2] == "city 'Oslo' is seen once"
    assert list_rows(found["systematic"]) == [3]


def test_identifiers_do_not_make_every_row_doubtful() -> None:
    rows, labels = add_easy([[0.7, 0.2, 0.1]], ["dog"])
    _, found = classify(rows, labels, {"id": [f"row {i}" for i in range(301)]})
    assert found["data_quality"].count == 0


def test_numbers_whose_spread_no_float_holds_are_not_looked_at_and_warn_of_nothing() -> None:
    rows, labels = add_easy([[0.7, 0.2, 0.1]], ["dog"])
    _, found = classify(rows, labels, {"far": [1e308, -1e308, 1.0] * 100 + [1e308]})
    assert found["data_quality"].count == 0


def test_without_data_nobody_knows_its_quality() -> None:
    _, found = classify(*add_easy([[0.7, 0.2, 0.1]], ["dog"]))
    quality = found["data_quality"]
    assert (quality.count, quality.share, quality.examples) == (None, None, [])
    assert quality.reason == "needs data; only predictions and labels were handed over"


def test_hard_labels_leave_the_categories_that_need_probabilities_open() -> None:
    labels = np.repeat(CLASSES, 30)
    predicted = np.roll(labels, 1)
    report, found = classify(predicted, labels, {"x": np.arange(90)})
    for name in CATEGORIES[:3]:
        assert found[name].count is None
        assert found[name].reason == "needs probabilities; the predictions are hard labels"
    assert report.n_errors == found["systematic"].count == 3
    assert list_rows(found["systematic"]) == [0, 30, 60]
    assert found["systematic"].examples[0]["severity"] is None


def test_ordinary_errors_are_counted_by_label_and_prediction() -> None:
    rows, labels = add_easy([[0.8, 0.1, 0.1]] * 3 + [[0.1, 0.2, 0.7]] * 2, ["dog"] * 5)
    _, found = classify(rows, labels)
    assert found["systematic"].pairs == [
        {"label": "dog", "prediction": "cat", "count": 3},
        {"label": "dog", "prediction": "owl", "count": 2},
    ]
    assert found["systematic"].examples[0]["reason"] == "'dog' taken for 'cat', one of 3 such errors"


def test_the_worst_rows_come_first_and_equal_ones_in_their_order() -> None:
    rows, labels = add_easy([[0.7, 0.2, 0.1], [0.7, 0.15, 0.15], [0.7, 0.2, 0.1]], ["dog"] * 3)
    _, found = classify(rows, labels)
    assert list_rows(found["systematic"]) == [1, 0, 2]
    severities = [example["severity"] for example in found["systematic"].examples]
    assert severities == pytest.approx([-np.log(0.15), -np.log(0.2), -np.log(0.2)])
    assert list_rows(classify(rows, labels, n=2)[1]["systematic"]) == [1, 0]
    assert classify(rows, labels, n=2)[1]["systematic"].count == 3


def test_a_row_tells_all_that_is_known_of_it() -> None:
    rows, labels = add_easy([[0.7, 0.2, 0.1]], ["dog"])
    data = {f"x{i}": np.arange(301.0) for i in range(25)} | {"x1": ["a"] * 301}
    ids = tuple(f"r{i}" for i in range(301))
    _, found = classify(rows, labels, data, row_ids=ids)
    (example,) = found["systematic"].examples
    assert {name: example[name] for name in ("index", "row_id", "label", "prediction", "correct")} == {
        "index": 0,
        "row_id": "r0",
        "label": "dog",
        "prediction": "cat",
        "correct": False,
    }
    assert example["confidence"] == pytest.approx(0.7)
    assert len(example["features"]) == 20
    assert (example["features"]["x0"], example["features"]["x1"]) == (0.0, "a")


@pytest.mark.parametrize("labels", [["a", "b"], [3, 7], [False, True]])
def test_a_report_is_plain_json_whatever_the_classes_are(labels: list[Any]) -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 2, 200)
    data = {"x": np.where(codes, np.nan, 1), "g": np.array(["u", None], object)[random.integers(0, 2, 200)]}
    problem = read_problem(
        random.random(200), np.array(labels)[codes], task_type="classification", classes=labels
    )
    report = find_failures(problem, read_table(data, 200), n_failures_per_type=50, row_ids=np.arange(200))
    read = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    shown = {example["label"] for category in read["categories"] for example in category["examples"]}
    assert shown == set(labels)


def test_fewer_than_0_rows_cannot_be_shown() -> None:
    with pytest.raises(InvalidInput, match="n_failures_per_type is -1"):
        classify(*add_easy([[0.7, 0.2, 0.1]], ["dog"]), n=-1)


def test_errors_of_a_regression_are_sorted_by_their_robust_scale() -> None:
    random = np.random.default_rng(0)
    targets = np.linspace(0, 100, 1001)
    errors = random.normal(size=1001)
    errors[[500, 510, 2]] = 40.0, 6.0, -2.5  # far out, large in the middle, in the tail
    report, found = predict_numbers(targets + errors, targets)
    assert report.scale == pytest.approx(1.4826 * np.median(np.abs(errors - np.median(errors))))
    assert list_rows(found["label_suspect"]) == [500]
    assert list_rows(found["high_confidence_error"])[0] == 510
    assert 2 in list_rows(found["rare_or_unseen"])
    assert all(row < 10 or row > 990 for row in list_rows(found["rare_or_unseen"]))
    for row in list_rows(found["near_boundary"]):
        assert min(abs(targets[row] - edge) for edge in (25, 50, 75)) <= 0.05 * 50 + 1e-9
    over, under = found["systematic"].pairs
    assert (over["side"], under["side"]) == ("over", "under")
    assert over["count"] + under["count"] == found["systematic"].count


def test_large_errors_on_doubtful_data_are_told_apart_in_a_regression() -> None:
    targets = np.linspace(0, 100, 1001)
    errors = np.random.default_rng(0).normal(size=1001)
    errors[20] = -6.0  # below the central predictions, outside of the tail
    x = np.arange(1001.0)
    x[20] = np.nan
    _, found = predict_numbers(targets + errors, targets, {"x": x})
    assert list_rows(found["data_quality"]) == [20]
    assert found["data_quality"].examples[0]["reason"] == "x is missing"


def test_rounding_of_large_targets_is_no_error() -> None:
    targets = np.linspace(1e9, 2e9, 100)
    report, _ = predict_numbers(targets * (1 + 1e-16), targets)
    assert report.n_errors == 0


@st.composite
def problems(draw: st.DrawFn) -> tuple[Any, Any, Any, bool]:
    """Predictions, labels, data, and whether it is a regression: full of ties, extremes and gaps."""
    n = draw(st.integers(1, 60))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    data = {
        "x": np.where(random.random(n) < 0.2, np.nan, random.standard_cauchy(n)),
        "g": np.array(["a", "b", "c", None], object)[random.integers(0, 4, n)],
    }
    if draw(st.booleans()):
        targets = np.round(random.standard_cauchy(n), draw(st.integers(0, 2)))
        noise = random.standard_cauchy(n) * draw(st.sampled_from([0.0, 0.1, 10.0]))
        return targets + np.where(random.random(n) < 0.5, 0, noise), targets, data, True
    scores = random.random((n, 3)) ** draw(st.sampled_from([0.1, 1.0, 20.0]))
    probabilities = np.round(scores / scores.sum(1, keepdims=True), 4)
    probabilities[:, 0] += 1 - probabilities.sum(1)
    labels = [CLASSES[code] for code in random.integers(0, draw(st.integers(1, 3)), n)]
    return np.clip(probabilities, 0, 1), labels, draw(st.sampled_from([None, data])), False


@given(problems())
def test_each_error_is_in_exactly_one_category(rows: tuple[Any, Any, Any, bool]) -> None:
    predictions, labels, data, is_regression = rows
    if is_regression:
        report, found = predict_numbers(predictions, labels, data)
    else:
        report, found = classify(predictions, labels, data, n=100)
    assert sum(category.n_errors or 0 for category in found.values()) == report.n_errors
    for name, category in found.items():
        assert (category.count is None) == (category.reason is not None)
        if name != "near_boundary":
            assert category.count == category.n_errors
        assert len(category.examples) == min(category.count or 0, 10 if is_regression else 100)
    shown = [row for category in found.values() for row in list_rows(category)]
    assert len(shown) == len(set(shown))
    json.dumps(report.as_dict(), allow_nan=False)


@given(problems(), st.integers(0, 1000))
def test_counts_do_not_depend_on_the_order_of_rows(rows: tuple[Any, Any, Any, bool], seed: int) -> None:
    predictions, labels, data, is_regression = rows
    order = np.random.default_rng(seed).permutation(len(labels))
    turned = None if data is None else {name: np.array(cells, object)[order] for name, cells in data.items()}
    sort = predict_numbers if is_regression else classify
    _, found = sort(predictions, labels, data)
    _, again = sort(np.asarray(predictions)[order], np.asarray(labels)[order], turned)
    assert [c.count for c in found.values()] == [c.count for c in again.values()]
