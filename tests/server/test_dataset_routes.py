"""Datasets over HTTP: sent, described, shown, fetched, changed and deleted; and what is refused."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import polars as pl
import pytest

ADDRESS = "/api/modellab/datasets"
IRIS = b"sepal,species\n5.1,setosa\n4.9,setosa\n7.0,versicolor\n"
GROWN = b"sepal,species,petal\n5.1,setosa,1.4\n"

ReadProblem = Callable[[httpx.Response], dict[str, Any]]


def send(lab: Any, data: bytes = IRIS, filename: str = "iris.csv", /, **fields: Any) -> httpx.Response:
    answer: httpx.Response = lab.api.post(ADDRESS, files={"file": (filename, data)}, data=fields)
    return answer


def add(lab: Any, *arguments: Any, **fields: Any) -> dict[str, Any]:
    answer = send(lab, *arguments, **fields)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def is_empty(lab: Any) -> bool:
    return bool(lab.get(ADDRESS)["items"] == [] and lab.store.files.count() == (0, 0))


def test_a_file_that_is_sent_is_described(lab: Any) -> None:
    answer = send(lab, name="flowers", project_id="study", description="Irises", tags='{"source": "uci"}')

    assert answer.status_code == 201
    dataset = answer.json()
    assert answer.headers["location"] == f"{ADDRESS}/{dataset['dataset_id']}"
    assert dataset.pop("is_new") is True
    assert lab.get(answer.headers["location"]) == dataset
    assert dataset["sha256"] == hashlib.sha256(IRIS).hexdigest()
    said = {key: dataset[key] for key in ("name", "version", "project_id", "description", "tags", "filename")}
    assert said == {
        "name": "flowers",
        "version": 1,
        "project_id": "study",
        "description": "Irises",
        "tags": {"source": "uci"},
        "filename": "iris.csv",
    }
    assert [(c["name"], c["type"], c["n_missing"], c["n_unique"]) for c in dataset["columns"]] == [
        ("sepal", "number", 0, 3),
        ("species", "text", 0, 2),
    ]
    assert dataset["columns"][1]["top"] == [
        {"value": "setosa", "count": 2},
        {"value": "versicolor", "count": 1},
    ]


def test_a_whole_body_will_do_as_well(lab: Any) -> None:
    answer = lab.api.post(ADDRESS, content=IRIS, params={"filename": "iris.csv", "project_id": "study"})
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["n_rows"]) == ("iris", 3)


def test_the_same_bytes_again_are_told_and_not_stored_twice(lab: Any) -> None:
    first = add(lab)
    again = send(lab)
    assert (again.status_code, again.json()) == (200, {**first, "is_new": False})
    assert lab.store.files.count() == (1, len(IRIS))


def test_a_name_that_is_there_gets_its_next_version(lab: Any) -> None:
    first, second = add(lab), add(lab, GROWN)
    assert (second["version"], second["parent_id"]) == (2, first["dataset_id"])
    assert second["changes"]["added_columns"] == ["petal"]
    assert second["changes"]["n_rows"] == -2
    versions = lab.get(f"{ADDRESS}/{first['dataset_id']}/versions")["items"]
    assert [version["version"] for version in versions] == [2, 1]
    assert [item["version"] for item in lab.get(ADDRESS)["items"]] == [2]
    assert [item["version"] for item in lab.get(ADDRESS, all_versions=True)["items"]] == [2, 1]
    assert [item["name"] for item in lab.get(ADDRESS, search="IRI")["items"]] == ["iris"]
    assert lab.get(ADDRESS, search="i%s")["items"] == []


def test_a_list_goes_page_by_page_and_by_project(lab: Any) -> None:
    for number in range(3):
        add(lab, name=f"set{number}", project_id="a")
    add(lab, name="other")
    page = lab.get(ADDRESS, project_id="a", limit=2)
    rest = lab.get(ADDRESS, project_id="a", limit=2, cursor=page["next_cursor"])
    assert [item["name"] for item in page["items"] + rest["items"]] == ["set2", "set1", "set0"]
    assert rest["next_cursor"] is None
    assert [item["name"] for item in lab.get(ADDRESS, name="other")["items"]] == ["other"]


def make_parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"a": [1, 2], "b": ["x", None]}).write_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("filename", "data", "format"),
    [
        ("x.csv", b"a;b\n1;x\n2;\n", "csv"),
        ("x.tsv", b"a\tb\n1\tx\n2\t\n", "csv"),
        ("x.csv", codecs.BOM_UTF16_LE + "a,b\n1,x\n2,\n".encode("utf-16-le"), "csv"),
        ("x.json", b'[{"a": 1, "b": "x"}, {"a": 2, "b": null}]', "json"),
        ("x.json", b'{"a": [1, 2], "b": ["x", null]}', "json"),
        ("x.jsonl", b'{"a": 1, "b": "x"}\n{"a": 2}\n', "jsonl"),
        ("x.parquet", make_parquet(), "parquet"),
        ("anything", make_parquet(), "parquet"),
    ],
)
def test_a_preview_shows_the_rows_of_every_format(lab: Any, filename: str, data: bytes, format: str) -> None:
    dataset = add(lab, data, filename)
    assert dataset["format"] == format
    preview = lab.get(f"{ADDRESS}/{dataset['dataset_id']}/preview")
    assert preview == {
        "columns": ["a", "b"],
        "types": ["integer", "text"],
        "rows": [[1, "x"], [2, None]],
        "n_rows": 2,
    }
    assert len(lab.get(f"{ADDRESS}/{dataset['dataset_id']}/preview", n=1)["rows"]) == 1


def test_a_file_of_another_format_is_kept_without_columns(lab: Any, read_problem: ReadProblem) -> None:
    dataset = add(lab, gzip.compress(IRIS), "iris.csv.gz")
    assert (dataset["format"], dataset["columns"]) == ("other", None)
    assert dataset["unread"]
    answer = lab.api.get(f"{ADDRESS}/{dataset['dataset_id']}/preview")
    assert read_problem(answer)["status"] == 422


def test_a_download_has_the_very_bytes_whole_and_in_parts(lab: Any) -> None:
    dataset = add(lab)
    address = f"{ADDRESS}/{dataset['dataset_id']}/download"
    whole = lab.api.get(address)
    assert whole.content == IRIS
    assert whole.headers["etag"] == f'"{dataset["sha256"]}"'
    assert 'filename="iris.csv"' in whole.headers["content-disposition"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = lab.api.get(address, headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, b"sepal")
    assert lab.api.head(address).headers["content-length"] == str(len(IRIS))


def test_lineage_names_the_runs(lab: Any) -> None:
    dataset = add(lab)
    run_id = lab.record(dataset_id=dataset["dataset_id"])
    [use] = lab.get(f"{ADDRESS}/{dataset['dataset_id']}/runs")["items"]
    assert (use["run_id"], use["name"], use["version"], use["split"]) == (run_id, "iris", 1, None)
    assert lab.get(f"{ADDRESS}/{dataset['dataset_id']}")["n_runs"] == 1


def test_metadata_is_changed_in_part_and_the_trash_takes_one_version(lab: Any) -> None:
    first, second = add(lab, tags='{"a": "1"}'), add(lab, GROWN)
    address = f"{ADDRESS}/{first['dataset_id']}"
    changed = lab.api.put(address, json={"name": "flowers", "tags": {"b": 2}}).json()
    assert (changed["name"], changed["tags"]) == ("flowers", {"a": "1", "b": "2"})
    assert lab.get(f"{ADDRESS}/{second['dataset_id']}")["name"] == "flowers"

    gone = lab.api.delete(address)
    assert (gone.status_code, gone.json()["kind"]) == (200, "dataset")
    assert lab.api.get(address).status_code == lab.api.delete(address).status_code == 404
    assert [item["version"] for item in lab.get(ADDRESS, all_versions=True)["items"]] == [2]


@pytest.mark.parametrize(
    ("filename", "data", "detail"),
    [
        ("x.csv", b"", "The file is empty."),
        ("x.csv", b"\n\n", "The file is empty."),
        ("x.csv", b"a,b\n1,2\n1,2,3\n", "Line 3 has 3 values, but there are 2 columns."),
        ("x.csv", b"\0\1\2", "zero bytes"),
        ("x.csv", ",".join(f"c{n}" for n in range(10_001)).encode(), "10001 columns"),
        ("x.json", b"[{", "not JSON"),
        ("x.json", b"[" * 100_000, "nested too deeply"),
        ("x.json", rb'[{"a": "\ud800"}]', "The value of 'a' in row 1 has a lone surrogate"),
        ("x.jsonl", b'{"a": 1}\n{\n', "Line 2 is not JSON"),
        ("x.parquet", b"PAR1 and no more", "cannot be read as a table"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_is_no_table_is_refused_and_nothing_of_it_is_kept(
    lab: Any, read_problem: ReadProblem, filename: str, data: bytes, detail: str
) -> None:
    problem = read_problem(send(lab, data, filename))
    assert problem["status"] == 422
    assert detail in problem["detail"]
    assert is_empty(lab)


@pytest.mark.parametrize(
    "fields",
    [
        {"sha256": "0" * 64},
        {"sha256": "nonsense"},
        {"tags": "[1]"},
        {"tags": "{"},
        {"tags": '{"a": {}}'},
        {"tags": json.dumps({str(n): "" for n in range(101)})},
        {"project_id": "../x"},
        {"project_id": ""},
        {"name": "x" * 251},
        {"name": "a\nb"},
        {"description": "x" * 20_001},
        {"colour": "blue"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_wrong_fields_are_refused_before_anything_is_kept(lab: Any, fields: dict[str, str]) -> None:
    answer = send(lab, **fields)
    if fields == {"project_id": ""}:  # a field that is left empty counts as not given
        assert answer.status_code == 201
    else:
        assert answer.status_code == 422, answer.text
        assert is_empty(lab)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"name": None}, "The name of a dataset is missing."),
        ({"name": ""}, "body.name: Text should have at least 1 character (got '')."),
        ({"tags": {"a": [1]}}, "body.tags.a: Input should be text, a number, true or false."),
        ({"description": "x" * 20_001}, "body.description: Text should have at most 20000 characters."),
    ],
    ids=str,
)
def test_a_change_that_is_not_allowed_is_refused_in_plain_words(
    lab: Any, read_problem: ReadProblem, body: dict[str, Any], detail: str
) -> None:
    dataset_id = add(lab)["dataset_id"]
    problem = read_problem(lab.api.put(f"{ADDRESS}/{dataset_id}", json=body))
    assert (problem["status"], problem["detail"]) == (422, detail)


@pytest.mark.parametrize("filename", ["../../etc/x.csv", "C:\\x.csv", "%2e%2e/x.csv", "🌸.csv", "=cmd|.csv"])
def test_names_of_files_reach_no_path(lab: Any, filename: str) -> None:
    dataset = add(lab, IRIS, filename)
    assert "/" not in dataset["name"]
    download = lab.api.get(f"{ADDRESS}/{dataset['dataset_id']}/download")
    assert download.content == IRIS


def test_text_in_columns_is_data_and_never_a_page(lab: Any) -> None:
    script = "<script>alert(1)</script>"
    dataset = add(lab, f"{script},b\n=1+1,'; DROP TABLE datasets;--\n".encode(), name=script)
    assert dataset["columns"][0]["name"] == dataset["name"] == script
    answer = lab.api.get(f"{ADDRESS}/{dataset['dataset_id']}/preview")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["rows"] == [["=1+1", "'; DROP TABLE datasets;--"]]


def test_what_is_not_there_is_not_found(lab: Any, read_problem: ReadProblem) -> None:
    for path in ("", "/preview", "/download", "/versions", "/runs"):
        assert read_problem(lab.api.get(f"{ADDRESS}/{'0' * 32}{path}"))["status"] == 404
    assert read_problem(lab.api.put(f"{ADDRESS}/nothing", json={}))["status"] == 404
    for wrong in ({"limit": 0}, {"cursor": "nonsense"}):
        assert read_problem(lab.api.get(ADDRESS, params=wrong))["status"] == 422


def test_compared_runs_on_different_test_data_come_with_a_warning(lab: Any) -> None:
    one, two = add(lab), add(lab, GROWN)
    runs = [lab.record(dataset_id=dataset["dataset_id"]) for dataset in (one, two)]
    [warning] = lab.get("/runs/compare", ids=runs)["warnings"]
    assert "used different data: iris v1 and iris v2; their scores cannot be compared." in warning
    assert lab.api.post("/compare", json={"run_ids": runs}).json()["warnings"] == [warning]


def test_an_upload_that_is_cut_leaves_nothing(lab: Any, wait_until: Callable[..., None]) -> None:
    host, port = lab.address.removeprefix("http://").split(":")
    head = (
        f"POST {ADDRESS}?filename=x.csv HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 2000000000\r\n"
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b"a,b\n" * 250)
        wait_until(lambda: list(lab.store.blobs.incoming.glob("*")))
    wait_until(lambda: not list(lab.store.blobs.incoming.glob("*")))
    assert is_empty(lab)


@pytest.fixture(scope="module")
def team(open_team: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_team(tmp_path_factory.mktemp("team")) as team:
        with team.ask("ada") as admin:
            for name in ("mine", "theirs"):
                assert admin.post("/api/modellab/projects", json={"name": name}).status_code == 201
                sent = admin.post(
                    ADDRESS, files={"file": ("x.csv", IRIS)}, data={"name": name, "project_id": name}
                )
                setattr(team, name, f"{ADDRESS}/{sent.json()['dataset_id']}")
            admin.put("/api/modellab/users/mia/projects/mine", json={"role": "viewer"})
        yield team


def test_a_member_sees_datasets_of_its_projects_and_no_others(team: Any) -> None:
    with team.ask("mia") as client:
        assert [item["name"] for item in client.get(ADDRESS).json()["items"]] == ["mine"]
        assert client.get(ADDRESS, params={"project_id": "theirs"}).status_code == 404
        for path in ("", "/preview", "/download", "/versions", "/runs"):
            assert client.get(team.mine + path).status_code == 200
            assert client.get(team.theirs + path).status_code == 404
        for method in ("PUT", "DELETE"):
            assert client.request(method, team.mine, json={"tags": {}}).status_code == 403
            assert client.request(method, team.theirs, json={"tags": {}}).status_code == 404


@pytest.mark.parametrize("user", ["vera", "mia"])
def test_who_may_only_read_sends_nothing(team: Any, user: str) -> None:
    before = team.lab.store.files.count()
    with team.ask(user) as client:
        for project_id in ("mine", "theirs", ""):
            sent = client.post(
                ADDRESS, files={"file": ("y.csv", GROWN)}, data={"name": "y", "project_id": project_id}
            )
            assert sent.status_code == 403
    assert team.lab.store.files.count() == before


def test_a_change_is_noted_with_who_made_it(team: Any) -> None:
    with team.ask("ada") as admin:
        admin.put(team.mine, json={"description": "noted"})
        entries = admin.get("/api/modellab/audit", params={"kind": "dataset"}).json()["items"]
    assert (entries[0]["actor"], entries[0]["action"]) == ("ada", "update")
    assert {entry["action"] for entry in entries} == {"add", "update"}
