"""Samples as bytes, and reports of calls that were measured elsewhere."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.errors import InvalidInput
from modellab.latency import decode_samples, encode_samples, summarise_samples

LEVELS = st.lists(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), max_size=4)


@given(LEVELS)
def test_samples_come_back_as_they_were_and_as_the_same_bytes(levels: Sequence[Sequence[float]]) -> None:
    samples = [np.asarray(level) for level in levels]
    data = encode_samples(samples)
    found = decode_samples(data)
    assert [times.tolist() for times in found] == [list(level) for level in levels]
    assert encode_samples(found) == data


def test_a_level_without_a_call_keeps_its_place() -> None:
    found = decode_samples(encode_samples([np.empty(0), np.array([1.0, 2.0])]))
    assert [times.tolist() for times in found] == [[], [1.0, 2.0]]


def save(value: Any) -> bytes:
    data = io.BytesIO()
    np.save(data, value, allow_pickle=True)
    return data.getvalue()


ROWS = np.array([(0, 1.0), (1, 2.0)], [("level", "<i4"), ("seconds", "<f8")])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        encode_samples([np.array([1.0])])[:-1],
        encode_samples([np.array([1.0])]).replace(b"'descr'", b"('descr'"),
        encode_samples([np.array([1.0])]) + b"\0",
        save(np.array([1.0, 2.0])),
        save(np.array([{"a": 1}], dtype=object)),
        save(ROWS.reshape(2, 1)),
        save(ROWS[::-1]),
        encode_samples([np.array([-1.0])]),
        encode_samples([np.array([np.nan])]),
        save(np.array([(10**6, 1.0)], ROWS.dtype)),
        save(ROWS).replace(b"(2,)", b"(9,)"),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="samples of latency"):
        decode_samples(data)


def test_calls_measured_elsewhere_are_reported_alike() -> None:
    times = np.random.default_rng(0).exponential(0.01, 2000)
    report = summarise_samples(
        times.tolist(),
        name="edge",
        wall_s=10,
        n_errors=3,
        concurrency=2,
        warmup_calls=50,
        machine={"cpu": "x"},
    )
    assert (report.mode, report.n, report.n_errors, report.concurrency) == ("given", 2000, 3, 2)
    assert report.throughput_per_s == pytest.approx(200)
    assert report.p95_ms == pytest.approx(np.quantile(times * 1e3, 0.95, method="inverted_cdf"))
    assert report.levels[0].warmup_calls == 50
    assert report.environment is None
    assert summarise_samples(times).throughput_per_s is None
    json.dumps(report.as_dict(), allow_nan=False)


def test_calls_that_resemble_their_neighbours_are_said_to() -> None:
    random = np.random.default_rng(0)
    slow = np.repeat(random.exponential(0.01, 50), 20)
    (alike,), (apart,) = (summarise_samples(times).levels for times in (slow, random.permutation(slow)))
    assert alike.autocorrelation is not None
    assert alike.autocorrelation > 0.8
    assert any("too narrow" in note for note in alike.notes)
    assert apart.notes == ()
    assert summarise_samples([1.0] * 50).levels[0].autocorrelation is None


@pytest.mark.parametrize(
    ("durations", "options", "message"),
    [
        ([], {}, "at least one time"),
        ([[1.0]], {}, r"shape \(1, 1\)"),
        (["a"], {}, "not numbers"),
        ([1.0, -1.0, float("nan")], {}, "2 values that are no durations, first -1.0 at 1"),
        ([1.0], {"wall_s": 0}, "wall_s is 0"),
        ([1.0], {"n_errors": -1}, "n_errors is -1"),
        ([1.0], {"concurrency": 0}, "concurrency is 0"),
        ([1.0], {"name": ""}, "name of a latency report"),
        ([1.0], {"expected_interval": 0.5, "mode": "open"}, "open loop"),
        ([1.0], {"mode": "sideways"}, "mode is 'sideways'"),
    ],
)
def test_what_is_no_measurement_is_refused(durations: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        summarise_samples(durations, **options)
