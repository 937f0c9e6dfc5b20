"""Runs are read back without a server: one, many, and the points of a metric."""

from __future__ import annotations

from typing import Any

import pytest

import modellab
from modellab import InvalidInput, NotFound, start_run
from modellab.errors import InvalidSetting


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    """All tests here read from an empty project."""


def _record(name: str, accuracy: float, **more: Any) -> str:
    with start_run(name, params={"depth": int(accuracy * 10)}, **more) as run:
        run.log_metrics({"accuracy": accuracy}, step=0)
    return run.run_id


def test_an_empty_project_has_no_runs() -> None:
    assert modellab.list_runs() == []


def test_a_run_is_found_by_its_id_or_a_unique_beginning_or_ending_of_it() -> None:
    first, second = _record("a", 0.5), _record("b", 0.6)
    for found in (first, second):
        assert modellab.get_run(found).run_id == found
        assert modellab.get_run(found[:-1]).run_id == found
        assert modellab.get_run(found[-12:]).run_id == found


def test_an_id_that_fits_several_runs_is_refused() -> None:
    first, _ = _record("a", 0.5), _record("b", 0.6)
    with pytest.raises(InvalidInput, match="More than one run id fits"):
        modellab.get_run(first[:4])


@pytest.mark.parametrize("unknown", ["0" * 32, "nosuchrun", "%", "x" * 1000])
def test_an_unknown_id_is_not_found(unknown: str) -> None:
    _record("a", 0.5)
    with pytest.raises(NotFound, match=unknown[:10]) as caught:
        modellab.get_run(unknown)
    assert isinstance(caught.value, LookupError)


def test_the_newest_runs_come_first_and_no_more_than_asked_for() -> None:
    ids = [_record(str(number), 0.5) for number in range(4)]
    assert [run.run_id for run in modellab.list_runs(limit=3)] == ids[:0:-1]


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_that_cannot_be_meant_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 10000"):
        modellab.list_runs(limit=limit)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"metric_name": "accuracy", "metric_min": 0.6}, ["c", "b"]),
        ({"metric_name": "accuracy", "metric_max": 0.6}, ["b", "a"]),
        ({"dataset_id": "digits"}, ["c", "a"]),
        ({"param_name": "depth", "param_value": "6"}, ["b"]),
        ({"project_id": "vision"}, ["b"]),
        ({"note_substring": "BEST"}, ["c"]),
        ({"has_artifacts": True}, []),
        ({"status": "completed"}, ["c", "b", "a"]),
        ({"status": "failed"}, []),
    ],
    ids=str,
)
def test_filters_choose_among_the_runs(filters: dict[str, Any], names: list[str]) -> None:
    _record("a", 0.5, dataset_id="digits")
    _record("b", 0.6, project_id="vision")
    _record("c", 0.7, dataset_id="digits", note="the best one")
    assert [run.name for run in modellab.list_runs(**filters)] == names


def test_the_runs_within_a_run_are_found_by_it() -> None:
    with start_run("outer") as outer:
        inner = _record("inner", 0.5)
    assert [run.run_id for run in modellab.list_runs(parent_id=outer.id)] == [inner]


def test_a_filter_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"no filter dataset, metric\.\nhint: .*dataset_id.*metric_name"):
        modellab.list_runs(dataset="digits", metric="accuracy")
    with pytest.raises(InvalidInput, match="no filter visible") as caught:
        modellab.list_runs(visible=frozenset())  # who may see what is the server's to say
    assert "visible" not in (caught.value.hint or "")


@pytest.mark.parametrize(
    "filters",
    [
        {"metric_min": 0.5},
        {"metric_name": "a", "metric_min": float("nan")},
        {"metric_name": "a", "metric_min": 2, "metric_max": 1},
        {"param_value": "x"},
        {"status": "done"},
        {"from_timestamp": "2026-02-01", "to_timestamp": "2026-01-01"},
        {"from_timestamp": "yesterday"},
    ],
    ids=str,
)
def test_filters_that_cannot_be_meant_are_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        modellab.list_runs(**filters)


def test_the_history_of_a_metric_has_steps_values_and_times() -> None:
    with start_run() as run:
        for step in range(5000):
            run.log_metrics({"loss": 1 / (step + 1)}, step=step)
    points = modellab.get_metric_history(run.id[-12:], "loss")
    assert [(point.step, point.value) for point in points] == [(i, 1 / (i + 1)) for i in range(5000)]
    times = [point.time for point in points]
    assert times == sorted(times)


def test_a_metric_that_the_run_has_not_is_not_found() -> None:
    found = _record("a", 0.5)
    with pytest.raises(NotFound, match="has no metric 'loss'"):
        modellab.get_metric_history(found, "loss")
    with pytest.raises(NotFound, match="nosuchrun"):
        modellab.get_metric_history("nosuchrun", "loss")


def test_a_live_run_can_be_read_while_it_goes_on() -> None:
    with start_run() as run:
        for step in range(3):
            run.log_metrics({"loss": step}, step=step)
            assert len(modellab.get_metric_history(run.id, "loss")) == step + 1
            assert modellab.list_runs()[0].status == "running"
    assert modellab.list_runs()[0].status == "completed"


def test_every_verb_takes_the_settings_of_another_project(project: Any) -> None:
    elsewhere = project.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".env").touch()
    other = modellab.load_settings(start=elsewhere)
    with start_run("there", settings=other) as run:
        run.log_metrics({"a": 1}, step=0)

    @modellab.log_run(settings=other)
    def train() -> None: ...

    train()
    assert modellab.list_runs() == []
    assert len(modellab.list_runs(settings=other)) == 2
    assert modellab.get_run(run.id, settings=other).name == "there"
    assert len(modellab.get_metric_history(run.id, "a", settings=other)) == 1


def test_a_database_that_is_none_is_left_alone_when_read(project: Any) -> None:
    database = project.root / "manifests" / "manifests.db"
    database.parent.mkdir()
    database.write_bytes(b"a text, and no database at all")
    with pytest.raises(modellab.StoreError, match="is not a SQLite database"):
        modellab.list_runs()
    assert database.read_bytes() == b"a text, and no database at all"


def test_a_setting_that_cannot_be_meant_is_said_when_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELLAB_SYSTEM_METRICS_S", "often")
    with pytest.raises(InvalidSetting, match="MODELLAB_SYSTEM_METRICS_S is 'often'"):
        modellab.list_runs()
