"""What a comparison has beside its verdicts: what differs, a radar chart, warnings; and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

from modellab.cli.output import to_plain
from modellab.errors import InvalidInput, NotFound
from modellab.records.datasets import DatasetUse

if TYPE_CHECKING:
    from tests.comparison.conftest import MakeModels, Memory


def test_params_config_environment_and_packages_that_differ(memory: Memory) -> None:
    a = memory.add(
        params={"lr": 0.1, "same": 1, "only": 2},
        config={"model": {"depth": 3, "width": 8}},
        pip_freeze="numpy==2.1\ntorch==2.5",
        python_version="3.11",
        device_info='{"cpu":"EPYC","cores":8}',
        final_metrics={"x": 1.0},
    )
    b = memory.add(
        params={"lr": 0.2, "same": 1},
        config={"model": {"depth": 4, "width": 8}},
        pip_freeze="numpy==2.2\ntorch==2.5",
        python_version="3.11",
        device_info='{"cpu":"EPYC","cores":16}',
        final_metrics={"x": 1.0},
    )
    found = memory.compare(a, b).differences
    assert {one.name: one.values for one in found.params} == {"lr": {a: 0.1, b: 0.2}, "only": {a: 2}}
    assert {one.name: one.values for one in found.config} == {"model.depth": {a: 3, b: 4}}
    assert {one.name: one.values for one in found.packages} == {"numpy": {a: "2.1", b: "2.2"}}
    assert {one.name: one.values for one in found.environment} == {"machine.cores": {a: 8, b: 16}}


@pytest.mark.parametrize(
    ("a", "b", "said", "diff"),
    [
        ({}, {}, "The commit of one run or both is not known.", None),
        ({"git_hash": "a" * 40}, {"git_hash": "b" * 40}, f"see `git diff {'a' * 12} {'b' * 12}`", None),
        (
            {"git_hash": "a", "git_dirty": True, "git_diff": "-x\n+y"},
            {"git_hash": "a", "git_dirty": True, "git_diff": "-x\n+z"},
            "The same commit, with other uncommitted changes.",
            "--- changes of A\n+++ changes of B\n@@ -1,2 +1,2 @@\n -x\n-+y\n++z",
        ),
        (
            {"git_hash": "a", "git_dirty": False},
            {"git_hash": "a", "git_dirty": False},
            "The same code.",
            None,
        ),
    ],
)
def test_code_that_differs_is_described(
    memory: Memory, a: dict[str, Any], b: dict[str, Any], said: str, diff: str | None
) -> None:
    first, second = memory.add(**a), memory.add(**b)
    [code] = memory.compare(first, second).differences.code
    assert said in code.note
    assert code.diff == diff


def test_a_long_difference_of_code_is_cut(memory: Memory) -> None:
    lines = "\n".join(f"+line {number}" for number in range(1000))
    a = memory.add(git_hash="a", git_diff="-x")
    b = memory.add(git_hash="a", git_diff=lines)
    [code] = memory.compare(a, b).differences.code
    assert code.diff is not None
    assert len(code.diff.splitlines()) == 400
    assert "The first 400 of" in code.note
    c = memory.add(git_hash="a", git_diff=lines * 6)
    assert "too many to set side by side" in memory.compare(a, c).differences.code[0].note


def test_a_radar_has_declared_ranges_and_the_best_outside(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(200)
    a = memory.evaluate("A", models.labels, models.predict(1.0))
    b = memory.evaluate("B", models.labels, models.predict(2.0))
    comparison = memory.compare(a, b)
    axes = {axis.metric: axis for axis in comparison.radar.axes}
    assert 3 <= len(axes) <= 8
    assert "log_loss" not in axes  # without a bound
    brier = axes["brier"]
    assert (brier.low, brier.high, brier.is_inverted) == (0.0, 2.0, True)
    assert brier.label == "brier (lower is better, inverted)"
    assert brier.points[a].position == pytest.approx(1 - brier.points[a].value / 2)
    accuracy = axes["accuracy"]
    assert accuracy.points[b].position == pytest.approx(accuracy.points[b].value)
    values = {row.metric: row.values for row in comparison.metrics}
    assert values["accuracy"][a].estimate == accuracy.points[a].value


def test_a_radar_of_two_metrics_is_none(memory: Memory) -> None:
    targets = np.arange(30.0)
    a = memory.evaluate("A", targets, targets + 1.0, task_type="regression")
    b = memory.evaluate("B", targets, targets - 2.0, task_type="regression")
    radar = memory.compare(a, b).radar
    assert radar.axes == ()
    assert radar.note is not None


def test_other_test_data_and_unfinished_runs_are_warned_of(memory: Memory, make_models: MakeModels) -> None:
    def use(sha256: str) -> list[DatasetUse]:
        return [
            DatasetUse(run_id="x", dataset_id=sha256, name="iris", version=1, split="test", sha256=sha256)
        ]

    models = make_models(100)
    a = memory.evaluate("A", models.labels, models.predict(1.0), datasets=use("1"))
    b = memory.evaluate("B", models.labels, models.predict(1.0), datasets=use("2"), status="running")
    warnings = memory.compare(a, b).warnings
    assert any("tested on different files, whose rows have the same ids" in text for text in warnings)
    assert any(text.startswith("Run B is running") for text in warnings)
    other = make_models(90, 5)
    c = memory.evaluate("C", other.labels, other.predict(1.0), datasets=use("2"))
    assert any("different data" in text for text in memory.compare(a, c).warnings)


def test_one_run_each_speaks_of_these_trained_models(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    ids = [memory.evaluate(name, models.labels, models.predict(1.0)) for name in "ABC"]
    assert "This holds for this test set, these two trained models" in memory.compare(*ids[:2]).sentences[-1]
    assert memory.compare(*ids).sentences[-1].startswith("Each verdict holds for this test set")
    assert any("selected as best of 3 on this set" in text for text in memory.compare(*ids).warnings)
    assert not any("best of" in text for text in memory.compare(*ids, baseline=ids[0]).warnings)


def test_a_family_is_all_pairs_or_all_against_the_baseline(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    ids = [memory.evaluate(name, models.labels, models.predict(1.0)) for name in "ABCD"]
    everyone = memory.compare(*ids).verdicts
    assert [(v.a, v.b) for v in everyone[:3]] == [(ids[0], ids[1]), (ids[0], ids[2]), (ids[0], ids[3])]
    assert {v.family_size for v in everyone} == {6}
    against = memory.compare(*ids, baseline=ids[2]).verdicts
    assert [(v.a, v.b) for v in against] == [(ids[2], ids[0]), (ids[2], ids[1]), (ids[2], ids[3])]
    assert {v.family_size for v in against} == {3}


def test_a_comparison_is_its_sentences_and_is_json(memory: Memory, make_models: MakeModels) -> None:
    models = make_models(100)
    ids = [memory.evaluate(name, models.labels, models.predict(1.0)) for name in "ABC"]
    comparison = memory.compare(*ids, slices=True)
    assert str(comparison).splitlines()[: len(comparison.sentences)] == list(comparison.sentences)
    text = orjson.dumps(to_plain(comparison))
    assert b"NaN" not in text
    assert orjson.loads(text)["verdicts"][0]["sentence"] == comparison.verdicts[0].sentence


def test_runs_without_any_metric_have_nothing_to_compare(memory: Memory) -> None:
    comparison = memory.compare(memory.add("A"), memory.add("B"))
    assert (comparison.primary_metric, comparison.verdicts) == (None, [])
    assert str(comparison) == "None of these runs has a metric, so there is nothing to compare."


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"metric": "acuracy"}, "None of these runs has a metric 'acuracy'"),
        ({"min_effect": 0.0}, "min_effect is 0.0"),
        ({"min_effect": float("nan")}, "min_effect is nan"),
        ({"baseline": "f" * 32}, "The baseline f"),
        ({"split": "../x"}, "The name of an evaluation may not be"),
    ],
)
def test_what_cannot_be_compared_is_refused(memory: Memory, how: dict[str, Any], message: str) -> None:
    a, b = (memory.add(name, final_metrics={"accuracy": 0.5}) for name in "AB")
    with pytest.raises(InvalidInput, match=message):
        memory.compare(a, b, **how)


def test_too_many_rows_in_too_many_pairs_are_refused(
    memory: Memory, make_models: MakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = make_models(100)
    ids = [memory.evaluate(name, models.labels, models.predict(1.0)) for name in "ABC"]
    monkeypatch.setattr("modellab.comparison.compare.MOST_ROWS", 299)
    with pytest.raises(InvalidInput, match="3 pairs have 300 rows together; at most 299") as caught:
        memory.compare(*ids)
    assert caught.value.hint == "Name a baseline, or fewer runs."
    assert len(memory.compare(*ids, baseline=ids[0]).verdicts) == 2


def test_runs_are_two_to_fifty_different_ones_that_are_there(memory: Memory) -> None:
    ids = [memory.add(final_metrics={"accuracy": 0.5}) for _ in range(51)]
    for chosen, message in (
        (ids[:1], "1 runs were given; a comparison takes 2 to 50"),
        (ids, "51 runs were given"),
        ([ids[0], ids[0]], "is named twice"),
    ):
        with pytest.raises(InvalidInput, match=message):
            memory.compare(*chosen)
    with pytest.raises(NotFound):
        memory.compare(ids[0], "nowhere")
    assert len(memory.compare(*ids[:50]).verdicts) == 50 * 49 // 2
