"""Which data set and which seed a run names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modellab
from modellab import log_run, start_run


def _only_run() -> modellab.Run:
    [found] = modellab.list_runs()
    return modellab.get_run(found.run_id)


@log_run
def train(dataset_id: Any = None, seed: Any = None) -> None: ...


@log_run(dataset_id="from the decorator")
def fixed() -> None: ...


def test_the_arguments_of_a_call_name_them(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATASET_ID", "from the environment")
    train(dataset_id="digits", seed=7)
    run = _only_run()
    assert (run.dataset_id, run.seed) == ("digits", 7)
    assert run.params == {"dataset_id": "digits", "seed": 7}


def test_the_decorator_names_the_data_set(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATASET_ID", "from the environment")
    fixed()
    assert _only_run().dataset_id == "from the decorator"


@pytest.mark.parametrize("start", [train, lambda: start_run().finish()], ids=["log_run", "start_run"])
def test_else_the_environment_does_and_else_the_file(
    project: Any, monkeypatch: pytest.MonkeyPatch, start: Any
) -> None:
    (project.root / ".env").write_text("DATASET_ID=from the file\n")
    start()
    monkeypatch.setenv("DATASET_ID", "from the environment")
    start()
    assert [run.dataset_id for run in modellab.list_runs()] == ["from the environment", "from the file"]


def test_without_any_of_them_there_is_none(project: Any) -> None:
    train()
    assert (_only_run().dataset_id, _only_run().seed) == (None, None)


@pytest.mark.parametrize(
    ("value", "named"),
    [(Path("data/a.csv"), "data/a.csv"), (np.str_("digits"), "digits"), (42, "42"), ("", None), (True, None)],
    ids=repr,
)
def test_what_reads_as_an_id_is_one(project: Any, value: Any, named: str | None) -> None:
    train(dataset_id=value)
    assert _only_run().dataset_id == named


@pytest.mark.filterwarnings("ignore:.*recorded:RuntimeWarning")
@pytest.mark.parametrize(
    "value",
    [np.zeros((2, 2)), ["a"], "x" * 1000, "two\nlines", object()],
    ids=lambda value: type(value).__name__,
)
def test_an_argument_that_is_the_data_rather_than_their_id_is_only_a_param(project: Any, value: Any) -> None:
    train(dataset_id=value)
    run = _only_run()
    assert (run.status, run.dataset_id) == ("completed", None)
    assert "dataset_id" in run.params


@pytest.mark.parametrize(
    ("value", "seed"),
    [
        (0, 0),
        (-3, -3),
        (np.int64(5), 5),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        (2**80, None),
        (True, None),
        (1.5, None),
        ("7", None),
    ],
    ids=repr,
)
def test_an_integer_of_64_bits_is_a_seed_and_anything_else_only_a_param(
    project: Any, value: Any, seed: int | None
) -> None:
    train(seed=value)
    run = _only_run()
    assert (run.status, run.seed) == ("completed", seed)
    assert "seed" in run.params


def test_start_run_takes_seeds_of_numpy(project: Any) -> None:
    start_run(seed=np.int32(9)).finish()  # type: ignore[arg-type]
    assert _only_run().seed == 9
