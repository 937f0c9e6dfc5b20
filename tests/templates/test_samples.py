"""Tables to try things with."""

from __future__ import annotations

from pathlib import Path

import pytest

from modellab.errors import InvalidInput
from modellab.templates.samples import SAMPLES, write_samples
from modellab.templates.table import read_table


def test_every_sample_is_a_table_that_its_template_can_learn(tmp_path: Path) -> None:
    written = {path.name: n_rows for _, path, n_rows in write_samples(tmp_path / "data")}
    assert written == {
        "iris.csv": 150,
        "wine.csv": 178,
        "breast_cancer.csv": 569,
        "digits.csv": 1797,
        "diabetes.csv": 442,
    }
    for sample in SAMPLES:
        table = read_table(tmp_path / "data" / sample.filename, sample.task, target=sample.target)
        assert table.n == written[sample.filename]


def test_samples_written_again_are_the_same_and_files_of_others_are_not_replaced(tmp_path: Path) -> None:
    list(write_samples(tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    list(write_samples(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    (tmp_path / "iris.csv").write_text("mine")
    with pytest.raises(InvalidInput, match="is there already"):
        list(write_samples(tmp_path))
    assert (tmp_path / "iris.csv").read_text() == "mine"
    list(write_samples(tmp_path, replace=True))
    assert (tmp_path / "iris.csv").read_bytes() == before["iris.csv"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="cannot be written to"):
        list(write_samples(tmp_path / "file" / "data"))
