"""A template from the table to three recorded runs and what is said of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

import modellab
from modellab.errors import InvalidInput
from modellab.evaluation.problem import Classification
from modellab.settings import Settings
from modellab.store import open_store
from modellab.templates import TemplateResult, run_template
from modellab.templates.samples import write_samples


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    list(write_samples(folder))
    return folder


def run(
    data: Path, settings: Settings, task: Any, filename: str, target: str, **options: Any
) -> TemplateResult:
    return run_template(task, data / filename, target=target, settings=settings, **options)


def test_a_classification_template_records_three_evaluated_runs_and_compares_them(
    data: Path, settings: Settings
) -> None:
    result = run(
        data, settings, "classification", "breast_cancer.csv", "diagnosis", project_id="clinic", seed=42
    )
    assert [model.name for model in result.models] == ["DummyClassifier", "LogisticRegression", "XGBoost"]
    assert (result.n_training, result.n_test) == (427, 142)
    with open_store(settings) as store:
        for model in result.models:
            recorded = store.runs.get(model.run_id)
            assert recorded.status == "completed"
            assert recorded.project_id == "clinic"
            assert recorded.seed == 42
            assert recorded.params["model"] == model.name
            assert recorded.final_metrics["test/accuracy"] == model.report.metrics["accuracy"]
            assert [use.name for use in recorded.datasets] == ["breast_cancer"]
            evaluation = store.evaluations.get(model.run_id, "test")
            assert evaluation.n == 142
            paths = [file.path for file in store.artifacts.list(model.run_id, limit=1000).items]
            assert "checkpoints/model.joblib" in paths
        rows = {store.evaluations.get(model.run_id, "test").rows_sha256 for model in result.models}
        assert len(rows) == 1

    baseline = result.models[0].run_id
    verdicts = {(v.a, v.b): v.verdict for v in result.comparison.verdicts}
    assert verdicts == {(baseline, model.run_id): "better" for model in result.models[1:]}
    assert result.best in ("LogisticRegression", "XGBoost")
    assert result.models[0].report.metrics["roc_auc"] == 0.5


def test_a_regression_template_compares_with_the_mean(data: Path, settings: Settings) -> None:
    result = run(data, settings, "regression", "diabetes.csv", "progression", metric="rmse", seed=7)
    assert [model.name for model in result.models] == ["DummyRegressor", "LinearRegression", "XGBoost"]
    assert result.primary_metric == "rmse"
    errors = {model.name: model.report.metrics["rmse"] for model in result.models}
    assert result.best == min(errors, key=lambda name: errors[name] or 0.0)
    assert {v.b: v.verdict for v in result.comparison.verdicts}[result.models[1].run_id] == "better"


def test_the_same_table_and_seed_give_the_same_numbers(data: Path, settings: Settings) -> None:
    first, again, other = (
        run(data, settings, "classification", "wine.csv", "cultivar", seed=seed) for seed in (1, 1, 2)
    )
    assert [model.report.metrics for model in first.models] == [
        model.report.metrics for model in again.models
    ]
    assert [model.report.metrics for model in first.models] != [
        model.report.metrics for model in other.models
    ]


def test_a_table_of_noise_beats_no_baseline(tmp_path: Path, settings: Settings) -> None:
    drawn = random.Random(5)
    lines = [f"{drawn.random():.6f},{drawn.choice('abc')},{drawn.choice(['no', 'yes'])}" for _ in range(200)]
    path = tmp_path / "noise.csv"
    path.write_text("x,kind,y\n" + "\n".join(lines) + "\n")
    result = run_template("classification", path, target="y", metric="accuracy", settings=settings)
    assert {v.verdict for v in result.comparison.verdicts} & {"better", "equivalent"} == set()


def test_a_table_that_nobody_prepared_is_learnt(tmp_path: Path, settings: Settings) -> None:
    """Holes, categories that come up once, dates, text, an identifier, twins, a rare class, odd names."""
    drawn = random.Random(1)
    lines = ['"Größe, cm",when,kind,comment,id,label']
    for place in range(150):
        size = "" if place % 11 == 0 else f"{drawn.gauss(170, 10):.1f}"
        kind = "" if place % 13 == 0 else drawn.choice(["β", "δ", f"only {place}"])
        label = "new!" if place == 77 else ("tall" if (size or "0") > "170" else "small. really")
        lines.append(
            f"{size},2024-0{place % 9 + 1}-1{place % 10},{kind},words {place} here,u{place:04},{label}"
        )
    lines += lines[1:20]
    path = tmp_path / "wild.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run_template("classification", path, target="label", settings=settings, seed=3)
    assert any("'id' is left out" in note for note in result.notes)
    assert any("Too rare" in note for note in result.notes)
    assert all(model.report.get_takeaway().count("\n") == 0 for model in result.models)


def test_a_saved_model_predicts_what_the_evaluation_saw(
    data: Path, settings: Settings, tmp_path: Path
) -> None:
    result = run(data, settings, "classification", "iris.csv", "species")
    model = result.models[1]
    with open_store(settings) as store:
        file = store.artifacts.get(model.run_id, "checkpoints/model.joblib")
        path = tmp_path / "model.joblib"
        path.write_bytes(b"".join(store.files.read(file.sha256)))
    rows = [line.split(",")[:-1] for line in (data / "iris.csv").read_text().splitlines()[1:]]
    features = np.array(rows, dtype=object)[np.asarray(model.report.examples.row_ids)]
    problem = model.report.examples.problem
    assert isinstance(problem, Classification)
    assert np.array_equal(joblib.load(path).predict(features.astype(float).astype(object)), problem.predicted)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"task": "clustering"}, "no template 'clustering'"),
        ({"seed": -1}, "seed is -1"),
        ({"target": "specis"}, "no column 'specis'"),
        ({"metric": "rmse"}, "not one of classification"),
        ({"metric": "acuracy"}, "acuracy"),
        ({"test_size": 2.0}, "test share"),
        ({"leave_out": ["species"]}, "cannot be left out"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_recorded(
    data: Path, settings: Settings, options: dict[str, Any], said: str
) -> None:
    given: dict[str, Any] = {"task": "classification", "target": "species", "settings": settings, **options}
    with pytest.raises(InvalidInput, match=said):
        run_template(data=data / "iris.csv", **given)
    assert not settings.journals.exists()


def test_a_data_frame_is_taken_too(settings: Settings) -> None:
    import polars as pl

    frame = pl.DataFrame(
        {"x": [i * 37 % 101 for i in range(80)], "y": [(i * 37 % 101) / 3 + 1 for i in range(80)]}
    )
    noisy = frame.with_columns(y=pl.col("y") + pl.Series([i % 3 for i in range(80)]))
    result = run_template("regression", noisy, target="y", settings=settings)
    assert {v.verdict for v in result.comparison.verdicts} == {"better"}
    assert modellab.get_run(result.models[0].run_id, settings=settings).name == "y DummyRegressor"
