"""Records say what things are; the tables follow from them."""

from __future__ import annotations

import dataclasses

import pytest

from modellab.records import MANIFEST_COLUMNS, MetricSummary, Run, RunFilter, RunSummary
from modellab.store.tables import metrics, runs

RUN_DERIVATIONS = {
    "duration_s": {"started_us", "ended_us"},
    "params": {"params_json"},
    "final_metrics": {"final_metrics_json"},
    "tags": {"tags_json"},
    "config": {"config_json"},
    "deleted_at": {"deleted_us"},
    "artifacts": {"artifacts_json"},
    "git_diff": {"git_diff_digest"},  # the text stands in `texts`
    "pip_freeze": {"pip_freeze_digest"},
    "metrics": set(),  # rows of `metrics`
    "children": set(),  # rows of `runs` whose `parent_id` it is
    "datasets": set(),  # rows of `run_datasets`
}
METRIC_DERIVATIONS = {"name": {"key"}}
RUN_BOOKKEEPING = {"id"}
METRIC_BOOKKEEPING = {"run", "returned"}


def _columns_of(record: type, derivations: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    for field in dataclasses.fields(record):
        found |= derivations.get(field.name, {field.name})
    return found


def test_every_field_of_a_run_comes_from_columns_and_every_column_is_shown() -> None:
    assert _columns_of(Run, RUN_DERIVATIONS) | RUN_BOOKKEEPING == set(runs.columns.keys())


def test_every_field_of_a_metric_comes_from_columns_and_the_rest_is_bookkeeping() -> None:
    columns = set(metrics.columns.keys())
    needed = _columns_of(MetricSummary, METRIC_DERIVATIONS)
    assert needed <= columns
    assert columns - needed == METRIC_BOOKKEEPING


def test_a_summary_has_a_part_of_a_run() -> None:
    whole = {field.name for field in dataclasses.fields(Run)}
    assert {field.name for field in dataclasses.fields(RunSummary)} < whole


def test_the_documented_columns_stay_as_they_are() -> None:
    assert " ".join(MANIFEST_COLUMNS) == (
        "run_id timestamp git_hash git_diff command python_version pip_freeze device_info dataset_id "
        "params_json final_metrics_json artifacts_json wandb_url note"
    )


@pytest.mark.parametrize("record", [Run, RunSummary, MetricSummary, RunFilter])
def test_records_are_frozen(record: type) -> None:
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_every_condition_of_a_filter_may_be_left_out() -> None:
    assert not any(dataclasses.asdict(RunFilter()).values())
