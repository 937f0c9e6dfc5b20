"""Tables to try things with: the data that comes with scikit-learn, as CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.errors import InvalidInput
from modellab.templates.table import Task


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the tables: its file, what it is for, and the column to predict."""

    filename: str
    task: Task
    target: str
    loader: str


SAMPLES: tuple[Sample, ...] = (
    Sample("iris.csv", "classification", "species", "load_iris"),
    Sample("wine.csv", "classification", "cultivar", "load_wine"),
    Sample("breast_cancer.csv", "classification", "diagnosis", "load_breast_cancer"),
    Sample("digits.csv", "classification", "digit", "load_digits"),
    Sample("diabetes.csv", "regression", "progression", "load_diabetes"),
)


def write_samples(folder: Path, *, replace: bool = False) -> Iterator[tuple[Sample, Path, int]]:
    """Write the tables into a folder, which is made if it is not there; each with its path and row count.

    Raises `InvalidInput` if one is there already with other content, unless `replace`; then none is written.
    """
    made = [(sample, folder / sample.filename, *_make(sample)) for sample in SAMPLES]
    if not replace:
        for _, path, content, _ in made:
            if path.exists() and path.read_bytes() != content:
                raise InvalidInput(f"{path} is there already.", hint="--force replaces it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sample, path, content, n_rows in made:
            path.write_bytes(content)
            yield sample, path, n_rows
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written to: {error.strerror}.") from None


def _make(sample: Sample) -> tuple[bytes, int]:
    from sklearn import datasets

    options = {"scaled": False} if sample.loader == "load_diabetes" else {}
    loaded: Any = getattr(datasets, sample.loader)(**options)
    names = [str(name).replace(" (cm)", "_cm").replace(" ", "_") for name in loaded.feature_names]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*names, sample.target])
    is_named = sample.task == "classification" and sample.loader != "load_digits"
    for features, value in zip(loaded.data.tolist(), loaded.target.tolist(), strict=True):
        shown = str(loaded.target_names[value]) if is_named else value
        rows.writerow([*(int(cell) if cell == int(cell) else cell for cell in features), shown])
    return text.getvalue().encode(), len(loaded.target)
