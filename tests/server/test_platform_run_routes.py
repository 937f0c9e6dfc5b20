"""`/api/modellab/runs` over HTTP, and that one story told in two ways gives the same run."""

from __future__ import annotations

import dataclasses
import json
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import modellab
from modellab.ids import new_run_id
from modellab.records import MetricSummary, Run, RunSummary
from modellab.server.bodies.run_records import ListedRunBody, MetricBody, WholeRunBody

AT = "/api/modellab/runs"


@pytest.mark.parametrize(
    ("body", "record"), [(ListedRunBody, RunSummary), (WholeRunBody, Run), (MetricBody, MetricSummary)]
)
def test_an_answer_has_the_fields_of_its_record(body: Any, record: Any) -> None:
    assert set(body.model_fields) == {field.name for field in dataclasses.fields(record)}


def send(lab: Any, method: str, path: str, body: Any) -> Any:
    """The answer to a body in ASCII, so that half a surrogate pair can be sent."""
    return lab.api.request(
        method, path, content=json.dumps(body), headers={"Content-Type": "application/json"}
    )


CAPTURED = ("git_hash", "git_branch", "git_dirty", "git_diff", "command", "python_version", "pip_freeze")
MACHINE = ("device_info", "hostname", "user")
OWN = ("run_id", "timestamp", "duration_s")


def tell_by_sdk(lab: Any) -> str:
    """A run recorded by a process; its id."""
    with modellab.start_run(
        "baseline",
        project_id="iris",
        seed=7,
        dataset_id="iris-v1",
        params={"lr": 0.1, "layers": [4, 2], "password": "geheim"},
        tags={"team": "vision", "tries": 2},
        note="first",
        description="A floor.",
        config={"model": {"depth": 3, "token": "geheim"}},
        settings=dataclasses.replace(lab.settings, capture_console=False, system_metrics_s=0),
    ) as run:
        run.log_metrics({"accuracy": 0.9})
        run.log_metrics({"accuracy": math.inf})
        for step, loss in enumerate((1.5, 0.5, math.nan)):
            run.log_metrics({"loss": loss}, step=step)
        run.log_params({"epochs": 3})
        run.set_tags({"kind": "svm"})
        run.set_note("second")
        return str(run.id)


def tell_by_http(lab: Any) -> str:
    """The same, told over HTTP; its id."""
    made = lab.api.post(
        AT,
        json={
            "name": "baseline",
            "project_id": "iris",
            "seed": 7,
            "dataset_id": "iris-v1",
            "hyperparameters": {"lr": 0.1, "layers": [4, 2], "password": "geheim"},
            "tags": {"team": "vision", "tries": 2},
            "note": "first",
            "description": "A floor.",
            "config": {"model": {"depth": 3, "token": "geheim"}},
            "status": "running",
        },
    )
    assert made.status_code == 201, made.text
    run_id = made.json()["run_id"]
    assert made.headers["Location"] == f"{AT}/{run_id}"
    losses = enumerate((1.5, 0.5, "nan"))
    for body in (
        {"metrics": {"accuracy": 0.9}},
        {"metrics": {"accuracy": "inf"}, "params": {"epochs": 3}},
        {"points": [{"step": step, "metrics": {"loss": loss}} for step, loss in losses]},
        {"tags": {"kind": "svm"}, "note": "second"},
        {"status": "completed"},
    ):
        answer = lab.api.put(f"{AT}/{run_id}", json=body)
        assert answer.status_code == 200, answer.text
    return str(run_id)


def test_one_story_told_in_two_ways_is_the_same_run(lab: Any) -> None:
    by_sdk, by_http = tell_by_sdk(lab), tell_by_http(lab)
    for family in ("/runs", AT):
        one, other = (lab.get(f"{family}/{run_id}") for run_id in (by_sdk, by_http))
        kept = one.keys() - {*CAPTURED, *MACHINE, *OWN}
        assert one.keys() == other.keys()
        assert {name: one[name] for name in kept} == {name: other[name] for name in kept}
    one, other = (lab.get(f"{AT}/{run_id}/series") for run_id in (by_sdk, by_http))
    for found, same in zip(one["series"], other["series"], strict=True):
        assert {**found, "times": None} == {**same, "times": None}
    listed = {run["run_id"]: run for run in lab.get(AT, query="params.epochs = 3")["items"]}
    assert {run["seed"] for run in listed.values()} == {7}
    assert listed.keys() == {by_sdk, by_http}
    assert listed[by_sdk]["final_metrics"] == listed[by_http]["final_metrics"]
    assert listed[by_http]["final_metrics"] == {"loss": "nan", "accuracy": "inf"}
    assert listed[by_http]["params"]["password"] == listed[by_sdk]["params"]["password"] != "geheim"


