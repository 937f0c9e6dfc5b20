"""Training and test rows: stratified, seeded, and apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.errors import InvalidInput
from modellab.templates.split import split_rows
from modellab.templates.table import TrainingTable, read_table


def make_table(folder: Path, lines: list[str], task: str = "classification") -> TrainingTable:
    path = folder / "data.csv"
    path.write_text("a,b,y\n" + "\n".join(lines) + "\n")
    return read_table(path, task, target="y")  # type: ignore[arg-type]


def test_each_class_has_its_share_in_the_test(tmp_path: Path) -> None:
    table = make_table(
        tmp_path, [f"{i % 97},{i % 89},{'rare' if i % 10 == 0 else 'common'}" for i in range(400)]
    )
    split = split_rows(table, test_size=0.25, seed=1)
    assert len(split.test) == 100
    assert np.bincount(table.target[split.test]).tolist() == [90, 10]
    assert sorted([*split.training, *split.test]) == list(range(400))


def test_the_same_seed_draws_the_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    table = make_table(tmp_path, [f"{i % 97},{i % 89},{i % 2}" for i in range(200)])
    first, again, other = (split_rows(table, test_size=0.3, seed=seed).test.tolist() for seed in (1, 1, 2))
    assert first == again != other


@given(seed=st.integers(0, 2**32 - 1), n_repeated=st.integers(1, 8))
def test_rows_with_the_same_features_are_never_on_both_sides(
    tmp_path_factory: pytest.TempPathFactory, seed: int, n_repeated: int
) -> None:
    lines = [f"{i // n_repeated * 37 % 1009},{i // n_repeated % 5},{i // n_repeated % 2}" for i in range(160)]
    table = make_table(tmp_path_factory.mktemp("twins"), lines)
    split = split_rows(table, test_size=0.25, seed=seed)
    sides = [set(table.features.get_column("a")[side].to_list()) for side in (split.training, split.test)]
    assert sides[0] & sides[1] == set()
    assert (n_repeated > 1) == any("repeat" in note for note in split.notes)


def test_a_class_of_one_row_is_learnt_and_not_tested(tmp_path: Path) -> None:
    table = make_table(
        tmp_path, [f"{i * 37 % 101},{i % 7},{'once' if i == 13 else i % 2}" for i in range(80)]
    )
    split = split_rows(table, test_size=0.25, seed=0)
    assert table.classes is not None
    once = table.classes.index("once")
    assert once in table.target[split.training]
    assert once not in table.target[split.test]
    assert "Too rare to be tested, and only learnt: once." in split.notes


def test_a_regression_is_tested_on_all_of_the_targets_range(tmp_path: Path) -> None:
    table = make_table(tmp_path, [f"{i * 37 % 101},{i % 7},{i * i}" for i in range(100)], "regression")
    split = split_rows(table, test_size=0.2, seed=3)
    fifths = np.searchsorted(np.quantile(table.target, [0.2, 0.4, 0.6, 0.8]), table.target[split.test])
    assert np.bincount(fifths).tolist() == [4, 4, 4, 4, 4]


@pytest.mark.parametrize("test_size", [0, 1, -0.5, float("nan")])
def test_a_share_out_of_range_is_refused(tmp_path: Path, test_size: float) -> None:
    table = make_table(tmp_path, [f"{i * 37 % 101},{i % 7},{i % 2}" for i in range(40)])
    with pytest.raises(InvalidInput, match="test share"):
        split_rows(table, test_size=test_size, seed=0)


def test_a_split_that_leaves_too_little_is_refused(tmp_path: Path) -> None:
    table = make_table(tmp_path, [f"{i * 37 % 101},{i % 7},{i % 2}" for i in range(40)])
    with pytest.raises(InvalidInput, match="leaves 38 rows to learn from and 2 to test on"):
        split_rows(table, test_size=0.01, seed=0)


def test_copies_in_the_test_are_clusters_and_a_few_are_not(tmp_path: Path) -> None:
    copied = make_table(tmp_path, [f"{i // 4 * 37 % 1009},{i // 4},{i // 4 % 2}" for i in range(160)])
    split = split_rows(copied, test_size=0.25, seed=0)
    assert split.clusters is not None
    assert len(split.clusters) == len(split.test)
    assert len(np.unique(split.clusters)) == 10
    single = make_table(tmp_path, [f"{i * 37 % 1009},{i},{i % 2}" for i in range(160)])
    assert split_rows(single, test_size=0.25, seed=0).clusters is None


def test_rows_that_only_look_alike_are_no_copies(tmp_path: Path) -> None:
    """Two coarse columns, and targets that differ within each of their six combinations."""
    table = make_table(tmp_path, [f"{i % 2},{i % 3},{i // 6 % 2}" for i in range(240)])
    split = split_rows(table, test_size=0.25, seed=0)
    sides = [set(table.features[side].unique().rows()) for side in (split.training, split.test)]
    assert sides[0] == sides[1]
    assert (len(split.test), split.clusters, split.notes) == (60, None, [])
