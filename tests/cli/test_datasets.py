"""`modellab datasets`, `modellab dataset`, and what `show` and `compare` say of data."""

from __future__ import annotations

from typing import Any

import pytest

from modellab.ids import derive_dataset_id
from modellab.tracking.datasets import read_data

CSV = "sepal,species\n5.1,setosa\n4.9,setosa\n7.0,versicolor\n"


@pytest.fixture
def log(project: Any) -> Any:
    """A function that records a run with a data file; the run's id."""

    def log(text: str = CSV, split: str | None = "test", **start: Any) -> str:
        path = project.folder / "iris.csv"
        path.write_text(text)
        _, fields, _ = read_data(
            path, name=None, split=split, keep=True, project_id=None, spool=project.settings.spool
        )
        run_id: str = project.record(events=[("dataset", fields)], **start)
        return run_id

    return log


def test_datasets_are_listed_with_their_newest_version(project: Any, log: Any) -> None:
    log()
    log(CSV + "6.3,virginica\n")
    [row] = project.call("datasets").rows()
    assert (row["name"], row["version"], row["rows"], row["columns"], row["runs"]) == (
        "iris",
        "2",
        "4",
        "2",
        "1",
    )
    versions = project.call("datasets", "--all-versions", "--json").json()
    assert [dataset["version"] for dataset in versions] == [2, 1]
    assert row["id"] == versions[0]["dataset_id"] == derive_dataset_id(None, "iris", row["sha256"])


def test_a_dataset_is_shown_with_columns_runs_and_rows(project: Any, log: Any) -> None:
    run_id = log()
    log(CSV + "6.3,virginica\n", name="\x1b[31mred")
    shown = project.call("dataset", "iris").out
    assert "+1 rows, +0 columns" in shown
    assert "sepal" in shown
    assert "versicolor" in shown
    assert run_id not in shown  # it used the version before
    found = project.call("dataset", "iris", "--json").json()
    assert found["preview"]["rows"][0] == [5.1, "setosa"]
    assert project.call("dataset", found["parent_id"][:12], "--json").json()["runs"][0]["run_id"] == run_id


def test_a_dataset_that_is_not_there_is_said(project: Any, log: Any) -> None:
    log()
    outcome = project.call("dataset", "wine")
    assert (outcome.code, outcome.out) == (1, "")
    assert "no dataset wine" in outcome.err


def test_without_datasets_it_is_said_how_to_log_one(project: Any) -> None:
    project.record()
    outcome = project.call("datasets")
    assert (outcome.code, outcome.out) == (0, "")
    assert "log_dataset" in outcome.err


def test_runs_say_which_data_they_used_and_a_comparison_warns_of_different_data(
    project: Any, log: Any
) -> None:
    one, two = log(), log(CSV + "6.3,virginica\n")
    assert "iris v1 (test)" in project.call("show", one).out
    compared = project.call("compare", one, two).out
    assert "were tested on different data: iris v1 and iris v2; their scores cannot be compared." in compared
    assert len(project.call("compare", one, two, "--json").json()["warnings"]) == 1
    assert "different data" not in project.call("compare", one, log()).out
