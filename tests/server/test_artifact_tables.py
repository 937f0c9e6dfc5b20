"""Rows of tables among the files of a run, over HTTP."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import polars as pl
import pytest


class Tables:
    """A server, a run on it, and the run's files."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        self.run_id = lab.record()

    def send(self, path: str, content: bytes) -> None:
        answer = self.lab.api.post(
            f"/api/modellab/artifacts/{self.run_id}", params={"path": path}, content=content
        )
        assert answer.status_code in (200, 201), answer.text

    def link(self, path: str) -> str:
        return f"/api/modellab/artifacts/{self.run_id}/table/{path}"


@pytest.fixture
def tables(lab: Any) -> Tables:
    return Tables(lab)


CSV = b"epoch,loss,note\n" + b"".join(b"%d,%f,n%d\n" % (i, 1 / (i + 1), i) for i in range(500))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("a.tsv", CSV.replace(b",", b"\t")),
        (
            "a.jsonl",
            b"".join(b'{"epoch":%d,"loss":%f,"note":"n%d"}\n' % (i, 1 / (i + 1), i) for i in range(500)),
        ),
    ],
)
def test_a_table_is_read_part_by_part(tables: Tables, name: str, content: bytes) -> None:
    tables.send(f"tables/{name}", content)
    first = tables.lab.get(tables.link(f"tables/{name}"), limit=2)
    assert first == {
        "columns": [
            {"name": "epoch", "type": "integer"},
            {"name": "loss", "type": "number"},
            {"name": "note", "type": "text"},
        ],
        "rows": [[0, 1.0, "n0"], [1, 0.5, "n1"]],
        "n_rows": 500, "n_columns": 3, "truncated": True,
    }  # fmt: skip
    last = tables.lab.get(tables.link(f"tables/{name}"), offset=499)
    assert ([row[0] for row in last["rows"]], last["truncated"]) == ([499], False)
    beyond = tables.lab.get(tables.link(f"tables/{name}"), offset=2**53)
    assert (beyond["rows"], beyond["n_rows"]) == ([], 500)


def test_a_parquet_table_is_read_with_its_types(tables: Tables) -> None:
    buffer = io.BytesIO()
    cells = {"when": [dt.datetime(2026, 1, 2)], "x": [float("nan")], "list": [[1, 2]], "text": ["<script>"]}
    pl.DataFrame(cells).write_parquet(buffer)
    tables.send("a.bin", buffer.getvalue())
    found = tables.lab.get(tables.link("a.bin"))
    assert [column["type"] for column in found["columns"]] == ["datetime", "number", "list", "text"]
    assert found["rows"] == [["2026-01-02T00:00:00", "nan", [1, 2], "<script>"]]


def test_a_wide_table_and_long_cells_are_cut(tables: Tables) -> None:
    names = [f"c{i}" for i in range(1200)]
    tables.send("a.csv", f"{','.join(names)}\n{','.join('x' * 1100 for _ in names)}\n".encode())
    found = tables.lab.get(tables.link("a.csv"))
    assert (len(found["columns"]), found["n_columns"], found["truncated"]) == (1000, 1200, True)
    assert {len(cell) for cell in found["rows"][0]} == {1000}


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2,3\n", b"", b"PAR1 and then no more"],
    ids=["uneven", "empty", "no parquet"],
)
def test_what_is_no_table_is_told(tables: Tables, read_problem: Any, content: bytes) -> None:
    tables.send("a.csv", content)
    assert read_problem(tables.lab.api.get(tables.link("a.csv")))["status"] == 422


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("a.pt", {}, 422),
        ("none.csv", {}, 404),
        ("a.csv", {"limit": 1001}, 422),
        ("a.csv", {"offset": -1}, 422),
    ],
)
def test_what_cannot_be_asked_is_told(
    tables: Tables, read_problem: Any, path: str, params: dict[str, int], status: int
) -> None:
    for name in ("a.pt", "a.csv"):
        tables.send(name, b"a\n1\n")
    assert read_problem(tables.lab.api.get(tables.link(path), params=params))["status"] == status


def test_a_file_that_is_too_large_is_for_downloading(tables: Tables, read_problem: Any) -> None:
    upload = tables.lab.store.files.start()
    for size in (64 * 1024 * 1024, 1):
        upload.write(b"1" * size)
    tables.lab.store.artifacts.add(tables.run_id, "a.csv", upload.finish())
    problem = read_problem(tables.lab.api.get(tables.link("a.csv")))
    assert (problem["status"], "Download" in problem["hint"]) == (413, True)
