"""The output folder has exactly its files, whole or not at all, and leaves what else is there."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modellab.errors import InvalidInput
from modellab.evaluation import evaluate
from modellab.evaluation.output import PLOTS, encode_json, round_floats, write_folder
from modellab.evaluation.plots import draw_plots

Make = Callable[..., dict[str, Any]]
FILES = ["confidence_intervals.json", "failure_examples.json", "metrics.json", "slices.json", "takeaway.txt"]
CLASSIFICATION = ["calibration_curve", "confidence_histogram", "confusion_matrix", "pr_curve", "roc_curve"]
FAST = {"n_resamples": 100}


def names_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_folder_has_exactly_the_files_that_are_promised(tmp_path: Path, make_binary: Make) -> None:
    folder = tmp_path / "deep" / "eval"
    evaluate(**make_binary(80), output_dir=folder, config=FAST)
    assert names_in(folder) == sorted([*FILES, *(f"plots/{name}.png" for name in CLASSIFICATION)])
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in folder.parent.iterdir()] == ["eval"]


def test_the_plots_of_both_tasks_are_known(make_binary: Make, make_regression: Make) -> None:
    drawn = {
        name.removesuffix(".png")
        for rows in (make_binary(80), make_regression(80))
        for report in [evaluate(**rows, config={"compute_cis": False})]
        for name, _ in draw_plots(report.curves, task_type=report.task_type)
    }
    assert drawn == set(PLOTS)


def test_metrics_json_has_the_metrics_and_why_some_are_missing(tmp_path: Path) -> None:
    report = evaluate(
        predictions=["a", "b", "b"] * 4, labels=["a", "b", "a"] * 4, output_dir=tmp_path, config=FAST
    )
    found = read(tmp_path / "metrics.json")
    assert found["metrics"]["accuracy"] == round(2 / 3, 10)
    assert found["metrics"]["roc_auc"] is None
    assert found["notes"]["roc_auc"] == "the predictions are hard labels, without probabilities"
    assert found["classes"] == ["a", "b"]
    assert found["n"] == 12
    assert found["primary_metric"] == "accuracy"
    assert found["majority_baseline"]["answer"] == "a"
    assert found["calibration_null"] is None
    assert found["stress"]["ran"] is False
    assert [row["class"] for row in found["per_class"]] == ["a", "b"]
    assert (tmp_path / "takeaway.txt").read_text() == report.get_takeaway() + "\n"


def test_an_interval_has_exactly_its_fields(tmp_path: Path, make_binary: Make) -> None:
    report = evaluate(**make_binary(80), output_dir=tmp_path, config=FAST)
    found = read(tmp_path / "confidence_intervals.json")
    assert set(found) == {*report.intervals, *report.other_intervals}
    for interval in found.values():
        assert set(interval) == {
            *("estimate", "low", "high", "level", "method", "n_resamples", "n_dropped", "seed", "note")
        }
    assert found["f1"]["n_resamples"] == 100
    assert found["f1"]["level"] == 0.95


def test_slices_and_failures_have_their_files(tmp_path: Path, make_binary: Make) -> None:
    evaluate(**make_binary(80), output_dir=tmp_path, config=FAST | {"n_failures_per_type": 1})
    assert {slice_["attribute"] for slice_ in read(tmp_path / "slices.json")["slices"]} >= {"x", "color"}
    categories = read(tmp_path / "failure_examples.json")["categories"]
    assert len(categories) == 6
    assert all(len(category["examples"]) <= 1 for category in categories)


def test_the_files_of_an_earlier_evaluation_are_replaced_and_others_stay(
    tmp_path: Path, make_binary: Make, make_regression: Make
) -> None:
    (tmp_path / "plots").mkdir()
    for name in ("notes.md", "plots/mine.png", "metrics.json"):
        (tmp_path / name).write_text("old")
    evaluate(**make_regression(40), output_dir=tmp_path, config=FAST)
    assert read(tmp_path / "metrics.json")["task_type"] == "regression"
    evaluate(**make_binary(40), output_dir=tmp_path, config=FAST)
    expected = [*FILES, "notes.md", "plots/mine.png", *(f"plots/{name}.png" for name in CLASSIFICATION)]
    assert names_in(tmp_path) == sorted(expected)
    assert (tmp_path / "notes.md").read_text() == "old"
    assert read(tmp_path / "metrics.json")["task_type"] == "classification"


def test_a_failure_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    def fail() -> Iterator[tuple[str, bytes]]:
        yield "metrics.json", b"new"
        raise MemoryError("a plot too many")

    with pytest.raises(MemoryError):
        write_folder(fail(), tmp_path / "fresh")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "metrics.json").write_text("old")
    with pytest.raises(MemoryError):
        write_folder(fail(), tmp_path)
    assert names_in(tmp_path) == ["metrics.json"]
    assert (tmp_path / "metrics.json").read_text() == "old"


def test_bad_input_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        evaluate(predictions=[0.1], labels=[0, 1], output_dir=tmp_path / "eval")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "eval").write_text("mine")
    for folder in (tmp_path / "eval", tmp_path / "eval" / "deeper"):
        with pytest.raises(InvalidInput, match=r"output_dir is .* is a file"):
            evaluate(predictions=object(), labels=object(), output_dir=folder)
    assert (tmp_path / "eval").read_text() == "mine"


def test_a_report_is_written_later_too(tmp_path: Path, make_binary: Make) -> None:
    rows = make_binary(40)
    report = evaluate(**rows, config=FAST)
    assert report.write(tmp_path / "later") == tmp_path / "later"
    evaluate(**rows, config=FAST, output_dir=tmp_path / "at once")
    for name in names_in(tmp_path / "later"):
        assert (tmp_path / "later" / name).read_bytes() == (tmp_path / "at once" / name).read_bytes()


def test_the_whole_report_is_json(make_binary: Make, make_multiclass: Make, make_regression: Make) -> None:
    for make in (make_binary, make_multiclass, make_regression):
        whole = evaluate(**make(60), config=FAST).as_dict()
        assert json.loads(json.dumps(whole, allow_nan=False)) == whole
        assert {"metrics", "intervals", "slices", "failures", "stress", "curves", "takeaway"} <= set(whole)


def test_text_that_utf8_does_not_have_is_escaped() -> None:
    assert json.loads(encode_json({"a\udc80": "é\ud800"})) == {"a\\udc80": "é\\ud800"}


@settings(max_examples=25)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_json_reads_back_but_for_digits_after_the_tenth(value: Any) -> None:
    data = encode_json(value)
    assert data.endswith(b"\n")
    assert json.loads(data) == round_floats(value)
    assert encode_json(json.loads(data)) == data


def test_json_is_sorted_utf8_without_nan() -> None:
    assert encode_json({"b": 1 / 3, "a": ("é", None)}) == (
        '{\n  "a": [\n    "é",\n    null\n  ],\n  "b": 0.3333333333\n}\n'.encode()
    )
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not a number that JSON has"):
            encode_json({"x": value})
