"""What the tests of evaluation share: problems to evaluate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from modellab.evaluation.metrics import METRICS, unregister_metric

Arrays = dict[str, Any]


@pytest.fixture
def make_binary() -> Callable[..., Arrays]:
    """A maker of `n` rows of two classes whose probabilities are true: arguments of `evaluate`."""

    def make(n: int = 400, seed: int = 0) -> Arrays:
        random = np.random.default_rng(seed)
        x = random.normal(size=n)
        p = 1 / (1 + np.exp(0.5 - 1.3 * x))
        labels = (random.random(n) < p).astype(int)
        color = random.choice(["red", "green", "blue"], n).tolist()
        return {"predictions": p, "labels": labels, "data": {"x": x, "color": color}}

    return make


@pytest.fixture
def make_multiclass() -> Callable[..., Arrays]:
    """A maker of `n` rows of four classes, as arguments of `evaluate`."""

    def make(n: int = 400, seed: int = 0) -> Arrays:
        random = np.random.default_rng(seed)
        codes = random.integers(0, 4, n)
        scores = random.normal(size=(n, 4))
        scores[np.arange(n), codes] += 1
        odds = np.exp(scores)
        names = np.array(["ant", "bee", "cat", "dog"])
        return {
            "predictions": odds / odds.sum(1, keepdims=True),
            "labels": names[codes],
            "data": {"size": random.normal(size=n)},
        }

    return make


@pytest.fixture
def make_regression() -> Callable[..., Arrays]:
    """A maker of `n` rows of a regression, as arguments of `evaluate`."""

    def make(n: int = 400, seed: int = 0) -> Arrays:
        random = np.random.default_rng(seed)
        x = random.normal(size=n)
        targets: NDArray[np.float64] = 3 + 2 * x + random.normal(size=n)
        return {"task_type": "regression", "predictions": 3 + 2 * x, "labels": targets, "data": {"x": x}}

    return make


@pytest.fixture
def registry() -> Iterator[None]:
    """Takes away the metrics that a test registers."""
    before = set(METRICS)
    yield
    for name in set(METRICS) - before:
        unregister_metric(name)
