"""Gaussian-process regression with a Matérn 5/2 kernel: a smooth guess with its uncertainty.

Length-scales, one a group of columns, and the noise are those of a grid under which the observed values are
most likely (coordinate ascent), so that the fit is the same everywhere. See Rasmussen and Williams, 2006.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]

_SCALES = (0.15, 0.3, 0.6, 1.2, 2.5, 10.0)  # of columns within 0 to 1; the last is next to no influence
_NOISES = (1e-3, 1e-2, 0.05, 0.2, 0.5)  # variances, of values whose own is 1
_SWEEPS = 2
_SCALE_AT_FIRST, _NOISE_AT_FIRST = 0.6, 0.05


@dataclass(frozen=True)
class GaussianProcess:
    """A fitted process. `centre` and `spread` undo the scaling of the values."""

    inputs: Floats  # (n, d), within 0 to 1
    values: Floats  # (n,), scaled
    scales: Floats  # (d,)
    noise: float
    centre: float
    spread: float

    def predict(self, inputs: Floats) -> tuple[Floats, Floats]:
        """The mean of the function and its standard deviation, without the noise, at (m, d) inputs."""
        own, asked = self.inputs / self.scales, inputs / self.scales
        with threadpool_limits(1, "blas"):
            lower = _factor(_square_distances(own, own), self.noise)
            cross = _kernel(_square_distances(own, asked))  # (n, m)
            weights = _solve(lower, _solve(lower, self.values), transposed=True)
            part = _solve(lower, cross)
            mean = cross.T @ weights
        variance = np.maximum(1.0 - np.einsum("nm,nm->m", part, part), 1e-12)
        return self.centre + self.spread * mean, self.spread * np.sqrt(variance)

    @property
    def noise_deviation(self) -> float:
        """How far a single value lies from the function, as a standard deviation."""
        return self.spread * math.sqrt(self.noise)

    def believe(self, inputs: Floats, values: Floats) -> GaussianProcess:
        """The process with further values, taken as if they had been observed; nothing is fitted anew."""
        scaled = (values - self.centre) / self.spread
        return GaussianProcess(
            inputs=np.vstack([self.inputs, inputs]),
            values=np.concatenate([self.values, scaled]),
            scales=self.scales,
            noise=self.noise,
            centre=self.centre,
            spread=self.spread,
        )

    def explain_unseen(self) -> float:
        """The share of the variance explained of values left out one at a time, in closed form."""
        own = self.inputs / self.scales
        with threadpool_limits(1, "blas"):
            lower = _factor(_square_distances(own, own), self.noise)
            inverse = np.linalg.inv(lower @ lower.T)
        residuals = (inverse @ self.values) / np.diag(inverse)
        # Held against the mean of the others, which a value left out does not know either.
        n = len(self.values)
        by_mean = (self.values - self.values.mean()) * n / (n - 1)
        return float(1.0 - (residuals @ residuals) / (by_mean @ by_mean))


def fit_process(inputs: Floats, values: Floats, groups: Sequence[int]) -> GaussianProcess:
    """The process that makes (n,) values, of which at least two differ, at (n, d) inputs most likely.

    Columns of one of the (d,) `groups`, numbered from 0, have one length-scale.
    """
    centre, spread = float(values.mean()), float(values.std())
    scaled = (values - centre) / spread
    group_of = np.asarray(groups)
    parts = [
        _square_distances(inputs[:, group_of == g], inputs[:, group_of == g]) for g in range(max(groups) + 1)
    ]
    with threadpool_limits(1, "blas"):  # matrices of this size are not worth threads that wait for each other
        scales, noise = _climb(parts, scaled)
    return GaussianProcess(
        inputs=inputs, values=scaled, scales=scales[group_of], noise=noise, centre=centre, spread=spread
    )


def _climb(parts: Sequence[Floats], values: Floats) -> tuple[Floats, float]:
    """The length-scale of each group and the noise, one after the other, until nothing gets likelier."""
    scales = np.full(len(parts), _SCALE_AT_FIRST)
    noise = _NOISE_AT_FIRST
    squares = sum(part / scale**2 for part, scale in zip(parts, scales, strict=True))
    best = _likelihood(squares, values, noise)
    for _ in range(_SWEEPS):
        before = best
        for group, part in enumerate(parts):
            others = squares - part / scales[group] ** 2
            for scale in _SCALES:
                found = _likelihood(others + part / scale**2, values, noise)
                if found > best:
                    best, scales[group] = found, scale
            squares = others + part / scales[group] ** 2
        for other in _NOISES:
            found = _likelihood(squares, values, other)
            if found > best:
                best, noise = found, other
        if best == before:
            break
    return scales, noise


def expect_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """By how much values of these distributions exceed `best`, on average (more is better)."""
    ahead = (mean - best) / deviation
    density = np.exp(-0.5 * ahead**2) / math.sqrt(2 * math.pi)
    below = np.array([0.5 * math.erfc(-one / math.sqrt(2)) for one in ahead])
    return np.asarray(np.maximum(deviation * (ahead * below + density), 0.0))


def _square_distances(one: Floats, other: Floats) -> Floats:
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None, :] - 2 * one @ other.T
    return np.asarray(np.maximum(squares, 0.0))


def _kernel(squares: Floats) -> Floats:
    distance = np.sqrt(5 * np.maximum(squares, 0.0))
    return np.asarray((1 + distance + distance**2 / 3) * np.exp(-distance))


def _factor(squares: Floats, noise: float) -> Floats:
    covariance = _kernel(squares)
    covariance[np.diag_indices_from(covariance)] += noise
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def _solve(lower: Floats, values: Floats, *, transposed: bool = False) -> Floats:
    found = solve_triangular(lower, values, lower=True, trans=int(transposed), check_finite=False)
    return np.asarray(found)


def _likelihood(squares: Floats, values: Floats, noise: float) -> float:
    lower = _factor(squares, noise)
    weights = _solve(lower, values)
    return float(-0.5 * weights @ weights - np.log(np.diag(lower)).sum())
