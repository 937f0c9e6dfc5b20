from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

ReadProblem = Callable[[httpx.Response], dict[str, Any]]


@pytest.fixture(scope="module")
def lab(open_lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_lab(tmp_path_factory.mktemp("project")) as lab:
        lab.run = lab.record(points={"loss": [1.0]}, final={"accuracy": 0.5})
        yield lab


@pytest.mark.parametrize(
    ("path", "params", "word"),
    [
        ("/runs", {"limit": 0}, "query.limit"),
        ("/runs", {"limit": 10_001}, "10000"),
        ("/runs", {"limit": "many"}, "'many'"),
        ("/runs", {"metric_name": "loss", "metric_min": "nan"}, "nan"),
        ("/runs", {"metric_name": "loss", "metric_min": "low"}, "'low'"),
        ("/runs", {"metric_min": 0.5}, "metric_name"),
        ("/runs", {"metric_name": "loss", "metric_min": 2, "metric_max": 1}, "metric_max"),
        ("/runs", {"from_timestamp": "2026-02-01", "to_timestamp": "2026-01-01"}, "later"),
        ("/runs", {"from_timestamp": "yesterday"}, "yesterday"),
        ("/runs", {"has_artifacts": "perhaps"}, "'perhaps'"),
        ("/runs", {"param_value": "1"}, "param_name"),
        ("/runs", {"status": "sleeping"}, "'running'"),
        ("/runs", {"cursor": "nonsense"}, "cursor"),
        ("/runs", {"dataset_id": "\x00"}, "zero byte"),
        ("/runs/leaderboard", {}, "query.metric_name"),
        ("/runs/leaderboard", {"metric_name": ""}, "query.metric_name"),
        ("/runs/leaderboard", {"metric_name": "loss", "top_k": 0}, "query.top_k"),
        ("/runs/leaderboard", {"metric_name": "loss", "top_k": -1}, "query.top_k"),
        ("/runs/leaderboard", {"metric_name": "loss", "top_k": 1001}, "1000"),
        ("/runs/compare", {}, "query.ids"),
        ("/runs/compare", {"ids": [f"{i:032x}" for i in range(101)]}, "at most 100"),
        ("/runs/any/series", {"max_points": 1}, "query.max_points"),
        ("/runs/any/series", {"max_points": 100_001}, "100000"),
        ("/runs/any/series", {"from_step": 2, "to_step": 1}, "to_step"),
        ("/runs/any/series", {"from_step": 10**30}, "query.from_step"),
        ("/runs/any/series", {"from_step": 1.5}, "query.from_step"),
        ("/runs/%00", {}, "zero byte"),
    ],
)
def test_values_that_are_not_allowed_are_refused_by_name(
    lab: Any, read_problem: ReadProblem, path: str, params: dict[str, Any], word: str
) -> None:
    answer = lab.api.get(path, params=params)
    assert answer.status_code == 422
    assert word in read_problem(answer)["detail"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"name": ' + b"7" * 5000 + b"}", "an integer of more than 4,300 digits"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"name": "\xff"}', "must be JSON in UTF-8"),
    ],
    ids=["digits", "depth", "bytes"],
)
def test_a_body_that_cannot_be_read_says_why(
    lab: Any, read_problem: ReadProblem, body: bytes, detail: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = lab.api.post("/api/modellab/projects", content=body, headers=headers)
    assert answer.status_code == 400
    assert detail in read_problem(answer)["detail"]


def test_every_value_that_is_not_allowed_is_listed(lab: Any, read_problem: ReadProblem) -> None:
    problem = read_problem(lab.api.get("/runs", params={"limit": 0, "metric_max": "high"}))
    assert [error["where"] for error in problem["errors"]] == ["query.metric_max", "query.limit"]
    assert "'high'" in problem["errors"][0]["message"]
    assert "'0'" in problem["errors"][1]["message"]


@pytest.mark.parametrize(
    ("run_ids", "word"),
    [
        ([], "at least 1"),
        ([f"{i:032x}" for i in range(10_000)], "at most 100"),
        ("abc", "list"),
        ([1], "body.run_ids.0"),
        (None, "list"),
    ],
)
def test_lists_of_runs_that_cannot_be_compared_are_refused(
    lab: Any, read_problem: ReadProblem, run_ids: Any, word: str
) -> None:
    answer = lab.api.post("/compare", json={"run_ids": run_ids})
    assert answer.status_code == 422
    assert word in read_problem(answer)["detail"]


@pytest.mark.parametrize("content", [b"{", b'{"note": nan', b"not json", b"\xff\xfe\x00", b"[" * 100_000])
def test_malformed_json_is_a_400(lab: Any, read_problem: ReadProblem, content: bytes) -> None:
    answer = lab.api.patch(
        f"/runs/{lab.run}/note", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert "JSON" in read_problem(answer)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"note": None},
        {"note": 5},
        {"note": "a" * 100_001},
        {"note": "\ud800"},
        {"note": "\x00"},
    ],
)
def test_a_body_without_a_usable_note_is_refused(lab: Any, read_problem: ReadProblem, body: Any) -> None:
    content = json.dumps(body)  # in ASCII, so that half a surrogate pair can be sent
    answer = lab.api.patch(
        f"/runs/{lab.run}/note", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert read_problem(answer)["errors"][0]["where"].startswith("body")


def test_json_that_is_not_called_json_is_told_how_to_come(lab: Any, read_problem: ReadProblem) -> None:
    answer = lab.api.post("/compare", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 422
    assert "Content-Type: application/json" in read_problem(answer)["hint"]


def test_a_body_that_is_too_large_is_a_413(lab: Any, read_problem: ReadProblem) -> None:
    answer = lab.api.patch(f"/runs/{lab.run}/note", json={"note": "a" * 5_000_000})
    assert answer.status_code == 413
    assert read_problem(answer)["type"] == "/problems/body-too-large"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/runs/nobody", None),
        ("GET", "/runs/compare?ids=nobody", None),
        ("POST", "/compare", {"run_ids": ["nobody"]}),
        ("PATCH", "/runs/nobody/note", {"note": "x"}),
    ],
)
def test_an_unknown_run_is_a_404_that_names_it(
    lab: Any, read_problem: ReadProblem, method: str, path: str, body: Any
) -> None:
    answer = lab.api.request(method, path, json=body)
    assert answer.status_code == 404
    problem = read_problem(answer)
    assert problem["type"] == "/problems/not-found"
    assert "nobody" in problem["detail"]


