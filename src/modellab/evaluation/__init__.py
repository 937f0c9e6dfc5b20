"""Evaluates predictions: metrics with intervals, slices, failures, stress tests, curves, plots, a takeaway.

from modellab.evaluation import evaluate

report = evaluate(predictions=p, labels=y, data=features, output_dir="report")
"""

from __future__ import annotations

from modellab.evaluation.evaluate import evaluate
from modellab.evaluation.metrics import METRICS, Metric, register_metric
from modellab.evaluation.report import EvaluationReport

__all__ = ["METRICS", "EvaluationReport", "Metric", "evaluate", "register_metric"]
