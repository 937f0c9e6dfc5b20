"""Which way is better of a metric that nobody has said it of: known by the words of its name."""

from __future__ import annotations

import re

STAGES = frozenset(
    ("train", "training", "val", "valid", "validation", "dev", "test", "eval", "best", "final")
)
"""Words that say on which data a metric was measured."""

_LESS_IS_BETTER = frozenset(
    (
        *("loss", "error", "err", "mae", "mse", "rmse", "mape", "nll", "perplexity", "ppl", "wer", "cer"),
        *("fid", "ece", "brier", "latency", "time", "duration", "seconds", "ms", "runtime", "memory", "cost"),
        *("distance", "divergence"),
    )
)
_COSTS = frozenset(
    (
        *("latency", "time", "duration", "elapsed", "seconds", "ms", "runtime", "walltime"),
        *("throughput", "fps", "memory", "bytes", "kb", "mb", "gb", "energy", "cost"),
    )
)


def split_words(name: str) -> list[str]:
    """The words of a metric's name, in lower case and without the stages before them."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    while len(words) > 1 and words[0] in STAGES:
        words = words[1:]
    return words


def says_less_is_better(name: str) -> bool:
    """Whether a metric's name says that its smallest values are the best."""
    words = split_words(name)
    return "throughput" not in words and bool(_LESS_IS_BETTER & set(words))


def says_cost(name: str) -> bool:
    """Whether a metric's name says that it tells what a result took, rather than how good it is."""
    return not _COSTS.isdisjoint(split_words(name))


def is_of_training(name: str) -> bool:
    """Whether a metric's name says that it was measured on the data that the model was fitted to."""
    return name.lower().startswith("train")
