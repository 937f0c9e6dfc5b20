"""The format of a line: what goes in comes out, and what cannot be recorded is refused by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.errors import InvalidMetric
from modellab.journal.line import decode_value, encode_event, encode_points, encode_value, parse_lines
from modellab.records import MAX_STEP

TIME_MS = 1_700_000_000_000

NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=250)
VALUES = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(2**63), 2**63),
    st.booleans(),
    st.sampled_from([1e308, -1e308, -0.0, 5e-324, 2**53 + 1, 10**300, math.nan, math.inf, -math.inf]),
)
STEPS = st.one_of(st.integers(-MAX_STEP, MAX_STEP), st.sampled_from([0, MAX_STEP, -MAX_STEP]))


class DeviceScalar:
    """A scalar as PyTorch and JAX have it: the number comes out of `item()`."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def item(self) -> Any:
        return self._value

    def __repr__(self) -> str:
        return f"DeviceScalar({self._value!r})"


class Unhappy:
    """A value that cannot even be shown."""

    def item(self) -> float:
        raise RuntimeError("on another device")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def read_back(step: Any, metrics: Mapping[str, Any]) -> dict[str, tuple[int, int, float]]:
    batch = parse_lines(encode_points(step, TIME_MS, metrics))
    assert not batch.bad
    return {
        name: (column.steps[0], column.times[0], column.values[0]) for name, column in batch.columns.items()
    }


@given(step=STEPS, metrics=st.dictionaries(NAMES, VALUES, max_size=6))
def test_points_come_back_as_they_went_in(step: int, metrics: dict[str, float]) -> None:
    found = read_back(step, metrics)
    assert found.keys() == metrics.keys()
    for name, value in metrics.items():
        assert found[name][:2] == (step, TIME_MS)
        same = found[name][2]
        assert same == float(value) or (math.isnan(same) and math.isnan(value))
        assert math.copysign(1, same) == math.copysign(1, float(value)) or math.isnan(same)


@given(
    st.lists(
        st.tuples(STEPS, st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, max_size=3)), max_size=30
    )
)
def test_many_lines_come_back_as_columns_in_order_of_arrival(
    lines: list[tuple[int, dict[str, float]]],
) -> None:
    data = b"".join(encode_points(step, TIME_MS + i, metrics) for i, (step, metrics) in enumerate(lines))
    batch = parse_lines(data)
    for name in "abc":
        expected = [
            (step, TIME_MS + i, repr(float(metrics[name])))
            for i, (step, metrics) in enumerate(lines)
            if name in metrics
        ]
        column = batch.columns.get(name)
        found = (
            [(s, t, repr(v)) for s, t, v in zip(column.steps, column.times, column.values, strict=True)]
            if column
            else []
        )
        assert found == expected
    assert batch.n_points == sum(len(metrics) for _, metrics in lines)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_float_has_a_word_in_json(value: float) -> None:
    word = orjson.loads(orjson.dumps(encode_value(value)))
    assert repr(decode_value(word)) == repr(value)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "None", "1.0", "-nan"])
def test_no_other_text_is_a_number(word: str) -> None:
    with pytest.raises(ValueError, match=word):
        decode_value(word)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.1), float(np.float32(0.1))),
        (np.float64(0.1), 0.1),
        (np.float16(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int64(-7), -7.0),
        (np.uint64(2**64 - 1), float(2**64 - 1)),
        (np.bool_(True), 1.0),
        (np.array(2.5), 2.5),
        (np.array([2.5]), 2.5),
        (np.array(3), 3.0),
        (np.float64("nan"), math.nan),
        (np.float32("-inf"), -math.inf),
        (DeviceScalar(1.5), 1.5),
        (DeviceScalar(np.float32(1.5)), 1.5),
        (DeviceScalar(True), 1.0),
        (Decimal("0.25"), 0.25),
        (Fraction(1, 4), 0.25),
        (True, 1.0),
        (2**53 + 1, float(2**53 + 1)),
    ],
    ids=repr,
)
def test_numbers_of_other_libraries_are_numbers(value: Any, expected: float) -> None:
    assert repr(read_back(0, {"m": value})["m"][2]) == repr(expected)


@pytest.mark.parametrize(
    "value",
    [
        "0.5",
        b"0.5",
        None,
        1j,
        [1.0],
        (1.0,),
        {"a": 1},
        np.array([1.0, 2.0]),
        np.complex128(1),
        np.array("x"),
        np.datetime64("2026-01-01"),
        DeviceScalar(None),
        DeviceScalar("1"),
        DeviceScalar(1j),
        10**400,
        float,
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_number_is_refused_with_its_name(value: Any) -> None:
    with pytest.raises(InvalidMetric, match="'speed' must be a number") as refused:
        encode_points(0, TIME_MS, {"speed": value})
    assert len(str(refused.value)) < 400


def test_a_value_that_cannot_be_shown_is_refused_all_the_same() -> None:
    with pytest.raises(InvalidMetric, match="'m' must be a number, not Unhappy"):
        encode_points(0, TIME_MS, {"m": Unhappy()})


@pytest.mark.parametrize("name", ["", "   ", "x" * 251, "a\nb", "a\x00b", "\ud800", 5, None, b"a"], ids=repr)
def test_what_cannot_be_a_name_is_refused(name: Any) -> None:
    with pytest.raises(InvalidMetric, match="name of a metric"):
        encode_points(0, TIME_MS, {name: 1.0})


def test_a_name_may_have_250_characters_and_blanks_between_words() -> None:
    assert "ü" * 250 in read_back(0, {"ü" * 250: 1.0})
    assert "val loss" in read_back(0, {"val loss": 1.0})


@pytest.mark.parametrize(
    "step",
    [1.0, True, "1", None, 2**53 + 1, -(2**53) - 1, 10**30, np.float64(1), np.array([1, 2]), np.bool_(True)],
    ids=repr,
)
def test_what_cannot_be_a_step_is_refused(step: Any) -> None:
    with pytest.raises(InvalidMetric, match="step must"):
        encode_points(step, TIME_MS, {"m": 1.0})


@pytest.mark.parametrize("step", [np.int64(5), np.uint8(5), np.array(5)], ids=repr)
def test_integers_of_other_libraries_are_steps(step: Any) -> None:
    assert read_back(step, {"m": 1.0})["m"][0] == 5


@pytest.mark.parametrize("metrics", [[("m", 1.0)], "m", None, 5], ids=repr)
def test_metrics_must_be_a_mapping(metrics: Any) -> None:
    with pytest.raises(InvalidMetric, match="must be a dict"):
        encode_points(0, TIME_MS, metrics)


def test_an_event_keeps_its_fields() -> None:
    batch = parse_lines(encode_event("params", TIME_MS, {"params": {"lr": 0.1, "note": "ä\u2028\n"}}))
    assert batch.events == [{"event": "params", "time": TIME_MS, "params": {"lr": 0.1, "note": "ä\u2028\n"}}]


def test_an_event_with_text_that_no_encoding_has_is_still_written() -> None:
    batch = parse_lines(
        encode_event("note", TIME_MS, {"note": "caf\udce9", "more": ["\ud800", {"\ud800": 1}]})
    )
    assert batch.events == [{"event": "note", "time": TIME_MS, "note": "caf?", "more": ["?", {"?": 1}]}]
