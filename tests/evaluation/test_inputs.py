"""Predictions and labels are read as what they are, or refused with counts and the first bad row."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

from modellab.errors import InvalidInput
from modellab.evaluation.inputs import read_clusters, read_problem, read_row_ids, replace_predictions
from modellab.evaluation.problem import Classification, Regression


def classify(predictions: Any, labels: Any, classes: Any = None) -> Classification:
    problem = read_problem(predictions, labels, task_type="classification", classes=classes)
    assert isinstance(problem, Classification)
    return problem


def regress(predictions: Any, labels: Any) -> Regression:
    problem = read_problem(predictions, labels, task_type="regression")
    assert isinstance(problem, Regression)
    return problem


KINDS: list[Callable[[Any], Any]] = [list, tuple, np.array, pd.Series, pl.Series, iter]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["no", "yes", "no"], ("no", "yes")),
        ([0, 1, 0], (0, 1)),
        ([False, True, False], (False, True)),
        ([0.0, 1.0, 0.0], (0, 1)),
    ],
)
def test_labels_of_any_kind_from_any_library_are_classes(
    kind: Callable[[Any], Any], labels: list[Any], classes: tuple[Any, ...]
) -> None:
    problem = classify(kind([0.2, 0.7, 0.6]), kind(labels))
    assert problem.classes == classes
    assert problem.labels.tolist() == [0, 1, 0]
    assert problem.predicted.tolist() == [0, 1, 1]
    assert problem.scores is not None
    assert problem.scores.tolist() == [0.2, 0.7, 0.6]


def test_p_of_positive_and_two_columns_agree_at_one_half() -> None:
    one = classify([0.5, 0.2], [1, 0])
    two = classify([[0.5, 0.5], [0.8, 0.2]], [1, 0])
    column = classify(np.array([[0.5], [0.2]]), np.array([[1], [0]]))
    for problem in (one, two, column):
        assert problem.predicted.tolist() == [1, 0]
        assert problem.probabilities is not None
        assert problem.probabilities.tolist() == [[0.5, 0.5], [0.8, 0.2]]


def test_of_equal_probabilities_of_more_classes_the_first_is_predicted() -> None:
    problem = classify([[0.2, 0.4, 0.4], [0.1, 0.1, 0.8], [0.5, 0.3, 0.2]], ["b", "c", "a"])
    assert problem.predicted.tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    "predictions", [["a", "b", "b"], np.array(["a", "b", "b"]), pd.Series(["a", "b", "b"])]
)
def test_texts_are_hard_labels(predictions: Any) -> None:
    problem = classify(predictions, ["a", "a", "b"])
    assert problem.probabilities is None
    assert problem.predicted.tolist() == [0, 1, 1]


@pytest.mark.parametrize("predictions", [[0, 1, 1], [0.0, 1.0, 1.0], [False, True, True]])
def test_numbers_that_are_all_whole_are_hard_labels(predictions: list[Any]) -> None:
    problem = classify(predictions, [0, 1, 0])
    assert problem.probabilities is None
    assert problem.predicted.tolist() == [0, 1, 1]


def test_one_number_with_a_fraction_makes_all_probabilities() -> None:
    problem = classify([0.0, 1.0, 0.9], [0, 1, 0])
    assert problem.scores is not None
    assert problem.scores.tolist() == [0.0, 1.0, 0.9]


def test_two_columns_are_probabilities_even_if_all_are_whole() -> None:
    assert classify([[1, 0], [0, 1]], [0, 1]).probabilities is not None


def test_classes_give_the_order_of_columns_and_the_positive_class() -> None:
    problem = classify([0.9, 0.1], ["sick", "well"], classes=["well", "sick"])
    assert problem.classes == ("well", "sick")
    assert problem.labels.tolist() == [1, 0]
    assert problem.predicted.tolist() == [1, 0]


def test_whole_numbers_are_places_in_classes_of_text() -> None:
    problem = classify([[0.1, 0.9], [0.7, 0.3]], [1, 0], classes=["cat", "dog"])
    assert problem.labels.tolist() == [1, 0]
    assert classify([1, 0], ["dog", "cat"], classes=["cat", "dog"]).predicted.tolist() == [1, 0]
    with pytest.raises(
        InvalidInput, match=r"places in classes, 0 to 1, but not in 1 of 2 rows, first 2 in row 0"
    ):
        classify([0.1, 0.2], [2, 1], classes=["cat", "dog"])


def test_columns_named_after_the_classes_are_taken_by_name() -> None:
    columns = {"b": [0.9, 0.2], "a": [0.1, 0.8]}
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        problem = classify(frame, ["b", "a"])
        assert problem.classes == ("a", "b")
        assert problem.predicted.tolist() == [1, 0]
    named_otherwise = pd.DataFrame({"p_a": [0.1, 0.8], "p_b": [0.9, 0.2]})
    assert classify(named_otherwise, ["b", "a"]).predicted.tolist() == [1, 0]


def test_an_absent_class_of_zeros_and_ones_is_known() -> None:
    assert classify([0.3, 0.4], [0, 0]).classes == (0, 1)
    assert classify([0.3, 0.4], [True, True]).classes == (False, True)
    assert classify([1], [1]).classes == (0, 1)


def test_rows_that_sum_to_1_but_for_rounding_are_renormalised() -> None:
    problem = classify([[0.3004, 0.7001], [0.5, 0.5]], [0, 1])
    assert problem.probabilities is not None
    assert problem.probabilities.sum(1).tolist() == [pytest.approx(1, abs=1e-15), 1.0]


def test_probabilities_of_float32_stay_as_they_are() -> None:
    softmax = np.array([[0.1, 0.7, 0.2]], np.float32)
    problem = classify(np.repeat(softmax, 3, axis=0), [0, 1, 2])
    assert problem.probabilities is not None
    assert problem.probabilities[0].tolist() == softmax[0].astype(float).tolist()


BAD: list[tuple[Any, Any, Any, str]] = [
    ([], [], None, "The labels are empty"),
    ([0.1, 0.2], [1, 0, 1], None, "There are 2 predictions for 3 labels"),
    ([0.1, 0.2], ["a", "a"], None, "There is one class, 'a', in all 2 labels"),
    ([0.1, 0.2], ["a", "x"], ["a", "b"], r"none of the classes in 1 of 2 rows, first 'x' in row 1"),
    (["a", "x"], ["a", "b"], ["a", "b"], r"The predictions are none of the classes in 1 of 2 rows"),
    (
        [0.1, np.nan, np.nan],
        [0, 1, 0],
        None,
        "predictions are missing in 2 of 3 rows, first in row 1",
    ),
    ([0.1, np.inf], [0, 1], None, r"predictions are infinite in 1 of 2 rows, first in row 1"),
    ([0.1, 0.2], [0, None], None, "labels are missing in 1 of 2 rows, first in row 1"),
    ([0.1, 0.2], [np.nan, 1], None, "labels are missing"),
    ([0.1, 0.2], pd.Series(["a", None]), None, "labels are missing in 1 of 2 rows, first in row 1"),
    (
        [0.1, 0.2],
        pd.Series([pd.NA, 1], dtype="Int64"),
        None,
        "labels are missing in 1 of 2 rows, first in row 0",
    ),
    (
        [0.1, 0.2],
        np.ma.masked_array([0, 1], [True, False]),
        None,
        "labels are missing in 1 of 2 rows, first in row 0",
    ),
    ([0.1, 0.2], pl.Series([None, "a"]), None, "labels are missing in 1 of 2 rows, first in row 0"),
    ([0.1, 1.2], [0, 1], None, r"no probabilities \(0 to 1\) in 1 of 2 rows, first 1.2 in row 1"),
    ([[0.5, 0.6], [0.5, 0.5]], [0, 1], None, r"do not sum to 1 in 1 of 2 rows, first 1.1 in row 0"),
    ([[0.2, 0.3, 0.5]] * 2, [0, 1], None, "The predictions have 3 columns, and the labels 2 classes: 0, 1"),
    ([[0.2, 0.8]] * 3, [0, 1, 2], [0, 1, 2], "The predictions have 2 columns, for 3 classes"),
    ([0.2, 0.8, 0.5], ["a", "b", "c"], None, r"one number a row, P\(positive\) of two classes; there are 3"),
    ([0.1, 0.2], [1, "a"], None, r"labels mix number and text: 1 in row 0, 'a' in row 1"),
    ([0.1, 0.2], [True, 1], None, "labels mix boolean and number"),
    ([0.1, 0.2], ["0", "1"], [0, 1], "none of the classes in 2 of 2 rows, first '0'"),
    (["a", "b"], [0, 1], None, "The labels are numbers such as 0, and the predictions text such as 'a'"),
    ([0, 1], ["a", "b"], None, "The labels are text such as 'a', and the predictions numbers such as 0"),
    ([0.5, 0.2], [0.5, 1.5], None, "labels have numbers with a fraction, 0.5 in row 0"),
    ([0.1, 0.2], [[1, 0], [0, 1]], None, r"The labels have shape \(2, 2\)"),
    ([[0.1, 0.9], [0.2]], [0, 1], None, "differ in how many values a row has: 2 in row 0, and 1 in row 1"),
    ([[[0.1]], [[0.2]]], [0, 1], None, "nested deeper"),
    (0.5, [1], None, "The predictions are of type float"),
    ("abc", [0, 1, 1], None, "The predictions are of type str"),
    ([0.1, 0.2], [b"a", b"b"], None, "The labels hold a bytes"),
    ([0.1, 0.2], [{}, {}], None, "The labels hold a dict"),
    ([0.1, 0.2], [2**70, 1], None, "that a 64-bit number cannot hold"),
    ([0.1, 0.2], np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"), None, "of type datetime64"),
    ([0.1, 0.2], [0, 1], [0], r"classes is \[0\]; at least two are needed"),
    ([0.1, 0.2], [0, 1], [0, 0], "classes has 0 twice"),
    ([0.1, 0.2], [0, 1], [0, "1"], "classes mix number and text"),
    ([0.1, 0.2], [0, 1], [0, None], "classes has a missing value"),
    ([0.1, 0.2], [0, 1], "01", "classes is '01'"),
    ([0.1, 0.2], [0, 1], [[0], [1]], r"classes has \[0\]; each of them is one text, number or boolean"),
    ([20.0, 70.0], [0, 1], None, "whole numbers from 20 to 70, and the labels 0 and 1 alone"),
    ([-3, 1], [False, True], None, "whole numbers from -3 to 1, and the labels 0 and 1 alone"),
    ([0.1, 0.2], [1e30, 1.0], None, r"labels are beyond ±2\*\*53 in 1 of 2 rows, first 1e\+30 in row 0"),
    (list(range(3000)), list(range(3000)), None, "There are 3000 classes; at most 2000"),
]


@pytest.mark.parametrize(("predictions", "labels", "classes", "message"), BAD)
def test_what_is_no_classification_is_refused(
    predictions: Any, labels: Any, classes: Any, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        classify(predictions, labels, classes)


@pytest.mark.parametrize(
    ("predictions", "hint"),
    [
        ([[2.5, -1.0], [0.3, 4.0]], "These look like logits; apply softmax first."),
        ([-3.0, 2.5], "These look like logits; apply sigmoid first."),
        ([12.5, 80.0], "These look like percentages; divide them by 100."),
        ([[20.0, 80.0], [50.5, 49.5]], "These look like percentages; divide them by 100."),
        (np.log([[0.2, 0.8], [0.5, 0.5]]), "These look like logarithms of probabilities; apply exp."),
    ],
)
def test_numbers_that_are_no_probabilities_are_called_what_they_look_like(
    predictions: Any, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        classify(predictions, [0, 1])
    assert caught.value.hint == hint


def test_one_number_out_of_range_does_not_make_all_of_them_logits_or_percentages() -> None:
    for odd in (1.2, -0.2):
        with pytest.raises(InvalidInput) as caught:
            classify([odd, *[0.3, 0.8] * 4], [0, *[0, 1] * 4])
        assert caught.value.hint is None


def test_two_labels_that_are_0_and_1_may_have_a_few_more_predicted_classes() -> None:
    assert classify([0, 1, 2], [0, 1, 0]).classes == (0, 1, 2)
    assert classify([0, 20], [0, 1], classes=[0, 1, 20]).classes == (0, 1, 20)


def test_whole_row_ids_that_no_float_tells_apart_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"row ids are beyond ±2\*\*53"):
        read_row_ids([1e30, 1.0], 2)


@pytest.mark.parametrize(
    ("predictions", "labels", "message"),
    [
        ([1.0, 2.0], ["a", "b"], "The labels are text, the first is 'a'; a regression is of numbers"),
        ([True, False], [1.0, 2.0], "The predictions are booleans, the first is True;"),
        ([[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0], "The predictions have 2 columns; a regression has one"),
        ([1.0, np.nan], [1.0, 2.0], "missing"),
        ([1.0], [np.inf], "labels are infinite in 1 of 1 rows"),
        ([1.0, 2.0], [1.0, -1e150], r"labels are beyond ±1e\+70 in 1 of 2 rows, first -1e\+150 in row 1"),
    ],
)
def test_what_is_no_regression_is_refused(predictions: Any, labels: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        regress(predictions, labels)


def test_numbers_of_any_type_make_a_regression() -> None:
    problem = regress([Decimal("1.5"), 2, np.float32(0.5)], np.array([[1], [2], [3]], np.uint8))
    assert problem.predictions.tolist() == [1.5, 2.0, 0.5]
    assert problem.targets.tolist() == [1.0, 2.0, 3.0]


def test_a_tensor_with_a_gradient_is_read() -> None:
    class Tensor:
        def detach(self) -> Tensor:
            return self

        def cpu(self) -> list[float]:
            return [0.25, 0.75]

    assert classify(Tensor(), [0, 1]).predicted.tolist() == [0, 1]


def test_what_was_handed_over_is_not_written_to() -> None:
    p = np.array([[0.3004, 0.7001], [0.5, 0.5]])
    before = p.copy()
    classify(p, [0, 1])
    assert (p == before).all()


def test_other_predictions_of_the_same_rows_keep_their_labels() -> None:
    problem = classify([0.2, 0.7], ["a", "b"])
    saturated = replace_predictions(problem, [1.0, 0.0])
    assert isinstance(saturated, Classification)
    assert saturated.scores is not None  # P(positive), as it was
    assert saturated.labels.tolist() == [0, 1]
    hard = replace_predictions(problem, ["a", "a"])
    assert isinstance(hard, Classification)
    assert hard.probabilities is None
    with pytest.raises(InvalidInput, match="3 predictions for 2 rows"):
        replace_predictions(problem, [0.1, 0.2, 0.3])
    numbers = replace_predictions(regress([1.0, 2.0], [1.0, 2.5]), [3, 4])
    assert isinstance(numbers, Regression)
    assert numbers.errors.tolist() == [2.0, 1.5]


def test_row_ids_are_the_rows_numbers_unless_given() -> None:
    assert isinstance(read_row_ids(None, 3), np.ndarray)
    assert list(read_row_ids(None, 3)) == [0, 1, 2]
    assert list(read_row_ids(pd.Series([7, 5]), 2)) == [7, 5]
    assert read_row_ids(["b", "a"], 2) == ("b", "a")


@pytest.mark.parametrize(
    ("row_ids", "message"),
    [
        (["a", "b", "a"], r"The row id 'a' stands in row 0 and again in row 2 .*; 1 of 3 are repeated"),
        ([1, 2], r"The row ids are of shape \(2,\); there is one for each of 3 rows"),
        ([1.5, 2.5, 3.5], "they are text or whole numbers"),
        ([True, False, True], "they are text or whole numbers"),
        ([1, "a", 2], "row ids mix"),
    ],
)
def test_row_ids_that_name_no_rows_are_refused(row_ids: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_row_ids(row_ids, 3)


def test_equal_clusters_have_one_code() -> None:
    assert read_clusters(None, 3) is None
    for clusters in (["u2", "u1", "u2"], [7, 3, 7]):
        codes = read_clusters(clusters, 3)
        assert codes is not None
        assert codes.tolist() == [1, 0, 1]
    with pytest.raises(InvalidInput, match="clusters are missing"):
        read_clusters([1, None, 2], 3)
