"""Baseline-first templates: from a table to three recorded, evaluated and compared models."""

from __future__ import annotations

from modellab.tracking.evaluations import list_missing_packages

if _missing := list_missing_packages():
    raise ImportError(
        f"Templates need {', '.join(_missing)}, not installed here: pip install 'modellab[templates]'"
    )

from modellab.templates.training import TemplateResult, TrainedModel, run_template

__all__ = ["TemplateResult", "TrainedModel", "run_template"]
