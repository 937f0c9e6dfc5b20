"""Which way metrics are better, as far as the server knows."""

from __future__ import annotations

from modellab.server.evaluating import tell_missing
from modellab.store.best_values import Direction, know_no_direction


def choose_direction() -> Direction:
    """What tells which way a metric is better: it is known from evaluations, if their packages are there."""
    return know_no_direction if tell_missing() else _find_direction


def _find_direction(metric: str) -> bool | None:
    from modellab.comparison.questions import find_direction  # late: brings NumPy

    higher_is_better, is_assumed = find_direction(metric)
    return None if is_assumed else higher_is_better
