"""Several rankings of the same things as one, by reciprocal ranks (Cormack, Clarke and Büttcher, 2009)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

_K = 60  # of the paper; the larger, the less the first places count

Item = TypeVar("Item", bound=Hashable)


def fuse(*rankings: Sequence[Item]) -> dict[Item, float]:
    """Scores by item, best first: the sum of 1 / (60 + place) over the rankings that have it."""
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for place, item in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (_K + place)
    return dict(sorted(scores.items(), key=lambda pair: -pair[1]))
