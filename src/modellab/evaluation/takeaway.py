"""An evaluation in exactly five sentences: size and score, baseline, calibration, worst slice, next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from modellab.evaluation.baseline import Baseline
from modellab.evaluation.failures import FailureReport
from modellab.evaluation.metrics import MetricValue
from modellab.evaluation.problem import Classification, Problem
from modellab.evaluation.sentences import clean_text, quote_name, say_count, say_number
from modellab.evaluation.slices import SliceReport
from modellab.records.estimates import Interval, Test
from modellab.statistics.calibration import CalibrationNull
from modellab.statistics.verdicts import THRESHOLD
from modellab.statistics.wording import format_p, name_test

_TITLES = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "mcc": "MCC",
    "f1": "F1",
    "rmse": "RMSE",
    "mae": "MAE",
    "mape": "MAPE",
    "r2": "R²",
}
_VERDICTS = {
    "better": "It is better than",
    "worse": "It is worse than",
    "borderline": "It is borderline whether it is better than",
    "no difference shown": "It is not shown to be better than",
}
_UNKNOWN = "nobody knows why"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the sentences are about."""

    problem: Problem
    primary_metric: str
    values: Mapping[str, MetricValue]
    intervals: Mapping[str, Interval]
    baseline: Baseline
    null: CalibrationNull | None
    slices: SliceReport
    failures: FailureReport


def write_takeaway(findings: Findings) -> str:
    """Five sentences in one paragraph. Names stand in quotes and are cleaned, so that five stays five."""
    write_third = _say_calibration if isinstance(findings.problem, Classification) else _say_errors
    sentences = (
        _say_score(findings),
        _say_baseline(findings.baseline),
        write_third(findings),
        _say_slices(findings),
        _say_next(findings),
    )
    return " ".join(f"{sentence}." for sentence in sentences)


def name_metric(name: str) -> str:
    """A metric as it stands in a sentence."""
    return _TITLES.get(name) or clean_text(name.replace("_", " "))


def _say_score(found: Findings) -> str:
    problem, value = found.problem, found.values[found.primary_metric]
    size = f"On {say_count(problem.n, 'row')}"
    if isinstance(problem, Classification):
        size += f" of {len(problem.classes)} classes"
    name = name_metric(found.primary_metric)
    if value.value is None:
        return f"{size} the {name} is undefined: {clean_text(value.note or _UNKNOWN)}"
    return f"{size} the {name} is {say_number(value.value)}{_say_interval(found.intervals.get(value.name))}"


def _say_interval(interval: Interval | None) -> str:
    if interval is None:
        return ""
    if interval.low is None or interval.high is None:
        return f", without an interval: {clean_text(interval.note or _UNKNOWN)}"
    return f" ({100 * interval.level:.0f} % CI {say_number(interval.low)} to {say_number(interval.high)})"


def _say_baseline(base: Baseline) -> str:
    answer = "the mean" if base.kind == "mean" else quote_name(base.answer)
    if base.test.p_value is None:
        why = clean_text(base.test.note or _UNKNOWN)
        return f"Whether it beats always answering {answer} cannot be told: {why}"
    of_baseline = base.baseline if base.metric == "accuracy" else float(np.sqrt(base.baseline))
    score = f"{'accuracy' if base.metric == 'accuracy' else 'RMSE'} {say_number(of_baseline)}"
    said = f"{_VERDICTS[base.verdict]} always answering {answer} ({score}{_say_test(base.test)})"
    if base.verdict != "better" and base.prior is not None and base.prior_verdict == "better":
        said += f", but its probabilities beat the share of each class (Brier score{_say_test(base.prior)})"
    return said


def _say_test(test: Test) -> str:
    return "" if test.p_value is None else f", {name_test(test.name)} p {format_p(test.p_value)}"


def _say_calibration(found: Findings) -> str:
    value = found.values["expected_calibration_error"]
    if value.value is None or found.null is None:
        return f"How well it is calibrated cannot be told: {clean_text(value.note or _UNKNOWN)}"
    off = f"Its probabilities are off by {say_number(value.value)} on average"
    chance = f"chance alone gives {say_number(found.null.mean)}, p {format_p(found.null.p_value)}"
    if found.null.p_value < THRESHOLD:
        return f"{off}, more than calibrated ones would be ({chance})"
    return f"{off}, no more than calibrated ones may be ({chance})"


