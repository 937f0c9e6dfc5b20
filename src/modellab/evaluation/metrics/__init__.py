"""The metrics: what each is, what it is worth on a problem, and a registry that users extend.

The definitions, when each is undefined, and the sources are in `docs/concepts/evaluation.md`.
"""

from __future__ import annotations

from modellab.evaluation.metrics.metric import Metric, MetricValue, Tally
from modellab.evaluation.metrics.registry import (
    METRICS,
    find_metric,
    list_metrics,
    primary_metric,
    register_metric,
    unregister_metric,
)
from modellab.evaluation.metrics.values import compute_metric, compute_metrics, per_row_loss, why_not

__all__ = [
    "METRICS",
    "Metric",
    "MetricValue",
    "Tally",
    "compute_metric",
    "compute_metrics",
    "find_metric",
    "list_metrics",
    "per_row_loss",
    "primary_metric",
    "register_metric",
    "unregister_metric",
    "why_not",
]
