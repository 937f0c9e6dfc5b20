"""The plots of a regression: predictions against targets, and what is left over."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from modellab.evaluation.plots.canvas import (
    BAND,
    BLUE,
    DASHES,
    ORANGE,
    PALE_BLUE,
    SOFT,
    add_axes,
    count,
    draw_bars,
    draw_grid,
    show_legend,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_actual(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """Predictions against targets, with the line on which they are equal."""
    shown = curves["predicted_actual"]
    axes = _add_wide_axes(figure, heading, _say_rows(shown["n"], len(shown["target"])))
    values = [*shown["target"], *shown["prediction"]]
    ends = [min(values), max(values)]
    axes.plot(ends, ends, color=SOFT, linewidth=1, linestyle=DASHES)
    _scatter(axes, shown["target"], shown["prediction"])
    axes.set(xlabel="actual", ylabel="predicted")


def draw_residuals(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """Residuals against predictions, with the mean of each tenth of the rows."""
    shown, groups = curves["residuals_by_prediction"], curves["error_by_quantile"]
    axes = _add_wide_axes(figure, heading, _say_rows(shown["n"], len(shown["residual"])))
    axes.axhline(0, color=SOFT, linewidth=1, linestyle=DASHES)
    _scatter(axes, shown["prediction"], shown["residual"])
    means = [group["mean_error"] for group in groups]
    axes.errorbar(
        [group["mean_prediction"] for group in groups],
        means,
        _reach(groups, means),
        fmt="o-",
        color=ORANGE,
        markersize=4,
        linewidth=1.4,
        capsize=2,
        label=f"mean of {_say_groups(groups)}, 95 % interval",
    )
    axes.set(xlabel="predicted", ylabel="residual (predicted - actual)")
    show_legend(axes)


def draw_histogram(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """How residuals are spread; those too far off to be shown are counted in the detail."""
    shown = curves["residual_histogram"]
    outside = shown["below"] + shown["above"]
    detail = f"n = {count(curves['n'])}"
    if outside:
        detail += f", {count(shown['below'])} below and {count(shown['above'])} above the range shown"
    axes = _add_wide_axes(figure, heading, detail)
    bins = list(itertools.pairwise(shown["edges"]))
    draw_bars(axes, bins, [(0, n) for n in shown["counts"]], color=PALE_BLUE)
    axes.set_ylim(bottom=0)
    axes.axvline(0, color=SOFT, linewidth=1, linestyle=DASHES)
    axes.set(xlabel="residual (predicted - actual)", ylabel="rows")
    axes.yaxis.set_major_formatter(lambda value, _: count(round(value)))
    axes.locator_params(axis="y", integer=True)


def draw_quantiles(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """Residuals against normal quantiles, over the range of normal ones."""
    shown = curves["quantile_quantile"]
    theoretical, line = np.asarray(shown["theoretical"]), shown["line"]
    axes = _add_wide_axes(figure, heading, f"n = {count(curves['n'])}")
    axes.fill_between(theoretical, shown["low"], shown["high"], color=BAND, label="95 % range if normal")
    axes.plot(
        theoretical,
        line["intercept"] + line["slope"] * theoretical,
        color=SOFT,
        linewidth=1,
        linestyle=DASHES,
    )
    axes.plot(theoretical, shown["observed"], ".", color=BLUE, markersize=4)
    axes.set(xlabel="normal quantile", ylabel="residual")
    show_legend(axes)


def draw_errors(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """The mean absolute error and the mean error of each tenth of the rows."""
    groups = curves["error_by_quantile"]
    axes = _add_wide_axes(
        figure, heading, f"n = {count(curves['n'])}, {_say_groups(groups)} by predicted value"
    )
    absolute = [(0, group["mean_absolute_error"]) for group in groups]
    edges = [(place - 0.5, place + 0.5) for place in range(len(groups))]
    draw_bars(axes, edges, absolute, color=PALE_BLUE, gap=0.2, label="mean absolute error")
    means = [group["mean_error"] for group in groups]
    axes.axhline(0, color=SOFT, linewidth=0.8)
    axes.errorbar(
        range(len(groups)),
        means,
        _reach(groups, means),
        fmt="o",
        color=ORANGE,
        markersize=5,
        capsize=3,
        label="mean error, 95 % interval",
    )
    axes.set_xticks(range(len(groups)), [f"{group['mean_prediction']:.3g}" for group in groups], fontsize=9)
    axes.grid(visible=False, axis="x")
    axes.set(xlabel="mean predicted value of the group", ylabel="error (predicted - actual)")
    show_legend(axes)


def _say_groups(groups: Sequence[Mapping[str, Any]]) -> str:
    return f"{len(groups)} groups" if len(groups) > 1 else "one group"


def _add_wide_axes(figure: Figure, heading: str, detail: str) -> Axes:
    axes = add_axes(figure, heading, detail, left=0.14)
    draw_grid(axes)
    return axes


def _say_rows(n: int, n_shown: int) -> str:
    return f"n = {count(n)}" + (
        f", {count(n_shown)} shown (largest errors among them)" if n_shown < n else ""
    )


def _scatter(axes: Axes, x: Sequence[float], y: Sequence[float]) -> None:
    axes.plot(x, y, "o", color=BLUE, markersize=3.2, markeredgewidth=0, alpha=0.35 if len(x) > 200 else 0.7)


def _reach(groups: Sequence[Mapping[str, Any]], means: Sequence[float]) -> tuple[list[float], list[float]]:
    """How far the intervals reach down and up; 0 where there is none."""
    lows = [group["mean_error_low"] for group in groups]
    highs = [group["mean_error_high"] for group in groups]
    down = [0.0 if low is None else mean - low for mean, low in zip(means, lows, strict=True)]
    up = [0.0 if high is None else high - mean for mean, high in zip(means, highs, strict=True)]
    return down, up