def _say_errors(found: Findings) -> str:
    spread, bias = found.values["residual_std"].value, found.values["bias"].value
    if spread is None or bias is None:
        note = found.values["residual_std"].note or _UNKNOWN
        return f"The spread of its errors is undefined: {clean_text(note)}"
    said = f"Its errors spread by {say_number(spread)} around a mean of {say_number(bias)}"
    interval = found.intervals.get("bias")
    if interval is None or interval.low is None or interval.high is None:
        return said
    side = "too high" if interval.low > 0 else "too low" if interval.high < 0 else None
    meaning = f"it is {side} on the whole" if side else "no bias is shown"
    return f"{said}{_say_interval(interval)}, so {meaning}"


def _say_slices(found: Findings) -> str:
    worst, n_tested = found.slices.worst, found.slices.n_tested
    if worst is None:
        if not n_tested:
            return "No part of the rows could be tested against the rest, for want of data or of rows"
        if n_tested == 1:
            return "The one part of the rows that could be tested does not stand out from the rest"
        return f"None stands out of the {say_count(n_tested, 'part')} of the rows tested against the rest"
    of = "missingness of " if worst.kind == "missingness" else ""
    said = f"It is worst where {of}{quote_name(worst.attribute)} is {quote_name(worst.value)}"
    said += f" ({say_count(worst.n, 'row')}"
    if worst.estimate is not None:
        said += f", {name_metric(worst.metric)} {say_number(worst.estimate)}"
    if worst.difference is not None:
        side = "below" if worst.difference < 0 else "above"
        said += f", {say_number(abs(worst.difference))} {side} the rest"
    return said + (f", adjusted p {format_p(worst.adjusted_p)})" if worst.adjusted_p is not None else ")")


def _say_next(found: Findings) -> str:
    """The first of these that applies."""
    if found.values[found.primary_metric].value is None:
        return f"Next, evaluate on rows for which the {name_metric(found.primary_metric)} is defined"
    if found.baseline.verdict not in ("better", "borderline"):
        if found.problem.n < 200:
            return "Next, evaluate on more rows, since so few cannot show a small advantage"
        return "Next, find out why it does not beat the baseline before anything else"
    if found.failures.n_errors == 0 and isinstance(found.problem, Classification):
        return "Next, make sure that none of these rows were trained on, since not one of them is wrong"
    counts = {item.id: item.count or 0 for item in found.failures.categories}
    suspects = counts.get("label_suspect", 0)
    if suspects:
        rows = say_count(suspects, "row")
        if isinstance(found.problem, Classification):
            return f"Next, check the labels of the {rows} in which it is almost certain of another class"
        return f"Next, check the targets of the {rows} in which it is off beyond any plausible noise"
    if found.null is not None and found.null.p_value < THRESHOLD:
        return "Next, recalibrate its probabilities on rows held out for that"
    if found.slices.worst is not None:
        return "Next, look at the rows of that part, and collect more like them"
    return _say_common_errors(found, counts)


def _say_common_errors(found: Findings, counts: Mapping[str, int]) -> str:
    sure = counts.get("high_confidence_error", 0)
    if sure and isinstance(found.problem, Classification):
        return f"Next, look at the {say_count(sure, 'error')} that it is sure of"
    if sure:
        return f"Next, look at the {say_count(sure, 'row')} far off although the prediction looked ordinary"
    pairs: list[Mapping[str, Any]] = [pair for item in found.failures.categories for pair in item.pairs]
    if pairs and isinstance(found.problem, Classification):
        most = max(pairs, key=lambda pair: pair["count"])
        label, prediction = quote_name(most["label"]), quote_name(most["prediction"])
        return f"Next, look at rows of {label} that are taken for {prediction}, the most frequent error"
    return "Next, look at the largest errors among the failure examples"
