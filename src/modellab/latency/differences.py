"""Whether one series of calls is faster than another, at a percentile."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.latency.percentiles import find_rank
from modellab.latency.summary import read_durations
from modellab.records.estimates import LEVEL, Interval, Test
from modellab.statistics.equivalence import minimum_detectable_effect
from modellab.statistics.streams import Stream
from modellab.statistics.wording import format_p, name_test

_N_RESAMPLES = 1000
_FEWEST_BLOCKS = 10
_MOST_BLOCKS = 5000  # of so many, longer blocks lose nothing


def compare_latency(
    samples_a: ArrayLike, samples_b: ArrayLike, *, q: float = 0.95, stream: Stream, level: float = LEVEL
) -> Test:
    """Whether the percentile `q` of B differs from that of A: samples in seconds, in the order of calls.

    The difference B - A and its interval are in milliseconds. The bootstrap resamples blocks of consecutive
    calls (circular, Politis & Romano 1992), because calls resemble those before them; the length of blocks
    follows from how far they do (Politis & White 2004, with the correction of 2009). The p-value is the level
    at which the interval would end at 0. Both sides have to be measured in the same way: an open loop and a
    closed one cannot be compared. Fewer than 10/(1-q) calls on a side are too few: there is no test then.
    """
    a, b = read_durations(samples_a), read_durations(samples_b)
    if not 0 < q < 1:
        raise InvalidInput(f"q is {q!r}; it lies between 0 and 1, as 0.95 does.")
    estimate = 1e3 * (_find_percentile(b, q) - _find_percentile(a, q))
    needed = math.ceil(round(10 / min(q, 1 - q), 6))
    if min(len(a), len(b)) < needed:
        note = f"needs {needed} calls on each side; there are {len(a)} and {len(b)}"
        interval = Interval(
            estimate=estimate, low=None, high=None, level=level, method="percentile", note=note
        )
        return Test(name="block_bootstrap", p_value=None, n=min(len(a), len(b)), interval=interval, note=note)
    drawn_a = _resample_percentiles(a, q, _N_RESAMPLES, stream.child("a"))
    drawn_b = _resample_percentiles(b, q, _N_RESAMPLES, stream.child("b"))
    return _judge(estimate, 1e3 * (drawn_b - drawn_a), level, min(len(a), len(b)), stream.seed)


def describe_difference(test: Test, q: float, *, name_a: str = "A", name_b: str = "B") -> str:
    """The outcome of `compare_latency` in one sentence."""
    interval, place = test.interval, f"p{100 * q:g}"
    if interval.estimate is None or interval.low is None or interval.high is None or test.p_value is None:
        return (
            f"The {place} of {name_b} is {interval.estimate or 0:+.3g} ms that of {name_a}; "
            f"whether by chance cannot be told: it {test.note}."
        )
    p = f"{name_test(test.name)} p {format_p(test.p_value)}"
    if test.p_value < 1 - interval.level and interval.low * interval.high > 0:
        low, high = sorted((abs(interval.low), abs(interval.high)))
        word = "faster" if interval.estimate < 0 else "slower"
        return (
            f"{name_b} is {word} than {name_a} at {place} by {abs(interval.estimate):.3g} ms "
            f"({100 * interval.level:.0f} % CI {low:.3g} to {high:.3g}, {p}, "
            f"n = {test.n} calls on the smaller side)."
        )
    missed = minimum_detectable_effect(test.standard_error or 0.0, level=interval.level)
    return (
        f"The data do not show a difference at {place}: {interval.estimate:+.3g} ms "
        f"({100 * interval.level:.0f} % CI {interval.low:.3g} to {interval.high:.3g}, {p}); "
        f"a gap under {missed:.3g} ms could have been missed."
    )


def choose_block_length(times: NDArray[np.float64], q: float) -> int:
    """How many consecutive calls one block has, so that calls of different blocks are nearly independent.

    The longer of what the logarithms of the times ask for, and which of them lie above the percentile.
    """
    above = (times > _find_percentile(times, q)).astype(np.float64)
    wanted = max(_ask_for_length(np.log(np.maximum(times, 1e-9))), _ask_for_length(above))
    return max(min(wanted, max(1, len(times) // _FEWEST_BLOCKS)), len(times) // _MOST_BLOCKS)


def _judge(estimate: float, drawn: NDArray[np.float64], level: float, n: int, seed: int) -> Test:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    n_resamples = len(drawn)
    side = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return Test(
        name="block_bootstrap",
        p_value=min(1.0, 2 * (1 + side) / (1 + n_resamples)),
        n=n,
        interval=Interval(
            estimate=estimate,
            low=float(low),
            high=float(high),
            level=level,
            method="percentile",
            n_resamples=n_resamples,
            seed=seed,
        ),
        standard_error=float(drawn.std(ddof=1)),
    )


def _find_percentile(times: NDArray[np.float64], q: float) -> float:
    rank = find_rank(q, len(times)) - 1
    return float(np.partition(times, rank)[rank])


def _resample_percentiles(
    times: NDArray[np.float64], q: float, n_resamples: int, stream: Stream
) -> NDArray[np.float64]:
    """The percentile of each resample, shape (n_resamples,).

    Of each drawn block only the times near the percentile are looked at; those below are counted beforehand.
    """
    n, length = len(times), choose_block_length(times, q)
    n_blocks = math.ceil(n / length)
    low, high = _find_neighbourhood(times, q, length)
    wrapped = np.concatenate([times, times[:length]])
    is_near = (wrapped >= low) & (wrapped <= high)
    near = wrapped[is_near]
    n_near, n_below = (np.concatenate([[0], np.cumsum(part)]) for part in (is_near, wrapped < low))
    rank = find_rank(q, n_blocks * length) - 1
    drawn = np.empty(n_resamples)
    for place, starts in enumerate(stream.integers(n, n_resamples * n_blocks).reshape(n_resamples, n_blocks)):
        ends = starts + length
        first, counts = n_near[starts], n_near[ends] - n_near[starts]
        below = int((n_below[ends] - n_below[starts]).sum())
        stops = counts.cumsum()
        found = near[np.arange(stops[-1]) + (first - stops + counts).repeat(counts)]
        nth = min(max(rank - below, 0), len(found) - 1)
        found.partition(nth)
        drawn[place] = found[nth]
    return drawn


def _find_neighbourhood(times: NDArray[np.float64], q: float, length: int) -> tuple[float, float]:
    """The values between which the percentile of a resample lies, but for one in very many."""
    n = len(times)
    reach = math.ceil(8 * math.sqrt(n * q * (1 - q) * length)) + length
    rank = find_rank(q, n) - 1
    low, high = max(0, rank - reach), min(n - 1, rank + reach)
    ordered = np.partition(times, [low, high])
    return float(ordered[low]), float(ordered[high])


def _ask_for_length(series: NDArray[np.float64]) -> int:
    """The length of blocks at which the variance of a mean is found best (Politis & White 2004, circular)."""
    n = len(series)
    centred = series - series.mean()
    most = math.ceil(min(3 * math.sqrt(n), n / 3))
    lags = np.arange(min(n - 1, math.ceil(math.sqrt(n)) + max(5, math.ceil(math.log10(n)))) + 1)
    spectrum = np.abs(np.fft.rfft(centred, 1 << (n + len(lags)).bit_length())) ** 2
    covariances = np.fft.irfft(spectrum)[: len(lags)] / n
    if covariances[0] <= 1e-12:
        return 1
    # The first lag after which a row of correlations is small: twice it is where the window ends.
    row = max(5, math.ceil(math.sqrt(math.log10(n))))
    small = np.abs(covariances[1:]) < 2 * math.sqrt(math.log10(n) / n) * covariances[0]
    runs = np.convolve(small, np.ones(row), "valid") == row
    last = int(np.argmax(runs)) if runs.any() else len(lags) - 1
    window = min(max(1, 2 * last), len(lags) - 1)
    weights = np.minimum(1.0, 2 * (1 - lags[: window + 1] / window))
    used = covariances[: window + 1] * weights
    slope = 2 * float(np.sum(lags[: window + 1] * used))
    variance = float(used[0] + 2 * used[1:].sum())
    if slope <= 0 or variance <= 0:
        return 1
    length = math.ceil(math.cbrt(1.5 * slope**2 / variance**2 * n))
    return max(1, min(most, length))
