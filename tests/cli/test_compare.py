from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

import modellab

if TYPE_CHECKING:
    from tests.cli.conftest import Project


def section(output: str, title: str) -> list[list[str]]:
    """The words of each line below a heading."""
    block = output.partition(f"{title}")[2].partition("\n\n")[0]
    return [line.split() for line in block.splitlines()[1:]]


def test_params_that_differ_and_metrics_stand_side_by_side(project: Project) -> None:
    first = project.record(
        {"accuracy": 0.5, "only_first": 2.0, "nan": 1.0}, params={"lr": 0.1, "epochs": 5, "extra": "x"}
    )
    second = project.record(
        {"accuracy": 0.75, "loss": float("inf"), "nan": float("nan")}, params={"lr": 0.2, "epochs": 5}
    )
    outcome = project.call("compare", first, second)
    assert (outcome.code, outcome.err) == (0, "")
    assert section(outcome.out, "Params that differ") == [
        [first, second],
        ["extra", "x", "-"],
        ["lr", "0.1", "0.2"],
    ]
    assert section(outcome.out, "Metrics") == [
        [first, second],
        ["accuracy", "0.5", "0.75", "(+0.25)"],
        ["loss", "-", "inf"],
        ["nan", "1", "nan"],
        ["only_first", "2", "-"],
        ["Single", "values:", "a", "difference", "may", "be", "chance."],
    ]
    assert "better" not in outcome.out


def test_code_and_environment_that_differ_are_named(project: Project) -> None:
    context = {
        "git_hash": "a" * 40,
        "git_dirty": True,
        "git_diff": "-a\n+b\n",
        "python_version": "3.11.7",
        "pip_freeze": "numpy==2.0\ntorch==2.5",
        "device_info": '{"cpu":"EPYC","cores":8}',
    }
    other = context | {
        "git_hash": "b" * 40,
        "git_diff": "-a\n+c\n",
        "pip_freeze": "numpy==2.1\nrich==15\ntorch==2.5",
        "device_info": '{"cpu":"EPYC","cores":16}',
    }
    for fields in (context, other, {"git_dirty": False}):
        project.record(events=[("context", fields)])
    out = project.call("compare", "latest~2", "latest~1", "latest").out
    assert section(out, "Code and environment that differ")[1:] == [
        ["commit", "a" * 40, "b" * 40, "-"],
        ["changes", "2", "lines", "(A)", "2", "lines", "(B)", "none"],
        ["Python", "3.11.7", "3.11.7", "-"],
        ["CPU", "EPYC", "EPYC", "-"],
        ["cores", "8", "16", "-"],
    ]
    assert section(out, "Packages that differ")[1:] == [
        ["numpy", "2.0", "2.1", "-"],
        ["rich", "-", "15", "-"],
        ["torch", "2.5", "2.5", "-"],
    ]


def test_in_a_pipe_cells_are_separated_by_tabs_and_differences_are_rounded(project: Project) -> None:
    first, second = project.record({"accuracy": 0.5}), project.record({"accuracy": 0.7})
    lines = project.call("compare", first, second).out.splitlines()
    assert f"\t{first}\t{second}" in lines
    assert "accuracy\t0.5\t0.7 (+0.2)" in lines
    assert [line for line in lines if line != line.rstrip()] == []


def test_runs_that_do_not_differ_are_said_not_to(project: Project) -> None:
    for _ in range(2):
        project.record({"a": 1.0}, params={"lr": 0.1})
    out = project.call("compare", "latest", "latest~1").out
    assert section(out, "Params that differ") == [["none"]]
    assert section(out, "Code and environment that differ") == [["none"]]
    assert section(out, "Metrics")[1] == ["a", "1", "1", "(0)"]


def test_long_values_are_shown_where_they_differ(project: Project) -> None:
    for seed in (1, 2):
        command = f"python train.py --data {'/very/long/path' * 8} --seed {seed}"
        project.record(events=[("context", {"command": command})])
    terminal = project.start_in_terminal(80, "compare", "latest~1", "latest")
    assert "--seed 1" in terminal
    assert "--seed 2" in terminal


def test_json_is_the_comparison(project: Project) -> None:
    first, second = (
        project.record({"a": 1.0}, params={"x": 1}),
        project.record({"b": float("nan")}, params={"y": 1}),
    )
    found = project.call("compare", first, second, "--json").json()
    assert list(found) == ["metric_keys", "param_keys", "runs", "warnings", "comparison"]
    assert found["metric_keys"] == ["a", "b"]
    assert found["param_keys"] == ["x", "y"]
    assert [run["run_id"] for run in found["runs"]] == [first, second]
    assert found["runs"][1]["final_metrics"] == {"b": "nan"}


def test_comparing_takes_two_different_runs(project: Project) -> None:
    run_id = project.record()
    for arguments, message in (
        ((), "Missing argument"),
        ((run_id,), "Comparing takes two runs or more."),
        ((run_id, "latest"), f"Run {run_id} is named twice."),
    ):
        outcome = project.call("compare", *arguments)
        assert (outcome.code, outcome.out) == (2, "")
        assert message in outcome.err
        assert "\nhint: " in outcome.err


