"""`modellab template` and `modellab example-data`, as a newcomer uses them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Project


def test_a_newcomer_gets_data_and_three_models_with_two_commands(project: Project) -> None:
    written = project.call("example-data", "data")
    assert written.code == 0, written.err
    assert [row["target"] for row in written.rows()] == [
        *("species", "cultivar", "diagnosis", "digit", "progression")
    ]
    assert "modellab template classification" in written.err

    done = project.call("template", "classification", "data/wine.csv", "--target", "cultivar", "--seed", "1")
    assert done.code == 0, done.err
    assert "[3/3] XGBoost" in done.err
    lines = done.out.splitlines()
    table = [line.split("\t") for line in lines if line.count("\t") == 3]
    assert table[0] == ["", "DummyClassifier", "LogisticRegression", "XGBoost"]
    assert [row[0] for row in table[1:3]] == ["accuracy", "f1"]
    assert "is better than" in done.out
    assert lines[-1].startswith("Best ")
    listed = project.call("runs", "--json").json()
    assert len(listed) == 3


def test_json_has_the_whole_result(project: Project) -> None:
    project.call("example-data", "data")
    done = project.call(
        *("template", "regression", "data/diabetes.csv", "--target", "progression", "--json")
    ).json()
    assert done["models"][0]["name"] == "DummyRegressor"
    assert done["models"][2]["metrics"]["rmse"] > 0
    assert done["comparison"]["verdicts"][0]["verdict"] == "better"


def test_bad_input_is_exit_code_2_and_records_nothing(project: Project) -> None:
    project.call("example-data", "data")
    for arguments, said in [
        (("classification", "data/iris.csv", "--target", "nonsense"), "no column 'nonsense'"),
        (("classification", "data/iris.csv"), "--target"),
        (("classification", "missing.csv", "--target", "y"), "missing.csv"),
        (("clustering", "data/iris.csv", "--target", "species"), "clustering"),
        (("regression", "data/iris.csv", "--target", "species"), "no number"),
        (("classification", "data/iris.csv", "--target", "species", "--test-size", "1"), "test-size"),
    ]:
        done = project.call("template", *arguments)
        assert done.code == 2
        assert said in done.err
    assert not project.settings.journals.exists()


def test_missing_packages_are_named_with_how_to_install_them(project: Project) -> None:
    """A Python that has the base install alone, as far as imports can tell."""
    script = """
import sys
from importlib.machinery import PathFinder

class Base(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        hidden = ("matplotlib", "narwhals", "numpy", "scipy", "sklearn", "polars", "pandas", "xgboost")
        return None if top in hidden else PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [Base if finder is PathFinder else finder for finder in sys.meta_path]
for statement in ("from evalharness import evaluate", "from modellab.templates import run_template"):
    try:
        exec(statement)
    except ImportError as error:
        print(error)
sys.argv = ["modellab", "template", "classification", "data.csv", "--target", "y"]
from modellab.cli import main
main()
"""
    (project.folder / "data.csv").write_text("a,y\n")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project.folder, capture_output=True, text=True, timeout=60
    )
    harness, templates = done.stdout.splitlines()
    assert harness.startswith("evalharness needs matplotlib, narwhals, numpy, scipy, sklearn")
    assert harness.endswith("pip install 'modellab[evaluation]'")
    assert templates.endswith("pip install 'modellab[templates]'")
    assert "Templates need packages that are not installed: matplotlib" in done.stderr
    assert "hint: pip install 'modellab[templates]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_last_line_says_who_is_best_and_what_is_not_told(project: Project) -> None:
    project.call("example-data", "data")
    done = project.call("template", "regression", "data/diabetes.csv", "--target", "progression")
    last = done.out.splitlines()[-1]
    assert last.startswith("Best rmse on the test rows: LinearRegression, ")
    assert "Whether that beats XGBoost, `modellab compare " in last
    tied = project.call("template", "classification", "data/wine.csv", "--target", "cultivar")
    assert "test rows: LogisticRegression and XGBoost, 1. Whether they differ" in tied.out.splitlines()[-1]
