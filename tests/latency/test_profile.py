"""Profiling callables: what is counted and what is left out, closed and open loops, workers side by side."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modellab.errors import InvalidInput
from modellab.latency import LatencyProfile, profile_latency
from modellab.latency.clock import Clock
from modellab.latency.phases import Phase, Warmup


class Simulation:
    """A clock that only calls and sleeping move on, and a target that takes as long as it is told."""

    def __init__(self, durations_s: Callable[[int], float]) -> None:
        self.now_ns = 0
        self.clock = Clock(now=lambda: self.now_ns, sleep=self.sleep)
        self._durations, self._numbers = durations_s, itertools.count()

    def sleep(self, seconds: float) -> None:
        self.now_ns += max(50_000, round(seconds * 1e9))  # letting others run takes time, too

    def call(self, _: object) -> None:
        self.now_ns += round(self._durations(next(self._numbers)) * 1e9)


def stall_once(number: int) -> float:
    """10 000 calls of 1 ms, one of 100 s, and then 1 ms again."""
    return 100.0 if number == 10_000 else 0.001


def profile_simulated(durations_s: Callable[[int], float], **options: Any) -> LatencyProfile:
    simulation = Simulation(durations_s)
    return profile_latency(simulation.call, [None], clock=simulation.clock, **options)


def test_a_closed_loop_hides_a_stall_and_its_correction_shows_it() -> None:
    profile = profile_simulated(stall_once, warmup=0, n_calls=10_001, expected_interval=0.01)
    (level,) = profile.report.levels
    assert profile.report.mode == "closed"
    assert profile.report.p99_ms == level.p99_ms == pytest.approx(1)
    assert level.latency.max_ms == pytest.approx(100_000)
    assert level.corrected is not None
    corrected = {percentile.q: percentile for percentile in level.corrected.percentiles}
    assert corrected[0.99].value_ms == pytest.approx(98_000, rel=1e-3)
    assert corrected[0.99].low_ms is None  # the series is made up in part
    assert level.corrected.n == 20_000


def test_an_open_loop_counts_from_the_planned_beginning() -> None:
    profile = profile_simulated(stall_once, warmup=0, n_calls=20_000, rate=100)
    (level,) = profile.report.levels
    assert profile.report.mode == "open"
    assert profile.report.p99_ms == pytest.approx(98_000, rel=0.01)
    assert level.service is not None
    service = {percentile.q: percentile.value_ms for percentile in level.service.percentiles}
    assert service[0.99] == pytest.approx(1)
    assert level.corrected is None
    assert level.n_unstarted == 0


def test_an_open_loop_that_cannot_hold_its_rate_says_how_many_calls_it_left_out() -> None:
    report = profile_simulated(lambda _: 1.0, warmup=0, n_calls=100, rate=100).report
    (level,) = report.levels
    assert level.n + level.n_unstarted == 100
    assert level.n == 12  # in twice the second that was planned and ten more
    assert any("the rate was not held" in note for note in level.notes)


@pytest.mark.parametrize(
    ("duration", "calls", "seconds"),
    [
        (lambda _: 0.001, 100, 0.1),  # two windows of 50 are alike at once
        (lambda number: 2.0 / (1 + number), 50, 8.998),  # ever faster: 50 calls, and more than 2 s
        (lambda _: 3.0, 4, 12.0),  # slow: ten seconds are enough
    ],
)
def test_a_warmup_ends_when_the_target_is_warm(
    duration: Callable[[int], float], calls: int, seconds: float
) -> None:
    (level,) = profile_simulated(duration, n_calls=10).report.levels
    assert level.warmup_calls == calls
    assert level.warmup_s == pytest.approx(seconds, rel=0.01)
    assert level.n == 10


def test_a_warmup_of_a_fixed_number_is_left_out() -> None:
    profile = profile_simulated(lambda number: 9.0 if number < 7 else 0.001, warmup=7, n_calls=20)
    (level,) = profile.report.levels
    assert (level.warmup_calls, level.n) == (7, 20)
    assert level.latency.max_ms == pytest.approx(1)
    assert profile.samples_s[0] == pytest.approx(np.full(20, 0.001))


@pytest.mark.parametrize(
    ("options", "n"),
    [({"n_calls": 30}, 30), ({"duration_s": 1}, 10), ({"n_calls": 3, "duration_s": 1}, 3), ({}, 600)],
)
def test_calls_end_by_their_number_or_by_time(options: dict[str, Any], n: int) -> None:
    assert profile_simulated(lambda _: 0.1, warmup=0, **options).report.n == n


def test_throughput_is_calls_over_the_time_that_all_took_together() -> None:
    report = profile_simulated(lambda _: 0.25, warmup=0, n_calls=8).report
    assert report.throughput_per_s == pytest.approx(4)
    assert report.levels[0].wall_s == pytest.approx(2)


def test_inputs_are_given_in_turn() -> None:
    given: list[str] = []
    profile_latency(given.append, iter(["a", "b", "c"]), warmup=0, n_calls=7)
    assert given == list("abcabca")


def test_errors_and_timeouts_are_counted_apart_with_their_first_messages() -> None:
    def answer(number: int) -> None:
        if number % 4 == 1:
            raise ValueError(f"no\nmodel {number % 8}")
        if number % 4 == 2:
            raise TimeoutError

    report = profile_latency(answer, range(8), warmup=0, n_calls=80).report
    (level,) = report.levels
    assert (report.n, report.n_errors, report.n_timeouts) == (40, 20, 20)
    assert [(failure.kind, failure.message, failure.count) for failure in level.failures] == [
        ("error", "ValueError: no model 1", 10),
        ("timeout", "TimeoutError", 20),
        ("error", "ValueError: no model 5", 10),
    ]
    assert any("40 of 80 calls failed (20 errors, 20 timeouts)" in note for note in level.notes)


def test_exceptions_that_cannot_be_printed_are_counted_all_the_same() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def fail(number: int) -> None:
        raise Mute if number else ValueError("\ud800")

    (level,) = profile_latency(fail, [0, 1], warmup=0, n_calls=2).report.levels
    assert [failure.message for failure in level.failures] == ["ValueError: ?", "Mute"]


def test_messages_that_all_differ_are_five() -> None:
    def fail(number: int) -> None:
        raise RuntimeError(str(number))

    (level,) = profile_latency(fail, range(100), warmup=0, n_calls=100).report.levels
    assert level.n_errors == 100
    assert [failure.message for failure in level.failures] == [f"RuntimeError: {place}" for place in range(5)]


def test_a_call_that_took_too_long_is_a_timeout() -> None:
    report = profile_simulated(
        lambda number: 5.0 if number % 50 == 0 else 0.001, warmup=0, n_calls=100, timeout=2
    ).report
    assert (report.n, report.n_timeouts) == (98, 2)
    assert report.levels[0].failures[0].message == "TimeoutError: took longer than 2 s"
    assert "percentiles above 98 are at least 2000 ms" in " ".join(report.levels[0].notes)


def test_failures_of_every_call_are_no_error_without_a_warmup_and_leave_no_percentiles() -> None:
    def fail(_: object) -> None:
        raise OSError("down")

    report = profile_latency(fail, [1], warmup=0, n_calls=20).report
    assert (report.n, report.n_errors, report.p50_ms, report.throughput_per_s) == (0, 20, None, 0)
    json.dumps(report.as_dict(), allow_nan=False)


@pytest.mark.parametrize("options", [{"warmup": 3}, {}, {"concurrency": 4}])
def test_a_warmup_of_failures_alone_is_refused_with_the_first(options: dict[str, Any]) -> None:
    def fail(_: object) -> None:
        raise OSError("port 9 is closed")

    with pytest.raises(InvalidInput, match="OSError: port 9 is closed"):
        profile_latency(fail, [1], **options)


def test_workers_run_side_by_side() -> None:
    together = threading.Barrier(4)

    def meet(_: object) -> None:
        together.wait(timeout=30)  # returns only when four calls are under way

    report = profile_latency(meet, [1], warmup=4, n_calls=40, concurrency=4).report
    assert (report.n, report.n_errors, report.levels[0].warmup_calls) == (40, 0, 4)


def test_one_worker_is_the_thread_of_the_caller() -> None:
    threads: set[int] = set()
    profile_latency(lambda _: threads.add(threading.get_ident()), [1], warmup=0, n_calls=5)
    assert threads == {threading.get_ident()}


def test_a_sweep_has_a_level_for_each_concurrency() -> None:
    profile = profile_latency(str, [1], warmup=2, n_calls=64, concurrency=[1, 2, 4])
    assert [level.concurrency for level in profile.report.levels] == [1, 2, 4]
    assert [level.n for level in profile.report.levels] == [64, 64, 64]
    assert [len(times) for times in profile.samples_s] == [64, 64, 64]
    assert profile.report.p50_ms == profile.report.levels[0].p50_ms
    assert all(level.throughput_per_s for level in profile.report.levels)


def test_a_coroutine_function_is_awaited_by_workers_side_by_side() -> None:
    state = {"inside": 0, "most": 0}

    async def answer(_: object) -> None:
        state["inside"] += 1
        state["most"] = max(state["most"], state["inside"])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        state["inside"] -= 1

    report = profile_latency(answer, [1], warmup=3, n_calls=60, concurrency=3).report
    assert (report.n, state["most"]) == (60, 3)


def test_a_coroutine_is_stopped_at_its_timeout() -> None:
    async def hang(number: int) -> None:
        if number == 1:
            await asyncio.Event().wait()

    report = profile_latency(hang, [0, 1], warmup=0, n_calls=4, timeout=0.02).report
    assert (report.n, report.n_timeouts) == (2, 2)


def test_a_coroutine_function_is_profiled_from_within_an_event_loop() -> None:
    async def answer(_: object) -> None:
        await asyncio.sleep(0)

    async def main() -> int:
        return profile_latency(answer, [1], warmup=0, n_calls=5, rate=10_000).report.n

    assert asyncio.run(main()) == 5


@pytest.mark.parametrize("concurrency", [1, 3])
def test_what_no_call_may_raise_ends_all(concurrency: int) -> None:
    def interrupt(number: int) -> None:
        if number == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        profile_latency(interrupt, range(100), warmup=0, n_calls=10**6, concurrency=concurrency)


def test_progress_is_told_with_the_load() -> None:
    told: list[tuple[int, int | None, str]] = []
    profile_simulated(
        lambda _: 0.1,
        warmup=0,
        n_calls=10,
        progress=lambda done, wanted, text: told.append((done, wanted, text)),
    )
    assert told == [
        (2, 10, "1 worker"),
        (4, 10, "1 worker"),
        (6, 10, "1 worker"),
        (8, 10, "1 worker"),
        (10, 10, "1 worker"),
    ]


def test_the_report_says_where_and_on_what_it_was_made() -> None:
    report = profile_latency(len, [[1]], warmup=0, n_calls=5, machine={"cpu": "abacus"}, name="v2").report
    assert (report.name, report.target, report.machine) == ("v2", "builtins.len", {"cpu": "abacus"})
    assert report.environment is not None
    assert report.environment.threads >= 1
    assert report.levels[0].gc_collections is not None
    assert json.loads(json.dumps(report.as_dict(), allow_nan=False))["levels"][0]["n"] == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_calls": 0}, "n_calls is 0"),
        ({"n_calls": True}, "n_calls is True"),
        ({"warmup": -1}, "warmup is -1"),
        ({"duration_s": 0}, "duration_s is 0"),
        ({"rate": float("inf")}, "rate is inf"),
        ({"rate": 5, "expected_interval": 0.1}, "rate and expected_interval"),
        ({"timeout": "2"}, "timeout is '2'"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"concurrency": []}, "concurrency is"),
        ({"concurrency": 2.5}, "concurrency is 2.5"),
        ({"concurrency": [1, 1]}, "several that differ"),
        ({"name": "a/b"}, "a/b"),
        ({"inputs": []}, "inputs is empty"),
        ({"inputs": "text"}, "inputs is str"),
        ({"inputs": {"a": 1}}, "inputs is dict"),
        ({"inputs": 3}, "inputs is int"),
        ({"fn": 3}, "fn is int"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_any_call(options: dict[str, Any], message: str) -> None:
    calls: list[object] = []
    given: dict[str, Any] = {"fn": calls.append, "inputs": [1]} | options
    with pytest.raises(InvalidInput, match=message):
        profile_latency(given.pop("fn"), given.pop("inputs"), **given)
    assert calls == []


def test_an_interval_that_would_add_too_many_calls_is_refused() -> None:
    with pytest.raises(InvalidInput, match="expected_interval"):
        profile_simulated(lambda _: 1.0, warmup=0, n_calls=10, expected_interval=1e-9)


def test_a_phase_without_calls_took_no_time() -> None:
    assert Warmup(items=[1], clock=Clock()).wall_s == Phase(items=[1], clock=Clock()).wall_s == 0
