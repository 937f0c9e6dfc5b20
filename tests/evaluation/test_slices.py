"""Slices of the data: how they are cut, what they say, and that noise is not taken for a bad slice."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.problem import Problem
from modellab.evaluation.slice_cuts import cut_rows
from modellab.evaluation.slice_pairs import find_slice_pairs
from modellab.evaluation.slices import Slice, SliceReport, assign_slices, find_slices
from modellab.evaluation.tables import read_table

Arrays = dict[str, Any]


def make_rows(n: int, seed: int = 0, *, n_columns: int = 5) -> Arrays:
    """A calibrated model, and columns of four letters that have nothing to do with it."""
    random = np.random.default_rng(seed)
    p = random.random(n)
    columns = {f"c{i}": np.array(list("abcd"))[random.integers(0, 4, n)] for i in range(n_columns)}
    return {"p": p, "y": (random.random(n) < p).astype(int), "data": columns}


def look(rows: Arrays, metric: str = "accuracy", attributes: list[str] | None = None) -> SliceReport:
    classes = sorted({*rows["y"].tolist()} | {0, 1}) if rows["y"].dtype.kind == "i" else None
    problem = read_problem(rows["p"], rows["y"], task_type="classification", classes=classes)
    return find_slices(problem, read_table(rows["data"], problem.n), metric=metric, attributes=attributes)


def break_rows(rows: Arrays, bad: NDArray[np.bool_], seed: int = 1) -> Arrays:
    """The same, with the labels of some rows drawn anew, whatever the model says."""
    random = np.random.default_rng(seed)
    return {**rows, "y": np.where(bad, random.integers(0, 2, len(bad)), rows["y"])}


def of_attribute(report: SliceReport, kind: str, attribute: str) -> list[Slice]:
    return [s for s in report.slices if s.kind == kind and s.attribute == attribute]


def list_findings(report: SliceReport) -> list[str]:
    """The slices of the data that stand out and that no other one explains."""
    data = [s for s in report.slices if s.kind in ("feature", "missingness")]
    return [s.name for s in data if s.stands_out and s.explained_by is None]


def regression(n: int = 400, seed: int = 0) -> Problem:
    random = np.random.default_rng(seed)
    targets = random.normal(size=n)
    return read_problem(targets + random.lognormal(size=n), targets, task_type="regression")


def test_confidences_are_cut_into_ten_slices_of_equal_size_with_their_calibration() -> None:
    rows = make_rows(1000)
    deciles = of_attribute(look(rows), "confidence", "confidence")
    assert [s.n for s in deciles] == [100] * 10
    confidences = np.sort(np.maximum(rows["p"], 1 - rows["p"]))
    first = deciles[0]
    assert first.mean_confidence == pytest.approx(confidences[:100].mean())
    assert first.gap == pytest.approx(confidences[:100].mean() - (first.estimate or 0))
    assert {s.interval.method for s in deciles} == {"wilson"}


def test_equal_confidences_are_never_split_and_the_report_says_that_slices_are_fewer() -> None:
    p = np.repeat([0.9, 0.8, 0.3, 0.2], 50)  # confidences 0.9, 0.8, 0.7 and 0.8 again
    problem = read_problem(p, np.arange(200) % 2, task_type="classification")
    report = find_slices(problem, None, metric="accuracy")
    assert [s.n for s in of_attribute(report, "confidence", "confidence")] == [50, 100, 50]
    assert any("3 slices by confidence, not 10" in note for note in report.notes)


def test_hard_labels_have_no_slices_by_confidence() -> None:
    problem = read_problem([0, 1] * 50, [0, 1, 1, 0] * 25, task_type="classification")
    assert find_slices(problem, None, metric="accuracy").slices == []


def test_numbers_are_cut_at_quartiles_and_missing_ones_are_a_slice() -> None:
    rows = make_rows(500)
    age = np.arange(500.0)
    age[400:] = np.nan
    slices = of_attribute(look({**rows, "data": {"age": age}}), "feature", "age")
    assert [(s.value, s.n) for s in slices] == [
        ("≤ 99", 100),
        ("(99, 199]", 100),
        ("(199, 299]", 100),
        ("> 299", 100),
        ("(missing)", 100),
    ]


def test_numbers_of_few_values_are_cut_between_them() -> None:
    rows = make_rows(100)
    flag = np.repeat([0, 1], [80, 20])
    slices = of_attribute(look({**rows, "data": {"flag": flag}}), "feature", "flag")
    assert [(s.value, s.n) for s in slices] == [("≤ 0", 80), ("> 0", 20)]


def test_categories_are_the_ten_most_frequent_the_others_and_the_missing_ones() -> None:
    rows = make_rows(600)
    names = [chr(ord("a") + i) for i in range(12) for _ in range(20 + 5 * i)]
    city = [*names, *[None] * (600 - len(names))]
    slices = of_attribute(look({**rows, "data": {"city": city}}), "feature", "city")
    assert [s.value for s in slices] == [*"lkjihgfedc", "(other)", "(missing)"]
    assert [s.n for s in slices][-2:] == [45, 600 - len(names)]


def test_missing_cells_are_slices_by_column_and_by_count() -> None:
    rows = make_rows(100)
    a, b = np.arange(100.0), np.arange(100.0)
    a[:40], b[30:60] = np.nan, np.nan
    report = look({**rows, "data": {"a": a, "b": b, "c": np.arange(100)}})
    assert [(s.value, s.n) for s in of_attribute(report, "missingness", "a")] == [
        ("present", 60),
        ("missing", 40),
    ]
    assert of_attribute(report, "missingness", "c") == []
    counts = of_attribute(report, "missingness", "missing cells")
    assert [(s.value, s.n) for s in counts] == [("0", 40), ("1", 50), ("2 or more", 10)]


def test_the_target_of_a_regression_is_cut_at_its_quartiles() -> None:
    report = find_slices(regression(400), None, metric="mae")
    assert [s.n for s in of_attribute(report, "target", "target")] == [100] * 4
    assert report.worst is None
    assert report.n_tested == 0


def test_a_difference_is_to_the_rest_and_not_to_the_whole() -> None:
    rows = make_rows(1000)
    right = (rows["p"] >= 0.5) == rows["y"]
    for slice_ in of_attribute(look(rows), "feature", "c0"):
        inside = rows["data"]["c0"] == slice_.value
        assert slice_.estimate == pytest.approx(right[inside].mean())
        assert slice_.difference == pytest.approx(right[inside].mean() - right[~inside].mean())


def test_slices_of_fewer_than_twenty_rows_are_shown_and_not_tested() -> None:
    rows = make_rows(200)
    group = np.array(["few"] * 19 + ["more"] * 20 + ["most"] * 161)
    few, more, _ = sorted(
        of_attribute(look({**rows, "data": {"g": group}}), "feature", "g"), key=lambda s: s.n
    )
    assert few.difference is not None
    assert few.p_value is None
    assert few.note == "not tested: 19 rows in the slice, fewer than 20"
    assert more.p_value is not None


def test_a_ranking_is_tested_only_with_ten_rows_of_each_class() -> None:
    rows = make_rows(400)
    rows["y"][:50] = np.arange(50) < 9
    group = np.repeat(["one-sided", "other"], [50, 350])
    slices = of_attribute(look({**rows, "data": {"g": group}}, "roc_auc"), "feature", "g")
    assert next(s.note for s in slices if s.n == 50) == (
        "not tested: 9 rows of a class in the slice, fewer than 10"
    )


def test_an_attribute_with_one_value_has_nothing_to_be_compared_with() -> None:
    rows = make_rows(100)
    (only,) = of_attribute(look({**rows, "data": {"g": ["x"] * 100}}), "feature", "g")
    assert (only.n, only.difference, only.note) == (100, None, "not tested: all rows")


def test_only_the_named_attributes_are_cut() -> None:
    report = look(make_rows(200), attributes=["c3", "c1"])
    assert list(dict.fromkeys(s.attribute for s in report.slices)) == ["confidence", "c3", "c1"]


def test_an_unknown_attribute_is_refused_with_names_close_to_it() -> None:
    rows = make_rows(50)
    with pytest.raises(InvalidInput, match="No column is named 'agee'") as raised:
        look({**rows, "data": {"age": np.arange(50), "sex": np.arange(50)}}, attributes=["agee"])
    assert (raised.value.hint or "").startswith("There are: age")


def test_an_attribute_without_data_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no data to slice by 'age'"):
        find_slices(regression(), None, metric="mae", attributes=["age"])


@pytest.mark.parametrize("metric", ["accuracy", "f1", "roc_auc", "pr_auc", "log_loss", "brier", "mcc"])
def test_a_bad_slice_is_found_and_is_the_worst(metric: str) -> None:
    rows = make_rows(4000)
    report = look(break_rows(rows, rows["data"]["c2"] == "b"), metric)
    assert report.worst is not None
    assert report.worst.name == "c2: b"
    assert (report.worst.adjusted_p or 1) < 0.001
    assert list_findings(report) == ["c2: b"]


def test_a_bad_slice_of_a_regression_is_found() -> None:
    random = np.random.default_rng(0)
    group = np.array(list("abcd"))[random.integers(0, 4, 2000)]
    targets = random.normal(size=2000)
    problem = read_problem(
        targets + random.normal(size=2000) * np.where(group == "c", 2, 1), targets, task_type="regression"
    )
    report = find_slices(problem, read_table({"g": group}, 2000), metric="rmse")
    assert report.worst is not None
    assert report.worst.name == "g: c"
    assert report.higher_is_better is False
    assert report.worst.difference == pytest.approx(1.0, abs=0.2)


def test_a_slice_that_is_better_than_the_rest_is_never_the_worst() -> None:
    rows = make_rows(4000)
    good = rows["data"]["c2"] == "b"
    report = look({**rows, "y": np.where(good, rows["p"] >= 0.5, rows["y"]).astype(int)})
    assert list_findings(report) == ["c2: b"]
    assert report.worst is None


@pytest.mark.parametrize("metric", ["accuracy", "f1", "roc_auc"])
def test_twenty_slices_of_noise_are_taken_for_a_finding_in_at_most_5_percent(metric: str) -> None:
    n_times = 120
    found = 0
    for seed in range(n_times):
        report = look(make_rows(400, seed), metric)
        assert report.n_tested == 20
        found += any(s.stands_out for s in report.slices if s.kind == "feature")
    assert found <= 0.05 * n_times + 2.6 * (n_times * 0.05 * 0.95) ** 0.5  # 99.5 % of what 5 % gives


def test_skewed_errors_do_not_make_slices_of_noise_stand_out() -> None:
    n_times = 120
    found = low = tested = 0
    for seed in range(n_times):
        rows = make_rows(200, seed)
        report = find_slices(regression(200, seed), read_table(rows["data"], 200), metric="mae")
        p_values = [s.p_value for s in report.slices if s.kind == "feature" and s.p_value is not None]
        found += any(s.stands_out for s in report.slices if s.kind == "feature")
        low += sum(p < 0.05 for p in p_values)
        tested += len(p_values)
    assert found <= 0.05 * n_times + 2.6 * (n_times * 0.05 * 0.95) ** 0.5
    assert 0.03 < low / tested < 0.07  # and the unadjusted test has its level


def test_one_split_of_the_rows_is_one_test_however_many_slices_show_it() -> None:
    rows = make_rows(400)
    group = np.where(np.arange(400) < 200, "left", "right")
    a = np.where(group == "left", np.nan, 1.0)
    report = look({**rows, "data": {"g": group, "a": a}})
    assert report.n_tested == 1
    shown = [s for s in report.slices if s.kind != "confidence"]
    assert len(shown) == 8
    assert {s.adjusted_p for s in shown} == {shown[0].p_value}


def test_a_slice_inside_a_wider_one_that_explains_it_is_not_a_finding_of_its_own() -> None:
    rows = make_rows(4000, n_columns=0)
    region = np.repeat(["north", "south"], 2000)
    town = np.where(region == "north", np.arange(4000) % 4, 4 + np.arange(4000) % 4).astype(str)
    report = look({**break_rows(rows, region == "north"), "data": {"town": town, "region": region}})
    assert report.worst is not None
    assert report.worst.name == "region: north"
    assert set(list_findings(report)) == {"region: north", "region: south"}
    towns = [s for s in of_attribute(report, "feature", "town") if s.stands_out and s.value in "0123"]
    assert towns
    assert {s.explained_by for s in towns} == {"region: north"}


def test_a_slice_that_stands_out_inside_a_wider_one_stays_a_finding() -> None:
    rows = make_rows(4000, n_columns=0)
    region = np.repeat(["north", "south"], 2000)
    town = np.where(region == "north", np.arange(4000) % 4, 4 + np.arange(4000) % 4).astype(str)
    report = look({**break_rows(rows, town == "0"), "data": {"town": town, "region": region}})
    assert report.worst is not None
    assert report.worst.name == "town: 0"


@pytest.mark.parametrize("metric", ["accuracy", "f1", "roc_auc", "pr_auc", "log_loss"])
def test_slices_do_not_depend_on_the_order_of_rows(metric: str) -> None:
    rows = make_rows(600)
    order = np.random.default_rng(5).permutation(600)
    turned = {
        "p": rows["p"][order],
        "y": rows["y"][order],
        "data": {name: column[order] for name, column in rows["data"].items()},
    }
    for one, other in zip(look(rows, metric).slices, look(turned, metric).slices, strict=True):
        assert (one.name, one.n) == (other.name, other.n)
        for field in ("estimate", "difference", "difference_low", "p_value", "adjusted_p"):
            assert getattr(one, field) == pytest.approx(getattr(other, field), rel=1e-9, abs=1e-12)


def test_slices_do_not_depend_on_the_names_of_classes() -> None:
    rows = make_rows(300)
    named = {**rows, "y": np.where(rows["y"] == 1, "yes", "no")}
    assert look(rows, "f1").as_dict() == look(named, "f1").as_dict()


def test_slices_next_to_a_bad_one_look_good_and_it_explains_them() -> None:
    rows = make_rows(4000)
    report = look(break_rows(rows, rows["data"]["c2"] == "b"))
    good = [s for s in of_attribute(report, "feature", "c2") if s.stands_out and s.value != "b"]
    assert good
    assert {s.explained_by for s in good} == {"c2: b"}


def test_a_report_is_plain_json() -> None:
    rows = make_rows(120)
    report = look({**rows, "data": {"x": [None, *range(119)], "g": ["a", "b", None] * 40}})
    text = json.dumps(report.as_dict(), allow_nan=False)
    assert json.loads(text)["metric"] == "accuracy"


@pytest.mark.parametrize("n", [1, 2, 21])
@pytest.mark.parametrize("metric", ["accuracy", "f1", "roc_auc", "expected_calibration_error", "log_loss"])
def test_few_rows_have_slices_and_honest_notes(n: int, metric: str) -> None:
    rows = make_rows(n)
    report = look({**rows, "data": {"x": [None] * n, "g": ["a"] * n}}, metric)
    assert all(s.note is not None for s in report.slices if s.p_value is None)
    assert report.worst is None
    json.dumps(report.as_dict(), allow_nan=False)


def test_rows_are_assigned_to_the_slices_that_are_compared() -> None:
    rows = make_rows(300)
    problem = read_problem(rows["p"], rows["y"], task_type="classification")
    table = read_table({**rows["data"], "x": [None, *range(299)]}, 300)
    assigned = assign_slices(cut_rows(problem, table, None))
    report = find_slices(problem, table, metric="accuracy")
    assert "confidence:confidence" not in assigned  # that of another model is another
    for kind, attribute in [("feature", "c0"), ("feature", "x"), ("missingness", "x")]:
        codes, levels = assigned[f"{kind}:{attribute}"]
        assert codes.dtype == np.int32
        counts = dict(zip(levels, np.bincount(codes, minlength=len(levels)).tolist(), strict=True))
        assert counts == {s.value: s.n for s in of_attribute(report, kind, attribute)}


def test_a_pair_of_attributes_that_is_bad_only_together_is_found_as_exploratory() -> None:
    rows = make_rows(6000, n_columns=3)
    data = rows["data"]
    broken = break_rows(rows, (data["c0"] == "a") & (data["c1"] == "d"))
    problem = read_problem(broken["p"], broken["y"], task_type="classification")
    table = read_table(data, 6000)
    assert table is not None
    pair = find_slice_pairs(problem, table, metric="accuracy")[0]
    assert (pair.attributes, pair.values, pair.label) == (("c0", "c1"), ("a", "d"), "exploratory")
    assert pair.as_dict()["difference"] < -0.1


def test_a_pair_that_one_of_its_slices_explains_is_not_reported() -> None:
    rows = make_rows(6000, n_columns=3)
    broken = break_rows(rows, rows["data"]["c0"] == "a")
    problem = read_problem(broken["p"], broken["y"], task_type="classification")
    table = read_table(rows["data"], 6000)
    assert table is not None
    assert find_slice_pairs(problem, table, metric="accuracy") == []
