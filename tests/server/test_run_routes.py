from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from modellab.server.bodies.runs import ComparisonBody, RunDetailBody, RunSummaryBody

SUMMARY_KEYS = {"run_id", "timestamp", "git_hash", "command", "dataset_id", "wandb_url", "final_metrics"}
DETAIL_KEYS = SUMMARY_KEYS | {
    "git_diff",
    "python_version",
    "pip_freeze",
    "device_info",
    "params",
    "artifacts",
    "note",
}


@pytest.fixture(scope="module")
def lab(open_lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Three runs, oldest first: `svm`, `logistic` and `broken`."""
    with open_lab(tmp_path_factory.mktemp("project")) as lab:
        lab.runs = SimpleNamespace(
            svm=lab.record(
                started_us=1_750_000_000_000_000,
                params={"lr": 0.1, "model": "svm", "layers": {"depth": 2}},
                dataset_id="iris",
                note="the baseline",
                context={
                    "git_hash": "abc123",
                    "git_diff": "+ a line",
                    "command": "python train.py --model svm",
                    "python_version": "3.12.1",
                    "pip_freeze": "numpy==2.0",
                    "device_info": '{"cpu":"x"}',
                },
                points={"loss": [3.0, 2.0, 1.0]},
                final={"accuracy": 0.9},
                artifacts=["model.joblib"],
            ),
            logistic=lab.record(
                started_us=1_750_000_600_000_000,
                params={"lr": 0.01, "model": "logistic"},
                dataset_id="iris",
                context={"command": "python other.py"},
                final={"accuracy": 0.7, "auc": 0.8},
            ),
            broken=lab.record(
                started_us=1_750_001_200_000_000,
                params={"lr": "0.10", "model": "svm"},
                dataset_id="wine",
                final={"accuracy": "nan", "loss": "inf", "margin": "-inf"},
            ),
        )
        yield lab


def test_health_names_the_project(lab: Any) -> None:
    assert lab.get("/health") == {"status": "ok", "project": "tested"}


def test_runs_are_listed_newest_first_with_exactly_the_documented_keys(lab: Any) -> None:
    found = lab.get("/runs")
    assert [run["run_id"] for run in found] == [lab.runs.broken, lab.runs.logistic, lab.runs.svm]
    assert all(run.keys() == SUMMARY_KEYS for run in found)
    assert found[2]["final_metrics"] == {"loss": 1.0, "accuracy": 0.9}
    assert found[2]["git_hash"] == "abc123"


def test_nan_and_infinity_are_strings(lab: Any) -> None:
    assert lab.get("/runs")[0]["final_metrics"] == {"accuracy": "nan", "loss": "inf", "margin": "-inf"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"dataset_id": "iris"}, ["logistic", "svm"]),
        ({"command_substring": "TRAIN.py"}, ["svm"]),
        ({"note_substring": "Baseline"}, ["svm"]),
        ({"from_timestamp": "2025-06-15T15:16:00Z"}, ["broken", "logistic"]),
        ({"to_timestamp": "2025-06-15T15:16:00Z"}, ["svm"]),
        ({"from_timestamp": "2025-06-15", "to_timestamp": "2025-06-15"}, ["broken", "logistic", "svm"]),
        ({"to_timestamp": "2025-06-14"}, []),
        ({"has_artifacts": True}, ["svm"]),
        ({"has_artifacts": False}, ["broken", "logistic"]),
        ({"metric_name": "accuracy"}, ["broken", "logistic", "svm"]),
        ({"metric_name": "accuracy", "metric_min": 0.8}, ["svm"]),
        ({"metric_name": "accuracy", "metric_max": 0.8}, ["logistic"]),
        ({"metric_name": "accuracy", "metric_min": 0.7, "metric_max": 0.7}, ["logistic"]),
        ({"metric_name": "loss", "metric_min": "inf"}, ["broken"]),
        ({"param_name": "layers"}, ["svm"]),
        ({"param_name": "lr", "param_value": "1e-1"}, ["svm"]),
        ({"param_name": "model", "param_value": "svm"}, ["broken", "svm"]),
        ({"status": "completed", "dataset_id": "wine"}, ["broken"]),
        ({"status": "running"}, []),
        ({"dataset_id": "", "metric_min": "", "limit": ""}, ["broken", "logistic", "svm"]),
        ({"no_such_filter": "x"}, ["broken", "logistic", "svm"]),
    ],
)
def test_filters_narrow_the_list(lab: Any, filters: dict[str, Any], expected: list[str]) -> None:
    assert lab.ids(**filters) == [getattr(lab.runs, name) for name in expected]


def test_pages_follow_each_other_by_link_until_the_last(lab: Any) -> None:
    answer = lab.api.get("/runs", params={"limit": 2, "metric_name": "accuracy"})
    assert [run["run_id"] for run in answer.json()] == [lab.runs.broken, lab.runs.logistic]
    assert answer.links["next"]["url"].startswith(lab.address)

    by_link = lab.api.get(answer.links["next"]["url"])
    by_cursor = lab.api.get("/runs", params={"limit": 2, "cursor": answer.headers["x-next-cursor"]})
    for last in (by_link, by_cursor):
        assert [run["run_id"] for run in last.json()] == [lab.runs.svm]
        assert "link" not in last.headers
        assert "x-next-cursor" not in last.headers


def test_one_run_has_exactly_the_documented_keys_with_json_decoded(lab: Any) -> None:
    run = lab.get(f"/runs/{lab.runs.svm}")
    assert run.keys() == DETAIL_KEYS
    assert run.pop("timestamp").startswith("2025-06-15T15:06:40")
    assert run == {
        "run_id": lab.runs.svm,
        "git_hash": "abc123",
        "git_diff": "+ a line",
        "command": "python train.py --model svm",
        "python_version": "3.12.1",
        "pip_freeze": "numpy==2.0",
        "device_info": '{"cpu":"x"}',
        "dataset_id": "iris",
        "params": {"lr": 0.1, "model": "svm", "layers": {"depth": 2}},
        "final_metrics": {"loss": 1.0, "accuracy": 0.9},
        "artifacts": ["model.joblib"],
        "wandb_url": None,
        "note": "the baseline",
    }


def test_the_leaderboard_puts_the_largest_first_and_leaves_nan_out(lab: Any) -> None:
    board = lab.get("/runs/leaderboard", metric_name="accuracy")
    assert [run["run_id"] for run in board] == [lab.runs.svm, lab.runs.logistic]
    assert all(run.keys() == SUMMARY_KEYS for run in board)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"ascending": True}, ["logistic", "svm"]),
        ({"top_k": 1}, ["svm"]),
        ({"has_artifacts": False}, ["logistic"]),
        ({"dataset_id": "wine"}, []),
        ({"metric_name": "loss"}, ["broken", "svm"]),
        ({"metric_name": "no such metric"}, []),
    ],
)
def test_the_leaderboard_takes_options(lab: Any, options: dict[str, Any], expected: list[str]) -> None:
    board = lab.get("/runs/leaderboard", **{"metric_name": "accuracy", **options})
    assert [run["run_id"] for run in board] == [getattr(lab.runs, name) for name in expected]


def test_runs_are_compared_in_the_order_asked_for_by_address_and_by_body(lab: Any) -> None:
    ids = [lab.runs.logistic, lab.runs.svm]
    found = lab.get("/runs/compare", ids=ids)
    assert found.keys() == {"metric_keys", "param_keys", "runs", "warnings"}
    assert found["metric_keys"] == ["accuracy", "auc", "loss"]
    assert found["param_keys"] == ["layers", "lr", "model"]
    assert [run["run_id"] for run in found["runs"]] == ids
    assert all(run.keys() == DETAIL_KEYS for run in found["runs"])

    answer = lab.api.post("/compare", json={"run_ids": ids})
    assert answer.status_code == 200
    assert answer.json() == found


def test_a_run_named_twice_is_compared_once(lab: Any) -> None:
    found = lab.get("/runs/compare", ids=[lab.runs.svm, lab.runs.svm])
    assert [run["run_id"] for run in found["runs"]] == [lab.runs.svm]


@pytest.mark.parametrize("note", ["worth a second look", "", "zwölf 😀\nlines"])
def test_a_note_is_replaced_and_the_run_comes_back(lab: Any, note: str) -> None:
    answer = lab.api.patch(f"/runs/{lab.runs.broken}/note", json={"note": note})
    assert answer.status_code == 200
    assert answer.json().keys() == DETAIL_KEYS
    assert answer.json()["note"] == note
    assert lab.get(f"/runs/{lab.runs.broken}")["note"] == note


def test_answers_are_what_the_document_says(lab: Any) -> None:
    assert RunSummaryBody.model_fields.keys() == SUMMARY_KEYS
    assert RunDetailBody.model_fields.keys() == DETAIL_KEYS
    for run in lab.get("/runs"):
        RunSummaryBody.model_validate(run, extra="forbid")
    ComparisonBody.model_validate(lab.get("/runs/compare", ids=list(vars(lab.runs).values())), extra="forbid")


def test_the_page_of_the_api_counts_the_runs_and_lists_every_address(lab: Any) -> None:
    answer = lab.api.get("/api")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "3 runs recorded" in answer.text
    assert f"curl '{lab.address}/health'" in answer.text
    for path, methods in lab.get("/openapi.json")["paths"].items():
        for method in methods:
            assert f"<b>{method.upper()}</b> {path}" in answer.text
    assert "<script" not in answer.text
    assert "http://" not in answer.text.replace(lab.address, "")
    assert "https://" not in answer.text