def test_one_unknown_run_among_known_ones_refuses_the_comparison(lab: Any, read_problem: ReadProblem) -> None:
    problem = read_problem(lab.api.get("/runs/compare", params={"ids": [lab.run, "nobody"]}))
    assert "nobody" in problem["detail"]
    assert lab.run not in problem["detail"]


def test_an_unknown_address_is_a_404_that_says_where_to_look(lab: Any, read_problem: ReadProblem) -> None:
    answer = lab.api.get("/nothing/here")
    assert answer.status_code == 404
    problem = read_problem(answer)
    assert "/nothing/here" in problem["detail"]
    assert "GET /" in problem["hint"]


def test_a_wrong_method_is_a_405_that_says_which_are_right(lab: Any, read_problem: ReadProblem) -> None:
    answer = lab.api.delete("/runs")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "DELETE" in read_problem(answer)["detail"]


def test_every_answer_has_a_request_id_of_its_own(lab: Any) -> None:
    answers = [lab.api.get(path) for path in ("/health", "/runs", "/nothing", "/runs?limit=0", "/")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


def test_an_unexpected_error_is_logged_once_and_not_shown(
    open_lab: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, read_problem: ReadProblem
) -> None:
    def add_trap(app: FastAPI) -> None:
        @app.get("/trap")
        def fall() -> None:
            raise RuntimeError("a secret of the server")

    with open_lab(tmp_path, add_trap) as lab, caplog.at_level(logging.INFO):
        answer = lab.api.get("/trap")
        assert lab.get("/health")["status"] == "ok"
    assert answer.status_code == 500
    problem = read_problem(answer)
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    (logged,) = [record for record in caplog.records if record.exc_info]
    assert problem["request_id"] in logged.getMessage()
    assert "a secret of the server" in caplog.text


def test_a_database_that_breaks_is_a_503(lab: Any, open_lab: Any, tmp_path: Path, read_problem: Any) -> None:
    with open_lab(tmp_path) as broken:
        with sqlite3.connect(broken.settings.db_path) as connection:
            connection.execute("DROP TABLE metrics")
        connection.close()
        answer = broken.api.get("/runs/leaderboard", params={"metric_name": "loss"})
        assert answer.status_code == 503
        assert "metrics" in read_problem(answer)["detail"]
        assert broken.get("/health")["status"] == "ok"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "192.168.0.7", "", "localhost.evil.example"]
)
def test_a_request_under_another_name_is_refused(lab: Any, host: str) -> None:
    answer = lab.api.get("/runs", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    assert lab.api.patch("/runs/a/note", json={"note": "x"}, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]", "[::1]:8000", "testserver"]
)
def test_a_request_under_a_name_of_this_machine_is_answered(lab: Any, host: str) -> None:
    assert lab.api.get("/runs", headers={"Host": host}).status_code == 200


def test_names_that_the_settings_allow_are_answered_too(open_lab: Any, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MODELLAB_ALLOWED_HOSTS=runs.example.org, other.example\n")
    with open_lab(tmp_path) as lab:
        assert lab.api.get("/runs", headers={"Host": "other.example:443"}).status_code == 200
        assert lab.api.get("/runs", headers={"Host": "third.example"}).status_code == 403


def test_a_method_that_an_address_lacks_is_answered_with_all_those_that_it_has(lab: Any) -> None:
    answer = lab.api.patch("/api/modellab/projects/any")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, PUT")
