from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import modellab

if TYPE_CHECKING:
    from tests.cli.conftest import Project


def test_runs_are_ranked_by_the_final_value(project: Project) -> None:
    low, high, _, tied = (
        project.record({"accuracy": value}, dataset_id=dataset)
        for value, dataset in ((0.5, "a"), (0.9, "b"), (float("nan"), "a"), (0.5, "a"))
    )
    outcome = project.call("leaderboard", "accuracy")
    rows = outcome.rows()
    assert [(row["rank"], row["run_id"], row["accuracy"]) for row in rows] == [
        ("1", high, "0.9"),
        ("2", tied, "0.5"),
        ("3", low, "0.5"),
    ]
    assert "accuracy, largest first. Single values: a difference may be chance." in outcome.err

    ascending = project.call("leaderboard", "accuracy", "--ascending", "--json").json()
    assert [run["run_id"] for run in ascending] == [low, tied, high]
    top = project.call("leaderboard", "accuracy", "--top", 1, "--dataset", "a").rows()
    assert [row["run_id"] for row in top] == [tied]


def test_an_unknown_metric_is_answered_with_those_that_there_are_the_nearest_first(project: Project) -> None:
    project.record({"aaa": 1.0, "val_accuracy": 1.0, "loss": float("nan")})
    outcome = project.call("leaderboard", "acuracy")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "error: No run has a metric 'acuracy'.\nhint: There are: val_accuracy, aaa, loss.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("loss",), 1, "In every run 'loss' is NaN"),
        (("accuracy", "--dataset", "b"), 1, "No run on dataset 'b' has a value of 'accuracy'."),
        (("accuracy", "--top", "0"), 2, "0 is not in the range"),
        (("accuracy", "--top", "-1"), 2, "-1 is not in the range"),
        ((), 2, "Missing argument 'METRIC'"),
    ],
)
def test_what_cannot_be_ranked_is_said(
    project: Project, arguments: tuple[str, ...], code: int, message: str
) -> None:
    project.record({"accuracy": 1.0, "loss": float("nan")}, dataset_id="a")
    outcome = project.call("leaderboard", *arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err


def test_a_store_without_metrics_says_so(project: Project) -> None:
    project.record()
    outcome = project.call("leaderboard", "accuracy")
    assert outcome.code == 1
    assert "hint: No run has logged any metric yet." in outcome.err


def evaluate(project: Project, name: str, skill: float) -> str:
    labels = np.random.default_rng(0).integers(0, 2, 200)
    noise = np.random.default_rng(int(100 * skill)).normal(size=200)
    with modellab.start_run(name, settings=project.settings) as run:
        run.log_evaluation(
            predictions=1 / (1 + np.exp(-skill * (2 * labels - 1) - noise)),
            labels=labels,
            config={"compute_cis": False},
        )
    return run.run_id


def test_evaluated_runs_are_tested_against_the_first(project: Project) -> None:
    bad, good, near = (
        evaluate(project, name, skill) for name, skill in (("bad", 0.2), ("good", 3.0), ("near", 2.9))
    )
    outcome = project.call("leaderboard", "accuracy", "--split", "test")
    rows = {row["run_id"]: row for row in outcome.rows()}
    assert list(rows)[2] == bad
    assert rows[bad]["versus_first"] == "worse"
    assert {rows[good]["versus_first"], rows[near]["versus_first"]} == {"-", "not told apart"}
    assert "cannot be told apart from it (paired tests, Holm-adjusted for 3 pairs)." in outcome.err
    assert "selected as best of 3 on this set" in outcome.err

    assert project.call("leaderboard", "test/log_loss", "--top", 1).rows()[0]["rank"] == "1"
    board = project.call("leaderboard", "test/accuracy", "--json").json()
    assert (board["metric"], board["split"], board["n_considered"]) == ("accuracy", "test", 3)
    turned = project.call("leaderboard", "test/accuracy", "--ascending", "--json").json()
    assert turned["entries"][0]["run_id"] == bad
    one = project.call("leaderboard", "test/accuracy", "--where", "name = 'bad'", "--json").json()
    assert one["n_considered"] == 1

    outcome = project.call("leaderboard", "accuracy")
    assert outcome.code == 1
    assert "hint: `modellab leaderboard accuracy --split test` ranks by evaluations." in outcome.err


def test_a_split_is_ranked_without_tests_where_none_can_be_made(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = evaluate(project, "one", 2.0)
    project.record({"accuracy": 1.0})
    many = project.call("leaderboard", "accuracy", "--split", "test", "--top", 60)
    assert [row["run_id"] for row in many.rows()] == [run_id]
    assert "No tests: they are made among up to 50 runs." in many.err
    monkeypatch.setattr("modellab.cli.leaderboard.list_missing_packages", lambda: ["numpy"])
    bare = project.call("leaderboard", "accuracy", "--split", "test")
    assert [row["run_id"] for row in bare.rows()] == [run_id]
    assert "No tests: numpy not installed here. pip install 'modellab[evaluation]'" in bare.err
