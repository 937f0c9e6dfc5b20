"""The plots of an evaluation as PNG files: drawn from its curves alone, the same curves as the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from modellab.evaluation.plots import classification, regression
from modellab.evaluation.plots.canvas import render, shorten
from modellab.evaluation.plots.confusion import draw_confusion
from modellab.evaluation.problem import TaskType

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Drawing = Callable[["Figure", Mapping[str, Any], str], None]

_DRAWINGS: Mapping[TaskType, tuple[tuple[str, str, str, Drawing], ...]] = {
    "classification": (
        ("confusion_matrix.png", "confusion_matrix", "Confusion matrix", draw_confusion),
        ("roc_curve.png", "roc", "ROC curve", classification.draw_roc),
        ("pr_curve.png", "pr", "Precision-recall curve", classification.draw_pr),
        ("calibration_curve.png", "calibration", "Calibration", classification.draw_calibration),
        ("confidence_histogram.png", "confidence_histogram", "Confidence", classification.draw_confidence),
    ),
    "regression": (
        ("predicted_vs_actual.png", "predicted_actual", "Predicted against actual", regression.draw_actual),
        ("residuals.png", "residuals_by_prediction", "Residuals by prediction", regression.draw_residuals),
        ("residual_histogram.png", "residual_histogram", "Residuals", regression.draw_histogram),
        ("qq_plot.png", "quantile_quantile", "Normal Q-Q plot of residuals", regression.draw_quantiles),
        ("error_by_prediction.png", "error_by_quantile", "Error by prediction", regression.draw_errors),
    ),
}


def draw_plots(
    curves: Mapping[str, Any], *, task_type: TaskType, title: str | None = None
) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each PNG (960 x 720 pixels) that there is a curve for, from `build_curves`.

    `title` stands before the heading of each. Safe in threads; needs matplotlib.
    """
    before = shorten(title, 40) if title else ""
    for file, name, heading, draw in _DRAWINGS[task_type]:
        if curves.get(name):
            yield file, render(_bind(draw, curves, f"{before}: {heading}" if before else heading))


def _bind(draw: Drawing, curves: Mapping[str, Any], heading: str) -> Callable[[Figure], None]:
    return lambda figure: draw(figure, curves, heading)
