"""`modellab projects`, `delete`, `trash`, `restore` and `purge`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Project


def listed(project: Project) -> list[str]:
    return [run["run_id"] for run in project.call("runs", "--json").json()]


def test_projects_are_listed_with_what_is_in_them(project: Project) -> None:
    project.record(project_id="iris")
    project.record(project_id="iris", end={"status": "failed"})
    project.record(project_id="other")
    rows = {row["project"]: row for row in project.call("projects").rows()}
    assert (rows["iris"]["runs"], rows["iris"]["failed"], rows["other"]["runs"]) == ("2", "1", "1")
    found = project.call("projects", "--search", "IRI", "--json").json()
    assert [(one["project_id"], one["statistics"]["n_runs"]) for one in found] == [("iris", 2)]
    assert project.call("projects", "--search", "nope").err == "No project matches.\n"


def test_without_a_store_there_are_no_projects(project: Project) -> None:
    outcome = project.call("projects")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith("There are no projects yet. ")


@pytest.mark.parametrize(
    "command",
    [
        ("runs",),
        ("projects",),
        ("datasets",),
        ("trash",),
        ("users", "list"),
        ("keys", "list"),
        ("audit",),
    ],
)
def test_a_list_of_nothing_is_no_error_and_looking_makes_no_store(
    project: Project, command: tuple[str, ...]
) -> None:
    outcome = project.call(*command)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err
    assert project.call(*command, "--json").json() == []
    assert [path.name for path in project.folder.iterdir()] == [".env"]


@pytest.mark.parametrize("has_store", [False, True])
@pytest.mark.parametrize("command", ["datasets", "delete"])
def test_a_project_that_is_named_and_not_there_is_an_error(
    project: Project, command: str, has_store: bool
) -> None:
    if has_store:
        project.record()
        project.collect()
    outcome = project.call(command, "--project", "nope")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("error: ")


def test_runs_that_are_all_in_the_trash_are_said_to_be_there(project: Project) -> None:
    for _ in range(2):
        project.record(project_id="scratch")
    assert project.call("delete", "--project", "scratch").code == 0
    outcome = project.call("runs")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "All 2 runs are in the trash; `modellab trash` lists them.\n"
    assert re.search(r"runs +0, and 2 in the trash\n", project.call("doctor").out)
    assert project.call("doctor", "--json").json()["database"]["n_deleted"] == 2
    assert project.call("purge", "--yes").code == 0
    assert "There are no runs yet" in project.call("runs").err


def test_runs_are_deleted_and_restored(project: Project) -> None:
    ids = [project.record(name=f"r{i}") for i in range(3)]
    outcome = project.call("delete", "latest", "latest~1", ids[2])
    assert outcome.code == 0
    assert outcome.err == f"Put into the trash: run {ids[2]}.\nPut into the trash: run {ids[1]}.\n"
    assert listed(project) == [ids[0]]
    assert [row["id"] for row in project.call("trash").rows()] == [ids[1], ids[2]]
    assert project.call("restore", ids[2][-12:]).err == f"Restored: run {ids[2]}.\n"
    assert listed(project) == [ids[2], ids[0]]
    assert [item["id"] for item in project.call("trash", "--json").json()] == [ids[1]]


def test_nested_runs_go_along_and_may_be_named_too(project: Project) -> None:
    outer = project.record()
    inner = project.record(parent_id=outer)
    outcome = project.call("delete", outer, inner)
    assert outcome.err == f"Put into the trash: run {outer}, with 1 run.\n"
    assert project.call("restore", outer).err == f"Restored: run {outer}, with 1 run.\n"


def test_a_project_is_deleted_and_restored_by_its_id(project: Project) -> None:
    ids = [project.record(project_id="scratch") for _ in range(2)]
    outcome = project.call("delete", "--project", "scratch")
    assert outcome.err == "Put into the trash: project scratch, with 2 runs.\n"
    assert listed(project) == []
    assert project.call("restore", "scratch").err == "Restored: project scratch, with 2 runs.\n"
    assert listed(project) == ids[::-1]


def test_a_purge_asks_first_and_tells_what_is_free(project: Project) -> None:
    kept, gone = project.record(), project.record()
    project.call("delete", gone)
    asked = project.call("purge")
    assert asked.code == 2
    assert asked.err.splitlines() == [
        "error: This would remove 1 run for good.",
        "hint: Say --yes where nobody can be asked.",
    ]
    assert project.call("purge", "--older-than", "1h").err == "There is nothing in the trash that old.\n"
    done = project.call("purge", "--yes")
    assert done.code == 0
    assert done.err.startswith("Removed 1 run.\nDatabase: ")
    assert " before, " in done.err
    assert listed(project) == [kept]
    assert not (project.settings.journals / gone).exists()
    assert project.call("purge", "--yes").err == "The trash is empty.\n"


def test_what_is_deleted_restored_and_purged_is_in_the_audit_log(project: Project) -> None:
    run_id = project.record()
    for command in (("delete", run_id), ("restore", run_id), ("delete", run_id), ("purge", "--yes")):
        assert project.call(*command).code == 0
    entries = project.call("audit", "--json").json()
    assert [(entry["action"], entry["target"]) for entry in entries[::-1]] == [
        ("delete", run_id),
        ("restore", run_id),
        ("delete", run_id),
        ("purge", ""),
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("delete",), 2),
        (("delete", "nope"), 1),
        (("delete", "--project", "nope"), 1),
        (("restore", "nope"), 1),
        (("restore", ""), 2),
        (("purge", "--older-than", "soon"), 2),
    ],
)
def test_what_cannot_be_meant_is_said(project: Project, arguments: tuple[str, ...], code: int) -> None:
    run_id = project.record()
    outcome = project.call(*arguments)
    assert outcome.code == code
    assert outcome.err.startswith("error: ")
    assert "hint: " in outcome.err or arguments[0] == "delete"
    assert listed(project) == [run_id]
