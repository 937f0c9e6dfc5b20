"""From a training script to a verdict: recorded evaluations, compared through the package."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import modellab
from modellab.errors import InvalidInput, NotFound
from modellab.settings import Settings, load_settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(start=tmp_path_factory.mktemp("project"), environ={})


@pytest.fixture(scope="module")
def runs(settings: Settings) -> dict[str, str]:
    """Three evaluated runs of a store: `good` is better than `bad`, and `fair` lies between; and one more."""
    numbers = np.random.default_rng(0)
    labels = numbers.integers(0, 2, 400)
    places = np.array(["north", "south"])[numbers.integers(0, 2, 400)]
    found = {}
    for name, skill in (("bad", 0.5), ("fair", 1.2), ("good", 2.5)):
        scores = 1 / (1 + np.exp(-skill * (2 * labels - 1) - numbers.normal(size=400)))
        with modellab.start_run(name, params={"skill": skill}, settings=settings) as run:
            run.log_evaluation(
                predictions=scores,
                labels=labels,
                data={"place": places},
                row_ids=[f"row {number}" for number in range(400)],
                config={"compute_cis": name == "good"},
            )
        found[name] = run.run_id
    with modellab.start_run("other", params={"skill": 0.1}, settings=settings) as run:
        run.log_metrics({"accuracy": 0.9}, step=0)
    found["other"] = run.run_id
    return found


def test_evaluated_runs_are_compared_and_ranked(runs: dict[str, str], settings: Settings) -> None:
    comparison = modellab.compare(
        runs["bad"], runs["good"][-12:], slices=True, min_effect=0.001, settings=settings
    )
    [verdict] = comparison.verdicts
    assert (verdict.verdict, verdict.basis, verdict.n) == ("better", "paired rows", 400)
    assert str(comparison).startswith("good is better than bad on accuracy by 0.")
    assert {one.attribute for one in comparison.slices} == {"place"}
    [changed] = comparison.changed_examples
    assert changed.n_fixed > changed.n_broken
    assert str(changed.fixed[0]).startswith("row ")
    assert [one.name for one in comparison.differences.params] == ["skill"]
    assert comparison.warnings == []
    good = next(row for row in comparison.metrics if row.is_primary).values[runs["good"]]
    assert good.low is not None  # the interval that the evaluation gave it

    board = modellab.leaderboard("accuracy", settings=settings)
    assert [entry.name for entry in board.entries] == ["good", "fair", "bad"]
    assert board.entries[2].can_be_told_apart is True
    assert modellab.leaderboard("accuracy", query="params.skill < 2", settings=settings).n_considered == 2


def test_a_baseline_may_be_named_by_a_piece_of_its_id(runs: dict[str, str], settings: Settings) -> None:
    ids = [runs[name] for name in ("bad", "fair", "good")]
    comparison = modellab.compare(*ids, baseline=ids[1][-12:], metric="roc_auc", settings=settings)
    assert comparison.baseline == ids[1]
    assert [verdict.a for verdict in comparison.verdicts] == [ids[1], ids[1]]


@pytest.mark.parametrize(
    ("how", "error"),
    [({"metric": "nonsense"}, InvalidInput), ({"split": "validation", "metric": "f1"}, InvalidInput)],
)
def test_what_is_not_there_is_refused(
    runs: dict[str, str], settings: Settings, how: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match="None of these runs has a metric"):
        modellab.compare(*runs.values(), settings=settings, **how)
    with pytest.raises(NotFound):
        modellab.compare(runs["bad"], "0" * 32, settings=settings)


def test_a_run_that_was_not_evaluated_is_named(runs: dict[str, str], settings: Settings) -> None:
    comparison = modellab.compare(runs["good"], runs["other"], settings=settings)
    assert comparison.verdicts[0].verdict == "cannot tell"
    assert "no stored predictions of other" in comparison.sentences[0]
    assert comparison.warnings[0] == "Run other has no evaluation 'test'."