def evaluate(project: Project, name: str, skill: float, *, seed: int = 1) -> str:
    """An evaluated run; a larger `skill` is a better model."""
    numbers = np.random.default_rng(0)
    labels = numbers.integers(0, 2, 200)
    places = np.array(["north", "south"])[numbers.integers(0, 2, 200)]
    noise = np.random.default_rng(int(100 * skill)).normal(size=200)
    with modellab.start_run(name, seed=seed, params={"skill": skill}, settings=project.settings) as run:
        run.log_evaluation(
            predictions=1 / (1 + np.exp(-skill * (2 * labels - 1) - noise)),
            labels=labels,
            data={"place": places},
            config={"compute_cis": False},
        )
    return run.run_id


def test_the_verdict_stands_first_in_words_then_its_tables(project: Project) -> None:
    bad, good = evaluate(project, "bad", 0.3), evaluate(project, "good", 3.0)
    outcome = project.call("compare", bad, good, "--slices", "--min-effect", 0.001)
    assert (outcome.code, outcome.err) == (0, "")
    first, second, *_ = outcome.out.splitlines()
    assert first.startswith("good is better than bad on accuracy by 0.")
    assert first.endswith("n = 200 paired rows).")
    assert second.startswith("This holds for this test set, these two trained models")
    heading, row = section(outcome.out, "Difference on accuracy")
    assert heading[:5] == ["A", "B", "a_value", "b_value", "difference"]
    assert row[:2] == [bad, good]
    assert "better" in row
    assert {line[0] for line in section(outcome.out, "Other metrics")[1:]} >= {"f1", "roc_auc", "log_loss"}
    assert [line[2:4] for line in section(outcome.out, "Slices")[1:]] in (
        [["place", "north"], ["place", "south"]],
        [["place", "south"], ["place", "north"]],
    )
    assert section(outcome.out, "Rows that changed")[1][:2] == [bad, good]
    assert section(outcome.out, "Params that differ")[1] == ["skill", "0.3", "3.0"]

    found = project.call("compare", "latest~1", "latest", "--metric", "roc_auc", "--json").json()[
        "comparison"
    ]
    assert found["primary_metric"] == "roc_auc"
    assert found["sentences"][0].startswith("good is better than bad on roc_auc")


def test_single_values_cannot_be_told_apart_and_the_page_says_what_would_help(project: Project) -> None:
    project.record({"accuracy": 0.905}, name="A")
    project.record({"accuracy": 0.912}, name="B")
    first = project.call("compare", "latest~1", "latest").out.splitlines()[0]
    assert first.startswith(
        "B scored 0.912 and A 0.905 on accuracy; with one run each and no stored predictions this cannot be "
        "told from chance. Log predictions, or at least 5 seeds"
    )


def test_seed_groups_are_found_and_the_baseline_is_named(project: Project) -> None:
    for c in (1, 2):
        for seed in range(3):
            project.record(
                {"accuracy": 0.8 + 0.01 * seed + 0.05 * c},
                params={"C": c},
                seed=seed,
                name=f"svm {c} seed {seed}",
            )
    references = [f"latest~{back}" for back in range(5, -1, -1)]
    outcome = project.call("compare", *references, "--baseline", "latest")
    assert "svm 1 (3 seeds)" in outcome.out.splitlines()[0]
    groups = section(outcome.out, "Seed groups")
    assert [line[1] for line in groups[1:]] == ["3", "3"]


@pytest.mark.parametrize("width", [80, 120])
def test_every_line_fits_the_terminal(project: Project, width: int) -> None:
    for name, skill in (("bad", 0.3), ("fair", 1.0), ("good", 3.0)):
        evaluate(project, f"a rather long name of a {name} model", skill)
    shown = project.start_in_terminal(width, "compare", "latest~2", "latest~1", "latest", NO_COLOR="1")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert [line for line in plain.splitlines() if len(line) > width] == []
    assert plain.startswith("a rather long name of a fair model is better than a rather")
    assert "Beware" in plain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--metric", "acuracy"), "None of these runs has a metric 'acuracy'"),
        (("--min-effect", "-1"), "min_effect is -1.0"),
        (("--min-effect", "much"), "'much' is not a valid float"),
        (("--split", "../x"), "The name of an evaluation may not be"),
    ],
)
def test_what_makes_no_question_is_refused(
    project: Project, arguments: tuple[str, ...], message: str
) -> None:
    a, b = (project.record({"accuracy": 0.5}) for _ in range(2))
    outcome = project.call("compare", a, b, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_without_the_packages_runs_still_stand_side_by_side(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modellab.cli.compare.list_missing_packages", lambda: ["numpy"])
    a, b = (project.record({"accuracy": value}) for value in (0.5, 0.7))
    outcome = project.call("compare", a, b)
    assert outcome.code == 0
    assert outcome.err == "No verdicts: numpy not installed here. pip install 'modellab[evaluation]'\n"
    assert outcome.out.startswith("\nRuns")
    assert project.call("compare", a, b, "--json").json()["comparison"] is None