def test_a_run_is_pending_if_nothing_else_is_said(lab: Any) -> None:
    made = lab.api.post(AT, json={})
    assert (made.status_code, made.json()["status"], made.json()["duration_s"]) == (201, "pending", None)
    run_id = made.json()["run_id"]
    statuses = []
    for status in ("running", "failed", "completed", None):
        statuses.append(lab.api.put(f"{AT}/{run_id}", json={"status": status}).json()["status"])
    assert statuses == ["running", "failed", "completed", "completed"]
    assert [run["run_id"] for run in lab.get(AT, status="completed")["items"]] == [run_id]


def test_a_change_of_nothing_changes_nothing(lab: Any) -> None:
    run = lab.api.post(AT, json={"name": "a", "note": "n"}).json()
    answer = lab.api.put(f"{AT}/{run['run_id']}", json={})
    assert (answer.status_code, answer.json()) == (200, run)
    bare = lab.api.put(f"{AT}/{run['run_id']}", json={"name": None, "note": None}).json()
    assert (bare["name"], bare["note"]) == (None, "")


def test_lists_are_filtered_and_come_in_pages(lab: Any) -> None:
    parent = lab.api.post(AT, json={"name": "sweep"}).json()["run_id"]
    ids = [
        lab.api.post(
            AT,
            json={
                "project_id": "p",
                "parent_id": parent,
                "dataset_id": "d",
                "metrics": {"acc": i / 10},
                "git_commit": "abc",
            },
        ).json()["run_id"]
        for i in range(5)
    ]
    assert [run["git_hash"] for run in lab.get(AT, limit=1)["items"]] == ["abc"]
    for wanted in ({"project_id": "p"}, {"parent_id": parent}, {"dataset_id": "d"}):
        seen: list[str] = []
        cursor = None
        while True:
            page = lab.get(AT, limit=2, **wanted, **({"cursor": cursor} if cursor else {}))
            seen += [run["run_id"] for run in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ids[::-1]
    found = lab.get(AT, query="metrics.acc between 0.1 and 0.2", project_id="p")["items"]
    assert [run["run_id"] for run in found] == [ids[2], ids[1]]
    assert lab.get(f"{AT}/{parent}")["children"] == ids
    for bad in ({"query": "metrics.acc >"}, {"cursor": "x"}, {"limit": 0}, {"status": "paused"}):
        assert lab.api.get(AT, params=bad).status_code == 422, bad


def test_the_status_of_a_live_process_is_not_told(lab: Any) -> None:
    writer = lab.write()
    lab.store.collector.collect_run(writer.run_id)
    answer = lab.api.put(f"{AT}/{writer.run_id}", json={"status": "completed", "note": "n"})
    assert (answer.status_code, "still recording" in answer.json()["detail"]) == (409, True)
    assert lab.api.put(f"{AT}/{writer.run_id}", json={"note": "n"}).json()["status"] == "running"
    writer.append_event("end", {"status": "completed"})
    writer.close()
    lab.store.collector.collect_run(writer.run_id)
    answer = lab.api.put(f"{AT}/{writer.run_id}", json={"status": "failed", "error": "leaked labels"})
    assert (answer.json()["status"], answer.json()["error"]) == ("failed", "leaked labels")
    assert [run["error"] for run in lab.get(AT)["items"]] == ["leaked labels"]


def test_requests_at_the_same_moment_are_all_kept(lab: Any) -> None:
    run_id = lab.api.post(AT, json={"status": "running"}).json()["run_id"]

    def change(i: int) -> int:
        return int(
            lab.api.put(f"{AT}/{run_id}", json={"metrics": {"a": i}, "params": {f"p{i}": i}}).status_code
        )

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(change, range(32))) == {200}
    run = lab.get(f"{AT}/{run_id}")
    assert len(run["params"]) == 32
    assert (run["metrics"]["a"]["count"], run["metrics"]["a"]["last_step"]) == (32, 31)


def test_curves_and_console_are_read_here_too(lab: Any) -> None:
    run_id = lab.record(points={"loss": [1.0, 0.5]})
    assert lab.get(f"{AT}/{run_id}/series", metric="loss") == lab.get(f"/runs/{run_id}/series", metric="loss")
    assert lab.get(f"{AT}/{run_id}/console") == {"run_id": run_id, "text": "", "next_after": 0}
    for part in ("", "/series", "/console"):
        assert lab.api.get(f"{AT}/{new_run_id()}{part}").status_code == 404


