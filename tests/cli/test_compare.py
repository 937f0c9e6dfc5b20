from __future__ import annotations

from typing import TYPE_CHECKING

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
    assert list(found) == ["metric_keys", "param_keys", "runs", "warnings"]
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
