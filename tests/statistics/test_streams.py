"""Random numbers: the same everywhere, and of the law that they are said to have."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from modellab.errors import InvalidInput
from modellab.statistics.multinomial import Multinomial
from modellab.statistics.streams import Stream

LEAST_P = 1e-4  # of the goodness-of-fit tests; the seeds are fixed, so that a test passes always or never


def test_the_numbers_of_a_seed_are_those_that_they_were_when_this_was_written() -> None:
    stream = Stream(7, "accuracy")

    assert stream.raw(2).tolist() == [13468140881436858128, 112373383465392706]
    assert stream.uniform(2).tolist() == [0.7060127871161355, 0.43508059727297055]
    assert stream.integers(10, 8).tolist() == [7, 1, 5, 9, 9, 9, 3, 5]
    assert stream.signs(8).tolist() == [-1, 1, -1, 1, 1, 1, 1, -1]
    assert stream.permutation(6).tolist() == [3, 2, 5, 4, 1, 0]
    assert stream.choose(20, 4).tolist() == [9, 11, 16, 17]
    law = Multinomial(100, np.array([0.5, 0.3, 0.2]))
    assert law.draw(stream, 2).tolist() == [[53, 27, 20], [51, 31, 18]]


def test_streams_of_other_seeds_and_other_names_are_others() -> None:
    streams = [Stream(1), Stream(2), Stream(1, "a"), Stream(1, "b"), Stream(1, "a", "b"), Stream(1, "ab")]

    assert len({stream.raw(1)[0] for stream in streams}) == len(streams)


def test_a_child_starts_anew_whatever_its_parent_has_read() -> None:
    parent = Stream(3, "task")
    before = parent.child("metric").raw(5)
    parent.raw(1000)

    assert (
        parent.child("metric").raw(5).tolist()
        == before.tolist()
        == Stream(3, "task", "metric").raw(5).tolist()
    )


@pytest.mark.parametrize("high", [1, 2, 3, 10, 1000])
def test_integers_are_equally_likely(high: int) -> None:
    drawn = Stream(1, "integers").integers(high, 50_000)

    counts = np.bincount(drawn, minlength=high)
    assert len(counts) == high
    assert high == 1 or stats.chisquare(counts).pvalue > LEAST_P


def test_uniform_and_normal_numbers_follow_their_laws() -> None:
    assert stats.kstest(Stream(1, "uniform").uniform(50_000), "uniform").pvalue > LEAST_P
    assert stats.kstest(Stream(1, "normal").normal(50_000), "norm").pvalue > LEAST_P


def test_signs_are_as_often_negative_as_positive() -> None:
    signs = Stream(1, "signs").signs(100_001)

    assert set(signs.tolist()) == {-1, 1}
    assert stats.binomtest(int((signs == 1).sum()), len(signs)).pvalue > LEAST_P


def test_every_permutation_and_every_choice_is_as_likely() -> None:
    stream = Stream(1, "orders")
    permutations = [tuple(stream.permutation(3).tolist()) for _ in range(3000)]
    choices = [tuple(stream.choose(5, 2).tolist()) for _ in range(3000)]
    large_choices = [tuple(stream.choose(5, 4).tolist()) for _ in range(3000)]

    for found, n_possible in ((permutations, 6), (choices, 10), (large_choices, 5)):
        counts = np.unique(np.array(found), axis=0, return_counts=True)[1]
        assert len(counts) == n_possible
        assert stats.chisquare(counts).pvalue > LEAST_P


def test_a_choice_is_of_distinct_numbers_in_order() -> None:
    for k in (0, 1, 500, 999, 1000):
        chosen = Stream(1).choose(1000, k)
        assert len(chosen) == k
        assert np.all(np.diff(chosen) > 0)


@pytest.mark.parametrize(
    ("n", "weights"),
    [
        (1, [1, 1]),
        (30, [10, 15, 5]),
        (100, [1] * 100),  # rows
        (100, [97, 2, 1, 0]),
        (20_000, [5000, 14_900, 100]),
        (3_000_000, [1_000_000, 1_999_000, 1000]),
    ],
)
def test_each_cell_of_a_multinomial_is_binomial(n: int, weights: list[int]) -> None:
    counts = Multinomial(n, np.array(weights)).draw(Stream(5, "cells"), 4000)

    assert counts.shape == (4000, len(weights))
    assert np.all(counts.sum(axis=1) == n)
    for cell in range(min(4, len(weights))):
        check_binomial(counts[:, cell], n, weights[cell] / sum(weights))


def test_cells_of_a_multinomial_are_related_as_they_should_be() -> None:
    p = np.array([0.2, 0.3, 0.1, 0.4])
    counts = Multinomial(500, p).draw(Stream(5, "covariance"), 20_000)

    expected = 500 * (np.diag(p) - np.outer(p, p))
    assert np.abs(np.cov(counts.T) - expected).max() < 5 * 120 / np.sqrt(20_000)


def test_a_sum_of_cells_of_a_multinomial_is_binomial_too() -> None:
    counts = Multinomial(5000, np.arange(1, 101)).draw(Stream(5, "sums"), 4000)

    check_binomial(counts[:, 50:].sum(axis=1), 5000, np.arange(51, 101).sum() / 5050)


def test_weights_that_are_no_probabilities_are_refused() -> None:
    for weights in (np.array([0, 0]), np.array([1, -1]), np.array([]), np.array([np.nan, 1])):
        with pytest.raises(InvalidInput, match="weights"):
            Multinomial(10, weights)
    with pytest.raises(InvalidInput, match="3 of 2"):
        Stream(1).choose(2, 3)
    with pytest.raises(InvalidInput, match="is 0"):
        Stream(1).integers(0, 3)


SCRIPT = """
import numpy as np
from modellab.statistics.resampling import resample_means, resample_scores
from modellab.statistics.streams import Stream
labels, scores = np.arange(3000) % 3 == 0, (np.arange(3000) * 0.618) % 1
found = resample_scores(labels, scores, n_resamples=50, stream=Stream(1, "scores"))
found |= {"means": resample_means(np.sqrt(scores)[:, None], n_resamples=50, stream=Stream(1, "means"))}
print(Stream(1, "normal").normal(10).tolist(), {name: values.tolist() for name, values in found.items()})
"""


def test_two_processes_find_the_same_whatever_their_hash_seeds_and_threads() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    }

    assert len(outputs) == 1


def check_binomial(counts: NDArray[np.int64], n: int, p: float) -> None:
    """Counts against the law of scipy, in about twenty classes of values that are expected often enough."""
    law = stats.binom(n, p)
    edges = np.unique(law.ppf(np.linspace(0, 1, 21)[1:-1]))
    expected = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]])) * len(counts)
    observed = np.bincount(np.searchsorted(edges, counts, side="left"), minlength=len(edges) + 1)
    often = expected >= 5
    assert observed[expected == 0].sum() == 0
    if often.sum() > 1:
        rest = ~often
        observed = np.append(observed[often], observed[rest].sum())
        expected = np.append(expected[often], expected[rest].sum())
        observed, expected = observed[expected > 0], expected[expected > 0]
        assert stats.chisquare(observed, expected).pvalue > LEAST_P