def test_a_console_is_followed_by_asking_for_what_is_newer(lab: Any) -> None:
    writer = lab.write()

    def print_line(text: str) -> None:
        writer.append_event("console", {"stream": "stdout", "text": text})
        lab.store.collector.collect_run(writer.run_id)

    print_line("epoch 1")
    first = lab.get(f"{AT}/{writer.run_id}/console")
    print_line("epoch 2")
    second = lab.get(f"{AT}/{writer.run_id}/console", after=first["next_after"])
    assert (first["text"], second["text"]) == ("epoch 1\n", "epoch 2\n")
    rest = lab.get(f"{AT}/{writer.run_id}/console", after=second["next_after"])
    assert (rest["text"], rest["next_after"]) == ("", second["next_after"])
    assert lab.api.get(f"{AT}/{writer.run_id}/console", params={"after": -1}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 251},
        {"note": "x" * 100_001},
        {"description": "a\x00b"},
        {"note": "a\x00b"},
        {"note": "a\ud800b"},
        {"tags": {"a": "\ud800"}},
        {"params": {"a": "\x00"}},
        {"params": {"a": [{"b": "\ud800"}]}},
        {"params": {"a": {"\ud800": 1}}},
        {"config": {"a": ["\x00"]}},
        {"config": {"\ud800": {"\udfff\x00": 1}}},
        {"tags": {"a": {"b": 1}}},
        {"tags": {"x" * 251: "1"}},
        {"params": {"": 1}},
        {"params": [1]},
        {"params": {"a": 1}, "hyperparameters": {"a": 1}},
        {"config": "text"},
        {"config": {"a": "x" * 65_536}},
        {"metrics": {"a": "high"}},
        {"metrics": {"a": None}},
        {"metrics": {"": 1}},
        {"metrics": {"a": 1}, "step": 2**53 + 1},
        {"step": 3},
        {"points": [{"step": 0, "metrics": {}}]},
        {"points": [{"step": 0.5, "metrics": {"a": 1}}]},
        {"points": [{"step": 0, "metrics": {"a": 1}, "time": -1}]},
        {"status": "done"},
        {"error": "why"},
        {"status": "completed", "error": "why"},
        {"unknown": 1},
    ],
    ids=lambda body: "-".join(body),
)
def test_a_body_that_cannot_be_meant_changes_nothing(lab: Any, body: Any) -> None:
    before = lab.get(AT)["items"]
    answer = send(lab, "POST", AT, body)
    assert answer.status_code == 422, answer.text
    assert lab.get(AT)["items"] == before
    run = lab.api.post(AT, json={"note": "before"}).json()
    assert send(lab, "PUT", f"{AT}/{run['run_id']}", {"tags": {"n": "1"}, **body}).status_code == 422
    assert lab.get(f"{AT}/{run['run_id']}") == run


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"run_id": "../x"}, 422),
        ({"run_id": ""}, 422),
        ({"seed": 2**63}, 422),
        ({"git_hash": "a", "git_commit": "a"}, 422),
        ({"parent_id": "nobody"}, 404),
        ({"project_id": "a\nb"}, 422),
        ({"project_id": "../.."}, 422),
        ({"project_id": "a/b"}, 422),
        ({"project_id": ".."}, 422),
        ({"project_id": "<script>"}, 422),
        ({"project_id": "a b"}, 422),
        ({"project_id": "\N{ROCKET}"}, 422),
        ({"project_id": "x" * 129}, 422),
        ({"metrics": {"a": 1e400}}, 201),
    ],
)
def test_a_new_run_is_checked(lab: Any, body: Any, status: int) -> None:
    text = str(body).replace("'", '"').replace("inf", "1e400")
    answer = lab.api.post(AT, content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text


def test_an_id_is_used_once(lab: Any) -> None:
    assert lab.api.post(AT, json={"run_id": "mine"}).status_code == 201
    assert lab.api.post(AT, json={"run_id": "mine"}).status_code == 409


def test_what_a_run_holds_is_only_text(lab: Any) -> None:
    text = "<img src=x onerror=alert(1)>'; drop table runs; --"
    made = lab.api.post(
        AT, json={"name": text, "params": {text: text}, "tags": {text: text}, "config": {text: text}}
    )
    assert made.status_code == 201, made.text
    assert made.headers["content-type"] == "application/json"
    run = lab.get(f"{AT}/{made.json()['run_id']}")
    assert (run["name"], run["params"], run["tags"], run["config"]) == (text, *({text: text},) * 3)


def test_nothing_deeply_nested_or_huge_breaks_it(lab: Any) -> None:
    deep = '{"params": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}"
    huge = '{"params": {"a": ' + "9" * 5000 + "}}"
    for text in (deep, huge, '{"params": {"a": 123456789012345678901234567890}}'):
        answer = lab.api.post(AT, content=text, headers={"Content-Type": "application/json"})
        assert answer.status_code in (201, 400, 422), answer.text


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        ({"config": {"a": [0, "\x00"]}}, "zero byte in it (in body.config.a.1)"),
        ({"params": {"a": {"b": "\udfff"}}}, "lone surrogate in it (in body.params.a.b)"),
    ],
)
def test_a_text_that_cannot_be_kept_is_named(lab: Any, body: Any, trouble: str) -> None:
    assert trouble in send(lab, "POST", AT, body).json()["detail"]


def test_no_run_is_nested_in_one_in_the_trash(lab: Any) -> None:
    parent = lab.api.post(AT, json={}).json()["run_id"]
    lab.api.delete(f"{AT}/{parent}")
    assert lab.api.post(AT, json={"parent_id": parent}).status_code == 404
    assert lab.get(AT)["items"] == []
