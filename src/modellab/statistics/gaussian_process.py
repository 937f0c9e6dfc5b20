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
        lower = _factor(self.inputs, self.scales, self.noise)
        cross = _kernel(self.inputs, inputs, self.scales)  # (n, m)
        weights = _solve(lower, self.values)
        part = np.linalg.solve(lower, cross)
        variance = np.maximum(1.0 - np.einsum("nm,nm->m", part, part), 1e-12)
        return self.centre + self.spread * (cross.T @ weights), self.spread * np.sqrt(variance)

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
        lower = _factor(self.inputs, self.scales, self.noise)
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
    scales = np.full(inputs.shape[1], _SCALE_AT_FIRST)
    noise = _NOISE_AT_FIRST
    best = _likelihood(inputs, scaled, scales, noise)
    for _ in range(_SWEEPS):
        for group in range(max(groups) + 1):
            for scale in _SCALES:
                tried = np.where(group_of == group, scale, scales)
                found = _likelihood(inputs, scaled, tried, noise)
                if found > best:
                    best, scales = found, tried
        for other in _NOISES:
            found = _likelihood(inputs, scaled, scales, other)
            if found > best:
                best, noise = found, other
    return GaussianProcess(
        inputs=inputs, values=scaled, scales=scales, noise=noise, centre=centre, spread=spread
    )


def expect_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """By how much values of these distributions exceed `best`, on average (more is better)."""
    ahead = (mean - best) / deviation
    density = np.exp(-0.5 * ahead**2) / math.sqrt(2 * math.pi)
    below = np.array([0.5 * math.erfc(-one / math.sqrt(2)) for one in ahead])
    return np.asarray(np.maximum(deviation * (ahead * below + density), 0.0))


def _kernel(one: Floats, other: Floats, scales: Floats) -> Floats:
    scaled, others = one / scales, other / scales
    squares = (scaled**2).sum(1)[:, None] + (others**2).sum(1)[None, :] - 2 * scaled @ others.T
    distance = np.sqrt(5 * np.maximum(squares, 0.0))
    return np.asarray((1 + distance + distance**2 / 3) * np.exp(-distance))


def _factor(inputs: Floats, scales: Floats, noise: float) -> Floats:
    covariance = _kernel(inputs, inputs, scales)
    covariance[np.diag_indices_from(covariance)] += noise
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def _solve(lower: Floats, values: Floats) -> Floats:
    return np.asarray(np.linalg.solve(lower.T, np.linalg.solve(lower, values)))


def _likelihood(inputs: Floats, values: Floats, scales: Floats, noise: float) -> float:
    lower = _factor(inputs, scales, noise)
    weights = np.linalg.solve(lower, values)
    return float(-0.5 * weights @ weights - np.log(np.diag(lower)).sum())
