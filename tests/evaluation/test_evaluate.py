"""`evaluate` takes what users have, and everything comes together in one report."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

import evalharness
from modellab.errors import InvalidInput
from modellab.evaluation import METRICS, EvaluationReport, evaluate
from modellab.evaluation.config import EvaluationConfig, read_config
from modellab.evaluation.examples import decode_examples, encode_examples

Make = Callable[..., dict[str, Any]]
ROOT = Path(__file__).parents[2]
FAST = {"compute_cis": False}


def test_the_example_of_the_manual_runs(tmp_path: Path, make_binary: Make) -> None:
    rows = make_binary(100)
    report = evalharness.evaluate(
        task_type="classification",
        predictions=rows["predictions"],
        labels=rows["labels"],
        data=pd.DataFrame(rows["data"]),
        output_dir=str(tmp_path / "eval"),
        config={"run_stress_tests": True, "compute_cis": True, "n_failures_per_type": 10},
    )
    assert isinstance(report, EvaluationReport)
    assert f"{report.metrics['accuracy']:.3f}".startswith("0.")
    assert f"{report.metrics['roc_auc']:.3f}".startswith("0.")
    assert f"{report.metrics['expected_calibration_error']:.3f}".startswith("0.")
    assert report.get_takeaway() == (tmp_path / "eval" / "takeaway.txt").read_text().strip()


def test_the_code_of_the_guide_runs_as_it_stands(tmp_path: Path) -> None:
    page = (ROOT / "docs/guides/evaluate-a-model.md").read_text()
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    shown = [
        line[4:].split(" ")[0].rstrip("/") for line in page.splitlines() if line.startswith(("├──", "└──"))
    ]
    assert sorted(path.name for path in (tmp_path / "eval").iterdir()) == sorted(shown)


def test_every_metric_and_setting_is_documented() -> None:
    concepts = (ROOT / "docs/concepts/evaluation.md").read_text()
    for name in METRICS:
        base = re.sub(r"_(macro|weighted)$", "", name)
        assert f"`{name}`" in concepts or f"`{base}`" in concepts
    guide = (ROOT / "docs/guides/evaluate-a-model.md").read_text()
    assert [name for name in EvaluationConfig.__slots__ if f"`{name}`" not in guide] == []


def test_names_in_camel_case_mean_the_same(tmp_path: Path, make_regression: Make) -> None:
    rows = make_regression(40)
    del rows["task_type"]
    report = evaluate(
        **rows,
        outputDir=tmp_path / "eval",
        config={
            "taskType": "regression",
            "sliceAttributes": ["x"],
            "computeCis": False,
            "nFailuresPerType": 2,
        },
    )
    assert report.task_type == "regression"
    assert (tmp_path / "eval" / "metrics.json").exists()
    assert evaluate(**rows, taskType="regression", config=FAST).task_type == "regression"


def test_every_setting_has_its_name_in_both_spellings() -> None:
    given = {
        "taskType": "regression",
        "classes": [0, 1],
        "runStressTests": False,
        "computeCIs": False,
        "nFailuresPerType": 3,
        "sliceAttributes": ["age", "sex"],
        "nResamples": 500,
        "primaryMetric": "mae",
        "baseline": 2.5,
        "seed": 7,
    }
    expected = EvaluationConfig(
        task_type="regression",
        classes=(0, 1),
        run_stress_tests=False,
        compute_cis=False,
        n_failures_per_type=3,
        slice_attributes=("age", "sex"),
        n_resamples=500,
        primary_metric="mae",
        baseline=2.5,
        seed=7,
    )
    assert read_config(given) == expected
    assert read_config({name: getattr(expected, name) for name in EvaluationConfig.__slots__}) == expected
    assert read_config({"classes": None, "taskType": None}) == EvaluationConfig()
    assert read_config({"classes": np.array(["b", "a"]), "seed": np.int64(3)}, seed=0) == EvaluationConfig(
        classes=("b", "a"), seed=3
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"n_resample": 5}, "config has 'n_resample', which is no setting"),
        ({"taskType": "ranking"}, "task_type is 'ranking'; it may be classification or regression"),
        ({"compute_cis": "yes"}, "compute_cis is 'yes'; it may be true or false"),
        ({"n_resamples": 10}, "n_resamples is 10; it may be a whole number from 100 to 100000"),
        ({"n_failures_per_type": -1}, "n_failures_per_type is -1"),
        ({"n_failures_per_type": True}, "n_failures_per_type is True"),
        ({"slice_attributes": "age"}, "slice_attributes is 'age'; it may be a list"),
        ({"primary_metric": 3}, "primary_metric is 3; it may be a text"),
        ({"baseline": [1]}, r"baseline is \[1\]; it may be a class or a number"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": 3, "Seed": 4}, "seed is given twice, as 3 and as 4"),
        (
            {"primaryMetric": "f1", "primary_metric": "mcc"},
            "primary_metric is given twice, as 'f1' and as 'mcc'",
        ),
        ({"primary_metric": "rmse"}, "primary_metric is 'rmse', which cannot be had here"),
        ({"primary_metric": "accuracies"}, "There is no metric 'accuracies'"),
        ({"baseline": "b"}, "baseline is 'b'; it may be one of the classes"),
        ({"slice_attributes": ["y"]}, "'y'"),
        ({"classes": [0]}, "at least two are needed"),
        ("fast", "config is of type str; it may be a dict"),
    ],
)
def test_settings_that_are_not_allowed_are_refused(config: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        evaluate(predictions=[0.2, 0.7], labels=[0, 1], data={"x": [1, 2]}, config=config)


def test_an_unknown_setting_is_told_its_neighbours() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_config({"sliceAtributes": []})
    assert (caught.value.hint or "").startswith("There are: slice_attributes, ")


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(InvalidInput, match="evaluate has no argument 'classes'") as caught:
        evaluate(predictions=[0.2, 0.7], labels=[0, 1], classes=[0, 1])
    assert "config" in str(caught.value.hint)


def test_two_tasks_at_once_are_refused() -> None:
    with pytest.raises(InvalidInput, match="task_type is given twice"):
        evaluate(
            predictions=[0.2, 0.7],
            labels=[0, 1],
            task_type="regression",
            config={"taskType": "classification"},
        )


@pytest.mark.parametrize("kind", [np.asarray, list, pd.Series, pl.Series])
def test_libraries_do_not_matter(kind: Callable[[Any], Any], make_binary: Make) -> None:
    rows = make_binary(60)
    plain = evaluate(**rows, config=FAST)
    found = evaluate(
        predictions=kind(rows["predictions"]), labels=kind(rows["labels"]), data=rows["data"], config=FAST
    )
    assert found.as_dict() == plain.as_dict()


@pytest.mark.parametrize(
    "make_table", [pd.DataFrame, pl.DataFrame, lambda columns: pd.DataFrame(columns).to_dict("records")]
)
def test_the_kind_of_table_does_not_matter(make_table: Callable[[Any], Any], make_binary: Make) -> None:
    rows = make_binary(60)
    plain = evaluate(**rows, config=FAST)
    found = evaluate(**rows | {"data": make_table(rows["data"])}, config=FAST)
    assert found.as_dict() == plain.as_dict()


def test_one_row_and_one_class_give_a_report_of_what_can_be_said() -> None:
    report = evaluate(predictions=[0.7], labels=[1])
    assert report.metrics["accuracy"] == 1
    assert report.metrics["roc_auc"] is None
    assert report.intervals["accuracy"].low is not None
    assert report.intervals["roc_auc"].estimate is None
    numbers = evaluate(predictions=[1.5], labels=[2], task_type="regression")
    assert numbers.metrics["mae"] == 0.5
    assert numbers.metrics["r2"] is None
    assert numbers.intervals["mae"].low is None


def test_missing_cells_are_never_an_error() -> None:
    data = [{"x": None, "city": "Rome"}, {"x": float("nan")}, {"x": 3, "city": None}, {}] * 10
    report = evaluate(predictions=[0.2, 0.7, 0.6, 0.1] * 10, labels=[0, 1, 0, 1] * 10, data=data, config=FAST)
    kinds = {slice_.kind for slice_ in report.slices.slices}
    assert "missingness" in kinds


def test_a_thousand_classes_are_evaluated() -> None:
    random = np.random.default_rng(0)
    n, k = 1000, 1000
    labels = random.integers(0, k, n)
    scores = random.random((n, k))
    scores[np.arange(n), labels] += 0.9
    odds = np.exp(5 * scores)
    report = evaluate(
        predictions=odds / odds.sum(1, keepdims=True),
        labels=labels,
        config={"classes": list(range(k)), "n_resamples": 100},
    )
    assert report.metrics["accuracy"] == pytest.approx((odds.argmax(1) == labels).mean())
    assert report.metrics["roc_auc_ovo"] is None
    assert report.intervals["f1_macro"].low is not None
    assert len(report.per_class) == k


def test_a_model_that_is_handed_over_is_stressed(make_binary: Make) -> None:
    rows = make_binary(80)
    table = pd.DataFrame(rows["data"])
    told: list[tuple[int, int, str]] = []
    report = evaluate(
        predictions=rows["predictions"],
        labels=rows["labels"],
        data=table,
        predict=lambda data: 1 / (1 + np.exp(0.5 - 1.3 * data["x"].fillna(0))),
        progress=lambda done, total, what: told.append((done, total, what)),
        config=FAST,
    )
    assert report.stress.ran
    assert any(what.startswith("stress tests: ") for _, _, what in told)
    assert told[0] == (0, 7, "metrics")
    assert told[-1] == (7, 7, "done")
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_without_a_model_or_a_wish_for_it_nothing_is_stressed(make_binary: Make) -> None:
    rows = make_binary(40)
    assert evaluate(**rows, config=FAST).stress.reason == "not run: no model handed over"
    asked = evaluate(**rows, predict=lambda _: rows["predictions"], config=FAST | {"run_stress_tests": False})
    assert asked.stress.reason == "not run: run_stress_tests is false"


def test_the_rows_are_kept_with_their_ids_clusters_and_slices(make_binary: Make) -> None:
    rows = make_binary(40)
    ids = [f"row {place}" for place in range(40)]
    report = evaluate(**rows, row_ids=ids, clusters=np.arange(40) // 2, config=FAST)
    stored = decode_examples(encode_examples(report.examples))
    assert stored.row_ids == tuple(ids)
    assert stored.clusters is not None
    assert stored.clusters.tolist() == (np.arange(40) // 2).tolist()
    assert set(stored.slices) == {"feature:color", "feature:x"} | {
        key for key in stored.slices if not key.startswith("feature:")
    }


def test_slices_are_of_the_columns_that_were_asked_for(make_binary: Make) -> None:
    report = evaluate(**make_binary(100), config=FAST | {"sliceAttributes": ["color"]})
    assert {s.attribute for s in report.slices.slices if s.kind == "feature"} == {"color"}


def test_the_baseline_says_whether_the_model_beats_it(make_binary: Make, make_regression: Make) -> None:
    assert evaluate(**make_binary(400), config=FAST).majority_baseline.verdict == "better"
    assert evaluate(**make_regression(400), config=FAST).majority_baseline.verdict == "better"
    random = np.random.default_rng(0)
    noise = evaluate(
        predictions=random.random(300), labels=(random.random(300) < 0.1).astype(int), config=FAST
    ).majority_baseline
    assert noise.verdict == "worse"
    assert noise.answer == 0
    assert noise.kind == "majority class"
    constant = evaluate(predictions=["a"] * 30, labels=["a"] * 20 + ["b"] * 10, config=FAST).majority_baseline
    assert constant.verdict == "no difference shown"
    assert constant.test.p_value == 1


def test_a_model_of_noise_rarely_beats_the_baseline() -> None:
    random = np.random.default_rng(0)
    better = 0
    for _ in range(60):
        labels, p = random.integers(0, 2, 60), random.random(60)
        better += evaluate(predictions=p, labels=labels, config=FAST).majority_baseline.verdict == "better"
    assert better <= 4


def test_importing_the_package_loads_no_scipy_scikit_learn_or_matplotlib(tmp_path: Path) -> None:
    code = (
        "import sys, modellab.evaluation\n"
        "print(sorted({'scipy', 'sklearn', 'matplotlib', 'pandas', 'polars', 'narwhals'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "[]\n"
