"""The plots of a classification's probabilities: ROC, precision and recall, calibration, confidence."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modellab.evaluation.plots.canvas import (
    BAND,
    BLUE,
    COLORS,
    DASHES,
    ORANGE,
    PALE_BLUE,
    SOFT,
    add_axes,
    count,
    draw_bars,
    draw_grid,
    label_classes,
    say_interval,
    shorten,
    show_legend,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARGIN = 0.02
_LABEL_AT = -0.095


def draw_roc(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """True positives against false ones, with the line of chance."""
    detail = _say_score(curves, "roc", "AUC", "auc")
    axes = _add_unit_axes(figure, heading, detail, "false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=DASHES)
    _draw_curves(axes, curves["roc"], "auc", lambda curve: (curve["fpr"], curve["tpr"]), "default")


def draw_pr(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """Precision against recall; of two classes with the share of positives, which is chance."""
    detail = _say_score(curves, "pr", "average precision", "average_precision")
    axes = _add_unit_axes(figure, heading, detail, "recall", "precision")
    if len(curves["pr"]) == 1:
        share = curves["pr"][0]["n_positive"] / curves["n"]
        axes.axhline(share, color=SOFT, linewidth=1, linestyle=DASHES)
    _draw_curves(
        axes,
        curves["pr"],
        "average_precision",
        lambda curve: (curve["recall"], curve["precision"]),
        "steps-pre",
    )


def draw_calibration(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """Frequency against probability with Wilson intervals, over the range that chance alone allows."""
    calibration = curves["calibration"]
    axes = add_axes(figure, heading, _say_calibration(curves["n"], calibration), bottom=0.32)
    bins = calibration["bins"]
    filled = [place for place, row in enumerate(bins) if row["n"]]
    _draw_band(
        axes, [bins[place] for place in filled], [_limits(calibration["null"], place) for place in filled]
    )
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=DASHES)
    _draw_frequencies(axes, [bins[place] for place in filled])
    _set_unit_square(axes)
    axes.set_ylabel("observed frequency")
    axes.yaxis.set_label_coords(_LABEL_AT, 0.5)
    axes.tick_params(labelbottom=False)
    show_legend(axes)
    strip = figure.add_axes((0.12, 0.13, 0.84, 0.14))
    draw_bars(strip, _edges(bins), [(0, row["n"]) for row in bins], color=PALE_BLUE)
    strip.set_xlim(axes.get_xlim())
    of = (
        "the predicted class"
        if calibration["of"] is None
        else shorten(calibration["of"], 24) or "the last class"
    )
    strip.set_xlabel(f"probability of {of}", parse_math=False)
    strip.set_ylabel("rows")
    strip.yaxis.set_label_coords(_LABEL_AT, 0.5)
    strip.tick_params(length=0)
    strip.locator_params(axis="y", nbins=2)
    strip.yaxis.set_major_formatter(lambda value, _: count(round(value)))


def draw_confidence(figure: Figure, curves: Mapping[str, Any], heading: str) -> None:
    """Wrong predictions from the axis up, right ones on top of them."""
    histogram = curves["confidence_histogram"]
    edges, correct, wrong = histogram["edges"], histogram["correct"], histogram["wrong"]
    detail = f"n = {count(curves['n'])}: {count(sum(correct))} right, {count(sum(wrong))} wrong"
    axes = add_axes(figure, heading, detail)
    bins = list(itertools.pairwise(edges))
    stacks = [(below, below + n) for below, n in zip(wrong, correct, strict=True)]
    draw_bars(axes, bins, stacks, color=PALE_BLUE, label="right")
    draw_bars(axes, bins, [(0, n) for n in wrong], color=ORANGE, label="wrong")
    axes.set(xlabel="probability of the predicted class", ylabel="rows", xlim=(edges[0], edges[-1]))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: count(round(value)))
    axes.locator_params(axis="y", integer=True)
    draw_grid(axes)
    show_legend(axes)


def _say_score(curves: Mapping[str, Any], name: str, word: str, key: str) -> str:
    shown = curves[name]
    start = f"n = {count(curves['n'])}"
    if len(shown) == 1:
        label = shorten(str(shown[0]["class"]), 20)
        positive = f"{count(shown[0]['n_positive'])} positive" + (f" ({label})" if label else "")
        return f"{start}, {positive}, {word} {say_interval(shown[0][key], shown[0].get('interval'))}"
    note = curves["notes"].get(name)
    return f"{start}, each class against the rest" + (f"; {note.partition(':')[0]}" if note else "")


def _say_calibration(n: int, calibration: Mapping[str, Any]) -> str:
    error = say_interval(calibration["expected_calibration_error"], calibration["interval"])
    limit = calibration["null"]["percentile_95"]
    chance = "" if limit is None else f"; by chance up to {limit:.3f}"
    return f"n = {count(n)}, expected calibration error {error}{chance}"


def _add_unit_axes(figure: Figure, heading: str, detail: str, x: str, y: str) -> Axes:
    axes = add_axes(figure, heading, detail)
    axes.set(xlabel=x, ylabel=y)
    _set_unit_square(axes)
    return axes


def _set_unit_square(axes: Axes) -> None:
    axes.set(xlim=(-_MARGIN, 1 + _MARGIN), ylim=(-_MARGIN, 1 + _MARGIN))
    draw_grid(axes)


def _draw_curves(
    axes: Axes,
    shown: Sequence[Mapping[str, Any]],
    key: str,
    points: Callable[[Mapping[str, Any]], tuple[Any, Any]],
    drawstyle: str,
) -> None:
    """One line a curve; of several the best first in the legend, by six colours and two strokes."""
    if len(shown) == 1:
        axes.plot(*points(shown[0]), color=BLUE, drawstyle=drawstyle)
        return
    labels = label_classes([curve["class"] for curve in shown])
    order = sorted(range(len(shown)), key=lambda place: (-shown[place][key], place))
    for rank, place in enumerate(order):
        stroke = "-" if rank < len(COLORS) else (0, (3, 1.5))
        axes.plot(
            *points(shown[place]),
            color=COLORS[rank % len(COLORS)],
            linestyle=stroke,
            linewidth=1.4,
            drawstyle=drawstyle,
            label=f"{shown[place][key]:.3f}  {labels[place]}",
        )
    legend = axes.legend(loc="lower right" if key == "auc" else "lower left")
    for text in legend.get_texts():
        text.set_parse_math(False)


def _draw_band(axes: Axes, bins: Sequence[Mapping[str, Any]], limits: Sequence[tuple[float, float]]) -> None:
    """The range of each bin, never thinner than can be seen."""
    shown = [(low, max(high, low + 0.005)) for low, high in limits]
    draw_bars(axes, _edges(bins), shown, color=BAND, gap=0, label="95 % range if calibrated")


def _draw_frequencies(axes: Axes, bins: Sequence[Mapping[str, Any]]) -> None:
    frequencies = [row["frequency"] for row in bins]
    axes.errorbar(
        [row["mean_probability"] for row in bins],
        frequencies,
        (
            [max(0.0, row["frequency"] - row["wilson_low"]) for row in bins],
            [max(0.0, row["wilson_high"] - row["frequency"]) for row in bins],
        ),
        fmt="o-",
        color=BLUE,
        markersize=5,
        elinewidth=1.3,
        capsize=2,
        label="observed, 95 % interval",
    )


def _limits(null: Mapping[str, Any], place: int) -> tuple[float, float]:
    return null["low"][place], null["high"][place]


def _edges(bins: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    return [(row["low"], row["high"]) for row in bins]
