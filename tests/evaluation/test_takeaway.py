"""The takeaway has exactly five sentences, whatever classes are called, and says what was found."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from modellab.evaluation import evaluate
from modellab.evaluation.sentences import quote_name, say_number

Make = Callable[..., dict[str, Any]]
FAST = {"compute_cis": False, "run_stress_tests": False}

NASTY = ["3.5", "a. b", "U.S.A.", "why?! Because.", "no\n\n.", "“Stop.”", "…", "。", "v1.", "'", "\u2028", ""]


def split_sentences(text: str) -> list[str]:
    """Sentences as a reader counts them: what ends with . ! or ? before a blank or the end."""
    ends = ".!?\u2026\u3002\uff01\uff1f"
    return [part for part in re.split(rf"(?<=[{ends}])[\"')\]]*(?:\s+|$)", text) if part]


def sentences_of(**arguments: Any) -> list[str]:
    report = evaluate(**arguments)
    found = split_sentences(report.get_takeaway())
    assert len(found) == 5, report.get_takeaway()
    assert re.findall(r"[.!?](?=\s|$)", report.get_takeaway()) == ["."] * 5
    assert "\n" not in report.get_takeaway()
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in found)
    return found


@given(st.lists(st.text() | st.sampled_from(NASTY), min_size=2, max_size=3, unique=True), st.integers(1, 8))
@example(["a.b! c?\n", "No. 1. Yes!"], 8)
def test_five_sentences_stay_five_whatever_classes_are_called(classes: list[str], n: int) -> None:
    labels = [classes[place % len(classes)] for place in range(n)]
    sentences_of(predictions=labels[::-1], labels=labels, config=FAST | {"classes": classes})


@given(st.text() | st.sampled_from(NASTY), st.sampled_from(NASTY), st.text())
def test_five_sentences_stay_five_whatever_columns_are_called(column: str, value: str, other: str) -> None:
    assume(value != other)
    n = 60
    cells = [value, other] * (n // 2)
    labels = [0, 1] * (n // 2)
    predictions = [0 if cell == other else label for cell, label in zip(cells, labels, strict=True)]
    sentences_of(predictions=predictions, labels=labels, data={column: cells}, config=FAST)


@settings(max_examples=12)
@given(st.integers(1, 40), st.integers(0, 2**32), st.booleans(), st.sampled_from([1e-9, 1.0, 1e69]))
def test_five_sentences_of_any_numbers(n: int, seed: int, is_constant: bool, scale: float) -> None:
    random = np.random.default_rng(seed)
    targets = np.full(n, 2.5) if is_constant else random.normal(size=n) * scale
    sentences_of(
        task_type="regression",
        predictions=targets + random.normal(size=n) * scale,
        labels=targets,
        config={"n_resamples": 100},
    )


@settings(max_examples=12)
@given(st.integers(1, 25), st.integers(2, 4), st.integers(0, 2**32))
def test_five_sentences_of_any_probabilities(n: int, k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = random.integers(0, 3, size=(n, k)) + 0.001
    sentences_of(
        predictions=weights / weights.sum(1, keepdims=True),
        labels=random.integers(0, k, n),
        config={"classes": list(range(k)), "n_resamples": 100},
    )


def test_a_good_model_is_said_to_be_good(make_binary: Make) -> None:
    first, second, third, _, _ = sentences_of(**make_binary(2000))
    assert re.fullmatch(
        r"On 2000 rows of 2 classes the accuracy is 0\.\d+ \(95 % CI 0\.\d+ to 0\.\d+\)\.", first
    )
    assert re.fullmatch(
        r"It is better than always answering '0' \(accuracy 0\.\d+, mid-p McNemar p < 0\.001\)\.", second
    )
    assert "no more than calibrated ones may be" in third


def test_a_model_that_knows_nothing_is_said_not_to_beat_the_baseline() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 500)
    found = sentences_of(predictions=random.uniform(0.45, 0.55, 500), labels=labels)
    assert found[1].startswith(("It is not shown to be better", "It is worse"))
    assert found[4] == "Next, find out why it does not beat the baseline before anything else."


def test_probabilities_may_be_better_where_answers_are_not() -> None:
    random = np.random.default_rng(0)
    p = random.choice([0.02, 0.35], 2000)
    labels = (random.random(2000) < p).astype(int)
    second = sentences_of(predictions=p, labels=labels)[1]
    assert second.startswith("It is not shown to be better than always answering '0'")
    assert "but its probabilities beat the share of each class (Brier score, paired t p <" in second


def test_probabilities_that_are_off_are_said_to_be(make_binary: Make) -> None:
    rows = make_binary(3000)
    found = sentences_of(**rows | {"predictions": rows["predictions"] ** 2, "data": None})
    assert "more than calibrated ones would be" in found[2]
    assert found[4] == "Next, recalibrate its probabilities on rows held out for that."


def test_the_worst_part_is_named_and_noise_is_not() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 2000)
    city = random.choice(["Rome", "Oslo", "Bonn"], 2000)
    is_right = random.random(2000) < np.where(city == "Oslo", 0.6, 0.9)
    predictions = np.where(is_right, labels, 1 - labels)
    fourth = sentences_of(predictions=predictions, labels=labels, data={"city": city})[3]
    assert re.match(
        r"It is worst where 'city' is 'Oslo' \(\d+ rows, accuracy 0\.\d+, 0\.\d+ below the rest", fourth
    )
    fourth = sentences_of(predictions=predictions, labels=labels, data={"city": random.permutation(city)})[3]
    assert fourth == "None stands out of the 3 parts of the rows tested against the rest."
    # One part that is large enough, and the rest of the rows.
    half = [1.0 if is_in else None for is_in in random.random(2000) < 0.5]
    fourth = sentences_of(predictions=predictions, labels=labels, data={"half": half})[3]
    assert fourth == "The one part of the rows that could be tested does not stand out from the rest."


def test_hard_labels_cannot_be_called_calibrated() -> None:
    third = sentences_of(predictions=["a", "b"] * 20, labels=["a", "b"] * 20)[2]
    assert third.startswith("How well it is calibrated cannot be told: the predictions are hard labels")


def test_numbers_that_are_too_high_are_said_to_be(make_regression: Make) -> None:
    rows = make_regression(500)
    found = sentences_of(**rows | {"predictions": rows["predictions"] + 1})
    assert found[0].startswith("On 500 rows the RMSE is 1.")
    assert found[1].startswith("It is better than always answering the mean (RMSE 2.")
    assert found[2].endswith(", so it is too high on the whole.")
    assert sentences_of(**rows)[2].endswith(", so no bias is shown.")


def test_the_primary_metric_is_the_headline(make_binary: Make) -> None:
    first = sentences_of(**make_binary(200), config={"primary_metric": "roc_auc"})[0]
    assert first.startswith("On 200 rows of 2 classes the ROC-AUC is 0.")
    first, *_, last = sentences_of(
        predictions=[0.2, 0.4], labels=[0, 0], config={"primary_metric": "roc_auc"}
    )
    assert first == (
        "On 2 rows of 2 classes the ROC-AUC is undefined: fewer than two classes occur in the labels."
    )
    assert last == "Next, evaluate on rows for which the ROC-AUC is defined."


def test_a_baseline_of_the_users_own_is_what_the_model_is_compared_with(make_regression: Make) -> None:
    report = evaluate(**make_regression(50), config={"baseline": 2.5})
    assert report.majority_baseline.kind == "given"
    assert "better than always answering '2.5' (RMSE" in report.get_takeaway()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.91234, "0.912"),
        (12.3456, "12.35"),
        (1234.0, "1234"),
        (0.000012345, "1.2e-05"),
        (0.0, "0"),
        (1.0, "1"),
    ],
)
def test_numbers_have_few_digits(value: float, text: str) -> None:
    assert say_number(value) == text


def test_long_names_are_cut() -> None:
    assert quote_name("x" * 50) == f"'{'x' * 31} and more'"
    assert quote_name(" \n") == "'no name'"
    assert quote_name(2.5) == "'2.5'"


@pytest.mark.parametrize(
    "sign", [*"!?…‽。॥", *"\uff1f\u0589\u0700\u1362\u1367\u166e\u17d4\u1803\ua4ff\u104a\u2e3c"]
)
def test_what_ends_a_sentence_in_any_script_is_taken_out_of_names(sign: str) -> None:
    assert quote_name(f"a{sign} b{sign}") == "'a b'"
