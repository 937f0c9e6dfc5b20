"""What a query means for one run, above all for what the run does not have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from modellab.query import parse_query, to_predicate
from modellab.records import MetricSummary, Run

NONE: dict[str, Any] = dict.fromkeys(field for field in Run.__dataclass_fields__)


def make_metric(name: str, final: float, **others: Any) -> MetricSummary:
    known: dict[str, Any] = dict.fromkeys(MetricSummary.__dataclass_fields__)
    known |= {"name": name, "final": final, "last": final, "first": final, "count": 1, "n_nonfinite": 0}
    return MetricSummary(**{**known, **others})


@pytest.fixture
def run() -> Run:
    metrics: Mapping[str, MetricSummary] = {
        "accuracy": make_metric("accuracy", 0.9, min=0.1, max=0.95, count=100),
        "loss": make_metric("loss", math.nan, count=3, n_nonfinite=3),
    }
    given: dict[str, Any] = {
        "run_id": "1" * 32,
        "status": "completed",
        "timestamp": "2026-03-01T12:00:00.250000+00:00",
        "duration_s": 90.5,
        "params": {"lr": 0.01, "model": "svm", "depth": "10", "deep": True, "layers": [8, 4]},
        "tags": {"team": "vision-b"},
        "note": "so-so",
        "metrics": metrics,
        "n_artifacts": 2,
    }
    return Run(**{**NONE, "final_metrics": {}, "config": {}, "artifacts": [], "n_dropped": 0, **given})


HOLDS = [
    "metrics.accuracy > 0.89 and metrics.accuracy.min <= 0.1 and metrics.accuracy.count = 100",
    "params.lr = 0.01 and params.lr < 0.1 and params.lr in (1, 1e-2)",
    "params.model = 'svm' and params.model != 'SVM' and params.model ilike 'S_M'",
    "params.depth = '10' and not params.depth = 10",  # text is no number
    "params.deep = true and params.deep = 'true' and not params.deep = false",
    "params.layers = '[8,4]'",
    "tags.team like 'vision%' and tags.team > 'vision-a'",
    "status = 'completed' and status in ('completed', 'failed')",
    "started_at = '2026-03-01' and started_at = '2026-03-01T12:00' and started_at = '2026-03-01T12:00:00'",
    "started_at <= '2026-03-01' and not started_at > '2026-03-01' and started_at >= '2026-03-01'",
    "started_at between '2026-02-01' and '2026-03-01'",
    "started_at > '2026-03-01T13:00:00+02:00' and started_at < '2026-03-01T14:00:01+02:00'",
    "ended_at = '2026-03-01T12:01:30.75Z' and duration_s = 90.5",
    "n_artifacts >= 2 and exists note and seed is null",
    "metrics.loss is nan and exists metrics.loss and not exists metrics.loss.min",
]


@pytest.mark.parametrize("text", HOLDS)
def test_what_holds(run: Run, text: str) -> None:
    assert to_predicate(parse_query(text))(run)


ABSENT = ("metrics.f1", "metrics.loss", "metrics.loss.max", "params.gone", "seed")


@pytest.mark.parametrize("field", ABSENT)
@pytest.mark.parametrize(
    "test", ["= 1", "!= 1", "< 1", ">= 1", "in (1)", "not in (1)", "not between 1 and 2"]
)
def test_nothing_asked_of_what_a_run_lacks_or_of_nan_holds_and_its_opposite_does(
    run: Run, field: str, test: str
) -> None:
    assert not to_predicate(parse_query(f"{field} {test}"))(run)
    assert to_predicate(parse_query(f"not {field} {test}"))(run)


def test_an_age_counts_from_now(run: Run) -> None:
    holds = to_predicate(parse_query("started_at > '-2h'"), now_us=1_772_366_400_000_000 + 3_600_000_000)
    assert holds(run)
    assert not to_predicate(parse_query("started_at > '-30m'"), now_us=1_772_370_000_000_000)(run)
    assert to_predicate(parse_query("started_at < '-0m'"))(run) is True


def test_a_run_whose_start_cannot_be_read_started_in_1970(run: Run) -> None:
    odd = Run(**{**{name: getattr(run, name) for name in Run.__dataclass_fields__}, "timestamp": "spring"})
    assert to_predicate(parse_query("started_at = '1970-01-01'"))(odd)
