"""The same questions to a store and, over HTTP, to the server that has it, are given the same answers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import pytest

import modellab
from modellab import InvalidInput, ModelLabError, NotFound, Settings, get_metric_history, get_run, list_runs


@pytest.fixture(scope="module")
def lab(lasting_server: Any) -> Any:
    """A server with four runs of different kinds."""
    quiet = dataclasses.replace(lasting_server.settings, capture_console=False, system_metrics_s=0.0)
    for number, model in enumerate(("svm", "tree", "svm")):
        params = {"model": model, "lr": 10.0**-number, "layers": [64, 32], "note": "100%_sure"}
        with modellab.start_run(
            f"run {number}", params=params, tags={"team": "vision"}, seed=number, settings=quiet
        ) as run:
            for step in range(50):
                run.log_metrics(
                    {"accuracy": 0.5 + number / 10, "loss": math.inf if step == 7 else 1.0 / (step + 1)}
                )
            run.log_metrics({"odd": math.nan})
            run.set_note(f"note {number}: 100% sure")
    with (
        pytest.raises(ZeroDivisionError),
        modellab.start_run("broken", project_id="study", dataset_id="iris", settings=quiet) as run,
    ):
        run.log_metrics({"accuracy": 1 / 0})
    return lasting_server


@pytest.fixture
def remote(lab: Any) -> Settings:
    settings: Settings = lab.settings
    return dataclasses.replace(settings, api_url=lab.url)


FILTERS: list[dict[str, Any]] = [
    {},
    {"limit": 2},
    {"query": 'metrics.accuracy > 0.55 and params.model = "svm"'},
    {"query": "tags.team like 'vis%' and not status = 'failed'", "limit": 1},
    {"query": "status = 'failed' or params.model = 'tree'", "metric_name": "accuracy"},
    {"status": "failed"},
    {"project_id": "study"},
    {"dataset_id": "iris"},
    {"metric_name": "accuracy"},
    {"metric_name": "accuracy", "metric_min": 0.6},
    {"metric_name": "accuracy", "metric_min": 0.55, "metric_max": 0.65},
    {"param_name": "lr"},
    {"param_name": "lr", "param_value": "0.1"},
    {"param_name": "model", "param_value": "svm"},
    {"note_substring": "100% SURE"},
    {"note_substring": "100_ sure"},
    {"has_artifacts": False},
    {"from_timestamp": "2020-01-01"},
    {"to_timestamp": "2020-01-01"},
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_list_is_the_same_here_and_there(lab: Any, remote: Settings, filters: dict[str, Any]) -> None:
    here = list_runs(settings=lab.settings, **filters)
    there = list_runs(settings=remote, **filters)
    assert there == here


def test_a_run_is_the_same_here_and_there(lab: Any, remote: Settings) -> None:
    for summary in list_runs(settings=lab.settings):
        here = get_run(summary.run_id, settings=lab.settings)
        there = get_run(summary.run_id, settings=remote)
        # NaN is not equal to itself, but written out it is.
        assert repr(there) == repr(here)


def test_points_are_the_same_here_and_there(lab: Any, remote: Settings) -> None:
    run_id = list_runs(settings=lab.settings)[1].run_id
    for name in ("accuracy", "loss"):
        here = get_metric_history(run_id, name, settings=lab.settings)
        assert len(here) == 50
        assert get_metric_history(run_id, name, settings=remote) == here
    assert math.isnan(get_metric_history(run_id, "odd", settings=remote)[0].value)


def test_a_metric_of_more_points_than_fit_an_answer_is_read_whole(server: Any) -> None:
    quiet = dataclasses.replace(server.settings, capture_console=False, system_metrics_s=0.0)
    with modellab.start_run(settings=quiet) as run:
        for step in range(0, 250_000, 2):
            run.log_metrics({"loss": step % 1000 / 7}, step=step)
    here = get_metric_history(run.id, "loss", settings=server.settings)
    assert len(here) == 125_000
    remote = dataclasses.replace(server.settings, api_url=server.url)
    assert get_metric_history(run.id, "loss", settings=remote) == here


REFUSED: list[Callable[[Settings], object]] = [
    lambda settings: get_run("0" * 32, settings=settings),
    lambda settings: get_run("nothing-like-it", settings=settings),
    lambda settings: get_run("", settings=settings),
    lambda settings: get_metric_history("0" * 32, "loss", settings=settings),
    lambda settings: get_metric_history(list_runs(settings=settings)[1].run_id, "lost", settings=settings),
    lambda settings: list_runs("metrics.accuracy >", settings=settings),
    lambda settings: list_runs(limit=0, settings=settings),
    lambda settings: list_runs(limit=10_001, settings=settings),
    lambda settings: list_runs(metric_min=0.5, settings=settings),
    lambda settings: list_runs(param_value="x", settings=settings),
    lambda settings: list_runs(colour="red", settings=settings),
]


@pytest.mark.parametrize("ask", REFUSED)
def test_what_is_refused_here_is_refused_there_in_the_same_way(
    lab: Any, remote: Settings, ask: Callable[[Settings], object]
) -> None:
    with pytest.raises(ModelLabError) as here:
        ask(lab.settings)
    with pytest.raises(ModelLabError) as there:
        ask(remote)
    assert there.type is here.type
    assert here.type in (NotFound, InvalidInput) or issubclass(here.type, InvalidInput)


def test_a_run_is_found_by_the_end_of_its_id_there_too(lab: Any, remote: Settings) -> None:
    run_id = list_runs(settings=lab.settings)[0].run_id
    assert get_run(run_id[-9:].upper(), settings=remote).run_id == run_id


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_runs_come_as_a_frame_with_a_row_a_run(remote: Settings, kind: Any) -> None:
    frame = list_runs(frame=kind, settings=remote)
    assert len(frame) == 4
    assert list(frame["name"]) == ["broken", "run 2", "run 1", "run 0"]
    assert list(frame["params.model"])[1:] == ["svm", "tree", "svm"]
    assert list(frame["metrics.accuracy"])[1:] == [0.7, 0.6, 0.5]
    assert list(frame["tags.team"])[1:] == ["vision"] * 3
    missing = next(iter(frame["params.model"]))
    assert missing is None or math.isnan(missing)
    assert frame["timestamp"][0].tzinfo is not None


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_params_of_several_types_and_no_runs_make_frames_too(server: Any, kind: Any) -> None:
    assert len(list_runs(frame=kind, settings=server.settings)) == 0
    for value in (1, 2.5, "three", [4], None):
        modellab.start_run(params={"depth": value, "rate": 0.1}, settings=server.settings).finish()
    frame = list_runs(frame=kind, settings=server.settings)
    assert len(frame) == 5
    assert list(frame["params.rate"]) == [0.1] * 5
    assert "three" in list(frame["params.depth"])


def test_a_frame_of_an_unknown_kind_is_refused(server: Any) -> None:
    with pytest.raises(InvalidInput, match="'pandas' or 'polars'"):
        list_runs(frame="excel", settings=server.settings)  # type: ignore[call-overload]
