"""`from evalharness import evaluate`: the evaluation under the name of its own."""

from modellab.evaluation import EvaluationReport, evaluate, register_metric

__all__ = ["EvaluationReport", "evaluate", "register_metric"]
