"""Params are recorded as JSON; what JSON cannot say is recorded by its `repr`, and a warning says so."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
import math
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest

import modellab
from modellab import InvalidInput, log_run, start_run


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    """All tests here record into an empty project."""


def _record(value: Any) -> Any:
    with start_run(params={"p": value}) as run:
        run.log_params({"later": value})
    params = modellab.get_run(run.run_id).params
    assert params["later"] == params["p"]
    return params["p"]


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Shade(str, enum.Enum):  # noqa: UP042 - of the older kind, whose `str` is `Shade.DARK`
    DARK = "dark"


@dataclasses.dataclass
class Config:
    lr: float
    layers: tuple[int, ...]
    color: Color


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (None, None),
        (True, True),
        ("text with ünïcode", "text with ünïcode"),
        (0.1, 0.1),
        (2**62, 2**62),
        (2**70, str(2**70)),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
        (PurePosixPath("data/a.csv"), "data/a.csv"),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(2.5), 2.5),
        (Color.RED, "red"),
        (Level.LOW, 1),
        (Shade.DARK, "dark"),
        (Config(0.1, (1, 2), Color.RED), {"lr": 0.1, "layers": [1, 2], "color": "red"}),
        ({1: "a", "b": (1, 2), None: {"c"}}, {"1": "a", "b": [1, 2], "None": ["c"]}),
        ([], []),
        ("lone \ud800 surrogate", "lone ? surrogate"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_values_that_json_can_say_are_recorded_as_they_are(value: Any, recorded: Any) -> None:
    assert _record(value) == recorded


class Odd:
    def __repr__(self) -> str:
        return "<odd>"


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("broken")


class Hostile:
    """Raises whatever it is asked for."""

    @property
    def shape(self) -> Any:
        raise RuntimeError("do not look")

    def __repr__(self) -> str:
        return "<hostile>"


@dataclasses.dataclass
class HalfMade:
    missing: int = dataclasses.field(init=False)

    def __repr__(self) -> str:
        return "<half made>"


_cycle: list[Any] = [1]
_cycle.append(_cycle)


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (Odd(), "<odd>"),
        ([1, Odd()], "[1, <odd>]"),
        (Broken(), "<Broken: its repr raised RuntimeError>"),
        (Hostile(), "<hostile>"),
        (HalfMade(), "<half made>"),
        (_cycle, "[1, [...]]"),
        (np.array([1, 2]), "array([1, 2])"),
        (datetime.date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
        (b"bytes", "b'bytes'"),
        (10**5000, "<int: its repr raised ValueError>"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.filterwarnings("ignore:.*recorded by repr:RuntimeWarning")
def test_what_json_cannot_say_is_recorded_by_its_repr(value: Any, recorded: Any) -> None:
    assert _record(value) == recorded


def test_a_warning_names_what_was_recorded_by_repr() -> None:
    with pytest.warns(RuntimeWarning, match="Params model, data: no JSON value or too large"):
        start_run(params={"lr": 0.1, "model": Odd(), "data": [Odd()]}).finish()


def test_a_param_of_ten_megabytes_is_shortened_with_its_length_and_digest() -> None:
    text = "abcdefghij" * 1_000_000
    with pytest.warns(RuntimeWarning, match=r"Params text: longer than 65536 characters, recorded shortened"):
        start_run(params={"text": text}).finish()
    [run] = modellab.list_runs()
    shown = run.params["text"]
    assert shown.startswith("abcdefghij")
    assert len(shown) < 1200
    assert "10000000 characters" in shown
    assert hashlib.sha256(text.encode()).hexdigest() in shown


def test_a_long_list_is_shortened_too() -> None:
    with pytest.warns(RuntimeWarning, match="recorded shortened"):
        start_run(params={"ids": list(range(1_000_000))}).finish()
    assert len(modellab.list_runs()[0].params["ids"]) < 1200


def test_a_param_logged_again_is_replaced_and_the_others_stay() -> None:
    with start_run(params={"lr": 0.1, "epochs": 3}) as run:
        run.log_params({"lr": 0.2, "depth": 4})
    assert modellab.get_run(run.run_id).params == {"lr": 0.2, "epochs": 3, "depth": 4}


def test_a_text_whose_name_says_that_it_is_a_secret_is_masked(project: Any) -> None:
    with start_run(params={"api_key": "sk-123", "tokenizer": "bpe", "password": ""}) as run:
        run.log_params({"db_password": "hunter2", "max_tokens": 5})
    assert modellab.get_run(run.run_id).params == {
        "api_key": "***",
        "tokenizer": "bpe",
        "password": "",
        "db_password": "***",
        "max_tokens": 5,
    }
    journal = b"".join(path.read_bytes() for path in project.journals.glob("*/*.jsonl"))
    assert b"sk-123" not in journal
    assert b"hunter2" not in journal


@pytest.mark.parametrize("name", ["", "  ", "x" * 251, 3, None, "line\nbreak"], ids=repr)
def test_a_name_that_cannot_be_recorded_is_refused_and_leaves_no_run_behind(name: Any, project: Any) -> None:
    with pytest.raises(InvalidInput, match="name of a param"):
        start_run(params={name: 1})
    assert not project.journals.exists()
    with start_run() as run, pytest.raises(InvalidInput, match="name of a param"):
        run.log_params({"good": 1, name: 1})
    assert modellab.get_run(run.run_id).params == {}


def test_names_may_be_any_kind_of_text() -> None:
    with start_run() as run:
        run.log_params({np.str_("lr"): 1, Shade.DARK: 2})
    assert modellab.get_run(run.run_id).params == {"lr": 1, "dark": 2}


@pytest.mark.parametrize("params", [[1], "lr=0.1", 5])
def test_params_that_are_no_dict_are_refused(params: Any, project: Any) -> None:
    with pytest.raises(InvalidInput, match="Params must be a dict"):
        start_run(params=params)
    assert not project.journals.exists()
    with start_run() as run, pytest.raises(InvalidInput, match="Params must be a dict"):
        run.log_params(params)


@pytest.mark.filterwarnings("ignore:.*recorded by repr:RuntimeWarning")
def test_a_decorated_function_takes_any_arguments() -> None:
    @log_run
    def train(model: Any, data: Any, path: Path) -> None: ...

    train(Hostile(), np.zeros((1000, 1000)), Path("a"))
    params = modellab.list_runs()[0].params
    assert (params["model"], params["path"]) == ("<hostile>", "a")
    assert params["data"].startswith("array([[0.")
