"""Baseline-first templates: from a table to three recorded, evaluated and compared models."""

from __future__ import annotations

from modellab.templates.training import TemplateResult, TrainedModel, run_template

__all__ = ["TemplateResult", "TrainedModel", "run_template"]
