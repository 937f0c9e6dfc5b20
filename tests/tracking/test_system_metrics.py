"""The machine's load is sampled in the background, as series that are no results."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

import modellab
from modellab import start_run


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 30 seconds"
        time.sleep(0.01)


def _count(run: modellab.ActiveRun, name: str = "system/process_memory_mb") -> int:
    metric = modellab.get_run(run.id).metrics.get(name)
    return metric.count if metric else 0


@pytest.fixture(autouse=True)
def _often(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELLAB_SYSTEM_METRICS_S", "0.05")


def test_load_is_sampled_and_left_out_of_the_results() -> None:
    with start_run() as run:
        run.log_metrics({"loss": 1}, step=0)
        _wait_until(lambda: _count(run, "system/cpu_percent") >= 2 and _count(run) >= 3)
    found = modellab.get_run(run.id)
    assert found.final_metrics == {"loss": 1.0}
    assert "system/memory_percent" in found.metrics
    points = modellab.get_metric_history(run.id, "system/process_memory_mb")
    assert [point.step for point in points] == list(range(len(points)))
    assert all(point.value > 1 for point in points)


def test_a_run_that_is_taken_up_again_goes_on_counting_samples() -> None:
    with start_run() as run:
        _wait_until(lambda: _count(run) >= 2)
    before = _count(run)
    with start_run(run_id=run.id):
        _wait_until(lambda: _count(run) > before)
    steps = [point.step for point in modellab.get_metric_history(run.id, "system/process_memory_mb")]
    assert steps == list(range(len(steps)))


def test_a_sample_that_comes_while_the_run_ends_is_not_for_it_any_more(project: Any) -> None:
    with start_run() as run:
        run.record_load({"cpu_percent": 1.0})
    run.record_load({"cpu_percent": 2.0})
    assert run.dropped == 0
    [journal] = project.journals.glob("*/*.jsonl")
    assert b'"event":"end"' in journal.read_bytes().splitlines()[-1]


def test_zero_seconds_switch_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELLAB_SYSTEM_METRICS_S", "0")
    other = modellab.load_settings()
    monkeypatch.setenv("MODELLAB_SYSTEM_METRICS_S", "0.05")
    with start_run() as sampled, start_run(settings=other) as silent:
        _wait_until(lambda: _count(sampled) >= 2)
    assert modellab.get_run(silent.id).metrics == {}
