"""Evaluations and latency reports over HTTP: computed, kept with the run, read, removed, and refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest

from modellab.evaluation.examples import decode_examples
from modellab.latency import decode_samples
from modellab.tracking.evaluations import evaluate as measure

if TYPE_CHECKING:
    from tests.server.conftest import Lab, Team

ReadProblem = Callable[[httpx.Response], dict[str, Any]]
OpenTeam = Callable[..., AbstractContextManager["Team"]]

API = "/api/modellab/runs"
SCORES = [round(0.3 + 0.5 * (place % 2) + (place % 7) / 100, 3) for place in range(40)]
BODY: dict[str, Any] = {
    "predictions": SCORES,
    "labels": ["no" if place % 2 == 0 else "yes" for place in range(40)],
    "data": [{"age": 20 + place if place % 5 else None, "home": "ab"[place % 2]} for place in range(40)],
    "rowIds": [f"row {place}" for place in range(40)],
    "config": {
        "taskType": "classification",
        "classes": ["no", "yes"],
        "sliceAttributes": ["age", "home"],
        "nResamples": 100,
    },
}


def evaluate(lab: Lab, run_id: str, **changed: Any) -> httpx.Response:
    return lab.api.post(f"{API}/{run_id}/evaluate", json={**BODY, **changed})


@pytest.fixture
def run_id(lab: Lab) -> str:
    return lab.record(final={"accuracy": 0.25})


def test_what_the_documents_send_is_evaluated_and_answered_whole(lab: Lab, run_id: str) -> None:
    answer = evaluate(lab, run_id)

    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert answer.headers["location"] == f"{API}/{run_id}/evaluations/test"
    assert (found["run_id"], found["name"], found["n"]) == (run_id, "test", 40)
    assert found["classes"] == ["no", "yes"]
    assert found["metrics"]["accuracy"] == 1.0
    assert found["intervals"]["accuracy"]["low"] < 1.0
    assert found["report"]["takeaway"] == found["takeaway"]
    assert {"slices", "failures", "stress", "curves"} <= set(found["report"])
    assert found["report"]["stress"]["ran"] is False
    assert lab.get(f"{API}/{run_id}/evaluations/test") == found
    assert lab.get(f"{API}/{run_id}/evaluations")["items"] == [
        {name: value for name, value in found.items() if name != "report"}
    ]


def test_it_is_kept_as_if_the_run_had_logged_it(lab: Lab, run_id: str) -> None:
    evaluate(lab, run_id)

    final = lab.get(f"{API}/{run_id}")["final_metrics"]
    assert final["accuracy"] == 0.25
    assert final["test/accuracy"] == 1.0
    assert lab.ids(metric_name="test/f1", metric_min=0.9) == [run_id]
    assert lab.get("/runs/leaderboard", metric_name="test/roc_auc")[0]["run_id"] == run_id
    paths = [file["path"] for file in lab.get(f"/api/modellab/artifacts/{run_id}", limit=1000)["items"]]
    assert {"evaluations/test/metrics.json", "evaluations/test/plots/roc_curve.png"} <= set(paths)
    examples = decode_examples(
        lab.api.get(f"/api/modellab/artifacts/{run_id}/download/evaluations/test/examples.npz").content
    )
    assert examples.row_ids == tuple(BODY["rowIds"])
    expected = lab.get(f"{API}/{run_id}/repro")["expected_metrics"]
    assert "test/f1" in {one["name"] for one in expected}


def test_snake_case_a_split_and_columns_do_as_well(lab: Lab, run_id: str) -> None:
    body = {
        "predictions": [1.5, 2.0, 3.5] * 10,
        "labels": [1, 2, 3] * 10,
        "row_ids": list(range(30)),
        "split": "validation",
        "clusters": [place // 3 for place in range(30)],
        "data": {"age": list(range(30))},
        "config": {"task_type": "regression", "n_resamples": 100},
    }
    answer = lab.api.post(f"{API}/{run_id}/evaluate", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "validation"
    assert lab.get(f"{API}/{run_id}")["final_metrics"]["validation/mae"] == pytest.approx(1 / 3)


def test_the_same_name_again_replaces_and_a_delete_removes(lab: Lab, run_id: str) -> None:
    evaluate(lab, run_id)
    evaluate(lab, run_id, name="other")
    wrong = [1 - score for score in SCORES]
    assert evaluate(lab, run_id, predictions=wrong).json()["metrics"]["accuracy"] == 0.0
    assert [one["name"] for one in lab.get(f"{API}/{run_id}/evaluations")["items"]] == ["other", "test"]

    gone = lab.api.delete(f"{API}/{run_id}/evaluations/test")

    assert gone.status_code == 200
    assert gone.json()["name"] == "test"
    assert gone.json()["freed_bytes"] > 0
    assert lab.api.delete(f"{API}/{run_id}/evaluations/test").status_code == 404
    assert [one["name"] for one in lab.get(f"{API}/{run_id}/evaluations")["items"]] == ["other"]
    final = lab.get(f"{API}/{run_id}")["final_metrics"]
    assert {name.partition("/")[0] for name in final} == {"accuracy", "other"}


BAD: dict[str, dict[str, Any]] = {
    "fewer labels": {"labels": ["no"]},
    "no rows": {"predictions": [], "labels": [], "data": None, "rowIds": None},
    "no list": {"predictions": "0.5"},
    "above one": {"predictions": [1.5] * 40},
    "a missing prediction": {"predictions": [None, *SCORES[1:]]},
    "a missing label": {"labels": [None, *BODY["labels"][1:]]},
    "an unknown class": {"labels": ["maybe", *BODY["labels"][1:]]},
    "an unknown setting": {"config": {"sliceAtributes": ["age"]}},
    "a column that is not there": {"config": {"sliceAttributes": ["height"]}},
    "an unknown task": {"config": {"taskType": "ranking"}},
    "too many resamples": {"config": {"nResamples": 10_001}},
    "too many resamples in capitals": {"config": {"N_RESAMPLES": 10_001}},
    "classes that are lists": {"config": {"classes": [[1, 2], [3, 4]]}},
    "an unknown field": {"colour": "red"},
    "fewer data": {"data": [{"age": 1}]},
    "data of numbers": {"data": [1] * 40},
    "a row twice": {"rowIds": ["a"] * 40},
    "a row id of no kind": {"rowIds": [[1]] * 40},
    "a name with a slash": {"name": "a/b"},
    "a name that is taken": {"name": "system"},
    "a name of windows": {"name": "con"},
    "a file to write": {"output_dir": "/tmp/x"},
    "a folder to write to": {"config": {"outputDir": "/tmp/x"}},
    "deep": {"predictions": [[[[1]]]] * 40},
    "objects": {"predictions": [{"a": 1}] * 40},
    "booleans and text": {"labels": [True, "no"] * 20},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_evaluated_is_a_problem_and_nothing_is_kept(
    lab: Lab, run_id: str, read_problem: ReadProblem, change: dict[str, Any]
) -> None:
    answer = evaluate(lab, run_id, **change)
    assert answer.status_code == 422, answer.text
    read_problem(answer)
    assert lab.get(f"{API}/{run_id}/evaluations")["items"] == []
    assert lab.get(f"/api/modellab/artifacts/{run_id}")["items"] == []
    assert lab.store.files.count() == (0, 0)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2", b'{"predictions": [NaN]}', b'{"labels": ["\\ud800"]}', b"\xff\xfe", b"[" * 100_000],
)
def test_a_body_that_is_no_json_is_told_apart(
    lab: Lab, run_id: str, read_problem: ReadProblem, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = lab.api.post(f"{API}/{run_id}/evaluate", content=content, headers=headers)
    assert answer.status_code == 400
    assert "not JSON" in read_problem(answer)["detail"]


def test_a_body_may_be_larger_than_others_and_no_larger(
    lab: Lab, run_id: str, read_problem: ReadProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modellab.server.limits.MAX_EVALUATION_BYTES", 5 << 20)
    content = httpx.Request("POST", "http://x", json=BODY).content
    answer = lab.api.post(f"{API}/{run_id}/evaluate", content=content + b" " * (4 << 20))
    assert answer.status_code == 201, answer.text
    answer = lab.api.post(f"{API}/{run_id}/evaluate", content=content + b" " * (5 << 20))
    assert (answer.status_code, read_problem(answer)["status"]) == (413, 413)


def test_a_run_that_is_not_there_or_in_the_trash_takes_nothing_in(
    lab: Lab, run_id: str, read_problem: ReadProblem
) -> None:
    evaluate(lab, run_id)
    lab.api.delete(f"{API}/{run_id}")
    for one in ("0" * 32, run_id):
        for answer in (
            evaluate(lab, one),
            lab.api.post(f"{API}/{one}/latency", json={"latencies_ms": [1.0]}),
            lab.api.get(f"{API}/{one}/evaluations"),
            lab.api.get(f"{API}/{one}/evaluations/test"),
            lab.api.delete(f"{API}/{one}/evaluations/test"),
            lab.api.get(f"{API}/{one}/latency"),
        ):
            assert answer.status_code == 404
            read_problem(answer)
    lab.api.post(f"/api/modellab/trash/run/{run_id}/restore")


def test_a_server_without_the_packages_says_what_it_lacks(
    lab: Lab, run_id: str, read_problem: ReadProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modellab.server.evaluating.list_missing_packages", lambda: ["scipy", "sklearn"])
    for answer in (
        evaluate(lab, run_id),
        lab.api.post(f"{API}/{run_id}/latency", json={"latencies_ms": [1.0]}),
    ):
        assert answer.status_code == 501
        problem = read_problem(answer)
        assert problem["type"] == "/problems/not-installed"
        assert "scipy, sklearn" in problem["detail"]
        assert problem["hint"] == "pip install 'modellab[evaluation]'"


def test_two_are_computed_at_a_time_while_the_server_answers_others(
    lab: Lab, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, go = threading.Lock(), threading.Event()
    begun = threading.Semaphore(0)
    running: list[int] = [0]
    most: list[int] = [0]

    def slow(**given: Any) -> Any:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        begun.release()
        assert go.wait(30)
        try:
            return measure(**given)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr("modellab.server.routes.modellab.evaluations.evaluate", slow)
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(evaluate, lab, run_id, name=f"n{place}") for place in range(6)]
        for _ in range(2):
            assert begun.acquire(timeout=30)
        for _ in range(10):  # more than there are threads for ordinary requests
            assert lab.get(f"{API}/{run_id}")["run_id"] == run_id
        go.set()
        assert [one.result().status_code for one in waiting] == [201] * 6
    assert most == [2]
    assert len(lab.get(f"{API}/{run_id}/evaluations")["items"]) == 6


@pytest.fixture(scope="module")
def team(open_team: OpenTeam, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with open_team(tmp_path_factory.mktemp("team")) as team:
        for name in ("mine", "theirs"):
            team.store.projects.create(name, project_id=name)
        team.store.accounts.join("mia", "mine", "editor")
        yield team


def test_viewers_read_editors_log_and_members_see_their_own_projects_alone(team: Team) -> None:
    mine, theirs = team.lab.record(project_id="mine"), team.lab.record(project_id="theirs")
    with team.ask("eddy") as eddy, team.ask("vera") as vera, team.ask("mia") as mia, team.ask() as nobody:
        for run_id in (mine, theirs):
            assert eddy.post(f"{API}/{run_id}/evaluate", json=BODY).status_code == 201
        for client, run_id, status in (
            (vera, mine, 403),
            (mia, mine, 201),
            (mia, theirs, 404),
            (nobody, mine, 401),
        ):
            for path, body in (("evaluate", BODY), ("latency", {"latencies_ms": [1.0, 2.0]})):
                answer = client.post(f"{API}/{run_id}/{path}", json=body)
                assert answer.status_code == status, (path, status, answer.text)
        assert vera.get(f"{API}/{theirs}/evaluations/test").json()["n"] == 40
        assert vera.get(f"{API}/{mine}/latency").json()["items"][0]["name"] == "default"
        assert vera.delete(f"{API}/{theirs}/evaluations/test").status_code == 403
        for path in ("evaluations", "evaluations/test", "latency"):
            assert mia.get(f"{API}/{theirs}/{path}").status_code == 404
            assert mia.get(f"{API}/{mine}/{path}").status_code == 200
        # The same bytes as in the other project, made for this one by the server: they can be read.
        found = mia.get(f"/api/modellab/artifacts/{mine}/download/evaluations/test/examples.npz")
        assert found.status_code == 200
        assert mia.delete(f"{API}/{mine}/evaluations/test").status_code == 200


def test_who_added_and_removed_what_is_written_down(team: Team) -> None:
    run_id = team.lab.record(project_id="mine")
    with team.ask("mia") as mia, team.ask("ada") as ada:
        mia.post(f"{API}/{run_id}/evaluate", json=BODY)
        mia.delete(f"{API}/{run_id}/evaluations/test")
        mia.post(f"{API}/{run_id}/latency", json={"latencies_ms": [1.0, 2.0]})
        found = ada.get("/api/modellab/audit", params={"limit": 3}).json()["items"]
    assert [(one["actor"], one["action"], one["kind"], one["target"]) for one in found] == [
        ("mia", "add", "latency", "default"),
        ("mia", "remove", "evaluation", "test"),
        ("mia", "add", "evaluation", "test"),
    ]
    assert {one["details"]["run_id"] for one in found} == {run_id}


def test_the_headline_is_read_before_the_bytes_are_here(lab: Lab) -> None:
    fields = {
        "name": "test",
        "task_type": "classification",
        "n": 4,
        "classes": ["a", "b"],
        "primary_metric": "f1",
        "metrics": {"f1": 0.5},
        "notes": {},
        "intervals": {},
        "takeaway": "So far.",
        "rows_sha256": "ab" * 32,
        "examples_sha256": "cd" * 32,
        "files": [],
    }
    writer = lab.write()
    writer.append_event("evaluation", fields)
    writer.close()
    lab.store.collector.collect_run(writer.run_id)
    found = lab.get(f"{API}/{writer.run_id}/evaluations/test")
    assert (found["metrics"], found["report"]) == ({"f1": 0.5}, None)


def test_measured_times_become_a_report(lab: Lab, run_id: str) -> None:
    times = [float(1 + place % 10) for place in range(400)]
    answer = lab.api.post(f"{API}/{run_id}/latency", json={"latencies_ms": times, "name": "batch-8"})

    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["name"], found["report"]["n"], found["report"]["mode"]) == ("batch-8", 400, "given")
    assert found["report"]["p50_ms"] == 5.0
    assert lab.get(f"{API}/{run_id}/latency") == {"items": [found]}
    assert lab.get(f"{API}/{run_id}")["final_metrics"]["latency/batch-8/p95_ms"] == 10.0
    (samples,) = decode_samples(lab.store.latencies.read_samples(run_id, "batch-8"))
    np.testing.assert_allclose(samples * 1000, times)
    expected = {one["name"]: one for one in lab.get(f"{API}/{run_id}/repro")["expected_metrics"]}
    assert expected["latency/batch-8/p95_ms"]["tolerance"] is None  # it measures the machine

    assert lab.api.delete(f"{API}/{run_id}/latency/batch-8").json()["name"] == "batch-8"
    assert lab.get(f"{API}/{run_id}/latency") == {"items": []}
    assert lab.api.delete(f"{API}/{run_id}/latency/batch-8").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"latencies_ms": []},
        {"latencies_ms": ["fast"]},
        {"latencies_ms": [-1.0]},
        {"latencies_ms": [1.0], "name": ""},
        {"latencies_ms": [1.0], "name": "a/b"},
        {"latencies_ms": [1.0], "colour": "red"},
        {"latencies_ms": 5},
    ],
    ids=str,
)
def test_what_are_no_times_is_a_problem(
    lab: Lab, run_id: str, read_problem: ReadProblem, body: dict[str, Any]
) -> None:
    answer = lab.api.post(f"{API}/{run_id}/latency", json=body)
    assert answer.status_code == 422, answer.text
    read_problem(answer)
    assert lab.get(f"{API}/{run_id}/latency") == {"items": []}
