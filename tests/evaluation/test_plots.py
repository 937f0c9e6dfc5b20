"""The plots of an evaluation: which there are, the same bytes always, and class names of every kind."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import matplotlib
import numpy as np
import pytest
from PIL import Image

from modellab.evaluation.curves import build_curves
from modellab.evaluation.plots import draw_plots
from modellab.evaluation.problem import Classification, Regression

_OF_A_CLASSIFICATION = [
    "confusion_matrix.png",
    "roc_curve.png",
    "pr_curve.png",
    "calibration_curve.png",
    "confidence_histogram.png",
]
_OF_A_REGRESSION = [
    "predicted_vs_actual.png",
    "residuals.png",
    "residual_histogram.png",
    "qq_plot.png",
    "error_by_prediction.png",
]


def make_curves(names: tuple[Any, ...], n: int = 200) -> dict[str, Any]:
    random = np.random.default_rng(0)
    labels = random.integers(0, len(names), n)
    odds = np.exp(random.normal(size=(n, len(names))) + 2 * np.eye(len(names))[labels])
    probabilities = odds / odds.sum(1, keepdims=True)
    return build_curves(
        Classification(
            classes=names, labels=labels, predicted=probabilities.argmax(1), probabilities=probabilities
        )
    )


def make_regression_curves(n: int = 200) -> dict[str, Any]:
    random = np.random.default_rng(0)
    targets = random.normal(size=n)
    return build_curves(Regression(targets=targets, predictions=targets + random.normal(size=n)))


def test_a_classification_has_five_plots_of_one_size() -> None:
    plots = dict(draw_plots(make_curves(("no", "yes")), task_type="classification", title="run 7"))
    assert list(plots) == _OF_A_CLASSIFICATION
    for data in plots.values():
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == "PNG"
            assert image.size == (960, 720)
            assert "Software" not in image.info
            assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 20  # something is drawn


def test_a_regression_has_five_plots() -> None:
    assert [
        name for name, _ in draw_plots(make_regression_curves(), task_type="regression")
    ] == _OF_A_REGRESSION


def test_what_has_no_curve_has_no_plot() -> None:
    labels = np.array([0, 1, 1])
    hard = build_curves(Classification(classes=(0, 1), labels=labels, predicted=labels, probabilities=None))
    assert [name for name, _ in draw_plots(hard, task_type="classification")] == ["confusion_matrix.png"]
    exact = build_curves(Regression(targets=np.arange(5.0), predictions=np.arange(5.0)))
    assert "qq_plot.png" not in dict(draw_plots(exact, task_type="regression"))


def test_plots_are_the_same_bytes_in_threads_and_under_a_style_of_the_user() -> None:
    curves = make_curves(("a", "b", "c"))
    expected = list(draw_plots(curves, task_type="classification"))
    style: Any = {"text.usetex": True, "font.size": 30, "axes.facecolor": "black", "savefig.dpi": 10}
    with matplotlib.rc_context(style):
        assert list(draw_plots(curves, task_type="classification")) == expected
        assert matplotlib.rcParams["font.size"] == 30
    with ThreadPoolExecutor(3) as pool:
        for plots in pool.map(lambda _: list(draw_plots(curves, task_type="classification")), range(3)):
            assert plots == expected


@pytest.mark.parametrize(
    "names",
    [
        ("$x^{", "_$y", "line\nbreak"),
        ("花", "鸟", "🐦", ""),
        (1, 2, 10),
        (True, False),
        tuple(f"one long name before what differs {place} and after it" for place in range(30)),
        tuple(range(300)),
    ],
)
def test_names_of_every_kind_are_drawn_without_a_warning(names: tuple[Any, ...]) -> None:
    plots = list(draw_plots(make_curves(names, n=900), task_type="classification", title="花 $x^{"))
    assert len(plots) == 5


@pytest.mark.parametrize("n", [1, 2, 3])
def test_very_few_rows_are_drawn(n: int) -> None:
    curves = make_curves(("no", "yes"), n)
    assert "confusion_matrix.png" in dict(draw_plots(curves, task_type="classification"))
    assert "residuals.png" in dict(draw_plots(make_regression_curves(n), task_type="regression"))
