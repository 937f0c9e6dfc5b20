"""The sentences, one form for each verdict, and what no sentence may say."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from modellab.comparison.findings import Finding
from modellab.comparison.verdicts import judge_family
from modellab.comparison.wording import format_effect, format_value
from modellab.records.comparisons import PairVerdict
from modellab.records.estimates import Interval, Test


def make_finding(
    difference: float = 0.021,
    low: float | None = 0.008,
    high: float | None = 0.034,
    p: float | None = 0.002,
    **more: Any,
) -> Finding:
    interval = Interval(estimate=difference, low=low, high=high, method="normal")
    error = None if low is None or high is None else (high - low) / 3.92
    test = Test(name="delong", p_value=p, n=2000, interval=interval, standard_error=error)
    given: dict[str, Any] = {"a": "a", "b": "b", "label_a": "A", "label_b": "B", "metric": "roc_auc"}
    given |= {"higher_is_better": True, "basis": "paired rows", "n_text": "2000 paired rows", "test": test}
    return Finding(**{**given, "a_value": 0.9, "b_value": 0.9 + difference, **more})


def judge(finding: Finding, **how: Any) -> PairVerdict:
    [verdict] = judge_family([finding], **how)
    return verdict


def test_better_is_said_with_interval_test_and_n() -> None:
    verdict = judge(make_finding())
    assert verdict.verdict == "better"
    assert verdict.sentence == (
        "B is better than A on roc_auc by 0.021 (95 % CI 0.008 to 0.034, DeLong p = 0.002, "
        "n = 2000 paired rows)."
    )


def test_several_pairs_get_the_adjusted_p_value_too() -> None:
    others = [make_finding(p=0.5, low=-0.1, high=0.1, difference=0.0) for _ in range(2)]
    verdict = judge_family([make_finding(), *others], names_pairs=True)[0]
    assert verdict.sentence == (
        "B is better than A on roc_auc by 0.021 (95 % CI 0.008 to 0.034, DeLong p = 0.002, "
        "Holm-adjusted 0.006, n = 2000 paired rows)."
    )
    assert verdict.adjusted_p == pytest.approx(0.006)
    assert verdict.family_size == 3


def test_worse_gives_the_signed_difference() -> None:
    verdict = judge(make_finding(-0.021, -0.034, -0.008))
    assert verdict.verdict == "worse"
    assert verdict.sentence == (
        "B is worse than A on roc_auc by 0.021 (difference -0.021, 95 % CI -0.034 to -0.008, "
        "DeLong p = 0.002, n = 2000 paired rows)."
    )


def test_where_lower_is_better_the_sentence_says_so() -> None:
    verdict = judge(make_finding(-0.021, -0.034, -0.008, metric="log_loss", higher_is_better=False))
    assert verdict.verdict == "better"
    assert verdict.sentence == (
        "B is better than A on log_loss by 0.021 (difference -0.021, 95 % CI -0.034 to -0.008, "
        "DeLong p = 0.002, n = 2000 paired rows; lower is better)."
    )


def test_no_difference_shown_says_what_could_have_been_missed() -> None:
    verdict = judge(make_finding(0.004, -0.011, 0.019, 0.61, metric="f1"))
    assert verdict.verdict == "no difference shown"
    assert verdict.sentence == (
        "The data do not show a difference on f1: +0.004 (95 % CI -0.011 to 0.019, DeLong p = 0.61, "
        "n = 2000 paired rows); a gap under 0.021 could have been missed."
    )
    assert verdict.minimum_detectable == pytest.approx(2.80 * 0.03 / 3.92, rel=1e-3)


def test_what_counts_alone_and_not_among_many_is_said_to() -> None:
    others = [make_finding(p=0.5, low=-0.1, high=0.1, difference=0.0) for _ in range(2)]
    verdict = judge_family([make_finding(p=0.02), *others], names_pairs=True)[0]
    assert verdict.verdict == "no difference shown"
    assert "between A and B" in verdict.sentence
    assert "; alone it would count, among 3 comparisons it does not." in verdict.sentence


def test_equivalent_has_the_margin_and_the_90_per_cent_interval() -> None:
    verdict = judge(make_finding(0.001, -0.005, 0.007, 0.7, metric="accuracy"), min_effect=0.01)
    assert verdict.verdict == "equivalent"
    assert verdict.sentence == (
        "A and B differ by less than 0.01 on accuracy (90 % CI -0.0040 to 0.0060, TOST p = 0.002, "
        "n = 2000 paired rows)."
    )


def test_a_difference_that_is_shown_but_below_the_margin_is_equivalent() -> None:
    assert judge(make_finding(0.003, 0.001, 0.005), min_effect=0.01).verdict == "equivalent"
    assert judge(make_finding(0.003, 0.001, 0.005), min_effect=0.001).verdict == "better"
    assert judge(make_finding(0.001, -0.005, 0.007, 0.7), min_effect=0.004).verdict == "no difference shown"


def test_cannot_tell_says_what_is_missing() -> None:
    finding = make_finding(
        test=None,
        basis="nothing",
        a_value=0.905,
        b_value=0.912,
        reason="with one run each and no stored predictions",
        needed="Log predictions, or at least 5 seeds.",
    )
    verdict = judge(finding)
    assert verdict.verdict == "cannot tell"
    assert verdict.sentence == (
        "B scored 0.912 and A 0.905 on roc_auc; with one run each and no stored predictions this cannot be "
        "told from chance. Log predictions, or at least 5 seeds."
    )
    assert (verdict.p_value, verdict.adjusted_p, verdict.family_size) == (None, None, 0)
    assert verdict.difference == pytest.approx(0.007)


@pytest.mark.parametrize(("low", "high", "p"), [(0.008, 0.034, 0.08), (-0.001, 0.043, 0.03)])
def test_a_p_value_and_an_interval_that_disagree_are_borderline(low: float, high: float, p: float) -> None:
    verdict = judge(make_finding(low=low, high=high, p=p))
    assert verdict.verdict == "borderline"
    assert "on roc_auc is borderline: +0.021" in verdict.sentence
    assert "the p-value and the interval do not agree" in verdict.sentence


def test_identical_predictions_are_identical() -> None:
    verdict = judge(make_finding(0.0, 0.0, 0.0, 1.0, is_identical=True), min_effect=0.1)
    assert verdict.verdict == "identical"
    assert verdict.sentence == (
        "A and B are identical on roc_auc: they predict the same (difference 0, p = 1, n = 2000 paired rows)."
    )


def test_without_an_interval_the_p_value_decides() -> None:
    assert judge(make_finding(low=None, high=None)).verdict == "better"
    assert judge(make_finding(low=None, high=None, p=0.3)).verdict == "no difference shown"


def test_no_sentence_claims_what_a_test_cannot() -> None:
    findings = [
        make_finding(difference, difference - reach, difference + reach, p, is_identical=identical)
        for difference, reach, p, identical in (
            *((0.02, 0.01, 0.001, False), (0.01, 0.03, 0.5, False), (0.0, 0.0, 1.0, True)),
            *((-0.02, 0.01, 0.001, False), (0.02, 0.01, 0.2, False), (0.0001, 0.001, 0.9, False)),
        )
    ]
    for verdict in judge_family(findings, 0.005, names_pairs=True):
        assert not re.search(r"significan|probability that|equal|\*|same model", verdict.sentence)
        if verdict.p_value is not None and verdict.verdict not in ("identical", "equivalent"):
            assert "DeLong p" in verdict.sentence
            assert "n = 2000 paired rows" in verdict.sentence


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        *((0.0213, 0.013, "0.021"), (-12.34, 5.0, "-12.3"), (1234.5, 400.0, "1234"), (0.0, 0.1, "0")),
        *((-0.00004, 0.01, "-0.00004"), (0.0004, None, "0.00040"), (1e-12, None, "1e-12"), (3.0, 0.0, "3.0")),
    ],
)
def test_differences_have_as_many_decimals_as_their_interval_allows(
    value: float, scale: float | None, text: str
) -> None:
    assert format_effect(value, scale) == text


def test_every_difference_keeps_its_sign_when_it_is_rounded() -> None:
    for value in np.geomspace(1e-9, 1e6, 40):
        for scale in (None, 1e-6, 0.01, 3.0, 1e5):
            text = format_effect(-float(value), scale)
            assert text.startswith("-")
            assert float(text) < 0


def test_values_are_short_and_a_missing_one_is_a_word() -> None:
    assert [format_value(value) for value in (0.9123, 12.345, 1.0, 0.0, None)] == [
        *("0.912", "12.35", "1", "0", "no value"),
    ]
