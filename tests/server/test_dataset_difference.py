"""What is different between two versions of a dataset, over HTTP."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from modellab.records import datasets as records
from modellab.server.bodies import datasets as bodies

AT = "/api/modellab/datasets"
FIRST = b"same,number,word,gone,kind\n1,1.5,a,x,1\n2,2.5,b,y,2\n"
SECOND = b"new,same,number,word,kind\nn,1,1.5,a,1\nn,2,9.5,a,two\n"


def add(client: Any, data: bytes, name: str = "data", **fields: Any) -> str:
    answer = client.post(AT, files={"file": ("x.csv", data)}, data={"name": name, **fields})
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["dataset_id"])


@pytest.mark.parametrize(
    "name", ["Histogram", "Column", "ColumnDifference", "DatasetDifference", "TablePart"]
)
def test_an_answer_has_the_fields_of_its_record(name: str) -> None:
    fields = [field.name for field in dataclasses.fields(getattr(records, name))]
    assert list(getattr(bodies, f"{name}Body").model_fields) == fields


def test_every_column_that_is_not_the_same_is_told_as_it_was_and_as_it_is(lab: Any) -> None:
    first, second = add(lab.api, FIRST), add(lab.api, SECOND)
    found = lab.get(f"{AT}/{second}/difference")
    assert (found["other_id"], found["n_rows"], found["size"]) == (first, 0, len(SECOND) - len(FIRST))
    assert (found["is_same_content"], found["n_unchanged"]) == (False, 1)
    changes = {one["name"]: one["change"] for one in found["columns"]}
    assert list(changes.items()) == [
        ("new", "added"), ("number", "changed"), ("word", "changed"),
        ("kind", "retyped"), ("gone", "removed"),
    ]  # fmt: skip
    number = found["columns"][1]
    assert (number["before"]["max"], number["after"]["max"]) == (2.5, 9.5)
    assert (found["columns"][0]["before"], found["columns"][-1]["after"]) == (None, None)
    back = lab.get(f"{AT}/{first}/difference", other=second)
    assert {one["name"]: one["change"] for one in back["columns"]}["gone"] == "added"
    same = lab.get(f"{AT}/{first}/difference", other=first)
    assert (same["is_same_content"], same["columns"], same["n_unchanged"]) == (True, [], 5)


def test_what_has_no_columns_or_no_version_before_is_told_so(lab: Any, read_problem: Any) -> None:
    first = add(lab.api, FIRST)
    assert read_problem(lab.api.get(f"{AT}/{first}/difference"))["status"] == 404
    answer = lab.api.post(AT, files={"file": ("x.bin", b"bytes")}, data={"name": "data"})
    found = lab.get(f"{AT}/{answer.json()['dataset_id']}/difference")
    assert (found["columns"], found["n_rows"], found["n_unchanged"]) == (None, None, None)


def test_the_other_dataset_is_one_that_the_caller_may_see(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path) as team:
        with team.ask("ada") as admin:
            mine = add(admin, FIRST, project_id="mine")
            theirs = add(admin, SECOND, project_id="theirs")
        team.store.accounts.join("mia", "mine", "viewer")
        with team.ask("mia") as member:
            assert member.get(f"{AT}/{mine}/difference", params={"other": mine}).status_code == 200
            assert member.get(f"{AT}/{mine}/difference", params={"other": theirs}).status_code == 404
