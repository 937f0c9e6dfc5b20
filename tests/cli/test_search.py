"""`modellab search`, `similar` and `suggest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Project


def test_a_search_lists_what_has_all_the_words_and_where(project: Project) -> None:
    run_id = project.record({"accuracy": 0.9}, name="baseline", params={"optimizer": "adamw"})
    project.record({"accuracy": 0.1}, name="other", params={"optimizer": "sgd"})
    outcome = project.call("search", "optimizer", "ada")
    assert outcome.rows() == [
        {"id": run_id, "kind": "run", "name": "baseline", "found in": "params optimizer = adamw"}
    ]
    both = project.call("search", "optimizer", "--limit", 1)
    assert len(both.rows()) == 1
    assert "1 of 2 that have all of the words." in both.err
    found = project.call("search", "optimizer", "--where", "metrics.accuracy < 0.5", "--json").json()
    assert [hit["name"] for hit in found["items"]] == ["other"]
    assert project.call("search", "nothing").err == "Nothing has all of these words.\n"
    assert project.call("search").code == 2
    assert project.call("search", "x", "--kind", "user").code == 2


def test_similar_runs_are_listed_with_the_reasons(project: Project) -> None:
    project.record({"accuracy": 0.9}, params={"lr": 0.1, "opt": "adam"})
    near = project.record({"accuracy": 0.9}, params={"lr": 0.1, "opt": "adam"})
    project.record({"accuracy": 0.2}, params={"lr": 0.5, "opt": "sgd"})
    outcome = project.call("similar", "latest~2")
    assert outcome.rows()[0]["id"] == near
    assert outcome.rows()[0]["why"].startswith("2 of 2 params are the same")
    assert "The nearest of 2 runs" in outcome.err
    assert project.call("similar", "nowhere").code == 1


def test_suggestions_are_listed_with_what_is_expected(project: Project) -> None:
    for i in range(9):
        project.record({"val_loss": 1 + 0.1 * (i - 4) ** 2}, params={"depth": i})
    outcome = project.call("suggest", "val_loss", "-n", 2)
    assert outcome.code == 0, outcome.err
    assert "Learned from 9 completed runs" in outcome.err
    assert "Of val_loss, smaller is better." in outcome.err
    few = project.call("suggest", "val_loss", "--where", "params.depth < 3")
    assert (few.code, few.out) == (0, "")
    assert "Nothing is suggested: 3 completed runs" in few.err
    assert project.call("suggest", "nope").code == 1
    assert project.call("suggest", "val_loss", "--lower-is-better", "--higher-is-better").code == 2
