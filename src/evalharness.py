"""`from evalharness import evaluate`: the evaluation under the name of its own."""

from modellab.tracking.evaluations import INSTALL_HINT, list_missing_packages

if _missing := list_missing_packages():
    raise ImportError(f"evalharness needs {', '.join(_missing)}, not installed here: {INSTALL_HINT}")

from modellab.evaluation import EvaluationReport, evaluate, register_metric

__all__ = ["EvaluationReport", "evaluate", "register_metric"]
