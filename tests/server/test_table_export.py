"""The table of runs as a file: CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from typing import Any

import polars as pl
import pytest

API = "/api/modellab/table/export"
COLUMNS = [
    "metrics.loss.min",
    "metrics.loss",
    "params.lr",
    "params.model",
    "tags.team",
    "started_at",
    "git_dirty",
]


@pytest.fixture
def filled(lab: Any) -> Any:
    lab.record(
        name="b",
        project_id="study",
        params={"lr": 0.1, "model": "=1+1"},
        points={"loss": [2.0, 1.0, float("nan")]},
        tags={"team": 'a "b", c\nd'},
        context={"git_dirty": True},
    )
    lab.record(name="a", project_id="study", params={"lr": -3, "model": 7}, points={"loss": [float("inf")]})
    lab.record(name="c", project_id="other")
    return lab


def fetch(lab: Any, **params: Any) -> Any:
    answer = lab.api.get(API, params=params)
    assert answer.status_code == 200, answer.text
    return answer


def test_csv_has_the_rows_and_columns_of_the_table(filled: Any) -> None:
    answer = fetch(filled, columns=COLUMNS, sort="name", project_id="study")
    header, a, b = csv.reader(io.StringIO(answer.text))
    assert header == ["run_id", *COLUMNS]
    assert a[1:6] == ["", "inf", "-3", "7", ""]
    assert b[1:6] == ["1.0", "nan", "0.1", "'=1+1", 'a "b", c\nd']
    assert b[7] == "true"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = re.fullmatch(r'attachment; filename="(.+)"', answer.headers["content-disposition"])
    assert name is not None
    assert re.fullmatch(r"runs-study-\d{8}-\d{6}\.csv", name[1])


def test_no_cell_of_csv_is_a_formula_and_numbers_stay_numbers(lab: Any) -> None:
    texts = ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a=1", " =1", "'=1"]
    lab.record(params={"n": -1.5}, tags={f"t{place}": text for place, text in enumerate(texts)})
    columns = ["params.n", *(f"tags.t{place}" for place in range(len(texts)))]
    _, row = csv.reader(io.StringIO(fetch(lab, columns=columns).text, newline=""))
    assert row[1] == "-1.5"
    assert row[2:] == [f"'{text}" for text in texts[:6]] + texts[6:]
    lines = fetch(lab, columns=columns, format="jsonl").text.splitlines()
    assert [json.loads(lines[0])[name] for name in columns] == [-1.5, *texts]


def test_json_lines_tell_what_a_table_tells(filled: Any) -> None:
    answer = fetch(filled, columns=COLUMNS, sort="name", format="jsonl")
    a, b, c = map(json.loads, answer.text.splitlines())
    assert (a["metrics.loss"], a["metrics.loss.min"], a["params.lr"], a["params.model"]) == (
        "inf",
        None,
        -3,
        7,
    )
    assert (b["metrics.loss"], b["params.model"], b["git_dirty"]) == ("nan", "=1+1", True)
    assert {c[name] for name in COLUMNS if name != "started_at"} == {None}
    assert answer.headers["content-type"] == "application/x-ndjson"


def test_parquet_has_columns_of_their_kinds(filled: Any) -> None:
    answer = fetch(filled, columns=[*COLUMNS, "metrics.loss.count"], sort="name", format="parquet")
    frame = pl.read_parquet(io.BytesIO(answer.content))
    assert frame.columns == ["run_id", *COLUMNS, "metrics.loss.count"]
    assert [str(kind) for kind in frame.dtypes[1:]] == [
        "Float64",
        "Float64",
        "Float64",
        "String",
        "String",
        "Datetime(time_unit='us', time_zone='UTC')",
        "Boolean",
        "Int64",
    ]
    losses = frame["metrics.loss"].to_list()
    assert losses[0] == math.inf
    assert math.isnan(losses[1])
    assert losses[2] is None
    assert frame["params.lr"].to_list() == [-3.0, 0.1, None]
    assert frame["params.model"].to_list() == ["7", "=1+1", None]


def test_without_columns_a_file_says_which_runs_they_are(filled: Any) -> None:
    header, *rows = csv.reader(io.StringIO(fetch(filled, columns="", sort="name").text))
    assert header == [
        "run_id",
        "name",
        "project_id",
        "status",
        "started_at",
        "duration_s",
        "dataset_id",
        "seed",
    ]
    assert [row[1] for row in rows] == ["a", "b", "c"]


def test_texts_are_whole_and_runs_those_asked_for(lab: Any) -> None:
    note = "x" * 5000
    for number in range(3):
        lab.store.runs.set_note(lab.record(name=f"{number}"), note)
    ids = [lab.record() for _ in range(2)]
    rows = list(csv.DictReader(io.StringIO(fetch(lab, columns=["note", "run_id"]).text)))
    assert len(rows) == 5
    assert {row["note"] for row in rows} == {note, ""}
    kept = csv.DictReader(io.StringIO(fetch(lab, run_ids=ids).text))
    assert {row["run_id"] for row in kept} == set(ids)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_table_of_no_runs_is_a_file_too(lab: Any, kind: str) -> None:
    content = fetch(lab, columns=["params.lr", "name"], format=kind).content
    if kind == "parquet":
        assert pl.read_parquet(io.BytesIO(content)).shape == (0, 3)
    else:
        assert content == (b"run_id,params.lr,name\r\n" if kind == "csv" else b"")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("format=xlsx", "query.format: Input should be 'csv', 'jsonl' or 'parquet'"),
        ("columns=nothing", "There is no field 'nothing'"),
        ("query=name =", "expected is a value"),
        ("&".join(["columns=name"] * 201), "query.columns"),
    ],
)
def test_what_cannot_be_meant_is_told_before_the_file_begins(lab: Any, query: str, told: str) -> None:
    answer = lab.api.get(f"{API}?{query}")
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
